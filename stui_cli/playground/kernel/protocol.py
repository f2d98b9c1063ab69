"""What every object understands: identity, class, asking, sending by name, and errors of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import Behavior, arity, primitive
from stui_cli.playground.kernel.complaints import sender, should_not, subclass_responsibility
from stui_cli.playground.kernel.elements import elements
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.text import as_text, chars, is_text
from stui_cli.playground.objects import Character, Message, Symbol, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_BY_VALUE = (int, float, type(None), bool)


def same(one: Value, other: Value) -> bool:
    """==: small numbers are what they are worth."""
    return one is other or (type(one) is type(other) and type(one) in _BY_VALUE and one == other)


@primitive("Object", "==", category="comparing")
def identical(machine: Machine, receiver: Value, other: Value) -> Value:
    return same(receiver, other)


@primitive("Object", "=", category="comparing")
def equal(machine: Machine, receiver: Value, other: Value) -> Value:
    return same(receiver, other)


@primitive("Object", "~=", category="comparing")
def unequal(machine: Machine, receiver: Value, other: Value) -> Value:
    return not machine.truth(machine.send(receiver, "=", other))


@primitive("Object", "~~", category="comparing")
def not_identical(machine: Machine, receiver: Value, other: Value) -> Value:
    return not same(receiver, other)


@primitive("Object", "hash", "identityHash", category="comparing")
def hash_of(machine: Machine, receiver: Value) -> Value:
    """Of itself; what is worth a number, of that."""
    if isinstance(receiver, Symbol):
        return machine.send(receiver, "hash")
    if type(receiver) in _BY_VALUE:
        return hash(receiver)
    return receiver.code if type(receiver) is Character else id(receiver) >> 4 & 0x3FFFFFFF


# Class


@primitive("Object", "class", category="accessing")
def class_of(machine: Machine, receiver: Value) -> Value:
    return machine.class_of(receiver)


@primitive("Object", "className", category="accessing")
def class_name(machine: Machine, receiver: Value) -> Value:
    return Text(machine.class_of(receiver).name)


@primitive("Object", "species", category="private")
def species(machine: Machine, receiver: Value) -> Value:
    return machine.class_of(receiver)


@primitive("Object", "isKindOf:", category="testing")
def is_kind_of(machine: Machine, receiver: Value, kind: Value) -> Value:
    return isinstance(kind, Behavior) and machine.class_of(receiver).inherits_from(kind)


@primitive("Object", "isMemberOf:", category="testing")
def is_member_of(machine: Machine, receiver: Value, kind: Value) -> Value:
    return machine.class_of(receiver) is kind


@primitive("Object", "respondsTo:", category="testing")
def responds_to(machine: Machine, receiver: Value, selector: Value) -> Value:
    return is_text(selector) and machine.responds_to(receiver, chars(selector))


# Asking: what is no string, no number and so on says no


def _add_answer(selector: str, answer: bool) -> None:
    def answered(machine: Machine, receiver: Value) -> Value:
        return answer

    primitive("Object", selector, category="testing")(distinct(answered, selector))


for _selector in (
    "isArray", "isAssociation", "isBehavior", "isBlock", "isCharacter", "isClass", "isCollection", "isDictionary",
    "isFloat", "isFraction", "isInteger", "isInterval", "isNil", "isNumber", "isPoint", "isStream", "isString",
    "isSymbol", "isBoolean", "isException", "isLiteral", "isEmptyOrNil",
):  # fmt: skip
    _add_answer(_selector, False)
for _selector in ("notNil", "isNotNil"):
    _add_answer(_selector, True)


# Sending by name


def _performed(machine: Machine, receiver: Value, selector: Value, arguments: list[Value]) -> Value:
    name = as_text(machine, selector, "numArgs")
    if not name:
        return machine.not_understood(receiver, name, arguments)
    if arity(name) != len(arguments):
        return machine.raise_("Error", "incorrect number of arguments")
    if machine.attention:
        machine.poll()
    return machine.send_these(receiver, name, arguments)


@primitive("Object", "perform:", category="message handling")
def perform(machine: Machine, receiver: Value, selector: Value) -> Value:
    return _performed(machine, receiver, selector, [])


@primitive("Object", "perform:with:", category="message handling")
def perform_with(machine: Machine, receiver: Value, selector: Value, first: Value) -> Value:
    return _performed(machine, receiver, selector, [first])


@primitive("Object", "perform:with:with:", category="message handling")
def perform_with_two(machine: Machine, receiver: Value, selector: Value, first: Value, second: Value) -> Value:
    return _performed(machine, receiver, selector, [first, second])


@primitive("Object", "perform:with:with:with:", category="message handling")
def perform_with_three(machine: Machine, receiver: Value, selector: Value, *arguments: Value) -> Value:
    return _performed(machine, receiver, selector, list(arguments))


@primitive("Object", "perform:with:with:with:with:", category="message handling")
def perform_with_four(machine: Machine, receiver: Value, selector: Value, *arguments: Value) -> Value:
    return _performed(machine, receiver, selector, list(arguments))


@primitive("Object", "perform:withArguments:", category="message handling")
def perform_with_arguments(machine: Machine, receiver: Value, selector: Value, arguments: Value) -> Value:
    return _performed(machine, receiver, selector, list(elements(machine, arguments)))


@primitive("Object", "perform:withEnoughArguments:", category="message handling")
def perform_with_enough(machine: Machine, receiver: Value, selector: Value, arguments: Value) -> Value:
    """Those that there are too many are left out, those that are missing are nil."""
    count = arity(as_text(machine, selector, "numArgs"))
    given = list(elements(machine, arguments))[:count]
    return _performed(machine, receiver, selector, given + [None] * (count - len(given)))


@primitive("Object", "perform:orSendTo:", category="message handling")
def perform_or_send_to(machine: Machine, receiver: Value, selector: Value, other: Value) -> Value:
    knows = machine.responds_to(receiver, as_text(machine, selector, "numArgs"))
    return _performed(machine, receiver if knows else other, selector, [])


# Itself


@primitive("Object", "yourself", category="accessing")
def yourself(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("Object", "value", category="evaluating")
def value(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("Object", "in:", category="evaluating")
def given_to(machine: Machine, receiver: Value, block: Value) -> Value:
    return machine.call(block, receiver)


@primitive("Object", "as:", category="converting")
def as_a(machine: Machine, receiver: Value, kind: Value) -> Value:
    return receiver if machine.class_of(receiver) is kind else machine.send(kind, "newFrom:", receiver)


@primitive("Object", "asOrderedCollection", category="converting")
def as_ordered_collection(machine: Machine, receiver: Value) -> Value:
    return machine.not_understood(receiver, "do:", [])


@primitive("Object", "inspect", "explore", "browse", category="inspecting")
def inspect(machine: Machine, receiver: Value) -> Value:
    """There is no window: what it prints goes to the Transcript."""
    machine.say(chars(machine.send(receiver, "printString")) + "\n")
    return receiver


@primitive("Object", "flag:", category="flagging")
def flag(machine: Machine, receiver: Value, name: Value) -> Value:
    return receiver


# Errors


@primitive("Object", "error:", category="error handling")
def error(machine: Machine, receiver: Value, text: Value) -> Value:
    return machine.raise_("Error", as_text(machine, text))


@primitive("Object", "error", category="error handling")
def plain_error(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("Error", "Error!")


@primitive("Object", "halt:", category="debugging")
def halt_with(machine: Machine, receiver: Value, text: Value) -> Value:
    return machine.raise_("Halt", as_text(machine, text))


@primitive("Object", "assert:", category="error handling")
def assert_(machine: Machine, receiver: Value, condition: Value) -> Value:
    return _asserted(machine, receiver, condition, "Assertion failed")


@primitive("Object", "assert:description:", category="error handling")
def assert_described(machine: Machine, receiver: Value, condition: Value, description: Value) -> Value:
    return _asserted(machine, receiver, condition, description)


def _asserted(machine: Machine, receiver: Value, condition: Value, description: Any) -> Value:
    if machine.call(condition) is True:
        return receiver
    text = description if isinstance(description, str) else as_text(machine, machine.call(description))
    return machine.raise_("AssertionFailure", text)


@primitive("Object", "subclassResponsibility", category="error handling")
def responsible(machine: Machine, receiver: Value) -> Value:
    return subclass_responsibility(machine, receiver, sender(machine))


@primitive("Object", "shouldNotImplement", category="error handling")
def not_for_this(machine: Machine, receiver: Value) -> Value:
    return should_not(machine, receiver, sender(machine))


@primitive("Object", "shouldBeImplemented", "notYetImplemented", category="error handling")
def not_yet(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("Error", "this is not yet implemented")


@primitive("Object", "deprecated:", category="error handling")
def deprecated(machine: Machine, receiver: Value, text: Value) -> Value:
    return machine.raise_("Deprecation", as_text(machine, text))


# Its variables, from outside


def _place(machine: Machine, receiver: Value, which: Value) -> int:
    """Of a variable given by its number or name; raises where there is none."""
    names = machine.class_of(receiver).all_variables()
    if type(which) is int and 1 <= which <= len(names):
        return which - 1
    if is_text(which) and chars(which) in names:
        return names.index(chars(which))
    machine.raise_("Error", f"{machine.article(receiver)} has no such variable")
    return -1


@primitive("Object", "instVarAt:", "instVarNamed:", category="inspecting")
def variable(machine: Machine, receiver: Value, which: Value) -> Value:
    place = _place(machine, receiver, which)
    return receiver.slots[place] if place >= 0 else None


@primitive("Object", "instVarAt:put:", "instVarNamed:put:", category="inspecting")
def set_variable(machine: Machine, receiver: Value, which: Value, element: Value) -> Value:
    place = _place(machine, receiver, which)
    if place >= 0:
        receiver.slots[place] = element
    return element


@primitive("Object", "doesNotUnderstand:", category="error handling")
def does_not_understand(machine: Machine, receiver: Value, message: Any) -> Value:
    """For super doesNotUnderstand: of a user's own."""
    if not isinstance(message, Message):
        return machine.not_understood(message, "selector", [])
    text = f"Message not understood: {machine.class_of(receiver).name} >> #{message.selector}"
    return machine.raise_("MessageNotUnderstood", text, receiver=receiver, message=message)
