"""What a test case says: assert:, deny:, should:raise:."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import shown
from stui_cli.playground.kernel.elements import equal, size_of
from stui_cli.playground.objects import Block, Symbol, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def failed(machine: Machine, receiver: Value, text: str) -> Value:
    machine.raise_("TestFailure", text, receiver=receiver)
    return receiver


def _true(machine: Machine, condition: Value) -> bool:
    return machine.truth(machine.send(condition, "value"))


def _text(machine: Machine, description: Value) -> str:
    found = machine.send(description, "value")
    return found.chars if isinstance(found, Text) else found.name if isinstance(found, Symbol) else ""


def _differ(machine: Machine, actual: Value, expected: Value) -> str:
    return f"Got {shown(machine, actual)} instead of {shown(machine, expected)}."


@primitive("TestCase", "assert:", "should:")
def assert_(machine: Machine, receiver: Value, condition: Value) -> Value:
    return receiver if _true(machine, condition) else failed(machine, receiver, "Assertion failed")


@primitive("TestCase", "assert:description:", "should:description:")
def assert_description(machine: Machine, receiver: Value, condition: Value, text: Value) -> Value:
    return receiver if _true(machine, condition) else failed(machine, receiver, _text(machine, text))


@primitive("TestCase", "deny:", "shouldnt:")
def deny(machine: Machine, receiver: Value, condition: Value) -> Value:
    return failed(machine, receiver, "Denial failed") if _true(machine, condition) else receiver


@primitive("TestCase", "deny:description:", "shouldnt:description:")
def deny_description(machine: Machine, receiver: Value, condition: Value, text: Value) -> Value:
    return failed(machine, receiver, _text(machine, text)) if _true(machine, condition) else receiver


@primitive("TestCase", "assert:equals:", "assertCollection:equals:")
def assert_equals(machine: Machine, receiver: Value, actual: Value, expected: Value) -> Value:
    if equal(machine, actual, expected):
        return receiver
    return failed(machine, receiver, _differ(machine, actual, expected))


@primitive("TestCase", "deny:equals:", "denyCollection:equals:")
def deny_equals(machine: Machine, receiver: Value, actual: Value, expected: Value) -> Value:
    if not equal(machine, actual, expected):
        return receiver
    return failed(machine, receiver, f"Unexpected equality of {shown(machine, actual)} and {shown(machine, expected)}.")


@primitive("TestCase", "assert:identicalTo:")
def assert_identical(machine: Machine, receiver: Value, actual: Value, expected: Value) -> Value:
    if machine.truth(machine.send(actual, "==", expected)):
        return receiver
    text = f"{shown(machine, actual)} is not identical to {shown(machine, expected)}."
    return failed(machine, receiver, text)


@primitive("TestCase", "deny:identicalTo:")
def deny_identical(machine: Machine, receiver: Value, actual: Value, expected: Value) -> Value:
    if not machine.truth(machine.send(actual, "==", expected)):
        return receiver
    return failed(machine, receiver, f"{shown(machine, actual)} is identical to the other.")


@primitive("TestCase", "assert:closeTo:")
def assert_close(machine: Machine, receiver: Value, actual: Value, expected: Value) -> Value:
    if machine.truth(machine.send(actual, "closeTo:", expected)):
        return receiver
    return failed(machine, receiver, _differ(machine, actual, expected))


@primitive("TestCase", "assertEmpty:")
def assert_empty(machine: Machine, receiver: Value, collection: Value) -> Value:
    if size_of(machine, collection) == 0:
        return receiver
    return failed(machine, receiver, f"{shown(machine, collection)} should have been empty")


@primitive("TestCase", "denyEmpty:")
def deny_empty(machine: Machine, receiver: Value, collection: Value) -> Value:
    if size_of(machine, collection):
        return receiver
    return failed(machine, receiver, f"{shown(machine, collection)} should not have been empty")


@primitive("TestCase", "assertCollection:hasSameElements:")
def assert_same_elements(machine: Machine, receiver: Value, actual: Value, expected: Value) -> Value:
    if equal(machine, machine.send(actual, "asBag"), machine.send(expected, "asBag")):
        return receiver
    return failed(machine, receiver, "Given Collections do not match! " + _differ(machine, actual, expected))


def _raises(machine: Machine, block: Value, kinds: Value) -> bool:
    """Whether it signals one of these while it runs; others go on."""
    seen: list[Value] = []
    machine.on_do(block, kinds, Block(lambda _, exception: seen.append(exception), 1))
    return bool(seen)


@primitive("TestCase", "should:raise:")
def should_raise(machine: Machine, receiver: Value, block: Value, kinds: Value) -> Value:
    return receiver if _raises(machine, block, kinds) else failed(machine, receiver, "Assertion failed")


@primitive("TestCase", "should:raise:description:")
def should_raise_description(machine: Machine, receiver: Value, block: Value, kinds: Value, text: Value) -> Value:
    return receiver if _raises(machine, block, kinds) else failed(machine, receiver, _text(machine, text))


@primitive("TestCase", "shouldnt:raise:")
def shouldnt_raise(machine: Machine, receiver: Value, block: Value, kinds: Value) -> Value:
    return failed(machine, receiver, "Assertion failed") if _raises(machine, block, kinds) else receiver


@primitive("TestCase", "fail")
def fail(machine: Machine, receiver: Value) -> Value:
    return failed(machine, receiver, "Assertion failed")


@primitive("TestCase", "fail:")
def fail_with(machine: Machine, receiver: Value, text: Value) -> Value:
    return failed(machine, receiver, _text(machine, text))


@primitive("TestCase", "skip")
def skip(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("TestSkip", "Test skipped")


@primitive("TestCase", "skip:")
def skip_with(machine: Machine, receiver: Value, text: Value) -> Value:
    return machine.raise_("TestSkip", _text(machine, text))
