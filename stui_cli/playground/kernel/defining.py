"""Classes and methods defined by code: subclass:instanceVariableNames:..., compile:, removeSelector:, removeFromSystem.

A class that is defined again stays the same object. If its variables differ, its methods and those below are compiled
again, and its instances get the variables of the same names.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior, Method, primitive
from stui_cli.playground.compiling import compile_method
from stui_cli.playground.kernel.complaints import shown
from stui_cli.playground.objects import Array, Block, Indexed, Symbol, Text, symbol
from stui_cli.playground.reading import NotCompiled
from stui_cli.playground.tree import new_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_CLASS_BYTES = 10_000
_WITHOUT_SUBCLASSES = (
    *("Boolean", "True", "False", "UndefinedObject", "SmallInteger", "LargePositiveInteger", "LargeNegativeInteger"),
    *("Integer", "Float", "BoxedFloat64", "Fraction", "Character", "Symbol", "BlockClosure", "Behavior", "Class"),
    *("ClassDescription", "Metaclass", "ScaledDecimal", "CompiledMethod"),
)
_WITHOUT_INSTANCES = (
    *("Boolean", "True", "False", "UndefinedObject", "SmallInteger", "LargePositiveInteger", "LargeNegativeInteger"),
    *("Integer", "Number", "Float", "BoxedFloat64", "Fraction", "Behavior", "Class", "ClassDescription", "Metaclass"),
)


class NotDefinable(Exception):
    """The definition says what cannot be; the text is for its author."""


def words(value: Value) -> list[str]:
    """The names in a string, an array of symbols, or nothing."""
    match value:
        case None:
            return []
        case Text():
            return value.chars.split()
        case Symbol():
            return value.name.split()
        case Array():
            return [name for each in value.items for name in words(each)]
        case _:
            raise NotDefinable("variables are told by a string of their names, or an array of symbols")


def name_of(value: Value) -> str:
    found = value.name if isinstance(value, Symbol) else value.chars if isinstance(value, Text) else ""
    if not found.isidentifier() or not found.isascii() or not found[0].isupper():
        raise NotDefinable(f"{found or 'this'} is no name of a class: it begins with an upper-case letter, as #Point3")
    return found


def define(
    machine: Machine,
    superclass: Value,
    name: Value,
    variables: Value,
    shared: Value,
    category: Value,
    *,
    indexed: bool = False,
) -> Value:
    """The class as told: a new one, or the one of that name changed."""
    try:
        names, pool = words(variables), words(shared)
        return define_named(machine, superclass, name_of(name), names, pool, category, indexed=indexed)
    except NotDefinable as refused:
        return machine.raise_("Error", str(refused))


def define_named(
    machine: Machine,
    superclass: Behavior | None,
    name: str,
    variables: list[str],
    shared: list[str],
    category: Value,
    *,
    indexed: bool = False,
) -> Behavior:
    """The same. Raises NotDefinable, and then nothing was changed."""
    world = machine.image
    there = world.globals.get(name)
    if name in world.classes and world.classes[name] is there:
        raise NotDefinable(f"{name} is a class of the playground itself; it can have methods more, and subclasses")
    if superclass is not None and superclass.name in _WITHOUT_SUBCLASSES:
        raise NotDefinable(f"{superclass.name} can have no subclasses here")
    check_variables(superclass, variables)
    payload = _payload(machine, superclass, indexed=indexed)
    machine.charge(_CLASS_BYTES)
    if isinstance(there, Behavior):
        _change(machine, there, superclass, variables, payload)
        behavior = there
    else:
        behavior = new_class(name, superclass, payload, world.classes["Metaclass"])
        if superclass is None:
            behavior.cls.superclass = world.classes["Class"]
        behavior.variables = variables
        behavior.category = "Unpackaged"
        behavior.slots = [None] * len(behavior.cls.all_variables())
        world.globals[name] = behavior
    for each in list(behavior.pool):
        if each not in shared:
            del behavior.pool[each]
    for each in shared:
        behavior.pool.setdefault(each, None)
    if isinstance(category, Text | Symbol):
        behavior.category = category.chars if isinstance(category, Text) else category.name
    world.changes += 1
    return behavior


def _payload(machine: Machine, superclass: Behavior | None, *, indexed: bool) -> type | None:
    """The Python class of instances. Raises NotDefinable where those above have no place for indexed variables."""
    payload = superclass.payload if superclass is not None else None
    if not indexed or payload is not None:
        return payload
    known = machine.image.classes
    above = superclass
    while above is not None:
        if known.get(above.name) is above and above is not known["Object"]:
            raise NotDefinable(f"below {above.name} a class has no indexed variables here")
        above = above.superclass
    return Indexed


def check_variables(superclass: Behavior | None, variables: list[str]) -> None:
    """Raises NotDefinable."""
    inherited = superclass.all_variables() if superclass is not None else []
    for index, name in enumerate(variables):
        if not name.isidentifier() or not name.isascii():
            raise NotDefinable(f"{name} is no name of a variable")
        if name in ("self", "super", "nil", "true", "false", "thisContext"):
            raise NotDefinable(f"{name} cannot be the name of a variable")
        if name in inherited or name in variables[:index]:
            raise NotDefinable(f"{name} is there already, here or in a superclass")


def _change(
    machine: Machine, behavior: Behavior, superclass: Behavior | None, variables: list[str], payload: type | None
) -> None:
    """Give it another superclass and other variables, with all that is below it."""
    same = behavior.superclass is superclass and behavior.variables == variables
    if same and payload is behavior.payload:
        return
    if superclass is not None and superclass.inherits_from(behavior):
        raise NotDefinable(f"{behavior.name} cannot be below itself")
    if payload is not behavior.payload:
        raise NotDefinable(
            f"{behavior.name} holds other things than {superclass.name if superclass else 'nil'}: remove it first"
            if Indexed not in (payload, behavior.payload)
            else f"the instances of {behavior.name} would get, or lose, indexed variables: remove it first"
        )
    family = list(behavior.family())
    before = {each: each.all_variables() for each in family}
    if behavior.superclass is not superclass:
        _move(machine, behavior, superclass)
    behavior.variables = variables
    _keep_slots(before)
    for each in family:
        recompile(machine, each)


def _move(machine: Machine, behavior: Behavior, superclass: Behavior | None) -> None:
    root = machine.image.classes["Class"]
    for each, above in ((behavior, superclass), (behavior.cls, superclass.cls if superclass is not None else root)):
        if each.superclass is not None and each in each.superclass.subclasses:
            each.superclass.subclasses.remove(each)
        each.superclass = above
        if above is not None and (each is behavior or superclass is not None):
            above.subclasses.append(each)
        each.forget()
    behavior.slots = [None] * len(behavior.cls.all_variables())


def instances(of: set[Behavior] | dict[Behavior, list[str]]) -> Iterator[Value]:
    """All objects of these classes that Python knows."""
    for each in gc.get_objects():
        if hasattr(type(each), "slots") and not isinstance(each, Behavior) and getattr(each, "cls", None) in of:
            yield each


def _keep_slots(before: dict[Behavior, list[str]]) -> None:
    """Each instance keeps the values of the variables that are still there."""
    for each in list(instances(before)):
        kept = dict(zip(before[each.cls], each.slots, strict=False))
        each.slots[:] = [kept.get(name) for name in each.cls.all_variables()]


def recompile(machine: Machine, behavior: Behavior) -> None:
    """Its methods again, as its variables now are; one that names a variable that is gone raises an error when sent."""
    for method in list(behavior.methods.values()):
        if method.source is not None:
            try:
                compiled_into(machine, method.source, behavior, method.category)
            except NotCompiled as refused:
                behavior.install(_broken(method, str(refused)))


def _broken(method: Method, why: str) -> Method:
    def function(machine: Machine, receiver: Value, *arguments: Value) -> Value:
        return machine.raise_("Error", f"#{method.selector} does not compile any more: {why}")

    return Method(method.selector, function, method.source, method.category, method.line)


# Instances


@primitive("Behavior", "new", category="making")
def new(machine: Machine, receiver: Behavior) -> Value:
    """An instance, which may then set itself up in its initialize."""
    if _has_no_new(receiver):
        return machine.raise_("Error", f"{receiver.name} has no new instances")
    made = machine.new(receiver)
    machine.send(made, "initialize")
    return made


@primitive("Behavior", "basicNew", category="making")
def basic_new(machine: Machine, receiver: Behavior) -> Value:
    if _has_no_new(receiver):
        return machine.raise_("Error", f"{receiver.name} has no new instances")
    return machine.new(receiver)


def _has_no_new(behavior: Behavior) -> bool:
    """Of a metaclass its class is the only instance; blocks are written."""
    return (
        behavior.is_meta
        or behavior.payload is Block
        or (behavior.payload is None and behavior.name in _WITHOUT_INSTANCES)
    )


@primitive("CompiledMethod class", "new", "basicNew", category="making")
@primitive("Process class", "new", "basicNew", category="making")
def not_by_itself(machine: Machine, receiver: Behavior) -> Value:
    """Methods are compiled, processes forked."""
    return machine.raise_("Error", f"a {receiver.name} is not made by itself: compile a method, or fork a block")


@primitive("Object", "initialize", category="making")
def initialize(machine: Machine, receiver: Value) -> Value:
    return receiver


# Its variables changed


@primitive("Class", "instanceVariableNames:", category="defining")
def set_variables(machine: Machine, receiver: Behavior, names: Value) -> Value:
    if receiver.is_meta:
        return _set_class_side_variables(machine, receiver, names)
    if machine.image.classes.get(receiver.name) is receiver:
        return machine.raise_("Error", f"{receiver.name} is a class of the playground itself: its variables are fixed")
    above, pool, indexed = receiver.superclass, _pool_names(receiver), receiver.payload is Indexed
    return define(machine, above, symbol(receiver.name), names, pool, None, indexed=indexed)


def _pool_names(behavior: Behavior) -> Array:
    return Array([symbol(name) for name in behavior.pool])


@primitive("Metaclass", "instanceVariableNames:", category="defining")
def _set_class_side_variables(machine: Machine, receiver: Behavior, names: Value) -> Value:
    """Variables of the class itself, and of each class below it."""
    try:
        variables = words(names)
        check_variables(receiver.superclass, variables)
    except NotDefinable as refused:
        return machine.raise_("Error", str(refused))
    family = list(receiver.family())
    before = {each: each.all_variables() for each in family}
    receiver.variables = variables
    for each in family:
        if each.sole is not None:
            kept = dict(zip(before[each], each.sole.slots, strict=False))
            each.sole.slots = [kept.get(name) for name in each.all_variables()]
        recompile(machine, each)
    return receiver


@primitive("Class", "addInstVarNamed:", "addInstVarName:", category="defining")
def add_variable(machine: Machine, receiver: Behavior, name: Value) -> Value:
    return set_variables(machine, receiver, Array([*map(symbol, receiver.variables), name]))


@primitive("Class", "removeInstVarNamed:", "removeInstVarName:", category="defining")
def remove_variable(machine: Machine, receiver: Behavior, name: Value) -> Value:
    gone = name.name if isinstance(name, Symbol) else getattr(name, "chars", "")
    return set_variables(machine, receiver, Array([symbol(each) for each in receiver.variables if each != gone]))


@primitive("Class", "addClassVarNamed:", "addClassVarName:", category="defining")
def add_class_variable(machine: Machine, receiver: Behavior, name: Value) -> Value:
    try:
        for each in words(name):
            receiver.pool.setdefault(each, None)
    except NotDefinable as refused:
        return machine.raise_("Error", str(refused))
    return receiver


@primitive("Class", "removeFromSystem", category="defining")
def remove_from_system(machine: Machine, receiver: Behavior) -> Value:
    """Its subclasses go to the class above it."""
    world = machine.image
    if world.classes.get(receiver.name) is receiver:
        return machine.raise_("Error", f"{receiver.name} is a class of the playground itself: it stays")
    if receiver.subclasses:
        names = ", ".join(each.name for each in receiver.subclasses)
        return machine.raise_("Error", f"{receiver.name} has subclasses: remove {names} first")
    for each in (receiver, receiver.cls):
        if each.superclass is not None and each in each.superclass.subclasses:
            each.superclass.subclasses.remove(each)
    world.globals.pop(receiver.name, None)
    world.changes += 1
    return receiver


# Methods


def compiled_into(machine: Machine, source: str, behavior: Behavior, category: str) -> Method:
    """The method, installed. Raises NotCompiled, and then nothing was changed."""
    method = compile_method(source, behavior, machine.image, category)
    behavior.install(method)
    machine.image.changes += 1
    return method


def compile_(machine: Machine, behavior: Behavior, source: Value, category: Value) -> Value:
    """Its selector. What cannot be compiled raises SyntaxErrorNotification, and then nothing was changed."""
    if not isinstance(source, Text | Symbol):
        return machine.raise_("Error", f"a method is compiled from a string, not from {shown(machine, source)}")
    text = source.chars if isinstance(source, Text) else source.name
    protocol = category.chars if isinstance(category, Text) else category.name if isinstance(category, Symbol) else None
    machine.charge(_CLASS_BYTES + len(text) * 100)
    try:
        method = compiled_into(machine, text, behavior, protocol or "as yet unclassified")
    except NotCompiled as refused:
        where = f"line {refused.line}, column {refused.column}"
        return machine.raise_("SyntaxErrorNotification", f"{refused.message} ({where})", line=refused.line)
    return symbol(method.selector)


@primitive("Behavior", "compile:", category="defining")
def compile_source(machine: Machine, receiver: Behavior, source: Value) -> Value:
    return compile_(machine, receiver, source, None)


@primitive("Behavior", "compile:classified:", "compile:category:", "compile:inCategory:", category="defining")
def compile_classified(machine: Machine, receiver: Behavior, source: Value, category: Value) -> Value:
    return compile_(machine, receiver, source, category)


@primitive("Behavior", "compile:ifError:", category="defining")
def compile_if_error(machine: Machine, receiver: Behavior, source: Value, block: Value) -> Value:
    """GNU Smalltalk's: the block gets the file, the line and the message."""
    if not isinstance(source, Text):
        return compile_(machine, receiver, source, None)
    try:
        return symbol(compiled_into(machine, source.chars, receiver, "as yet unclassified").selector)
    except NotCompiled as refused:
        return machine.call_with(block, Text("a String"), refused.line, Text(refused.message))


@primitive("Behavior", "removeSelector:", category="defining")
def remove_selector(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    method = receiver.methods.get(selector.name if isinstance(selector, Symbol) else "")
    if method is None:
        text = f"key {shown(machine, selector)} not found in MethodDictionary"
        return machine.raise_("KeyNotFound", text, object=selector, key=selector)
    if method.source is None:
        return machine.raise_("Error", f"#{method.selector} is a part of the playground itself: it stays")
    receiver.remove(method.selector)
    machine.image.changes += 1
    return receiver


@primitive("Behavior", "compileAll", category="defining")
def recompile_all(machine: Machine, receiver: Behavior) -> Value:
    recompile(machine, receiver)
    return receiver
