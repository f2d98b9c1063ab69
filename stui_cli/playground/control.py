"""What is compiled without a send: control structures with literal blocks, and arithmetic of small integers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stui_cli.playground import limits
from stui_cli.playground.arithmetic import COMPARISONS, arithmetic
from stui_cli.playground.scopes import declared, mentions, parts
from stui_cli.playground.syntax import BlockLiteral, Literal, Returned, Send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.playground.context import Context
    from stui_cli.playground.syntax import Expression, Part, Statement

_BRANCHES = {"ifTrue:", "ifFalse:", "ifTrue:ifFalse:", "ifFalse:ifTrue:"}
_NIL_BRANCHES = {"ifNil:", "ifNotNil:", "ifNil:ifNotNil:", "ifNotNil:ifNil:"}
_LOGIC = {"and:", "or:"}
_WHILE = {"whileTrue:", "whileFalse:", "whileTrue", "whileFalse", "repeat"}
_COUNTED = {"timesRepeat:": 0, "to:do:": 1, "to:by:do:": 1}
_INLINED = _BRANCHES | _NIL_BRANCHES | _LOGIC | _WHILE | set(_COUNTED)


def takes(node: Send) -> bool:
    """Whether it is a control structure that can be inlined, by what its blocks look like."""
    selector, arguments = node.selector, node.arguments
    if selector in _BRANCHES or selector in _LOGIC:
        return all(_is_block(each, 0) for each in arguments)
    if selector in _NIL_BRANCHES:
        words = selector.split(":")
        return all(
            _is_block(each, 0, 1 if word == "ifNotNil" else 0) for word, each in zip(words, arguments, strict=False)
        )
    if selector in _WHILE:
        return all(_is_block(each, 0) for each in (node.receiver, *arguments))
    if selector in _COUNTED:
        wanted = _COUNTED[selector]
        step = arguments[1] if selector == "to:by:do:" else None
        return _is_block(arguments[-1], wanted, wanted) and (step is None or _is_step(step))
    return False


def _is_block(node: Expression, least: int, most: int = 0) -> bool:
    return isinstance(node, BlockLiteral) and least <= len(node.parameters) <= max(least, most)


def _is_step(node: Expression) -> bool:
    return isinstance(node, Literal) and type(node.value) is int and node.value != 0


def statement(c: Context, node: Send) -> bool:
    """Compile it for its effect alone, if it is one of these."""
    if not takes(node):
        return False
    if node.selector in _BRANCHES or node.selector in _NIL_BRANCHES:
        _branch_statement(c, node)
        return True
    if node.selector in _LOGIC:
        return False
    if not _may_loop(c, node):
        return False
    _loop(c, node)
    return True


def value(c: Context, node: Send) -> ast.expr | None:
    """Compile it for its value, if it is one of these."""
    if not takes(node):
        return None
    if node.selector in _BRANCHES or node.selector in _NIL_BRANCHES:
        return _branch_value(c, node)
    if node.selector in _LOGIC:
        return _logic_value(c, node)
    if not _may_loop(c, node):
        return None
    return _loop(c, node)


# Branches


def _branch_statement(c: Context, node: Send) -> None:
    condition, yes, no, _ = _branches(c, node)
    with c.into() as then:
        if yes is not None:
            _effects(c, yes, condition[1])
    with c.into() as otherwise:
        if no is not None:
            _effects(c, no, condition[1])
    if not then and otherwise:
        c.put(c.when(c.negated(condition[0]), otherwise, []))
    else:
        c.put(c.when(condition[0], then, otherwise))


def _branch_value(c: Context, node: Send) -> ast.expr:
    (test, subject), yes, no, missing = _branches(c, node)
    with c.into() as then:
        first = missing if yes is None else _inlined_value(c, yes, subject)
    with c.into() as otherwise:
        second = missing if no is None else _inlined_value(c, no, subject)
    if not then and not otherwise and first is not None and second is not None:
        return c.bounded(c.choice(test, first, second))
    result = c.fresh("w")
    if first is not None:
        then.append(c.assign(result, first))
    if second is not None:
        otherwise.append(c.assign(result, second))
    c.put(c.when(test, then, otherwise))
    return c.name(result) if first is not None or second is not None else c.constant(None)


def _branches(
    c: Context, node: Send
) -> tuple[tuple[ast.expr, ast.expr | None], BlockLiteral | None, BlockLiteral | None, ast.expr]:
    """The test and what it tests, the block if so, the block if not, and the value where one is missing."""
    words = node.selector.split(":")
    blocks: dict[str, BlockLiteral] = dict(zip(words, node.arguments, strict=False))  # type: ignore[arg-type]
    if node.selector in _BRANCHES:
        condition = test(c, node.receiver)
        c.line = node.line
        return (condition, None), blocks.get("ifTrue"), blocks.get("ifFalse"), c.constant(None)
    found = c.value(node.receiver)
    c.line = node.line
    subject = c.kept_still(found)
    if isinstance(subject, ast.Constant):  # Python warns of `3 is None`
        name = c.fresh("w")
        c.put(c.assign(name, subject))
        subject = c.name(name)
    is_nil = c.same(subject, c.constant(None))
    missing = subject if "ifNotNil" not in blocks or "ifNil" in blocks else c.constant(None)
    return (is_nil, subject), blocks.get("ifNil"), blocks.get("ifNotNil"), missing


def _effects(c: Context, block: BlockLiteral, subject: ast.expr | None) -> None:
    with c.inlined():
        _bind(c, block, subject)
        for name in block.body.temporaries:
            c.put(c.assign(c.declare(name, fixed=False), c.constant(None)))
        for each in block.body.statements:
            c.statement(each)


def _inlined_value(c: Context, block: BlockLiteral, subject: ast.expr | None) -> ast.expr | None:
    """None where the block ends with a ^."""
    with c.inlined():
        _bind(c, block, subject)
        return c.body(block.body, returns=False)


def _bind(c: Context, block: BlockLiteral, subject: ast.expr | None) -> None:
    for name in block.parameters:
        assert subject is not None
        c.put(c.assign(c.declare(name, fixed=True), subject))


# Conditions


def test(c: Context, node: Expression) -> ast.expr:
    """An expression of Python that is True or False."""
    if isinstance(node, Literal) and type(node.value) is bool:
        return c.constant(node.value)
    if isinstance(node, Send) and takes(node) and node.selector in _LOGIC:
        return _logic_test(c, node)
    if isinstance(node, Send) and (node.selector in COMPARISONS):
        receiver, argument = c.values([node.receiver, *node.arguments])
        c.line = node.line
        quick = arithmetic(c, receiver, node.selector, [argument], boolean=True)
        assert quick is not None
        return c.bounded(quick)
    return _truth(c, c.value(node))


def _truth(c: Context, found: ast.expr) -> ast.expr:
    """found is True or (found is not False and truth(m, found))"""
    if isinstance(found, ast.Name | ast.Constant):
        return c.call("truth", c.name("m"), found) if isinstance(found, ast.Constant) else _known(c, found, found)
    name = c.fresh("w")
    return _known(c, c.walrus(name, found), c.name(name))


def _known(c: Context, first: ast.expr, again: ast.expr) -> ast.expr:
    odd = c.both(c.negated(c.same(again, c.constant(False))), c.call("truth", c.name("m"), again))
    return c.bounded(c.either(c.same(first, c.constant(True)), odd))


def _logic_test(c: Context, node: Send) -> ast.expr:
    first = test(c, node.receiver)
    block = node.arguments[0]
    assert isinstance(block, BlockLiteral)
    if len(block.body.statements) != 1 or block.body.temporaries or isinstance(block.body.statements[0], Returned):
        return _truth(c, _logic(c, node, first))
    with c.into() as out, c.inlined():
        second = test(c, block.body.statements[0])
    if out:
        return _truth(c, _with_statements(c, node, first, out, second))
    c.line = node.line
    return c.bounded(c.both(first, second) if node.selector == "and:" else c.either(first, second))


def _logic_value(c: Context, node: Send) -> ast.expr:
    return _logic(c, node, test(c, node.receiver))


def _logic(c: Context, node: Send, first: ast.expr) -> ast.expr:
    block = node.arguments[0]
    assert isinstance(block, BlockLiteral)
    with c.into() as out:
        second = _inlined_value(c, block, None)
    if out or second is None:
        return _with_statements(c, node, first, out, second)
    c.line = node.line
    if node.selector == "and:":
        return c.bounded(c.choice(first, second, c.constant(False)))
    return c.bounded(c.choice(first, c.constant(True), second))


def _with_statements(c: Context, node: Send, first: ast.expr, out: list[ast.stmt], second: ast.expr | None) -> ast.expr:
    c.line = node.line
    result = c.fresh("w")
    if second is not None:
        out.append(c.assign(result, second))
    known = [c.assign(result, c.constant(node.selector == "or:"))]
    c.put(c.when(first, out, known) if node.selector == "and:" else c.when(first, known, out))
    return c.name(result)


# Loops


def _may_loop(c: Context, node: Send) -> bool:
    """Python nests some twenty loops; and a block that outlives its turn of a loop has that turn's variables."""
    if c.function.loops >= limits.LOOP_NESTING:
        return False
    for block in (node.receiver, *node.arguments):
        if isinstance(block, BlockLiteral):
            names = declared(block)
            if names and any(mentions(real.body, names) for real in _real_blocks(block)):
                return False
    return True


def _real_blocks(block: BlockLiteral) -> Iterator[BlockLiteral]:
    """The blocks within it that are not inlined, as far as can be told beforehand."""
    waiting: list[Statement | Part] = list(block.body.statements)
    while waiting:
        node = waiting.pop()
        below = list(parts(node))
        inlined = isinstance(node, Send) and takes(node)
        for each in below:
            if isinstance(each, BlockLiteral):
                if inlined:
                    waiting.extend(each.body.statements)
                else:
                    yield each
            else:
                waiting.append(each)


def _loop(c: Context, node: Send) -> ast.expr:
    """Its value is nil, or the receiver of a counted loop."""
    if node.selector in _COUNTED:
        return _counted_loop(c, node)
    c.function.loops += 1
    block = node.receiver
    assert isinstance(block, BlockLiteral)
    until = node.selector.startswith("whileFalse")
    with c.into() as head:
        if node.selector == "repeat":
            _effects(c, block, None)
            going: ast.expr = c.constant(True)
        else:
            found = _condition(c, block)
            going = found if found is not None else c.constant(True)
    with c.into() as body:
        if node.arguments:
            argument = node.arguments[0]
            assert isinstance(argument, BlockLiteral)
            _effects(c, argument, None)
        c.line = node.line
        c.poll()
    if until:
        going = c.negated(going)
    if head:
        leaving = [c.when(c.negated(going), [c.leave()], [])] if node.selector != "repeat" else []
        c.put(c.loop(c.constant(True), head + leaving + body))
    else:
        c.put(c.loop(going, body))
    c.function.loops -= 1
    return c.constant(None)


def _condition(c: Context, block: BlockLiteral) -> ast.expr | None:
    """The test of a loop; none where it ends with a ^."""
    with c.inlined():
        for name in block.body.temporaries:
            c.put(c.assign(c.declare(name, fixed=False), c.constant(None)))
        *first, last = block.body.statements or (Literal(None, c.line),)
        for each in first:
            c.statement(each)
        if isinstance(last, Returned):
            c.statement(last)
            return None
        return test(c, last)


def _counted_loop(c: Context, node: Send) -> ast.expr:
    *numbers, block = (node.receiver, *node.arguments)
    assert isinstance(block, BlockLiteral)
    found = [c.kept_still(each) for each in c.values(numbers)]
    c.line = node.line
    c.function.loops += 1
    if node.selector == "timesRepeat:":
        items = c.call("times", c.name("m"), found[0])
    else:
        items = c.call("steps", c.name("m"), found[0], found[1], found[2] if len(found) > 2 else c.constant(1))
    with c.inlined(), c.into() as body:
        counter = c.declare(block.parameters[0], fixed=True) if block.parameters else c.fresh("w")
        for temporary in block.body.temporaries:
            c.put(c.assign(c.declare(temporary, fixed=False), c.constant(None)))
        for each in block.body.statements:
            c.statement(each)
        c.line = node.line
        c.poll()
    c.put(c.each(counter, items, body))
    c.function.loops -= 1
    return found[0]
