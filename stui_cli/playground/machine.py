"""One evaluation: sending, calling, signalling, and what it may still take of time, memory and output."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stui_cli.playground import frames, limits
from stui_cli.playground.memory import resident_bytes
from stui_cli.playground.objects import Block, Character, Key, Message, ScaledDecimal, Signal, Symbol, Text
from stui_cli.playground.signals import Handler, NonLocalReturn, Raised, Resumed, Signalling, Stopped, Unhandled, Unwind

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from stui_cli.playground.classes import Behavior, Value
    from stui_cli.playground.objects import Instance
    from stui_cli.playground.world import World

    class Stop(Protocol):
        """A threading.Event, or what is like one."""

        def is_set(self) -> bool: ...

        def wait(self, timeout: float | None = None) -> bool: ...


_LOOK_AT_MEMORY_EVERY = 16 * 1024 * 1024
_SLOT_BYTES = 64
_INNOCENT = 32 * 1024 * 1024


@dataclass(eq=False)
class Workspace:
    """A session: its variables by name, and its kept results by number."""

    variables: dict[str, Value] = field(default_factory=dict)
    kept: dict[int, Value] = field(default_factory=dict)


_SAID_OF = {"ZeroDivide": "division by zero"}  # outside of Smalltalk: there its messageText is empty, as elsewhere


class Machine(Signalling):
    """`attention` is set from outside (ticking.py), fifty times a second; code looks at it at each call and loop."""

    __slots__ = (
        *("attention", "charged", "grace_until", "image", "nested", "said", "say_to", "started_with"),
        *("forked", "process", "stop", "tables", "workspace"),
    )

    def __init__(self, image: World, workspace: Workspace, say: Callable[[str], None], stop: Stop) -> None:
        self.image = image
        self.tables = image.tables
        self.workspace = workspace
        self.say_to = say
        self.stop = stop
        self.attention = True
        self.handlers: Handler | None = None
        self.forked: list[Instance] = []  # processes that are ready, oldest first
        self.process: Instance | None = None  # that runs, once somebody asked for it
        self.strand = self
        self.charged = 0
        self.said = 0
        self.nested = 0
        self.grace_until: float | None = None
        self.started_with = resident_bytes()

    # Sending

    # A call with *arguments takes C's stack in Python 3.11, and recursion through it would end the process: so those
    # of a few arguments are spelled out.

    def send(self, receiver: Value, selector: str, *arguments: Value) -> Value:
        function = (self.tables.get(type(receiver)) or receiver.cls.table)[selector]
        match len(arguments):
            case 0:
                return function(self, receiver)
            case 1:
                return function(self, receiver, arguments[0])
            case 2:
                return function(self, receiver, arguments[0], arguments[1])
            case 3:
                return function(self, receiver, arguments[0], arguments[1], arguments[2])
            case 4:
                return function(self, receiver, arguments[0], arguments[1], arguments[2], arguments[3])
            case _:
                return function(self, receiver, *arguments)

    def call(self, block: Value, *arguments: Value) -> Value:
        """The value of a block, or of any object that understands value, value:..."""
        return self.call_these(block, arguments)

    def call_these(self, block: Value, given: tuple[Value, ...] | list[Value]) -> Value:
        if type(block) is not Block:
            return self.send_these(block, "value:" * len(given) or "value", given)
        if block.arity != len(given):
            return self.wrong_count(block, len(given))
        function = block.function
        match len(given):
            case 0:
                return function(self)
            case 1:
                return function(self, given[0])
            case 2:
                return function(self, given[0], given[1])
            case 3:
                return function(self, given[0], given[1], given[2])
            case 4:
                return function(self, given[0], given[1], given[2], given[3])
            case _:
                return function(self, *given)

    def send_these(self, receiver: Value, selector: str, given: tuple[Value, ...] | list[Value]) -> Value:
        match len(given):
            case 0:
                return self.send(receiver, selector)
            case 1:
                return self.send(receiver, selector, given[0])
            case 2:
                return self.send(receiver, selector, given[0], given[1])
            case 3:
                return self.send(receiver, selector, given[0], given[1], given[2])
            case 4:
                return self.send(receiver, selector, given[0], given[1], given[2], given[3])
            case _:
                return self.send(receiver, selector, *given)

    def call_with(self, block: Value, *arguments: Value) -> Value:
        """As many of the arguments as a block takes: for handlers, and the like."""
        if type(block) is Block and block.arity < len(arguments):
            return self.call_these(block, arguments[: block.arity])
        return self.call_these(block, arguments)

    def class_of(self, value: Value) -> Behavior:
        return self.image.class_of(value)

    def is_kind(self, value: Value, class_name: str) -> bool:
        return self.class_of(value).inherits_from(self.image.classes[class_name])

    def responds_to(self, value: Value, selector: str) -> bool:
        return self.class_of(value).lookup(selector) is not None

    def truth(self, value: Value) -> bool:
        """Of a condition: anything but a Boolean raises NonBooleanReceiver, and is true when that is resumed so."""
        if value is True or value is False:
            return value
        return self.raise_("NonBooleanReceiver", f"{self.article(value)} is no Boolean", object=value) is True

    def is_text(self, value: Value) -> bool:
        return isinstance(value, Text)

    def new(self, behavior: Behavior) -> Value:
        """An empty instance."""
        return self.image.instance_of(behavior)

    # Equality, for the keys of Python's dictionaries

    def key_of(self, value: Value) -> Any:
        """What stands for the value in a dictionary: equal keys are equal values, by `=` and `hash` of Smalltalk."""
        kind = type(value)
        if kind is bool:
            return (kind, value)  # Python has True == 1
        if kind is int or kind is Character or value is None or kind is float or kind is Fraction:
            return value
        if kind is ScaledDecimal:
            return value.value
        if kind is Text:
            return value.chars
        if kind is Symbol:
            return value.name  # a symbol is equal to the string of its characters
        return Key(self, value)

    def hash_of(self, value: Value) -> int:
        found = self._in_c(value, "hash")
        return found if type(found) is int else 0

    def equal_in_c(self, one: Value, other: Value) -> bool:
        return self._in_c(one, "=", other) is True

    def _in_c(self, receiver: Value, selector: str, *arguments: Value) -> Value:
        """Send from within a dictionary or a sort of Python, which use C's stack: it is short."""
        if self.nested >= limits.NESTED_IN_C:
            return self.raise_("RecursionTooDeep", f"{selector} calls itself without end")
        self.nested += 1
        try:
            return self.send(receiver, selector, *arguments)
        finally:
            self.nested -= 1

    # Exceptions

    def not_understood(self, receiver: Value, selector: str, arguments: list[Value]) -> Value:
        message = Message(selector, arguments)
        method = self.class_of(receiver).lookup("doesNotUnderstand:")
        if method is not None and method.source is not None:
            return method.function(self, receiver, message)
        text = f"Message not understood: {self.class_of(receiver).name} >> #{selector}"
        if receiver is None:
            text = f'receiver of "{selector}" is nil'
        return self.raise_("MessageNotUnderstood", text, receiver=receiver, message=message)

    def wrong_count(self, block: Block, given: int) -> Value:
        wanted, called = (f"{count} argument{'' if count == 1 else 's'}" for count in (block.arity, given))
        text = f"This block accepts {wanted}, but was called with {called}."
        return self.raise_("ArgumentsCountMismatch", text, receiver=block)

    def article(self, value: Value) -> str:
        """a Foo, an Array: for messages."""
        if value is None or value is True or value is False:
            return {None: "nil", True: "true", False: "false"}[value]
        name = self.class_of(value).name
        return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"

    def text_of(self, exception: Signal) -> str:
        """Its messageText, or what its class says instead."""
        method = exception.cls.lookup("messageText")
        if method is not None and method.source is not None:
            found = method.function(self, exception)
            if isinstance(found, Text):
                return found.chars[: limits.REPORTED_TEXT]
        return (exception.text or "")[: limits.REPORTED_TEXT]

    def _class_name(self, value: Value) -> str:
        return self.image.class_of(value).name

    def stack(self) -> list[str]:
        return frames.told(self._class_name, frames.calling())

    def translated(self, error: Exception) -> Signal:
        """An error of Python as one of Smalltalk: nothing of Python may show."""
        match error:
            case RecursionError():
                name, text = "RecursionTooDeep", "the code calls itself too deep: some 10,000 levels are possible"
            case MemoryError():
                name, text = "OutOfMemory", "no memory is left for this"
            case OverflowError():
                name, text = "ArithmeticError", "the number is too large for this"
            case ZeroDivisionError():
                name, text = "ZeroDivide", "division by zero"
            case _:
                name, text = "PrimitiveFailed", "this message was sent with an argument that it cannot work with"
        return Signal(self.image.classes[name], text)

    def stack_of(self, error: Exception) -> list[str]:
        """Where it was raised, told as Smalltalk's."""
        return frames.told(self._class_name, frames.of_traceback(error.__traceback__))

    # Time, memory, output

    def poll(self) -> None:
        """What `attention` calls for. Raises Stopped."""
        self.attention = False
        if self.stop.is_set():
            self.attention = True
            if self.grace_until is None or time.monotonic() > self.grace_until:
                raise Stopped
        elif self._is_full(0):
            self.out_of_memory()

    def look(self) -> None:
        if self.attention:
            self.poll()

    def begin_grace(self) -> None:
        if self.grace_until is None:
            self.grace_until = time.monotonic() + limits.GRACE_S

    def pause(self, seconds: float) -> None:
        """Raises Stopped when it is stopped meanwhile."""
        if self.stop.wait(seconds):
            self.attention = True
            self.poll()

    def charge(self, size: int) -> None:
        """Before so many bytes are taken. A single large piece is refused; many small ones by what the process has."""
        self.charged += size
        if self.charged >= _LOOK_AT_MEMORY_EVERY:
            self.charged = 0
            if self._is_full(size):
                self.out_of_memory()
            if self.attention:
                self.poll()

    def charge_slots(self, count: int) -> None:
        """Before a collection of so many elements is made."""
        if count > limits.COLLECTION_SIZE:
            self.raise_("OutOfMemory", f"{count} elements are more than the playground has room for")
            raise Stopped
        self.charge(count * _SLOT_BYTES)

    def charge_text(self, length: int) -> None:
        """Before a string of so many characters is made."""
        if length > limits.COLLECTION_SIZE:
            self.raise_("OutOfMemory", f"{length} characters are more than the playground has room for")
            raise Stopped
        self.charge(length * 2)

    def charge_bits(self, bits: int) -> None:
        """Before an integer of so many bits is made."""
        if bits > limits.INTEGER_BITS:
            self.raise_(
                "OutOfMemory", "the integer would have more than 300,000 digits: the playground has no room for it"
            )
            raise Stopped
        if bits > 1024:
            self.charge(bits // 8)

    def _is_full(self, more: int) -> bool:
        """Whether the process has too much, and this evaluation is no innocent one."""
        now = resident_bytes() + more
        return now - self.image.started_with > limits.BYTES and now - self.started_with > _INNOCENT

    def out_of_memory(self) -> None:
        megabytes = limits.BYTES // (1024 * 1024)
        self.raise_("OutOfMemory", f"the code took more than {megabytes} MB of memory")

    def say(self, text: str) -> None:
        """To the Transcript. What is more than the limit is left out, and that is told once."""
        room = limits.TRANSCRIPT - self.said
        self.said += len(text)
        if room > 0:
            self.say_to(text if len(text) <= room else text[:room] + "\n... (more output was left out)\n")
        if self.attention:
            self.poll()

    # Running

    def within(self, function: Callable[..., Value], receiver: Value, *arguments: Value) -> Value:
        """Do it from outside of Smalltalk. Raises Raised or Stopped, and nothing else."""
        try:
            if not arguments:  # as in send
                return function(self, receiver)
            return function(self, receiver, *arguments)
        except Unhandled as unhandled:
            raise self._raised(unhandled.signal, unhandled.stack) from None
        except (NonLocalReturn, Unwind, Resumed):
            signal = Signal(self.image.classes["BlockCannotReturn"], "return from a dead method context")
            raise self._raised(signal, []) from None
        except Exception as error:  # noqa: BLE001  # of Python: told as an error of Smalltalk
            raise self._raised(self.translated(error), self.stack_of(error)) from None
        finally:
            self.handlers = None

    def _raised(self, signal: Signal, stack: list[str]) -> Raised:
        """With its messageText, which code of the user may have to tell, and that may fail."""
        try:
            message = self.text_of(signal)
        except (Exception, Unhandled, NonLocalReturn, Unwind, Resumed):  # noqa: BLE001
            message = signal.text or ""
        return Raised(signal, message or _SAID_OF.get(signal.cls.name, ""), stack)
