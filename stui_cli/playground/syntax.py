"""What source text says, as a closed union of values. Lines and columns count from 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, character, symbol, string, array, nil, true or false. A mutable one is a pattern to be copied."""

    value: Value
    line: int


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Ref:
    """@7, the kept result 7."""

    number: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Assignment:
    target: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class Send:
    receiver: Expression
    selector: str
    arguments: tuple[Expression, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a cascade."""

    selector: str
    arguments: tuple[Expression, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Cascade:
    receiver: Expression
    messages: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Brace:
    items: tuple[Expression, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Body:
    """Temporaries, wherever they stood in it, and statements."""

    temporaries: tuple[Name, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class BlockLiteral:
    parameters: tuple[Name, ...]
    body: Body
    start: int  # where it stands in the source, from 0
    end: int


@dataclass(frozen=True, slots=True)
class Returned:
    """^ value"""

    value: Expression


@dataclass(frozen=True, slots=True)
class MethodText:
    selector: str
    parameters: tuple[Name, ...]
    body: Body


Expression = Literal | Name | Ref | Assignment | Send | Cascade | Brace | BlockLiteral
Statement = Expression | Returned
