# ruff: noqa: ARG005
"""As much Smalltalk as the conformance cases speak, so that an agent can be made, and broken, without an image."""

from __future__ import annotations

import math
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(
    r"""(?P<space>\s+|"[^"]*") | (?P<number>\d+(\.\d+)?) | (?P<string>'(?:[^']|'')*') | (?P<character>\$.)
      | (?P<symbol>\#[A-Za-z_][\w:]*) | (?P<hash>\#\() | (?P<assign>:=) | (?P<argument>:[A-Za-z_]\w*)
      | (?P<keyword>[A-Za-z_]\w*:(?!=)) | (?P<name>[A-Za-z_]\w*) | (?P<ref>@\d+) | (?P<close>[)\]])
      | (?P<open>[(\[]) | (?P<mark>[.;^|]) | (?P<binary>[-+*/<>=,~]+)""",
    re.VERBOSE | re.DOTALL,
)


class _NotCompiled(Exception):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _Raised(Exception):
    """A Smalltalk exception."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class _Stopped(BaseException):
    """The evaluation is over its time, or interrupted; no handler of the code sees it."""


class _Returned(BaseException):
    """`^ value`, or `e return: value` of the handler `owner`."""

    def __init__(self, owner: object, value: object) -> None:
        super().__init__()
        self.owner = owner
        self.value = value


class _Enough(BaseException):
    """The print is as long as it may be."""


class _Symbol(str):
    __slots__ = ()


class _Character(str):
    __slots__ = ()


class _Ordered(list[Any]):
    pass


@dataclass(frozen=True)
class _Association:
    key: Any
    value: Any


@dataclass(frozen=True)
class _Class:
    name: str


@dataclass(eq=False)
class _Thing:
    """An object of whom only the class matters; `state` is whatever its methods need."""

    kind: str
    state: Any = None


@dataclass(eq=False)
class _Block:
    arguments: list[str]
    temporaries: list[str]
    body: list[Any]
    frame: _Frame


@dataclass(eq=False)
class _Frame:
    """Variables of a block within those around it; `home` is where `^` returns from."""

    variables: dict[str, Any]
    outer: _Frame | None
    home: object

    def holder(self, name: str) -> dict[str, Any] | None:
        if name in self.variables:
            return self.variables
        return self.outer.holder(name) if self.outer else None


@dataclass
class _Machine:
    """One evaluation: its session's variables, its kept results, where its output goes, and how it is stopped."""

    variables: dict[str, Any]
    kept: dict[int, Any]
    say: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, source: str) -> Any:
        """The value of `source`. Raises _NotCompiled, _Raised or _Stopped."""
        statements, temporaries = _Parser(source).program()
        home = object()
        outer = _Frame(self.variables, None, home)
        frame = _Frame(dict.fromkeys(temporaries), outer, home)
        try:
            return self._statements(statements, frame)
        except _Returned as returned:
            if returned.owner is home:
                return returned.value
            raise _Raised("BlockContext", "return from a dead method context") from None
        except (TypeError, AttributeError, ValueError, KeyError, IndexError, RecursionError) as error:
            raise _Raised("Error", str(error)) from error

    def pause(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise _Stopped

    def _statements(self, statements: list[Any], frame: _Frame) -> Any:
        value = None
        for statement in statements:
            value = self._value(statement, frame)
        return value

    def _value(self, node: Any, frame: _Frame) -> Any:
        if self.stop.is_set():
            raise _Stopped
        match node:
            case ("literal", value):
                return list(value) if isinstance(value, list) else value
            case ("ref", number):
                return self.kept[number]
            case ("name", name):
                return self._named(name, frame)
            case ("assign", name, expression):
                value = self._value(expression, frame)
                holder = frame.holder(name)
                (self.variables if holder is None else holder)[name] = value
                return value
            case ("return", expression):
                raise _Returned(frame.home, self._value(expression, frame))
            case ("block", arguments, temporaries, body):
                return _Block(arguments, temporaries, body, frame)
            case ("cascade", receiver, messages):
                target = self._value(receiver, frame)
                value = None
                for selector, arguments in messages:
                    value = self.send(target, selector, [self._value(a, frame) for a in arguments])
                return value
            case ("send", receiver, selector, arguments):
                target = self._value(receiver, frame)
                return self.send(target, selector, [self._value(a, frame) for a in arguments])
            case _:
                raise AssertionError(node)

    def _named(self, name: str, frame: _Frame) -> Any:
        holder = frame.holder(name)
        if holder is not None:
            return holder[name]
        if name in ("Transcript", "Processor"):
            return _Thing(name)
        return _Class(name) if name[0].isupper() and name in _CLASSES else None

    def call(self, block: Any, *arguments: Any) -> Any:
        if not isinstance(block, _Block):
            return block
        values = dict(zip(block.arguments, arguments, strict=False)) | dict.fromkeys(block.temporaries)
        return self._statements(block.body, _Frame(values, block.frame, block.frame.home))

    def send(self, target: Any, selector: str, arguments: list[Any]) -> Any:
        method = _METHODS.get(selector)
        if method is None:
            raise _Raised("MessageNotUnderstood", f"{_class_of(target)} does not understand #{selector}")
        return method(self, target, *arguments)


_CLASSES = {"Array", "Object", "OrderedCollection", "Error", "ZeroDivide", "Delay", "Semaphore", "String", "Character"}


def _class_of(value: Any) -> str:
    names: dict[type, str] = {
        bool: "True" if value else "False", int: "SmallInteger", float: "Float", _Symbol: "Symbol", str: "String",
        _Character: "Character", list: "Array", _Ordered: "OrderedCollection", _Association: "Association",
        _Block: "BlockClosure", type(None): "UndefinedObject", _Class: "Class",
    }  # fmt: skip
    return value.kind if isinstance(value, _Thing) else names[type(value)]


def _printed(value: Any, limit: int) -> tuple[str, bool]:
    """The text, and whether it was cut."""
    out: list[str] = []
    room = [limit]

    def put(text: str) -> None:
        out.append(text[: room[0]])
        room[0] -= len(text)
        if room[0] < 0:
            raise _Enough

    try:
        _print(value, put)
    except _Enough:
        return "".join(out), True
    return "".join(out), False


def _print(value: Any, put: Callable[[str], None]) -> None:
    match value:
        case None:
            put("nil")
        case bool():
            put("true" if value else "false")
        case _Symbol():
            put(f"#{str.__str__(value)}")
        case _Character():
            put(f"${str.__str__(value)}")
        case str():
            put("'" + value.replace("'", "''") + "'")
        case _Association():
            _print(value.key, put)
            put("->")
            _print(value.value, put)
        case _Thing(kind, "broken"):
            raise _Raised("Error", f"this {kind} was never initialised")
        case list():
            put("OrderedCollection (" if isinstance(value, _Ordered) else "(")
            for item in value:
                _print(item, put)
                put(" ")
            put(")")
        case int() | float():
            put(str(value))
        case _Class(name):
            put(name)
        case _:
            put(f"a {_class_of(value)}")


def _stored(value: Any) -> str | None:
    """Source text that makes a literal again."""
    match value:
        case None | bool() | int() | float() | str():
            return (
                f"({value})" if isinstance(value, int) and not isinstance(value, bool) and value < 0 else _text(value)
            )
        case list() if type(value) is list:
            parts = [_stored(item) for item in value]
            if any(part is None for part in parts):
                return None
            return "(Array new: 0)" + "".join(f" , (Array with: {part})" for part in parts) if parts else "#()"
        case _:
            return None


def _text(value: Any) -> str:
    text: list[str] = []
    _print(value, text.append)
    return "".join(text)


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens: list[tuple[str, str, int]] = []
        at = 0
        while at < len(source):
            match = _TOKEN.match(source, at)
            if match is None:
                raise _NotCompiled(f"unexpected {source[at]!r}", self._line(at))
            if match.lastgroup != "space":
                self.tokens.append((str(match.lastgroup), match.group(), at))
            at = match.end()
        self.next = 0

    def _line(self, at: int) -> int:
        return self.source.count("\n", 0, at) + 1

    def _kind(self) -> str:
        return self.tokens[self.next][0] if self.next < len(self.tokens) else "end"

    def _is(self, text: str) -> bool:
        return self.next < len(self.tokens) and self.tokens[self.next][1] == text

    def _take(self) -> str:
        self.next += 1
        return self.tokens[self.next - 1][1]

    def _fail(self, what: str) -> _NotCompiled:
        at = self.tokens[self.next][2] if self.next < len(self.tokens) else max(len(self.source) - 1, 0)
        return _NotCompiled(what, self._line(at))

    def program(self) -> tuple[list[Any], list[str]]:
        temporaries = self._temporaries()
        statements = self._statements()
        if self._kind() != "end":
            raise self._fail("something is left over")
        return statements, temporaries

    def _temporaries(self) -> list[str]:
        names = []
        if self._is("|"):
            self._take()
            while self._kind() == "name":
                names.append(self._take())
            if not self._is("|"):
                raise self._fail("expected |")
            self._take()
        return names

    def _statements(self) -> list[Any]:
        found: list[Any] = []
        while self._kind() not in ("end", "close"):
            if self._is("."):
                self._take()
                continue
            if self._is("^"):
                self._take()
                found.append(("return", self._expression()))
            else:
                found.append(self._expression())
            if self._kind() not in ("end", "close") and not self._is("."):
                raise self._fail("expected a full stop")
        return found

    def _expression(self) -> Any:
        if self._kind() == "name" and self.next + 1 < len(self.tokens) and self.tokens[self.next + 1][0] == "assign":
            name = self._take()
            self._take()
            return ("assign", name, self._expression())
        node = self._keyword_send(self._binary_send(self._unary_send(self._primary())))
        if not self._is(";"):
            return node
        if node[0] != "send":
            raise self._fail("a cascade of nothing")
        messages = [(node[2], node[3])]
        while self._is(";"):
            self._take()
            part = self._keyword_send(self._binary_send(self._unary_send(("hole",))))
            messages.append((part[2], part[3]))
        return ("cascade", node[1], messages)

    def _unary_send(self, node: Any) -> Any:
        while self._kind() == "name":
            node = ("send", node, self._take(), [])
        return node

    def _binary_send(self, node: Any) -> Any:
        while self._kind() == "binary":
            selector = self._take()
            node = ("send", node, selector, [self._unary_send(self._primary())])
        return node

    def _keyword_send(self, node: Any) -> Any:
        selector, arguments = "", []
        while self._kind() == "keyword":
            selector += self._take()
            arguments.append(self._binary_send(self._unary_send(self._primary())))
        return ("send", node, selector, arguments) if selector else node

    def _primary(self) -> Any:
        kind = self._kind()
        if kind == "name":
            name = self._take()
            constants = {"nil": None, "true": True, "false": False}
            return ("literal", constants[name]) if name in constants else ("name", name)
        if kind == "ref":
            return ("ref", int(self._take()[1:]))
        if (kind == "binary" and self._is("-")) or kind in ("number", "string", "character", "symbol", "hash"):
            return ("literal", self._literal())
        if self._is("("):
            self._take()
            node = self._expression()
            if not self._is(")"):
                raise self._fail("expected )")
            self._take()
            return node
        if self._is("["):
            return self._block()
        raise self._fail("expected an expression")

    def _block(self) -> Any:
        self._take()
        arguments = []
        while self._kind() == "argument":
            arguments.append(self._take()[1:])
        if arguments:
            if not self._is("|"):
                raise self._fail("expected |")
            self._take()
        temporaries = self._temporaries()
        body = self._statements()
        if not self._is("]"):
            raise self._fail("expected ]")
        self._take()
        return ("block", arguments, temporaries, body)

    def _literal(self) -> Any:
        kind, text = self._kind(), self._take()
        match kind:
            case "binary":
                return -self._literal()
            case "number":
                return float(text) if "." in text else int(text)
            case "string":
                return text[1:-1].replace("''", "'")
            case "character":
                return _Character(text[1])
            case "symbol":
                return _Symbol(text[1:])
            case _:
                items = []
                while not self._is(")"):
                    if self._kind() == "end":
                        raise self._fail("expected )")
                    if self._is("("):
                        items.append(self._literal())
                    else:
                        items.append(self._literal())
                self._take()
                return items


def _forever(machine: _Machine, condition: Any, body: Any) -> None:
    while machine.call(condition):
        machine.call(body)
        machine.pause(0.001)


def _ensure(machine: _Machine, block: Any, after: Any) -> Any:
    try:
        return machine.call(block)
    finally:
        machine.call(after)


def _on_do(machine: _Machine, block: Any, kind: Any, handler: Any) -> Any:
    signal = _Thing("signal")
    try:
        return machine.call(block)
    except _Raised as raised:
        if kind.name not in (raised.kind, "Error", "Exception"):
            raise
        try:
            return machine.call(handler, signal)
        except _Returned as returned:
            if returned.owner is signal:
                return returned.value
            raise


def _raise(kind: str, message: str) -> Any:
    raise _Raised(kind, message)


def _signal_return(machine: _Machine, signal: Any, value: Any) -> Any:
    del machine
    raise _Returned(signal, value)


def _divide(machine: _Machine, a: Any, b: Any) -> Any:
    del machine
    if b == 0:
        raise _Raised("ZeroDivide", "the divisor is zero")
    return a // b if isinstance(a, int) and isinstance(b, int) and a % b == 0 else a / b


def _do(machine: _Machine, items: range, block: Any) -> Any:
    for item in items:
        machine.call(block, item)
    return items


def _new(machine: _Machine, kind: _Class, size: int = 0) -> Any:
    del machine
    if kind.name == "Array":
        return [None] * size
    return _Thing(kind.name)


def _wait(machine: _Machine, target: _Thing) -> Any:
    seconds = target.state if target.kind == "Delay" else 3_600
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        machine.pause(min(left, 1))
    return target


def _terminate(machine: _Machine, target: Any) -> Any:
    del target
    machine.stop.set()
    raise _Stopped


def _at_put(machine: _Machine, target: list[Any], index: int, value: Any) -> Any:
    del machine
    target[index - 1] = value
    return value


def _print_string(machine: _Machine, target: Any) -> str:
    del machine
    return _printed(target, 1_000_000)[0]


def _equal(a: Any, b: Any) -> bool:
    return bool(type(a) is type(b) and a == b)


_METHODS: dict[str, Callable[..., Any]] = {
    "+": lambda m, a, b: a + b,
    "-": lambda m, a, b: a - b,
    "*": lambda m, a, b: a * b,
    "/": _divide,
    ">": lambda m, a, b: a > b,
    "=": lambda m, a, b: _equal(a, b),
    "==": lambda m, a, b: a is b or (isinstance(a, int | _Symbol | _Character) and _equal(a, b)),
    ",": lambda m, a, b: a + b,
    "->": lambda m, a, b: _Association(a, b),
    "abs": lambda m, a: abs(a),
    "sqrt": lambda m, a: math.sqrt(a),
    "size": lambda m, a: len(a),
    "isEmpty": lambda m, a: len(a) == 0,
    "isNil": lambda m, a: a is None,
    "yourself": lambda m, a: a,
    "printString": _print_string,
    "and:": lambda m, a, b: a and m.call(b),
    "or:": lambda m, a, b: a or m.call(b),
    "value": lambda m, a: m.call(a),
    "value:": lambda m, a, x: m.call(a, x),
    "whileTrue:": _forever,
    "timesRepeat:": lambda m, a, b: _do(m, range(a), b),
    "to:": lambda m, a, b: range(a, b + 1),
    "to:do:": lambda m, a, b, block: _do(m, range(a, b + 1), block),
    "asOrderedCollection": lambda m, a: _Ordered(a),
    "at:": lambda m, a, i: a[i - 1],
    "at:put:": _at_put,
    "new": _new,
    "new:": _new,
    "basicNew": lambda m, a: _Thing(a.name, "broken"),
    "with:": lambda m, a, *x: list(x),
    "with:with:": lambda m, a, *x: list(x),
    "with:with:with:": lambda m, a, *x: list(x),
    "ensure:": _ensure,
    "on:do:": _on_do,
    "return:": _signal_return,
    "signal:": lambda m, a, text: _raise(a.kind, text),
    "forMilliseconds:": lambda m, a, ms: _Thing("Delay", ms / 1000),
    "forSeconds:": lambda m, a, s: _Thing("Delay", s),
    "wait": _wait,
    "activeProcess": lambda m, a: _Thing("Process"),
    "terminate": _terminate,
    "show:": lambda m, a, text: m.say(text),
    "cr": lambda m, a: m.say("\n"),
}
