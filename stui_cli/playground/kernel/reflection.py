"""What classes, methods and globals tell of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior, Method, arity, primitive
from stui_cli.playground.kernel.complaints import shown
from stui_cli.playground.kernel.elements import fill, gathered, one
from stui_cli.playground.kernel.printing import put
from stui_cli.playground.objects import Array, Instance, Set, Symbol, Text, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def _name(value: Value) -> str:
    return value.name if isinstance(value, Symbol) else value.chars if isinstance(value, Text) else ""


def _symbols(names: Iterable[str]) -> Array:
    return Array([symbol(name) for name in names])


# Classes


@primitive("Behavior", "name")
def name(machine: Machine, receiver: Behavior) -> Value:
    return Text(receiver.name) if receiver.is_meta else symbol(receiver.name)


@primitive("Behavior", "printOn:", "storeOn:", "displayStringOn:", category="printing")
def print_on(machine: Machine, receiver: Behavior, stream: Value) -> Value:
    put(machine, stream, receiver.name)
    return receiver


@primitive("Behavior", "superclass")
def superclass(machine: Machine, receiver: Behavior) -> Value:
    return receiver.superclass


@primitive("Behavior", "subclasses")
def subclasses(machine: Machine, receiver: Behavior) -> Value:
    return Array(list(receiver.subclasses))


@primitive("Behavior", "allSubclasses")
def all_subclasses(machine: Machine, receiver: Behavior) -> Value:
    return Array([each for each in receiver.family() if each is not receiver])


@primitive("Behavior", "withAllSubclasses")
def with_all_subclasses(machine: Machine, receiver: Behavior) -> Value:
    return Array(list(receiver.family()))


@primitive("Behavior", "allSuperclasses")
def all_superclasses(machine: Machine, receiver: Behavior) -> Value:
    return Array(list(receiver.lineage())[1:])


@primitive("Behavior", "withAllSuperclasses")
def with_all_superclasses(machine: Machine, receiver: Behavior) -> Value:
    return Array(list(receiver.lineage()))


@primitive("Behavior", "subclassesDo:", "allSubclassesDo:")
def subclasses_do(machine: Machine, receiver: Behavior, block: Value) -> Value:
    function = one(block)
    for each in list(receiver.family()):
        if each is not receiver:
            function(machine, each)
    return receiver


@primitive("Behavior", "inheritsFrom:")
def inherits_from(machine: Machine, receiver: Behavior, other: Value) -> Value:
    return isinstance(other, Behavior) and receiver is not other and receiver.inherits_from(other)


@primitive("Behavior", "includesBehavior:")
def includes_behavior(machine: Machine, receiver: Behavior, other: Value) -> Value:
    return isinstance(other, Behavior) and receiver.inherits_from(other)


@primitive("Behavior", "instanceVariableNames", "instVarNames")
def variables(machine: Machine, receiver: Behavior) -> Value:
    return _symbols(receiver.variables)


@primitive("Behavior", "allInstVarNames", "allInstanceVariableNames")
def all_variables(machine: Machine, receiver: Behavior) -> Value:
    return _symbols(receiver.all_variables())


@primitive("Behavior", "instSize")
def inst_size(machine: Machine, receiver: Behavior) -> Value:
    return len(receiver.all_variables())


@primitive("Behavior", "classVarNames", "classVariableNames")
def class_variables(machine: Machine, receiver: Behavior) -> Value:
    return _symbols(receiver.pool)


@primitive("Behavior", "category", "package")
def category(machine: Machine, receiver: Behavior) -> Value:
    return symbol(receiver.category)


@primitive("Behavior", "category:", "package:")
def set_category(machine: Machine, receiver: Behavior, value: Value) -> Value:
    receiver.category = _name(value)
    return receiver


@primitive("Behavior", "comment")
def comment(machine: Machine, receiver: Behavior) -> Value:
    return Text(receiver.comment)


@primitive("Behavior", "comment:", "classComment:")
def set_comment(machine: Machine, receiver: Behavior, text: Value) -> Value:
    receiver.comment = _name(text)
    return receiver


@primitive("Behavior", "comment:stamp:")
def set_comment_stamp(machine: Machine, receiver: Behavior, text: Value, stamp: Value) -> Value:
    return set_comment(machine, receiver, text)


@primitive("Behavior", "instanceSide", "theNonMetaClass", "soleInstance", "instanceClass")
def instance_side(machine: Machine, receiver: Behavior) -> Value:
    return receiver.sole or receiver


@primitive("Behavior", "classSide", "theMetaClass")
def class_side(machine: Machine, receiver: Behavior) -> Value:
    return receiver if receiver.is_meta else receiver.cls


@primitive("Behavior", "isMeta", "isClassSide", "isMetaclass")
def is_meta(machine: Machine, receiver: Behavior) -> Value:
    return receiver.is_meta


@primitive("Behavior", "isClass", "isBehavior")
def is_class(machine: Machine, receiver: Behavior) -> Value:
    return True


@primitive("Behavior", "allInstances")
def all_instances(machine: Machine, receiver: Behavior) -> Value:
    from stui_cli.playground.kernel.defining import instances

    return Array(list(instances({receiver})))


# Methods


@primitive("Behavior", "selectors")
def selectors(machine: Machine, receiver: Behavior) -> Value:
    return _symbols(receiver.methods)


@primitive("Behavior", "allSelectors")
def all_selectors(machine: Machine, receiver: Behavior) -> Value:
    names = (symbol(name) for behavior in receiver.lineage() for name in behavior.methods)
    return fill(machine, Set(), names)


@primitive("Behavior", "includesSelector:")
def includes_selector(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    return _name(selector) in receiver.methods


@primitive("Behavior", "canUnderstand:")
def can_understand(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    return receiver.lookup(_name(selector)) is not None


@primitive("Behavior", "whichClassIncludesSelector:")
def which_class(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    for each in receiver.lineage():
        if _name(selector) in each.methods:
            return each
    return None


def method_object(machine: Machine, behavior: Behavior, method: Method) -> Instance:
    return Instance(machine.image.classes["CompiledMethod"], payload=(behavior, method))


@primitive("Behavior", ">>", "compiledMethodAt:")
def method_at(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    method = receiver.methods.get(_name(selector))
    if method is None:
        text = f"key {shown(machine, selector)} not found in MethodDictionary"
        return machine.raise_("KeyNotFound", text, object=selector, key=selector)
    return method_object(machine, receiver, method)


@primitive("Behavior", "lookupSelector:")
def lookup_selector(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    for each in receiver.lineage():
        method = each.methods.get(_name(selector))
        if method is not None:
            return method_object(machine, each, method)
    return None


@primitive("Behavior", "methods")
def methods(machine: Machine, receiver: Behavior) -> Value:
    return Array([method_object(machine, receiver, each) for each in receiver.methods.values()])


@primitive("Behavior", "methodDict", "methodDictionary")
def method_dictionary(machine: Machine, receiver: Behavior) -> Value:
    made = machine.new(machine.image.classes["Dictionary"])
    for each in receiver.methods.values():
        machine.send(made, "at:put:", symbol(each.selector), method_object(machine, receiver, each))
    return made


@primitive("Behavior", "sourceCodeAt:")
def source_code_at(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    return machine.send(method_at(machine, receiver, selector), "sourceCode")


@primitive("Behavior", "protocols", "categories")
def protocols(machine: Machine, receiver: Behavior) -> Value:
    return _symbols(dict.fromkeys(each.category for each in receiver.methods.values()))


@primitive("Behavior", "selectorsInProtocol:", "selectorsInCategory:")
def selectors_in(machine: Machine, receiver: Behavior, protocol: Value) -> Value:
    return _symbols(each.selector for each in receiver.methods.values() if each.category == _name(protocol))


@primitive("CompiledMethod", "selector")
def method_selector(machine: Machine, receiver: Instance) -> Value:
    return symbol(receiver.payload[1].selector)


@primitive("CompiledMethod", "methodClass")
def method_class(machine: Machine, receiver: Instance) -> Value:
    return receiver.payload[0]


@primitive("CompiledMethod", "sourceCode", "methodSourceString", "getSource")
def source_code(machine: Machine, receiver: Instance) -> Value:
    source = receiver.payload[1].source
    return Text('"a part of the playground itself"' if source is None else source)


@primitive("CompiledMethod", "protocol", "category", "methodCategory")
def method_category(machine: Machine, receiver: Instance) -> Value:
    return symbol(receiver.payload[1].category)


@primitive("CompiledMethod", "numArgs")
def method_arguments(machine: Machine, receiver: Instance) -> Value:
    return arity(receiver.payload[1].selector)


@primitive("CompiledMethod", "=")
def method_equals(machine: Machine, receiver: Instance, other: Value) -> Value:
    return isinstance(other, Instance) and receiver.cls is other.cls and receiver.payload == other.payload


@primitive("CompiledMethod", "hash")
def method_hash(machine: Machine, receiver: Instance) -> Value:
    return hash(receiver.payload[1].selector) & 0x3FFFFFFF


@primitive("CompiledMethod", "valueWithReceiver:arguments:")
def method_value(machine: Machine, receiver: Instance, target: Value, arguments: Value) -> Value:
    behavior, method = receiver.payload
    given = gathered(machine, arguments)
    if not machine.class_of(target).inherits_from(behavior):
        return machine.raise_("Error", f"{machine.article(target)} is no {behavior.name}: it has no such method")
    if len(given) != arity(method.selector):
        text = f"#{method.selector} takes {arity(method.selector)} arguments, but was called with {len(given)}."
        return machine.raise_("ArgumentsCountMismatch", text, receiver=receiver)
    return method.function(machine, target, *given)


@primitive("CompiledMethod", "printOn:", category="printing")
def print_method(machine: Machine, receiver: Instance, stream: Value) -> Value:
    put(machine, stream, f"{receiver.payload[0].name}>>#{receiver.payload[1].selector}")
    return receiver
