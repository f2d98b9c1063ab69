"""What the names of a source mean: variables of blocks and methods, of objects, of classes, of the session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stui_cli.playground.syntax import (
    Assignment,
    BlockLiteral,
    Body,
    Brace,
    Cascade,
    Literal,
    Name,
    Ref,
    Returned,
    Send,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from stui_cli.playground.syntax import Expression, Part, Statement


@dataclass(eq=False)
class Variable:
    """A temporary or parameter: a local of the Python function `owner`."""

    python: str
    owner: Function
    fixed: bool  # a parameter


@dataclass(eq=False)
class Function:
    """A function of Python that is being made: a method, a do-it, or a block that is not inlined."""

    outer: Function | None
    out: list[ast.stmt] = field(default_factory=list)  # where statements go now
    rebound: set[str] = field(default_factory=set)  # variables of outer functions that it assigns
    loops: int = 0  # of Python, around what is compiled now
    returns_home: bool = False  # of the outermost: a block within it has a ^


@dataclass(eq=False)
class Scope:
    """The names of one block or method, inlined or not."""

    outer: Scope | None
    names: dict[str, Variable] = field(default_factory=dict)

    def find(self, name: str) -> Variable | None:
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.outer
        return None


def parts(node: Statement | Part) -> Iterator[Statement | Part]:
    """What is directly below it."""
    match node:
        case Literal() | Name() | Ref():
            return
        case Assignment(_, value) | Returned(value):
            yield value
        case Send(receiver, _, arguments):
            yield receiver
            yield from arguments
        case Cascade(receiver, messages):
            yield receiver
            for message in messages:
                yield from message.arguments
        case Brace(items):
            yield from items
        case BlockLiteral(_, body):
            yield from body.statements
        case _:
            yield from node.arguments


def all_below(nodes: Iterator[Statement | Part] | tuple[Statement, ...]) -> Iterator[Statement | Part]:
    """Each of the nodes and all below them; no recursion, for sources are long."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(parts(node))


def assigned(nodes: tuple[Statement, ...]) -> Iterator[Name]:
    """The names that are assigned to, at any depth."""
    for node in all_below(nodes):
        if isinstance(node, Assignment):
            yield node.target


def is_calm(node: Expression) -> bool:
    """Whether nothing can be assigned while it is evaluated."""
    return isinstance(node, Literal | Name | Ref)


def declared(block: BlockLiteral) -> set[str]:
    """The names that a block declares, with those of blocks within it."""
    found = {name.name for name in (*block.parameters, *block.body.temporaries)}
    for node in all_below(block.body.statements):
        if isinstance(node, BlockLiteral):
            found.update(name.name for name in (*node.parameters, *node.body.temporaries))
    return found


def mentions(body: Body, names: set[str]) -> bool:
    """Whether any of the names is used in it."""
    return any(isinstance(n, Name) and n.name in names for n in all_below(body.statements)) or any(
        name.name in names for name in assigned(body.statements)
    )
