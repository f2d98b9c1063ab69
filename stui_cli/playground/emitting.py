"""Python's syntax objects, made short.

Nothing of the source becomes a name of Python: names are t0, w1, k2, and constants are integers, floats, selectors and
names of variables as text, None, True and False.
"""

from __future__ import annotations

import ast

LOAD, STORE = ast.Load(), ast.Store()


class Emitter:
    """Makes nodes at `line`. Each expression knows its `depth`, for Python's compiler recurses over them."""

    def __init__(self) -> None:
        self.line = 1
        self._names: dict[str, ast.expr] = {}
        self._texts: dict[str | None, ast.expr] = {}

    def _at(self, node: ast.expr, *parts: ast.expr) -> ast.expr:
        node.lineno = self.line
        node.col_offset = 0
        deepest = 0
        for part in parts:
            below: int = part.depth  # type: ignore[attr-defined]
            deepest = max(deepest, below)
        node.depth = deepest + 1  # type: ignore[attr-defined]
        return node

    def constant(self, value: float | str | None) -> ast.expr:
        if value is not None and type(value) is not str:
            return self._at(ast.Constant(value))
        found = self._texts.get(value)
        if found is None:
            found = self._texts[value] = self._at(ast.Constant(value))
        return found

    def name(self, name: str) -> ast.expr:
        """One node serves all its uses: nothing fails at a name, so that its line does not matter."""
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = self._at(ast.Name(name, LOAD))
        return found

    def attribute(self, of: ast.expr, name: str) -> ast.expr:
        return self._at(ast.Attribute(of, name, LOAD), of)

    def item(self, of: ast.expr, key: ast.expr) -> ast.expr:
        return self._at(ast.Subscript(of, key, LOAD), of, key)

    def call(self, function: ast.expr | str, *arguments: ast.expr) -> ast.expr:
        called = self.name(function) if isinstance(function, str) else function
        return self._at(ast.Call(called, list(arguments), []), called, *arguments)

    def walrus(self, name: str, value: ast.expr) -> ast.expr:
        target = ast.Name(name, STORE)
        self._at(target)
        return self._at(ast.NamedExpr(target, value), value)

    def choice(self, test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
        return self._at(ast.IfExp(test, yes, no), test, yes, no)

    def both(self, *tests: ast.expr) -> ast.expr:
        return tests[0] if len(tests) == 1 else self._at(ast.BoolOp(ast.And(), list(tests)), *tests)

    def either(self, *tests: ast.expr) -> ast.expr:
        return self._at(ast.BoolOp(ast.Or(), list(tests)), *tests)

    def compare(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
        return self._at(ast.Compare(left, [operator], [right]), left, right)

    def between(self, low: ast.expr, value: ast.expr, high: ast.expr) -> ast.expr:
        return self._at(ast.Compare(low, [ast.Lt(), ast.Lt()], [value, high]), low, value, high)

    def same(self, left: ast.expr, right: ast.expr) -> ast.expr:
        return self.compare(left, ast.Is(), right)

    def operation(self, left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
        return self._at(ast.BinOp(left, operator, right), left, right)

    def negated(self, value: ast.expr) -> ast.expr:
        return self._at(ast.UnaryOp(ast.Not(), value), value)

    def sequence(self, items: list[ast.expr]) -> ast.expr:
        return self._at(ast.List(items, LOAD), *items)

    # Statements

    def _done(self, node: ast.stmt) -> ast.stmt:
        node.lineno = self.line
        node.col_offset = 0
        return node

    def assign(self, name: str, value: ast.expr) -> ast.stmt:
        return self._done(ast.Assign([self._at(ast.Name(name, STORE))], value))

    def assign_item(self, of: ast.expr, key: ast.expr, value: ast.expr) -> ast.stmt:
        return self._done(ast.Assign([self._at(ast.Subscript(of, key, STORE))], value))

    def assign_attribute(self, of: ast.expr, name: str, value: ast.expr) -> ast.stmt:
        return self._done(ast.Assign([self._at(ast.Attribute(of, name, STORE))], value))

    def do(self, value: ast.expr) -> ast.stmt:
        return self._done(ast.Expr(value))

    def give(self, value: ast.expr) -> ast.stmt:
        return self._done(ast.Return(value))

    def when(self, test: ast.expr, yes: list[ast.stmt], no: list[ast.stmt]) -> ast.stmt:
        return self._done(ast.If(test, yes or [self.skip()], no))

    def loop(self, test: ast.expr, body: list[ast.stmt]) -> ast.stmt:
        return self._done(ast.While(test, body or [self.skip()], []))

    def each(self, name: str, items: ast.expr, body: list[ast.stmt]) -> ast.stmt:
        return self._done(ast.For(self._at(ast.Name(name, STORE)), items, body or [self.skip()], []))

    def leave(self) -> ast.stmt:
        return self._done(ast.Break())

    def skip(self) -> ast.stmt:
        return self._done(ast.Pass())

    def nonlocals(self, names: list[str]) -> ast.stmt:
        return self._done(ast.Nonlocal(names))

    def again(self) -> ast.stmt:
        return self._done(ast.Raise(None, None))

    def guarded(
        self, body: list[ast.stmt], caught: str, name: str, then: list[ast.stmt], finally_: list[ast.stmt]
    ) -> ast.stmt:
        handler = ast.ExceptHandler(self.name(caught), name, then)
        handler.lineno = self.line
        handler.col_offset = 0
        return self._done(ast.Try(body, [handler], [], finally_))

    def function_def(self, name: str, parameters: list[str], body: list[ast.stmt]) -> ast.stmt:
        arguments = []
        for parameter in parameters:
            argument = ast.arg(parameter)
            argument.lineno = self.line
            argument.col_offset = 0
            arguments.append(argument)
        taken = ast.arguments(posonlyargs=[], args=arguments, kwonlyargs=[], kw_defaults=[], defaults=[])
        made = ast.FunctionDef(name=name, args=taken, body=body or [self.skip()], decorator_list=[])
        if "type_params" in ast.FunctionDef._fields:
            made.type_params = []  # type: ignore[attr-defined, unused-ignore]
        return self._done(made)


def depth(node: ast.expr) -> int:
    found: int = getattr(node, "depth", 1)
    return found
