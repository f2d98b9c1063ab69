"""Source text to syntax. What cannot be read is told with its line, its column, and the line itself with a caret."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.exceptions import LarkError, VisitError

from stui_cli.playground import limits
from stui_cli.playground.misreading import CLOSING, character_trouble, token_trouble
from stui_cli.playground.numerals import NotANumber, number
from stui_cli.playground.objects import Array, ByteArray, Text, character, symbol
from stui_cli.playground.syntax import (
    Assignment,
    BlockLiteral,
    Body,
    Brace,
    Cascade,
    Literal,
    MethodText,
    Name,
    Part,
    Ref,
    Returned,
    Send,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.playground.classes import Value

_look: ContextVar[Callable[[], None]] = ContextVar("look")
_PSEUDO: dict[str, Value] = {"nil": None, "true": True, "false": False}
_OPENING = {"_OPEN", "_BLOCK_OPEN", "_BRACE_OPEN", "_ARRAY_OPEN", "_BYTES_OPEN"}


class NotCompiled(Exception):
    """Not source that can be run. `start` is the offset; `excerpt` has the line, and a caret below the column."""

    def __init__(self, message: str, line: int, column: int, start: int, excerpt: str | None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.start = start
        self.excerpt = excerpt


class Refused(Exception):
    """Something that was read is not to be: where, and why."""

    def __init__(self, message: str, token: Token) -> None:
        super().__init__(message)
        self.message = message
        self.token = token


def read_do_it(source: str, look: Callable[[], None]) -> Body:
    """Raises NotCompiled, and what `look` raises, which is called again and again meanwhile."""
    _look.set(look)
    read: Body = _read(source, "do_it")
    return read


def read_method(source: str, look: Callable[[], None]) -> MethodText:
    """As read_do_it."""
    _look.set(look)
    read: MethodText = _read(source, "method")
    return read


def not_compiled(source: str, message: str, line: int, column: int) -> NotCompiled:
    lines = source.split("\n")
    line = min(max(line, 1), len(lines))
    text = lines[line - 1]
    column = min(max(column, 1), len(text) + 1)
    start = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
    return NotCompiled(message, line, column, start, _excerpt(text, column))


def _excerpt(text: str, column: int) -> str:
    """The line, or what is around the column of a long one, and a caret below it."""
    first = max(0, column - 60)
    shown = text[first : first + 100].replace("\t", " ").rstrip("\r")
    return f"{shown}\n{' ' * (column - 1 - first)}^"


def _read(source: str, start: str) -> Any:
    try:
        return _parser().parse(source, start=start)
    except UnexpectedToken as error:
        raise _unexpected(source, error) from None
    except UnexpectedCharacters as error:
        trouble = character_trouble(source[error.pos_in_stream :][:1])
        raise not_compiled(source, trouble, error.line, error.column) from None
    except VisitError as error:
        refused = error.orig_exc
        if not isinstance(refused, Refused):
            raise
        token = refused.token
        raise not_compiled(source, refused.message, token.line or 1, token.column or 1) from None
    except Refused as refused:
        token = refused.token
        raise not_compiled(source, refused.message, token.line or 1, token.column or 1) from None
    except (UnexpectedInput, LarkError, RecursionError):
        raise not_compiled(source, "this cannot be read", 1, 1) from None


def _unexpected(source: str, error: UnexpectedToken) -> NotCompiled:
    token: Token = error.token
    accepted = set(error.accepts or error.expected)
    if token.type == "$END":
        line = source.count("\n") + 1
        column = len(source) - (source.rfind("\n") + 1) + 1
        return not_compiled(source, token_trouble(accepted, "$END", ""), line, column)
    return not_compiled(source, token_trouble(accepted, token.type, token), token.line or 1, token.column or 1)


class _Depth:
    """Counts brackets as they open: what is nested too deep would be too much for those who walk the syntax."""

    always_accept = ()

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = 0
        look = _look.get()
        for count, token in enumerate(stream):
            if not count & 127:
                look()
            if token.type in _OPENING:
                depth += 1
                if depth > limits.SOURCE_NESTING:
                    raise Refused(f"nested too deep: {limits.SOURCE_NESTING} brackets are open", token)
            elif token.type in CLOSING:
                depth -= 1
            yield token


@cache
def _parser() -> Lark:
    grammar = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        start=["do_it", "method"],
        parser="lalr",
        maybe_placeholders=False,
        transformer=_Syntax(),
        postlex=_Depth(),
    )


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _line(token: Token) -> int:
    return token.line or 1


def _name(token: Token) -> Name:
    return Name(str(token), token.line or 1, token.column or 1)


class _Syntax(Transformer[Token, Any]):
    """Called for each rule as it is read: no tree is made, and nothing recurses."""

    def do_it(self, found: list[Any]) -> Body:
        return found[0]  # type: ignore[no-any-return]

    def method(self, found: list[Any]) -> MethodText:
        (selector, parameters), _, body = found
        return MethodText(selector, parameters, body)

    def unary_pattern(self, found: list[Token]) -> tuple[str, tuple[Name, ...]]:
        return str(found[0]), ()

    def binary_pattern(self, found: list[Token]) -> tuple[str, tuple[Name, ...]]:
        return str(found[0]), (_name(found[1]),)

    def keyword_pattern(self, found: list[Token]) -> tuple[str, tuple[Name, ...]]:
        return "".join(found[::2]), tuple(map(_name, found[1::2]))

    def pragmas(self, found: list[Token]) -> None:
        for pragma in found:
            if "primitive" in pragma:
                raise Refused("primitives belong to the playground itself", pragma)

    def body(self, found: list[Any]) -> Body:
        temporaries: list[Name] = []
        statements: list[Any] = []
        for each in found:
            if type(each) is tuple:
                temporaries.extend(each)
            else:
                statements.append(each)
        return Body(tuple(temporaries), tuple(statements))

    def temporaries(self, found: list[Token]) -> tuple[Name, ...]:
        return tuple(map(_name, found[1:-1]))

    def returned(self, found: list[Any]) -> Returned:
        return Returned(found[0])

    def assignment(self, found: list[Any]) -> Assignment:
        token: Token = found[0]
        if token in _PSEUDO or token in ("self", "super", "thisContext"):
            raise Refused(f"{token} cannot be assigned to", token)
        return Assignment(_name(token), found[1])

    def name(self, found: list[Token]) -> Literal | Name:
        token = found[0]
        if token in _PSEUDO:
            return Literal(_PSEUDO[token], _line(token))
        if token == "thisContext":  # noqa: S105  a word of Smalltalk  # nosec B105
            raise Refused("thisContext is not available in the playground", token)
        return _name(token)

    def ref(self, found: list[Token]) -> Ref:
        token = found[0]
        if len(token) > 18:
            raise Refused("no kept result has such a number", token)
        return Ref(int(token[1:]), token.line or 1, token.column or 1)

    def unary_send(self, found: list[Any]) -> Send:
        return Send(found[0], str(found[1]), (), _line(found[1]))

    def binary(self, found: list[Token]) -> Token:
        return found[0]

    def binary_send(self, found: list[Any]) -> Send:
        return Send(found[0], str(found[1]), (found[2],), _line(found[1]))

    def keyword_send(self, found: list[Any]) -> Send:
        return Send(found[0], "".join(found[1::2]), tuple(found[2::2]), _line(found[1]))

    def unary_message(self, found: list[Token]) -> Part:
        return Part(str(found[0]), (), _line(found[0]))

    def binary_message(self, found: list[Any]) -> Part:
        return Part(str(found[0]), (found[1],), _line(found[0]))

    def keyword_message(self, found: list[Any]) -> Part:
        return Part("".join(found[::2]), tuple(found[1::2]), _line(found[0]))

    def cascade(self, found: list[Any]) -> Cascade:
        send: Send = found[0]
        first = Part(send.selector, send.arguments, send.line)
        return Cascade(send.receiver, (first, *found[1:]))

    def brace(self, found: list[Any]) -> Brace:
        return Brace(tuple(found), 1)

    def block(self, found: list[Any]) -> BlockLiteral:
        parameters: tuple[Name, ...] = ()
        body = Body((), ())
        for each in found:
            if type(each) is tuple:
                parameters = each
            elif type(each) is Body:
                body = each
        return BlockLiteral(parameters, body, found[0].start_pos, found[-1].end_pos)

    def parameters(self, found: list[Token]) -> tuple[Name, ...]:
        return tuple(map(_name, found))

    # Literals

    def number(self, found: list[Token]) -> Literal:
        token = found[0]
        try:
            return Literal(number(token), _line(token))
        except NotANumber as error:
            raise Refused(str(error), token) from None

    def string(self, found: list[Token]) -> Literal:
        return Literal(Text(_unquoted(found[0])), _line(found[0]))

    def character(self, found: list[Token]) -> Literal:
        return Literal(character(ord(found[0][1])), _line(found[0]))

    def symbol(self, found: list[Token]) -> Literal:
        text = found[0].lstrip("#")
        return Literal(symbol(_unquoted(text) if text.startswith("'") else text), _line(found[0]))

    def bare_name(self, found: list[Token]) -> Literal:
        token = found[0]
        return Literal(_PSEUDO[token] if token in _PSEUDO else symbol(str(token)), _line(token))

    def bare_symbol(self, found: list[Token]) -> Literal:
        return Literal(symbol(str(found[0])), _line(found[0]))

    def elements(self, found: list[Literal]) -> list[Value]:
        return [each.value for each in found]

    def array(self, found: list[list[Value]]) -> Literal:
        return Literal(Array(found[0]), 1)

    def byte(self, found: list[Token]) -> int:
        token = found[0]
        try:
            value = number(token)
        except NotANumber as error:
            raise Refused(str(error), token) from None
        if type(value) is not int or not 0 <= value <= 255:
            raise Refused("a byte is between 0 and 255", token)
        return value

    def bytes(self, found: list[int]) -> Literal:
        return Literal(ByteArray(bytes(found)), 1)
