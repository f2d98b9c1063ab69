"""The compiler against an evaluator that just walks the syntax: random programs give the same value, and do the same in
the same order."""

from __future__ import annotations

import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stui_cli.playground.image import Playground, Raised, Workspace
from stui_cli.playground.objects import Array
from stui_cli.playground.reading import read_do_it
from stui_cli.playground.syntax import Assignment, BlockLiteral, Body, Brace, Cascade, Literal, Name, Returned, Send

IMAGE = Playground()
LOOPS = 300  # steps of a walked program


class Left(BaseException):
    """By ^ of the program."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Failed(Exception):
    pass


class Closure:
    def __init__(self, node: BlockLiteral, scope: dict[str, list[Any]], walker: Walker) -> None:
        self.node, self.scope, self.walker = node, scope, walker

    def __call__(self, *arguments: Any) -> Any:
        if len(arguments) != len(self.node.parameters):
            raise Failed
        scope = dict(self.scope)
        for name, value in zip(self.node.parameters, arguments, strict=True):
            scope[name.name] = [value]
        return self.walker.body(self.node.body, scope)


class Walker:
    def __init__(self) -> None:
        self.log: list[Any] = []
        self.steps = 0

    def body(self, body: Body, scope: dict[str, list[Any]]) -> Any:
        for name in body.temporaries:
            scope[name.name] = [None]
        value = None
        for statement in body.statements:
            if isinstance(statement, Returned):
                raise Left(self.value(statement.value, scope))
            value = self.value(statement, scope)
        return value

    def value(self, node: Any, scope: dict[str, list[Any]]) -> Any:
        self.steps += 1
        if self.steps > 20_000:
            raise Failed
        match node:
            case Literal(value):
                return value
            case Name(name):
                return self if name == "log" else scope[name][0]
            case Assignment(target, value):
                cell = scope[target.name]
                cell[0] = self.value(value, scope)
                return cell[0]
            case BlockLiteral():
                return Closure(node, scope, self)
            case Brace(items):
                return [self.value(item, scope) for item in items]
            case Cascade(receiver, messages):
                target = self.value(receiver, scope)
                return [self.send(target, m.selector, [self.value(a, scope) for a in m.arguments]) for m in messages][
                    -1
                ]
            case Send(receiver, selector, arguments):
                target = self.value(receiver, scope)
                return self.send(target, selector, [self.value(each, scope) for each in arguments])
        raise AssertionError(node)

    def send(self, target: Any, selector: str, arguments: list[Any]) -> Any:
        match selector, target:
            case "note:", Walker():
                self.log.append(arguments[0])
                return arguments[0]
            case "value" | "value:", Closure():
                return target(*arguments)
            case "value", _:
                return target
            case "ifNil:", _:
                return call(arguments[0]) if target is None else target
            case "ifNotNil:", _:
                return None if target is None else some(arguments[0], target)
            case "ifNil:ifNotNil:", _:
                return call(arguments[0]) if target is None else some(arguments[1], target)
            case "==", _:
                return target is arguments[0] or (type(target) is type(arguments[0]) is int and target == arguments[0])
            case "=", _:
                return type(target) is type(arguments[0]) and not isinstance(target, Closure) and target == arguments[0]
            case "whileTrue:" | "whileFalse:", Closure():
                count = 0
                while truth(target()) is (selector == "whileTrue:") and count < LOOPS:
                    call(arguments[0])
                    count += 1
                if count == LOOPS:
                    raise Failed
                return None
            case _, bool():
                return of_boolean(target, selector, arguments)
            case _, int():
                return of_integer(target, selector, arguments)
        raise Failed


def call(block: Any) -> Any:
    return block() if isinstance(block, Closure) else block


def some(block: Any, value: Any) -> Any:
    return block(*[value][: len(block.node.parameters)]) if isinstance(block, Closure) else block


def truth(value: Any) -> bool:
    if type(value) is not bool:
        raise Failed
    return value


def of_boolean(target: bool, selector: str, arguments: list[Any]) -> Any:
    match selector:
        case "and:":
            return call(arguments[0]) if target else False
        case "or:":
            return True if target else call(arguments[0])
        case "ifTrue:":
            return call(arguments[0]) if target else None
        case "ifFalse:":
            return None if target else call(arguments[0])
        case "ifTrue:ifFalse:":
            return call(arguments[0 if target else 1])
        case "ifFalse:ifTrue:":
            return call(arguments[1 if target else 0])
        case "not":
            return not target
    raise Failed


def of_integer(target: int, selector: str, arguments: list[Any]) -> Any:
    match selector:
        case "timesRepeat:" if target < 5:
            for _ in range(target):
                call(arguments[0])
            return target
        case "to:do:" if type(arguments[0]) is int and arguments[0] - target < 5:
            for number in range(target, arguments[0] + 1):
                arguments[1](number)
            return target
        case "to:by:do:" if type(arguments[0]) is int and abs(arguments[0] - target) < 5:
            step = arguments[1]
            for number in range(target, arguments[0] + (1 if step > 0 else -1), step):
                arguments[2](number)
            return target
    if len(arguments) == 1 and type(arguments[0]) is int and abs(target) < 2**80:
        other = arguments[0]
        match selector:
            case "+":
                return target + other
            case "-":
                return target - other
            case "*":
                return target * other
            case "<":
                return target < other
            case ">=":
                return target >= other
    raise Failed


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Statements over three temporaries, most of them about numbers; `log note:` tells in which order things happen."""
    inside: list[str] = []  # the parameters that can be used here

    def one_of(*texts: str) -> str:
        return draw(st.sampled_from(texts))

    def number(depth: int) -> str:
        if depth <= 0:
            return one_of("1", "2", "-3", "5000000000000000000", "a", "b", "c", "a", "b", "c", *inside)
        below = depth - 1
        match draw(st.integers(0, 15)):
            case 0 | 1 | 2 | 3:
                return f"({number(below)} {one_of('+', '-', '*')} {number(below)})"
            case 4 | 5 | 6:
                return f"({one_of('a', 'b', 'c')} := {number(below)})"
            case 7:
                return f"(log note: {number(below)})"
            case 8 | 9:
                return f"([{statements(below)}] value)"
            case 10:
                return f"({block(below, 'j')} value: {number(below)})"
            case 11:
                words = one_of("ifTrue: ifFalse:", "ifFalse: ifTrue:").split()
                return f"({condition(below)} " + " ".join(f"{word} [{statements(below)}]" for word in words) + ")"
            case 12:
                return f"({number(below)} ifNil: [{number(below)}] ifNotNil: {block(below, one_of('', 'i'))})"
            case 13:
                return f"(log note: {number(below)}; note: {number(below)})"
            case 14:
                return loop(below)
        return one_of("nil", "true", "[a]", f"{{{number(below)}. {number(below)}}}")

    def condition(depth: int) -> str:
        below = depth - 1
        match draw(st.integers(0, 7)):
            case 0 | 1 | 2 | 3:
                return f"({number(below)} {one_of('<', '>=', '=', '==')} {number(below)})"
            case 4 | 5:
                if depth > 0:
                    return f"({condition(below)} {one_of('and:', 'or:')} [{condition(below)}])"
            case 6:
                if depth > 0:
                    return f"([{number(below)}. {condition(below)}] value)"
        return one_of("true", "false")

    def loop(depth: int) -> str:
        match draw(st.integers(0, 3)):
            case 0:
                return f"({draw(st.integers(-1, 3))} timesRepeat: [{statements(depth)}])"
            case 1:
                return f"(1 to: {draw(st.integers(-1, 3))} do: {block(depth, 'i')})"
            case 2:
                return f"(3 to: {draw(st.integers(0, 4))} by: -1 do: {block(depth, 'i')})"
        head = f"{number(depth)}. (c := (log note: c) + 1) < {draw(st.integers(-3, 9))}"
        return f"(([{head}] whileTrue: [{statements(depth)}]) ifNil: [{number(depth)}])"

    def block(depth: int, parameter: str = "") -> str:
        inside.extend([parameter] * bool(parameter))
        text = f"[{':' + parameter + ' | ' if parameter else ''}{statements(depth)}]"
        if parameter:
            inside.remove(parameter)
        return text

    def statements(depth: int) -> str:
        found = [number(depth) for _ in range(draw(st.integers(1, 2)))]
        if draw(st.integers(0, 14)) == 0:
            found[-1] = "^" + found[-1]
        return ". ".join(found)

    lines = [number(draw(st.integers(1, 4))) for _ in range(draw(st.integers(1, 4)))]
    return "| a b c | a := 1. b := 2. c := 3. " + ". ".join(lines) + ". {a. b. c}"


def walked(source: str) -> tuple[Any, list[Any]] | None:
    walker = Walker()
    try:
        return plain(walker.body(read_do_it(source, lambda: None), {})), [plain(each) for each in walker.log]
    except Left as left:
        return plain(left.value), [plain(each) for each in walker.log]
    except Failed:
        return None


def compiled(source: str) -> tuple[Any, list[Any]] | None:
    workspace = Workspace()
    log = IMAGE.evaluate("DiffLog new", workspace, lambda text: None, threading.Event())
    workspace.variables["log"] = log
    try:
        value = IMAGE.evaluate(source, workspace, lambda text: None, threading.Event())
    except Raised:
        return None
    noted = IMAGE.evaluate("log all", workspace, lambda text: None, threading.Event())
    return plain(value), [plain(each) for each in noted.items]


def plain(value: Any) -> Any:
    if isinstance(value, Array | list):
        return [plain(each) for each in (value.items if isinstance(value, Array) else value)]
    return ("value", type(value).__name__, value) if value is None or type(value) in (bool, int) else "object"


IMAGE.evaluate(
    "Object subclass: #DiffLog instanceVariableNames: 'all' classVariableNames: '' package: 'tests'. "
    "DiffLog compile: 'note: x all isNil ifTrue: [all := OrderedCollection new]. all add: x. ^x'. "
    "DiffLog compile: 'all ^all isNil ifTrue: [#()] ifFalse: [all asArray]'",
    Workspace(),
    lambda text: None,
    threading.Event(),
)


@given(source=programs())
def test_compiled_code_does_what_its_syntax_says(source: str) -> None:
    wanted = walked(source)
    if wanted is not None:
        assert compiled(source) == wanted
