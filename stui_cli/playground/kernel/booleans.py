"""true, false and nil: their messages where the compiler did not make them code of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Boolean", "ifTrue:", category="controlling")
def if_true(machine: Machine, receiver: bool, block: Value) -> Value:
    return machine.call(block) if receiver else None


@primitive("Boolean", "ifFalse:", category="controlling")
def if_false(machine: Machine, receiver: bool, block: Value) -> Value:
    return None if receiver else machine.call(block)


@primitive("Boolean", "ifTrue:ifFalse:", category="controlling")
def if_true_if_false(machine: Machine, receiver: bool, yes: Value, no: Value) -> Value:
    return machine.call(yes if receiver else no)


@primitive("Boolean", "ifFalse:ifTrue:", category="controlling")
def if_false_if_true(machine: Machine, receiver: bool, no: Value, yes: Value) -> Value:
    return machine.call(yes if receiver else no)


@primitive("Boolean", "and:", category="controlling")
def and_(machine: Machine, receiver: bool, block: Value) -> Value:
    return machine.call(block) if receiver else False


@primitive("Boolean", "or:", category="controlling")
def or_(machine: Machine, receiver: bool, block: Value) -> Value:
    return True if receiver else machine.call(block)


@primitive("Boolean", "&", category="logical operations")
def both(machine: Machine, receiver: bool, other: Value) -> Value:
    return other if receiver else False


@primitive("Boolean", "|", category="logical operations")
def either(machine: Machine, receiver: bool, other: Value) -> Value:
    return True if receiver else other


@primitive("Boolean", "xor:", category="logical operations")
def xor(machine: Machine, receiver: bool, block: Value) -> Value:
    other = machine.call(block)
    return machine.send(other, "not") if receiver else other


@primitive("Boolean", "eqv:", category="logical operations")
def equivalent(machine: Machine, receiver: bool, other: Value) -> Value:
    return receiver is other


@primitive("Boolean", "==>", category="logical operations")
def implies(machine: Machine, receiver: bool, block: Value) -> Value:
    return machine.call(block) if receiver else True


@primitive("Boolean", "not", category="logical operations")
def not_(machine: Machine, receiver: bool) -> Value:
    return not receiver


@primitive("Boolean", "asBit", "asInteger", category="converting")
def as_bit(machine: Machine, receiver: bool) -> Value:
    return int(receiver)


@primitive("Boolean", "isBoolean", "isLiteral", category="testing")
def is_boolean(machine: Machine, receiver: bool) -> Value:
    return True


@primitive("Boolean class", "new", "basicNew", category="instance creation")
def no_new(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("Error", "You may not create any more Booleans - this is two-valued logic")


# nil


@primitive("UndefinedObject", "isNil", "isEmptyOrNil", "isLiteral", category="testing")
def yes(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("UndefinedObject", "notNil", "isNotNil", category="testing")
def no(machine: Machine, receiver: Value) -> Value:
    return False


@primitive("UndefinedObject", "ifNil:", category="testing")
def nil_if_nil(machine: Machine, receiver: Value, block: Value) -> Value:
    return machine.call(block)


@primitive("UndefinedObject", "ifNotNil:", "ifNotNilDo:", category="testing")
def nil_if_not_nil(machine: Machine, receiver: Value, block: Value) -> Value:
    return None


@primitive("UndefinedObject", "ifNil:ifNotNil:", category="testing")
def nil_if_nil_if_not_nil(machine: Machine, receiver: Value, empty: Value, full: Value) -> Value:
    return machine.call(empty)


@primitive("UndefinedObject", "ifNotNil:ifNil:", category="testing")
def nil_if_not_nil_if_nil(machine: Machine, receiver: Value, full: Value, empty: Value) -> Value:
    return machine.call(empty)


@primitive("UndefinedObject class", "new", "basicNew", category="instance creation")
def one_nil(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("Error", "You may not create any more undefined objects--use nil")


@primitive("Object", "ifNil:", category="testing")
def if_nil(machine: Machine, receiver: Value, block: Value) -> Value:
    return receiver


@primitive("Object", "ifNotNil:", "ifNotNilDo:", category="testing")
def if_not_nil(machine: Machine, receiver: Value, block: Value) -> Value:
    return machine.call_with(block, receiver)


@primitive("Object", "ifNil:ifNotNil:", category="testing")
def if_nil_if_not_nil(machine: Machine, receiver: Value, empty: Value, full: Value) -> Value:
    return machine.call_with(full, receiver)


@primitive("Object", "ifNotNil:ifNil:", category="testing")
def if_not_nil_if_nil(machine: Machine, receiver: Value, full: Value, empty: Value) -> Value:
    return machine.call_with(full, receiver)
