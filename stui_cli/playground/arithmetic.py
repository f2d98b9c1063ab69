"""Arithmetic and comparison of integers without a send, where both are integers; and identity."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stui_cli.playground.context import Context

_ARITHMETIC: dict[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult}
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE, "=": ast.Eq, "~=": ast.NotEq,
}  # fmt: skip
_QUICK_FACTOR = 1 << 62

COMPARISONS = {*_COMPARISONS, "==", "~~"}


def arithmetic(
    c: Context,
    receiver: ast.expr,
    selector: str,
    arguments: list[ast.expr],
    *,
    boolean: bool = False,
) -> ast.expr | None:
    """receiver + argument, where both are integers, else the send; none for another selector.

    For a condition (`boolean`) the send's answer is made True or False too.
    """
    if selector in ("==", "~~"):
        return _identity(c, receiver, selector, arguments[0])
    if selector not in _ARITHMETIC and selector not in _COMPARISONS:
        return None
    argument = arguments[0]
    if _is_other_constant(receiver) or _is_other_constant(argument):
        full = c.full_send(receiver, selector, arguments)
        return c.call("truth", c.name("m"), full) if boolean else full
    if not _is_simple(receiver) and not _is_simple(argument):
        receiver = c.held(receiver)  # both have to be there whatever the first one is
    left, left_again = _twice(c, receiver)
    right, right_again = _twice(c, argument)
    sides = (left, right) if _is_simple(argument) else (right, left)
    tests = [_is_integer(c, each) for each in sides if not _is_integer_constant(each)]
    full = c.full_send(left_again, selector, [right_again])
    if boolean:
        full = c.call("truth", c.name("m"), full)
    if selector in _COMPARISONS:
        quick = c.compare(left_again, _COMPARISONS[selector](), right_again)
        return c.choice(c.both(*tests), quick, full) if tests else quick
    if selector == "*":
        tests += [_is_small(c, each) for each in (left_again, right_again) if not isinstance(each, ast.Constant)]
        if any(isinstance(each, ast.Constant) and abs(each.value) > _QUICK_FACTOR for each in (left, right)):  # type: ignore[arg-type]
            full = c.full_send(left, selector, [right])
            return c.call("truth", c.name("m"), full) if boolean else full
    quick = c.operation(left_again, _ARITHMETIC[selector](), right_again)
    return c.choice(c.both(*tests), quick, full) if tests else quick


def _twice(c: Context, found: ast.expr) -> tuple[ast.expr, ast.expr]:
    """For its first use and for the later ones."""
    if isinstance(found, ast.Constant | ast.Name):
        return found, found
    if isinstance(found, ast.NamedExpr):
        return found, c.name(found.target.id)
    name = c.fresh("w")
    return c.walrus(name, found), c.name(name)


def _is_simple(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.Name)


def _is_integer(c: Context, node: ast.expr) -> ast.expr:
    return c.same(c.call("type", node), c.name("int"))


def _is_integer_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _is_other_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is not int


def _is_small(c: Context, node: ast.expr) -> ast.expr:
    return c.between(c.constant(-_QUICK_FACTOR), node, c.constant(_QUICK_FACTOR))


def _identity(c: Context, receiver: ast.expr, selector: str, argument: ast.expr) -> ast.expr:
    sides = (receiver, argument)
    if any(isinstance(each, ast.Constant) and (each.value is None or type(each.value) is bool) for each in sides):
        if isinstance(receiver, ast.Constant):
            return c.negated(c.call("same", *sides)) if selector == "~~" else c.call("same", *sides)
        found = c.same(receiver, argument)
    else:
        found = c.call("same", *sides)
    return c.negated(found) if selector == "~~" else found
