"""Exceptions: how a handler is found, run, and left.

`on:do:` puts a Handler on the machine's chain. A signal walks the chain outward and runs the first handler that fits ON
TOP of the code that signalled, with the handlers outside of it in force; so it can still resume. Only what the handler
decides leaves the code by a Python exception:

    return: 5, or the handler's end   Unwind to the Handler, which answers 5 from on:do:
    retry                             Unwind to the Handler, which runs its block again
    resume: 5                         Resumed to the signal, which answers 5 where it was sent
    pass, outer, signal               the walk goes on from outside of the handler

None of these, nor Stopped, is an `Exception` of Python: primitives that catch those do not come in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior
from stui_cli.playground.objects import ExceptionSet, Signal

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.world import World


class Stopped(BaseException):
    """The evaluation is over its time, or interrupted; no handler of the code sees it."""


class EndedItself(Stopped):
    """The code ended the process in which it runs."""


class Raised(Exception):
    """The evaluation ended with an exception that nobody handled. `stack` is innermost first."""

    def __init__(self, signal: Signal, message: str, stack: list[str]) -> None:
        super().__init__(message)
        self.signal = signal
        self.kind = signal.cls.name
        self.message = message
        self.stack = stack


class Unhandled(BaseException):
    """The evaluation ends with this exception; `stack` is as told where it was signalled."""

    def __init__(self, signal: Signal, stack: list[str]) -> None:
        super().__init__()
        self.signal = signal
        self.stack = stack


class NonLocalReturn(BaseException):
    """`^ value` in a block: the method of `home` returns."""

    def __init__(self, home: Home, value: Value) -> None:
        super().__init__()
        self.home = home
        self.value = value


class Unwind(BaseException):
    """The on:do: of `handler` answers `value`, or runs `again` (a block) if there is one."""

    def __init__(self, handler: Handler, value: Value, again: Value = None) -> None:
        super().__init__()
        self.handler = handler
        self.value = value
        self.again = again


class Resumed(BaseException):
    def __init__(self, context: Signalled, value: Value) -> None:
        super().__init__()
        self.context = context
        self.value = value


class Home:
    """One activation of a method, as its blocks see it; and what runs it, which alone can return from it."""

    __slots__ = ("alive", "strand")

    def __init__(self, machine: Signalling) -> None:
        self.alive = True
        self.strand = machine.strand


class Handler:
    """One on:do: that is being run."""

    __slots__ = ("action", "block", "kinds", "outer")

    def __init__(self, block: Value, kinds: Value, action: Value, outer: Handler | None) -> None:
        self.block = block
        self.kinds = kinds
        self.action = action
        self.outer = outer


class Signalled:
    """One signal that is being handled: from which handler outward; and its stack, where that was unwound already."""

    __slots__ = ("handler", "outside", "stack")

    def __init__(self, handler: Handler, outside: Signalled | None, stack: list[str] | None) -> None:
        self.handler = handler
        self.outside = outside
        self.stack = stack


class Signalling:
    """What a machine does about exceptions."""

    __slots__ = ("handlers", "strand")
    handlers: Handler | None
    strand: object  # whose stack it is: the machine itself, or the forked process that runs
    image: World

    # What the machine has besides

    def send(self, receiver: Value, selector: str, *arguments: Value) -> Value:
        raise NotImplementedError

    def call(self, block: Value, *arguments: Value) -> Value:
        raise NotImplementedError

    def call_with(self, block: Value, *arguments: Value) -> Value:
        raise NotImplementedError

    def truth(self, value: Value) -> bool:
        raise NotImplementedError

    def say(self, text: str) -> None:
        raise NotImplementedError

    def begin_grace(self) -> None:
        raise NotImplementedError

    def stack(self) -> list[str]:
        raise NotImplementedError

    def text_of(self, exception: Signal) -> str:
        raise NotImplementedError

    def translated(self, error: Exception) -> Signal:
        raise NotImplementedError

    def stack_of(self, error: Exception) -> list[str]:
        raise NotImplementedError

    # Signals

    def raise_(self, class_name: str, text: str | None = None, **values: Value) -> Value:
        """Signal it: the value that a handler resumes with."""
        return self.signal(Signal(self.image.classes[class_name], text, values))

    def signal(self, exception: Signal) -> Value:
        """Send it: the value that a handler resumes with. It does not come back if a handler returns."""
        return self._from(exception, self.handlers)

    def handles(self, kinds: Value, exception: Signal) -> bool:
        """Whether an exception class or ExceptionSet takes it; another object is asked by handles:."""
        if isinstance(kinds, ExceptionSet):
            return any(self.handles(kind, exception) for kind in kinds.kinds)
        if isinstance(kinds, Behavior):
            return exception.cls.inherits_from(kinds)
        return self.truth(self.send(kinds, "handles:", exception))

    def on_do(self, block: Value, kinds: Value, action: Value) -> Value:
        """[block] on: kinds do: action"""
        outside = self.handlers
        handler = Handler(block, kinds, action, outside)
        while True:
            self.handlers = handler
            try:
                try:
                    return self.call(block)
                except Exception as error:  # of Python: told as an error of Smalltalk
                    self.handlers = outside
                    exception = self.translated(error)
                    if not self.handles(kinds, exception):
                        raise
                    # Told only now: thousands of handlers that an error passes would each walk all its frames.
                    return self._act(handler, exception, Signalled(handler, None, self.stack_of(error)))
            except Unwind as unwind:
                if unwind.handler is not handler:
                    raise
                if unwind.again is None:
                    return unwind.value
                block = unwind.again
            finally:
                self.handlers = outside

    def _act(self, handler: Handler, exception: Signal, context: Signalled) -> Value:
        """Run the handler's block; its value is that of on:do:."""
        exception.context = context
        self.handlers = handler.outer
        try:
            return self.call_with(handler.action, exception)
        finally:
            exception.context = context.outside

    def _from(self, exception: Signal, handler: Handler | None, stack: list[str] | None = None) -> Value:
        """`stack` is given where that of the signal is gone."""
        inside = self.handlers
        while handler is not None:
            self.handlers = handler.outer
            if self.handles(handler.kinds, exception):
                context = Signalled(handler, exception.context, stack)
                try:
                    value = self._act(handler, exception, context)
                except Resumed as resumed:
                    if resumed.context is not context:
                        raise
                    self.handlers = inside
                    return resumed.value
                raise Unwind(handler, value)
            handler = handler.outer
        self.handlers = inside
        return self._default(exception, stack)

    def _default(self, exception: Signal, stack: list[str] | None) -> Value:
        """What happens to an exception that nobody handles; the class of a user may say it itself."""
        method = exception.cls.lookup("defaultAction")
        if method is not None and method.source is not None:
            return method.function(self, exception)
        if exception.cls.inherits_from(self.image.classes["Notification"]):
            return None
        if exception.cls.inherits_from(self.image.classes["Warning"]):
            # As in GNU Smalltalk: told, and the value where it was signalled is nil. In Pharo a debugger opens, whose
            # Proceed answers nil too: here is nobody to ask.
            self.say(f"{exception.cls.name}: {self.text_of(exception)}\n")
            return None
        raise Unhandled(exception, self.stack() if stack is None else stack)

    # What a handler may say

    def return_(self, exception: Signal, value: Value) -> Value:
        raise Unwind(self._context(exception, "return:").handler, value)

    def retry(self, exception: Signal, block: Value = None) -> Value:
        """Run the block of on:do: again, or another one in its place."""
        handler = self._context(exception, "retry").handler
        raise Unwind(handler, None, handler.block if block is None else block)

    def resume(self, exception: Signal, value: Value) -> Value:
        context = self._context(exception, "resume:")
        if not self.truth(self.send(exception, "isResumable")):
            return self.raise_("IllegalResumeAttempt", f"{exception.cls.name} is not resumable: use return: or retry")
        raise Resumed(context, value)

    def pass_(self, exception: Signal) -> Value:
        """To the handlers outside of this one; what they resume with is the value where it was signalled."""
        context = self._context(exception, "pass")
        raise Resumed(context, self._from(exception, context.handler.outer, context.stack))

    def outer(self, exception: Signal) -> Value:
        """To the handlers outside of this one; what they resume with is the value of `outer`."""
        context = self._context(exception, "outer")
        return self._from(exception, context.handler.outer, context.stack)

    def _context(self, exception: Signal, selector: str) -> Signalled:
        if exception.context is None:
            self.raise_("Error", f"{selector} makes sense only in a handler, while the exception is being handled")
            raise Stopped  # nobody has anything to resume with
        found: Signalled = exception.context
        return found

    # Cleaning up

    def ensure(self, block: Value, after: Value) -> Value:
        """[block] ensure: after. Of a stopped evaluation all such blocks have a short grace together."""
        handlers = self.handlers
        try:
            value = self.call(block)
        except BaseException as error:
            self._clean_up(after, handlers, error)
            raise
        self.call(after)
        return value

    def if_curtailed(self, block: Value, after: Value) -> Value:
        handlers = self.handlers
        try:
            return self.call(block)
        except BaseException as error:
            self._clean_up(after, handlers, error)
            raise

    def _clean_up(self, after: Value, handlers: Handler | None, error: BaseException) -> None:
        """Run it with the handlers of where it stands. What it raises replaces what was under way."""
        if isinstance(error, Stopped):
            self.begin_grace()
        self.handlers = handlers
        self.call(after)
