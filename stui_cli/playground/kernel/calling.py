"""value, value: and their like, of blocks: what compiled code and every loop over a collection come down to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine
    from stui_cli.playground.objects import Block


@primitive("BlockClosure", "value", category="evaluating")
def value(machine: Machine, receiver: Block) -> Value:
    return receiver.function(machine) if receiver.arity == 0 else machine.wrong_count(receiver, 0)


@primitive("BlockClosure", "value:", category="evaluating")
def value_with(machine: Machine, receiver: Block, first: Value) -> Value:
    return receiver.function(machine, first) if receiver.arity == 1 else machine.wrong_count(receiver, 1)


@primitive("BlockClosure", "value:value:", category="evaluating")
def value_with_two(machine: Machine, receiver: Block, first: Value, second: Value) -> Value:
    return receiver.function(machine, first, second) if receiver.arity == 2 else machine.wrong_count(receiver, 2)


@primitive("BlockClosure", "value:value:value:", "value:value:value:value:", category="evaluating")
def value_with_more(machine: Machine, receiver: Block, *arguments: Value) -> Value:
    return machine.call_these(receiver, arguments)
