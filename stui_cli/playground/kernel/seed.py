"""Control, blocks, exceptions, comparison: filled in only where no other family has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import PRIMITIVES, Primitive
from stui_cli.playground.objects import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine
    from stui_cli.playground.objects import Block, Signal


def _seed(class_name: str, *selectors: str) -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        for selector in selectors:
            PRIMITIVES.setdefault((class_name, selector), Primitive(function, "primitives"))
        return function

    return register


# Of classes


@_seed("Behavior", "new", "basicNew")
def new(machine: Machine, receiver: Value) -> Value:
    return machine.new(receiver)


@_seed("Behavior", "name")
def name(machine: Machine, receiver: Value) -> Text:
    return Text(receiver.name)


# Blocks


@_seed("BlockClosure", "value")
def value(machine: Machine, receiver: Block) -> Value:
    return receiver.function(machine) if receiver.arity == 0 else machine.wrong_count(receiver, 0)


@_seed("BlockClosure", "value:")
def value_(machine: Machine, receiver: Block, first: Value) -> Value:
    return receiver.function(machine, first) if receiver.arity == 1 else machine.wrong_count(receiver, 1)


@_seed("BlockClosure", "value:value:")
def value_2(machine: Machine, receiver: Block, first: Value, second: Value) -> Value:
    return receiver.function(machine, first, second) if receiver.arity == 2 else machine.wrong_count(receiver, 2)


@_seed("BlockClosure", "value:value:value:")
def value_3(machine: Machine, receiver: Block, *arguments: Value) -> Value:
    return machine.call(receiver, *arguments)


@_seed("BlockClosure", "value:value:value:value:")
def value_4(machine: Machine, receiver: Block, *arguments: Value) -> Value:
    return machine.call(receiver, *arguments)


@_seed("BlockClosure", "whileTrue:")
def while_true_do(machine: Machine, receiver: Block, body: Value) -> Value:
    while machine.truth(machine.call(receiver)):
        machine.call(body)
    return None


@_seed("BlockClosure", "whileFalse:")
def while_false_do(machine: Machine, receiver: Block, body: Value) -> Value:
    while not machine.truth(machine.call(receiver)):
        machine.call(body)
    return None


@_seed("BlockClosure", "whileTrue")
def while_true(machine: Machine, receiver: Block) -> Value:
    while machine.truth(machine.call(receiver)):
        pass
    return None


@_seed("BlockClosure", "whileFalse")
def while_false(machine: Machine, receiver: Block) -> Value:
    while not machine.truth(machine.call(receiver)):
        pass
    return None


@_seed("BlockClosure", "repeat")
def repeat(machine: Machine, receiver: Block) -> Value:
    while True:
        machine.call(receiver)


# Exceptions


@_seed("BlockClosure", "on:do:")
def on_do(machine: Machine, receiver: Block, kinds: Value, action: Value) -> Value:
    return machine.on_do(receiver, kinds, action)


@_seed("BlockClosure", "ensure:")
def ensure(machine: Machine, receiver: Block, after: Value) -> Value:
    return machine.ensure(receiver, after)


@_seed("BlockClosure", "ifCurtailed:")
def if_curtailed(machine: Machine, receiver: Block, after: Value) -> Value:
    return machine.if_curtailed(receiver, after)


@_seed("Exception class", "signal")
def signal_new(machine: Machine, receiver: Value) -> Value:
    return machine.signal(machine.new(receiver))


@_seed("Exception class", "signal:")
def signal_new_text(machine: Machine, receiver: Value, text: Value) -> Value:
    return signal_text(machine, machine.new(receiver), text)


@_seed("Exception", "signal")
def signal(machine: Machine, receiver: Signal) -> Value:
    return machine.signal(receiver)


@_seed("Exception", "signal:")
def signal_text(machine: Machine, receiver: Signal, text: Value) -> Value:
    receiver.text = text.chars if machine.is_text(text) else None
    return machine.signal(receiver)


@_seed("Exception", "messageText")
def message_text(machine: Machine, receiver: Signal) -> Value:
    return None if receiver.text is None else Text(receiver.text)


@_seed("Exception", "return:")
def return_(machine: Machine, receiver: Signal, result: Value) -> Value:
    return machine.return_(receiver, result)


@_seed("Exception", "return")
def return_nil(machine: Machine, receiver: Signal) -> Value:
    return machine.return_(receiver, None)


@_seed("Exception", "retry")
def retry(machine: Machine, receiver: Signal) -> Value:
    return machine.retry(receiver)


@_seed("Exception", "retryUsing:")
def retry_using(machine: Machine, receiver: Signal, block: Value) -> Value:
    return machine.retry(receiver, block)


@_seed("Exception", "resume")
def resume(machine: Machine, receiver: Signal) -> Value:
    return machine.resume(receiver, None)


@_seed("Exception", "resume:")
def resume_with(machine: Machine, receiver: Signal, result: Value) -> Value:
    return machine.resume(receiver, result)


@_seed("Exception", "pass")
def pass_(machine: Machine, receiver: Signal) -> Value:
    return machine.pass_(receiver)


@_seed("Exception", "outer")
def outer(machine: Machine, receiver: Signal) -> Value:
    return machine.outer(receiver)


@_seed("Exception", "isResumable")
def is_resumable(machine: Machine, receiver: Signal) -> bool:
    classes = machine.image.classes
    resumable = (classes["MessageNotUnderstood"], classes["ArithmeticError"])
    kind = receiver.cls
    return not kind.inherits_from(classes["Error"]) or any(kind.inherits_from(each) for each in resumable)
