"""What a compiler has while it works: where statements go, what names mean, and the sends that are not inlined."""

from __future__ import annotations

import ast
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.playground.emitting import Emitter, depth
from stui_cli.playground.reading import not_compiled
from stui_cli.playground.scopes import Function, Scope, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.playground.syntax import Body, Expression, Name, Statement

_DEEPEST = 30  # of one expression of Python; what is deeper goes on in a local


class Context(Emitter):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.function = Function(None)
        self.scope = Scope(None)
        self.count = 0

    # What the compiler does with the parts of what is inlined

    def value(self, node: Expression) -> ast.expr:
        """What it is in Python; statements that have to come first are put."""
        raise NotImplementedError

    def values(
        self, nodes: list[Expression] | tuple[Expression, ...], before: list[ast.expr] | None = None
    ) -> list[ast.expr]:
        """Each of them, in order; those before one that needs statements are held in locals first."""
        raise NotImplementedError

    def statement(self, node: Statement) -> None:
        raise NotImplementedError

    def body(self, body: Body, *, returns: bool) -> ast.expr | None:
        """Its statements, in the scope that is open. That of the last one is returned by Python, or is the result."""
        raise NotImplementedError

    # Names of Python

    def fresh(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def declare(self, name: Name, *, fixed: bool) -> str:
        if name.name in ("self", "super", "thisContext", "nil", "true", "false"):
            raise not_compiled(self.source, f"{name.name} cannot be declared", name.line, name.column)
        if name.name in self.scope.names:
            raise not_compiled(self.source, f"{name.name} is declared twice", name.line, name.column)
        variable = Variable(self.fresh("t"), self.function, fixed)
        self.scope.names[name.name] = variable
        return variable.python

    def put(self, statement: ast.stmt) -> None:
        self.function.out.append(statement)

    @contextmanager
    def into(self) -> Iterator[list[ast.stmt]]:
        """Statements made meanwhile go to this list."""
        before = self.function.out
        out: list[ast.stmt] = []
        self.function.out = out
        try:
            yield out
        finally:
            self.function.out = before

    def poll(self) -> None:
        look = self.do(self.call(self.attribute(self.name("m"), "poll")))
        self.put(self.when(self.attribute(self.name("m"), "attention"), [look], []))

    def held(self, value: ast.expr) -> ast.expr:
        """Something to be used more than once: a name or constant as it is, anything else in a local of its own."""
        if isinstance(value, ast.Constant | ast.Name):
            return value
        name = self.fresh("w")
        self.put(self.assign(name, value))
        return self.name(name)

    def kept_still(self, value: ast.expr) -> ast.expr:
        """The same for something that is also to stay what it is now, whatever is assigned meanwhile."""
        if not self.may_change(value):
            return self.held(value)
        name = self.fresh("w")
        self.put(self.assign(name, value))
        return self.name(name)

    def may_change(self, value: ast.expr) -> bool:
        """Whether it is a variable of the source that can be assigned to."""
        if not isinstance(value, ast.Name) or not value.id.startswith("t"):
            return False
        scope: Scope | None = self.scope
        while scope is not None:
            for variable in scope.names.values():
                if variable.python == value.id:
                    return not variable.fixed
            scope = scope.outer
        return True

    def bounded(self, value: ast.expr) -> ast.expr:
        """An expression that became deep goes on in a local."""
        return value if depth(value) < _DEEPEST else self.held(value)

    @contextmanager
    def inlined(self) -> Iterator[None]:
        """A scope within the same function."""
        self.scope = Scope(self.scope)
        try:
            yield
        finally:
            outer = self.scope.outer
            assert outer is not None
            self.scope = outer

    # Sends

    def full_send(self, receiver: ast.expr, selector: str, arguments: list[ast.expr]) -> ast.expr:
        """(T.get(type(x := receiver)) or x.cls.table)[selector](m, x, *arguments)"""
        again = receiver
        if isinstance(receiver, ast.Constant):
            table = self.item(self.name("T"), self.call("type", receiver))
        else:
            if not isinstance(receiver, ast.Name):
                name = self.fresh("w")
                receiver, again = self.walrus(name, receiver), self.name(name)
            own = self.attribute(self.attribute(again, "cls"), "table")
            table = self.either(self.call(self.attribute(self.name("T"), "get"), self.call("type", receiver)), own)
        return self.call(self.item(table, self.constant(selector)), self.name("m"), again, *arguments)
