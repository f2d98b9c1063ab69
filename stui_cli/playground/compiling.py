"""Syntax to a function of Python: `function(machine, receiver, *arguments)`.

An expression becomes one expression of Python where it can. What Python has as statements only (loops, branches with
several statements) goes before it, and what was to be evaluated earlier is put into a local of its own before that:
the order stays that of the source. Blocks are nested functions; those of control structures are inlined.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stui_cli.playground import control, limits, runtime
from stui_cli.playground.arithmetic import arithmetic
from stui_cli.playground.classes import Method
from stui_cli.playground.context import Context
from stui_cli.playground.frames import FILE
from stui_cli.playground.objects import Array, ByteArray, Text
from stui_cli.playground.reading import not_compiled, read_do_it, read_method
from stui_cli.playground.scopes import Function, Scope, all_below, is_calm
from stui_cli.playground.syntax import (
    Assignment,
    BlockLiteral,
    Body,
    Brace,
    Cascade,
    Literal,
    Name,
    Part,
    Ref,
    Returned,
    Send,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.classes import Behavior, Value
    from stui_cli.playground.syntax import Expression, Statement
    from stui_cli.playground.world import World

_DO_IT = "UndefinedObject>>DoIt"


def _look_at_nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Code:
    """A compiled do-it, and the kept results that it needs: number, line, column."""

    function: Callable[..., Value]
    refs: tuple[tuple[int, int, int], ...]


def compile_do_it(source: str, image: World, look: Callable[[], None] = _look_at_nothing) -> Code:
    """Raises NotCompiled. `look` is called again and again meanwhile, and may raise."""
    body = read_do_it(source, look)
    refs = {node.number: node for node in all_below(body.statements) if isinstance(node, Ref)}
    compiler = Compiler(image, source, None, look)
    function = compiler.whole((), body, _DO_IT)
    return Code(function, tuple((ref.number, ref.line, ref.column) for ref in refs.values()))


def compile_method(
    source: str, behavior: Behavior, image: World, category: str, look: Callable[[], None] = _look_at_nothing
) -> Method:
    """Raises NotCompiled; nothing is installed yet. `look` as in compile_do_it."""
    read = read_method(source, look)
    compiler = Compiler(image, source, behavior, look)
    function = compiler.whole(read.parameters, read.body, f"{behavior.name}>>{read.selector}")
    return Method(read.selector, function, source, category)


class Compiler(Context):
    """Of one method or do-it; of a do-it `behavior` is none."""

    def __init__(self, image: World, source: str, behavior: Behavior | None, look: Callable[[], None]) -> None:
        super().__init__(source)
        self.image = image
        self.behavior = behavior
        self.look = look
        self.namespace: dict[str, Any] = runtime.namespace(image)
        self.prologue: list[ast.stmt] = []
        self.slots = {} if behavior is None else {n: i for i, n in enumerate(behavior.all_variables())}

    # The whole

    def whole(self, parameters: tuple[Name, ...], body: Body, where: str) -> Callable[..., Value]:
        sends = sum(isinstance(node, Send | Part) for node in all_below(body.statements))
        if sends > limits.SENDS:  # Python's own compiler takes its time for a long function, and cannot be stopped
            raise not_compiled(self.source, f"too long: it has more than {limits.SENDS} messages", 1, 1)
        try:
            return self._whole(parameters, body, where)
        except RecursionError:
            raise not_compiled(self.source, "nested too deep", 1, 1) from None

    def _whole(self, parameters: tuple[Name, ...], body: Body, where: str) -> Callable[..., Value]:
        names = [self.declare(name, fixed=True) for name in parameters]
        self.poll()
        self.body(body, returns=True)
        if self.behavior is not None:
            self.put(self.give(self.name("r")))
        made = self.function_def("method", ["m", "r", *names], self.prologue + self._with_home(self.function.out))
        module = ast.Module(body=[made], type_ignores=[])
        code = compile(module, FILE + where, "exec", dont_inherit=True)
        exec(code, self.namespace)  # noqa: S102  emitting.py says why that is safe  # nosec B102
        function: Callable[..., Value] = self.namespace["method"]
        return function

    def _with_home(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Where a block within has a ^, the method is where that returns from."""
        if not self.function.returns_home:
            return body
        self.line = 1
        mine = self.same(self.attribute(self.name("x"), "home"), self.name("h"))
        then = [self.when(mine, [self.give(self.attribute(self.name("x"), "value"))], []), self.again()]
        dead = self.assign_attribute(self.name("h"), "alive", self.constant(False))
        return [
            self.assign("h", self.call("Home", self.name("m"))),
            self.guarded(body, "NonLocalReturn", "x", then, [dead]),
        ]

    # Bodies

    def body(self, body: Body, *, returns: bool) -> ast.expr | None:
        """Its statements, in the scope that is open. That of the last is returned by Python, or is the result."""
        for name in body.temporaries:
            self.put(self.assign(self.declare(name, fixed=False), self.constant(None)))
        *first, last = body.statements or (Literal(None, 1),)
        for statement in first:
            self.statement(statement)
        if isinstance(last, Returned):
            self.statement(last)
            return None
        if not returns:
            return self.value(last)
        if self.function.outer is None and self.behavior is not None:
            self.statement(last)
            return None
        self.put(self.give(self.value(last)))
        return None

    def statement(self, node: Statement) -> None:
        match node:
            case Returned(value):
                self._return(value)
            case Send() if control.statement(self, node):
                pass
            case Literal() | Name() | Assignment():
                self.value(node)
            case _:
                self.put(self.do(self.value(node)))

    def _return(self, value: Expression) -> None:
        found = self.value(value)
        if self.function.outer is None:
            self.put(self.give(found))
            return
        outermost = self.function
        while outermost.outer is not None:
            outermost = outermost.outer
        outermost.returns_home = True
        self.put(self.give(self.call("go_home", self.name("m"), self.name("h"), found)))

    # Expressions

    def value(self, node: Expression) -> ast.expr:
        """What it is in Python; statements that have to come first are put."""
        match node:
            case Literal():
                return self.literal(node)
            case Name():
                return self.variable(node)
            case Ref(number, line, _):
                self.line = line
                return self.item(self.kept(), self.constant(number))
            case Assignment(target, value):
                return self.assignment(target, value)
            case Send():
                return self.chain(node)
            case Cascade(receiver, messages):
                return self.cascade(receiver, messages)
            case Brace(items):
                return self.call("Array", self.sequence(self.values(items)))
            case BlockLiteral():
                return self.block(node)

    def cascade(self, receiver: Expression, messages: tuple[Part, ...]) -> ast.expr:
        target = self.kept_still(self.value(receiver))
        for message in messages[:-1]:
            arguments = self.values(message.arguments)
            self.put(self.do(self.send(target, message.selector, arguments, message.line)))
        last = messages[-1]
        return self.send(target, last.selector, self.values(last.arguments), last.line)

    def chain(self, node: Send) -> ast.expr:
        """A send, and the sends that are its receivers: they may be thousands, so that is a loop."""
        sends = [node]
        while isinstance(sends[-1].receiver, Send) and not control.takes(sends[-1]):
            sends.append(sends[-1].receiver)
        found: ast.expr | None = None
        for send in reversed(sends):
            self.look()
            inlined = control.value(self, send) if found is None else None
            found = inlined if inlined is not None else self._plain(send, found)
        assert found is not None
        return found

    def _plain(self, node: Send, receiver: ast.expr | None) -> ast.expr:
        if isinstance(node.receiver, Name) and node.receiver.name == "super":
            return self._super_send(node)
        if receiver is None:
            found = self.values([node.receiver, *node.arguments])
        else:
            found = self.values(node.arguments, [receiver])
        return self.send(found[0], node.selector, found[1:], node.line)

    def _super_send(self, node: Send) -> ast.expr:
        arguments = self.values(node.arguments)
        self.line = node.line
        if self.behavior is None:
            return self.send(self.name("r"), node.selector, arguments, node.line)
        self.namespace["C"] = self.behavior
        table = self.attribute(self.attribute(self.name("C"), "superclass"), "table")
        return self.bounded(
            self.call(self.item(table, self.constant(node.selector)), self.name("m"), self.name("r"), *arguments)
        )

    def values(
        self, nodes: list[Expression] | tuple[Expression, ...], before: list[ast.expr] | None = None
    ) -> list[ast.expr]:
        """Each of them, in order; those before one that needs statements are held in locals first."""
        found: list[ast.expr] = list(before or [])
        for index, node in enumerate(nodes):
            mark = len(self.function.out)
            value = self.value(node)
            if len(self.function.out) > mark:
                self._hold(found, mark)
            elif not all(is_calm(later) for later in nodes[index + 1 :]):
                value = self._steady(value)
            found.append(value)
        return found

    def _hold(self, found: list[ast.expr], mark: int) -> None:
        """Put what was found into locals, by statements that come at `mark`."""
        holding = []
        for index, value in enumerate(found):
            if not isinstance(value, ast.Constant):
                name = self.fresh("w")
                holding.append(self.assign(name, value))
                found[index] = self.name(name)
        self.function.out[mark:mark] = holding

    def _steady(self, value: ast.expr) -> ast.expr:
        """A variable is read now, not when a later argument has changed it."""
        return self.walrus(self.fresh("w"), value) if self.may_change(value) else value

    # Variables

    def variable(self, node: Name) -> ast.expr:
        self.line = node.line
        name = node.name
        if name in ("self", "super"):
            return self.name("r")
        variable = self.scope.find(name)
        if variable is not None:
            return self.name(variable.python)
        if name in self.slots:
            return self.item(self.attribute(self.name("r"), "slots"), self.constant(self.slots[name]))
        pool = self._pool(name)
        if pool is not None:
            return self.item(pool, self.constant(name))
        if self.behavior is None:
            return self.call("look_up", self.name("m"), self.variables(), self.constant(name))
        if not name[:1].isupper():
            raise not_compiled(self.source, f"{name} is not declared", node.line, node.column)
        return self.call("look_up", self.name("m"), self.name("none"), self.constant(name))

    def _pool(self, name: str) -> ast.expr | None:
        """The class variables of which it is one."""
        behavior = self.behavior
        if behavior is None:
            return None
        for each in (behavior.sole or behavior).lineage():
            if name in each.pool:
                python = self.fresh("p")
                self.namespace[python] = each.pool
                return self.name(python)
        return None

    def variables(self) -> ast.expr:
        """Those of the session, as they were when the do-it began: its blocks keep them."""
        if "v" not in self.namespace:
            self.namespace["v"] = None
            workspace = self.attribute(self.name("m"), "workspace")
            self.prologue.append(self.assign("v", self.attribute(workspace, "variables")))
        return self.name("v")

    def kept(self) -> ast.expr:
        if "q" not in self.namespace:
            self.namespace["q"] = None
            self.prologue.append(self.assign("q", self.attribute(self.attribute(self.name("m"), "workspace"), "kept")))
        return self.name("q")

    def assignment(self, target: Name, value: Expression) -> ast.expr:
        found = self.value(value)
        self.line = target.line
        name = target.name
        variable = self.scope.find(name)
        if variable is not None:
            if variable.fixed:
                raise not_compiled(
                    self.source, f"{name} is an argument: it cannot be assigned to", target.line, target.column
                )
            if variable.owner is not self.function:
                self.function.rebound.add(variable.python)
            self.put(self.assign(variable.python, found))
            return self.name(variable.python)
        found = self.held(found)
        if name in self.slots:
            slots = self.attribute(self.name("r"), "slots")
            self.put(self.assign_item(slots, self.constant(self.slots[name]), found))
            return found
        pool = self._pool(name)
        if pool is not None:
            self.put(self.assign_item(pool, self.constant(name), found))
        elif self.behavior is None:
            self.put(self.assign_item(self.variables(), self.constant(name), found))
        else:
            raise not_compiled(self.source, f"{name} is not declared", target.line, target.column)
        return found

    # Literals

    def literal(self, node: Literal) -> ast.expr:
        value = node.value
        if value is None or type(value) in (bool, int, float):
            return self.constant(value)
        name = self.fresh("k")
        if isinstance(value, Text | Array | ByteArray) and self.behavior is None:
            # A do-it is kept and run again: what it then does to its literals is its own.
            self.namespace[f"{name}_"] = value
            self.prologue.append(self.assign(name, self.call("copied", self.name(f"{name}_"))))
        else:
            self.namespace[name] = value
        return self.name(name)

    # Blocks

    def block(self, node: BlockLiteral) -> ast.expr:
        """A function of its own, defined before the statement that the block stands in."""
        outer, scope = self.function, self.scope
        self.function, self.scope = Function(outer), Scope(scope)
        parameters = [self.declare(name, fixed=True) for name in node.parameters]
        self.poll()
        self.body(node.body, returns=True)
        mine, self.function, self.scope = self.function, outer, scope
        outside = sorted(mine.rebound)
        outer.rebound.update(name for name in outside if not self._is_own(name))
        name = "block"
        python = self.fresh("b")
        body = ([self.nonlocals(outside)] if outside else []) + mine.out
        self.put(self.function_def(name, ["m", *parameters], body))
        self.put(
            self.assign(
                python,
                self.call(
                    "Block",
                    self.name(name),
                    self.constant(len(parameters)),
                    self.constant(self.source[node.start : node.end]),
                ),
            )
        )
        return self.name(python)

    def _is_own(self, python: str) -> bool:
        """Whether it is a variable of the function that is being made, not of one around it."""
        scope: Scope | None = self.scope
        while scope is not None:
            for variable in scope.names.values():
                if variable.python == python:
                    return variable.owner is self.function
            scope = scope.outer
        return False

    # Sends

    def send(self, receiver: ast.expr, selector: str, arguments: list[ast.expr], line: int) -> ast.expr:
        self.line = line
        quick = arithmetic(self, receiver, selector, arguments)
        return self.bounded(quick if quick is not None else self.full_send(receiver, selector, arguments))
