"""Installing a class body of a source file: all its methods are compiled before anything of it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior
from stui_cli.playground.compiling import compile_method
from stui_cli.playground.kernel import defining
from stui_cli.playground.objects import Indexed, Text, symbol
from stui_cli.playground.reading import NotCompiled
from stui_cli.playground.source.parts import ClassBody, MethodPart, Place

if TYPE_CHECKING:
    from stui_cli.playground.image import Playground
    from stui_cli.playground.machine import Machine
    from stui_cli.playground.world import World


class NotInstallable(Exception):
    """It does not compile, or names what is not there: nothing was changed. The place is one of the file."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


def placed(error: NotCompiled, place: Place) -> NotInstallable:
    """Where in the file it is."""
    column = error.column + (place.column - 1 if error.line == 1 else 0)
    return NotInstallable(error.message, Place(error.line + place.line - 1, column))


def class_named(world: World, name: str, place: Place) -> Behavior:
    """Raises NotInstallable."""
    found = world.globals.get(name)
    if not isinstance(found, Behavior):
        raise NotInstallable(f"there is no class '{name}' here", place)
    return found


def install_method(machine: Machine, method: MethodPart) -> None:
    """Raises NotInstallable, and then nothing was changed."""
    found = class_named(machine.image, method.class_name, method.place)
    behavior = found.cls if method.class_side else found
    try:
        defining.compiled_into(machine, method.text, behavior, method.category or "as yet unclassified")
    except NotCompiled as error:
        raise placed(error, method.place) from None


def install_class(image: Playground, machine: Machine, body: ClassBody) -> Behavior:
    """The class, new or changed. Raises NotInstallable, and then nothing was changed; or what a class variable's
    beginning raises, and then the class is there."""
    _try(image, machine, body)
    behavior = _defined(machine, body)
    for method in body.methods:
        install_method(machine, method)
    if body.comment is not None:
        behavior.comment = body.comment
    machine.image.changes += 1
    for variable in body.class_variables:
        if variable.text is not None:
            behavior.pool[variable.name] = image.run(variable.text, machine)
    return behavior


def _try(image: Playground, machine: Machine, body: ClassBody) -> None:
    """Compile all of it for a class that nobody knows."""
    for variable in body.class_variables:
        try:
            image.compiled(variable.text or "nil", machine)
        except NotCompiled as error:
            raise placed(error, variable.place) from None
    trial = _trial(machine.image, body)
    for method in body.methods:
        behavior = trial.cls if method.class_side else trial
        try:
            compile_method(method.text, behavior, machine.image, method.category)
        except NotCompiled as error:
            raise placed(error, method.place) from None


def _trial(world: World, body: ClassBody) -> Behavior:
    superclass, there = _superclass(world, body), world.globals.get(body.name)
    known = there if isinstance(there, Behavior) else None
    trial, side = Behavior(body.name, None), Behavior(f"{body.name} class", None)
    trial.cls, side.sole = side, trial
    trial.superclass = superclass
    side.superclass = world.classes["Class"] if superclass is None else superclass.cls
    trial.variables = _variables(known, body.variables, extends=body.extends)
    side.variables = _variables(known and known.cls, body.class_side_variables, extends=True)
    trial.pool = dict.fromkeys(_shared(known, body))
    try:
        defining.name_of(symbol(body.name))
        defining.check_variables(superclass, trial.variables)
        defining.check_variables(side.superclass, side.variables)
    except defining.NotDefinable as refused:
        raise NotInstallable(str(refused), body.place) from None
    return trial


def _superclass(world: World, body: ClassBody) -> Behavior | None:
    if body.extends:
        return class_named(world, body.name, body.place).superclass
    return None if body.superclass in (None, "nil") else class_named(world, body.superclass or "", body.place)


def _variables(known: Behavior | None, told: list[str], *, extends: bool) -> list[str]:
    before = known.variables if known is not None and extends else []
    return [*before, *(name for name in told if name not in before)]


def _shared(known: Behavior | None, body: ClassBody) -> list[str]:
    """Its class variables: what was there stays."""
    before = [] if known is None else list(known.pool)
    return [*before, *(each.name for each in body.class_variables if each.name not in before)]


def _defined(machine: Machine, body: ClassBody) -> Behavior:
    world = machine.image
    there = world.globals.get(body.name)
    known = there if isinstance(there, Behavior) else None
    if not (body.extends and not body.variables and not body.class_variables):
        variables = _variables(known, body.variables, extends=body.extends)
        category = None if body.category is None else Text(body.category)
        try:
            pool, indexed = _shared(known, body), known is not None and known.payload is Indexed
            defining.define_named(
                machine, _superclass(world, body), body.name, variables, pool, category, indexed=indexed
            )
        except defining.NotDefinable as refused:
            raise NotInstallable(str(refused), body.place) from None
    behavior = class_named(world, body.name, body.place)
    side = _variables(behavior.cls, body.class_side_variables, extends=True)
    if side != behavior.cls.variables:
        machine.send(behavior.cls, "instanceVariableNames:", Text(" ".join(side)))
    return behavior
