"""Blocks: evaluated, repeated, timed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stui_cli.playground.classes import arity, primitive
from stui_cli.playground.kernel.elements import gathered
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.objects import Symbol, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("BlockClosure", "valueWithArguments:")
def value_with_arguments(machine: Machine, receiver: Value, arguments: Value) -> Value:
    return machine.call_these(receiver, gathered(machine, arguments))


@primitive("BlockClosure", "valueWithPossibleArgs:")
def value_with_possible(machine: Machine, receiver: Value, arguments: Value) -> Value:
    given = [*gathered(machine, arguments), *[None] * receiver.arity]
    return machine.call_these(receiver, given[: receiver.arity])


def _cull(count: int) -> None:
    """With as many of the arguments as it takes."""

    def cull(machine: Machine, receiver: Value, *arguments: Value) -> Value:
        return machine.call_these(receiver, arguments[: receiver.arity])

    selector = "cull:" * count
    primitive("BlockClosure", selector)(distinct(cull, selector))


for _count in range(1, 5):
    _cull(_count)


@primitive("BlockClosure", "numArgs")
def num_args(machine: Machine, receiver: Value) -> Value:
    return receiver.arity


@primitive("BlockClosure", "isBlock")
def is_block(machine: Machine, receiver: Value) -> Value:
    return True


# Repeated: what the compiler has not inlined


def _while(machine: Machine, condition: Value, wanted: bool, body: Value) -> Value:
    while machine.truth(machine.call(condition)) is wanted:
        if body is not None:
            machine.call(body)
        if machine.attention:
            machine.poll()
    return None


@primitive("BlockClosure", "whileTrue:")
def while_true(machine: Machine, receiver: Value, body: Value) -> Value:
    return _while(machine, receiver, True, body)


@primitive("BlockClosure", "whileFalse:")
def while_false(machine: Machine, receiver: Value, body: Value) -> Value:
    return _while(machine, receiver, False, body)


@primitive("BlockClosure", "whileTrue")
def while_true_alone(machine: Machine, receiver: Value) -> Value:
    return _while(machine, receiver, True, None)


@primitive("BlockClosure", "whileFalse")
def while_false_alone(machine: Machine, receiver: Value) -> Value:
    return _while(machine, receiver, False, None)


@primitive("BlockClosure", "whileNil:")
def while_nil(machine: Machine, receiver: Value, body: Value) -> Value:
    while machine.call(receiver) is None:
        machine.call(body)
    return None


@primitive("BlockClosure", "whileNotNil:")
def while_not_nil(machine: Machine, receiver: Value, body: Value) -> Value:
    while machine.call(receiver) is not None:
        machine.call(body)
    return None


@primitive("BlockClosure", "repeat")
def repeat(machine: Machine, receiver: Value) -> Value:
    while True:
        machine.call(receiver)
        if machine.attention:
            machine.poll()


@primitive("BlockClosure", "doWhileTrue:")
def do_while_true(machine: Machine, receiver: Value, condition: Value) -> Value:
    found = machine.call(receiver)
    while machine.truth(machine.call(condition)):
        found = machine.call(receiver)
    return found


@primitive("BlockClosure", "doWhileFalse:")
def do_while_false(machine: Machine, receiver: Value, condition: Value) -> Value:
    found = machine.call(receiver)
    while not machine.truth(machine.call(condition)):
        found = machine.call(receiver)
    return found


# Timed


@primitive("BlockClosure", "timeToRun", "durationToRun")
def time_to_run(machine: Machine, receiver: Value) -> Value:
    started = time.perf_counter_ns()
    machine.call(receiver)
    taken = time.perf_counter_ns() - started
    return machine.send(machine.image.classes["Duration"], "nanoSeconds:", taken)


@primitive("BlockClosure", "bench")
def bench(machine: Machine, receiver: Value) -> Value:
    """How often it runs in a second."""
    started, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - started) < 1:
        machine.call(receiver)
        count += 1
        if machine.attention:
            machine.poll()
    return Text(f"{count / passed:.3f} per second")


# Symbols where blocks go: #even, #+


def symbol_value(machine: Machine, receiver: Symbol, target: Value, *arguments: Value) -> Value:
    wanted = arity(receiver.name)
    if wanted != len(arguments):
        text = f"#{receiver.name} takes {wanted} arguments, but was sent with {len(arguments)}."
        return machine.raise_("ArgumentsCountMismatch", text, receiver=receiver)
    return machine.send_these(target, receiver.name, arguments)


@primitive("Symbol", "value:")
def value_of_one(machine: Machine, receiver: Symbol, target: Value) -> Value:
    return symbol_value(machine, receiver, target)


@primitive("Symbol", "value:value:")
def value_of_two(machine: Machine, receiver: Symbol, target: Value, argument: Value) -> Value:
    return symbol_value(machine, receiver, target, argument)


@primitive("Symbol", "value:value:value:")
def value_of_three(machine: Machine, receiver: Symbol, target: Value, first: Value, second: Value) -> Value:
    return symbol_value(machine, receiver, target, first, second)


@primitive("Symbol", "cull:")
def symbol_cull(machine: Machine, receiver: Symbol, target: Value) -> Value:
    return symbol_value(machine, receiver, target)
