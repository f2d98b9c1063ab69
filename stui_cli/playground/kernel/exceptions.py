"""What exceptions and their classes understand, on the mechanism of signals.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.printing import put
from stui_cli.playground.objects import ExceptionSet, Signal, Text, symbol

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


# Protected blocks


@primitive("BlockClosure", "on:do:")
def on_do(machine: Machine, receiver: Value, kinds: Value, action: Value) -> Value:
    return machine.on_do(receiver, kinds, action)


@primitive("BlockClosure", "on:do:on:do:")
def on_do_on_do(
    machine: Machine, receiver: Value, kinds: Value, action: Value, others: Value, other_action: Value
) -> Value:
    from stui_cli.playground.objects import Block

    inner = Block(lambda machine: machine.on_do(receiver, kinds, action), 0)
    return machine.on_do(inner, others, other_action)


@primitive("BlockClosure", "onErrorDo:", "ifError:")
def on_error_do(machine: Machine, receiver: Value, action: Value) -> Value:
    return machine.on_do(receiver, machine.image.classes["Error"], action)


@primitive("BlockClosure", "ensure:")
def ensure(machine: Machine, receiver: Value, after: Value) -> Value:
    return machine.ensure(receiver, after)


@primitive("BlockClosure", "ifCurtailed:")
def if_curtailed(machine: Machine, receiver: Value, after: Value) -> Value:
    return machine.if_curtailed(receiver, after)


# Signalled


def _text(machine: Machine, text: Value) -> str | None:
    if text is None:
        return None
    shown = text if isinstance(text, Text) else machine.send(text, "asString")
    return shown.chars if isinstance(shown, Text) else None


@primitive("Exception class", "signal")
def signal_new(machine: Machine, receiver: Value) -> Value:
    return machine.send(machine.send(receiver, "new"), "signal")


@primitive("Exception class", "signal:")
def signal_new_text(machine: Machine, receiver: Value, text: Value) -> Value:
    return machine.send(machine.send(receiver, "new"), "signal:", text)


@primitive("Exception", "signal")
def signal(machine: Machine, receiver: Signal) -> Value:
    return machine.signal(receiver)


@primitive("Exception", "signal:")
def signal_text(machine: Machine, receiver: Signal, text: Value) -> Value:
    receiver.text = _text(machine, text)
    return machine.signal(receiver)


@primitive("Halt class", "now")
def halt_now(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("Halt", "halt")


@primitive("Object", "halt")
def halt(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("Halt", "halt")


# Handled


@primitive("Exception", "return:")
def return_with(machine: Machine, receiver: Signal, value: Value) -> Value:
    return machine.return_(receiver, value)


@primitive("Exception", "return")
def return_nil(machine: Machine, receiver: Signal) -> Value:
    return machine.return_(receiver, None)


@primitive("Exception", "retry")
def retry(machine: Machine, receiver: Signal) -> Value:
    return machine.retry(receiver)


@primitive("Exception", "retryUsing:")
def retry_using(machine: Machine, receiver: Signal, block: Value) -> Value:
    return machine.retry(receiver, block)


@primitive("Exception", "resume")
def resume(machine: Machine, receiver: Signal) -> Value:
    return machine.resume(receiver, None)


@primitive("Exception", "resume:")
def resume_with(machine: Machine, receiver: Signal, value: Value) -> Value:
    return machine.resume(receiver, value)


@primitive("Exception", "pass")
def pass_(machine: Machine, receiver: Signal) -> Value:
    return machine.pass_(receiver)


@primitive("Exception", "outer")
def outer(machine: Machine, receiver: Signal) -> Value:
    return machine.outer(receiver)


@primitive("Exception", "resignalAs:")
def resignal_as(machine: Machine, receiver: Signal, other: Value) -> Value:
    return machine.send(other, "signal")


# Told


@primitive("Exception", "messageText")
def message_text(machine: Machine, receiver: Signal) -> Value:
    return Text(receiver.text or "")


@primitive("Exception", "messageText:")
def set_message_text(machine: Machine, receiver: Signal, text: Value) -> Value:
    receiver.text = _text(machine, text)
    return receiver


@primitive("Exception", "description")
def description(machine: Machine, receiver: Signal) -> Value:
    """Its class and its messageText."""
    text = machine.text_of(receiver)
    name = receiver.cls.name
    return Text(f"{name}: {text}" if text else name)


@primitive("MessageNotUnderstood", "description")
def not_understood_description(machine: Machine, receiver: Signal) -> Value:
    message = receiver.values.get("message")
    if message is None:
        return description(machine, receiver)
    target = receiver.values.get("receiver")
    if target is None:
        return Text(f"#{message.selector} was sent to nil")
    return Text(f"Instance of {machine.class_of(target).name} did not understand #{message.selector}")


@primitive("Exception", "printOn:", category="printing")
def print_on(machine: Machine, receiver: Signal, stream: Value) -> Value:
    text = machine.send(receiver, "description")
    put(machine, stream, text.chars if isinstance(text, Text) else receiver.cls.name)
    return receiver


@primitive("Exception", "isResumable")
def is_resumable(machine: Machine, receiver: Signal) -> Value:
    return True


@primitive("Error", "isResumable")
def error_is_resumable(machine: Machine, receiver: Signal) -> Value:
    return False


@primitive("ZeroDivide", "isResumable")
@primitive("MessageNotUnderstood", "isResumable")
@primitive("NonBooleanReceiver", "isResumable")
def some_errors_are_resumable(machine: Machine, receiver: Signal) -> Value:
    return True


@primitive("Exception", "signalerContext", "signalContext", "context")
def context(machine: Machine, receiver: Signal) -> Value:
    """Contexts are no objects here."""
    return None


@primitive("Exception", "tag")
def tag(machine: Machine, receiver: Signal) -> Value:
    return receiver.values["tag"] if "tag" in receiver.values else message_text(machine, receiver)


@primitive("Exception", "selector")
def selector(machine: Machine, receiver: Signal) -> Value:
    """The message that failed, where that is known."""
    message = receiver.values.get("message")
    name = message.selector if message is not None else receiver.values.get("selector")
    return symbol(name) if isinstance(name, str) else name


def _value_named(class_name: str, name: str) -> None:
    """What the signal carries besides its text; it can be set before it is signalled."""

    @primitive(class_name, name)
    def get(machine: Machine, receiver: Signal) -> Value:
        return receiver.values.get(name)

    distinct(get, name)

    @primitive(class_name, f"{name}:")
    def set_(machine: Machine, receiver: Signal, value: Value) -> Value:
        receiver.values[name] = value
        return receiver

    distinct(set_, f"{name}:")


for _class_name, _name in (
    ("Exception", "receiver"), ("Exception", "signaler"), ("MessageNotUnderstood", "message"),
    ("ZeroDivide", "dividend"), ("SubscriptOutOfBounds", "subscript"), ("SubscriptOutOfBounds", "lowerBound"),
    ("SubscriptOutOfBounds", "upperBound"), ("NotFound", "object"), ("NotFound", "collection"), ("KeyNotFound", "key"),
    ("ValueNotFound", "value"), ("CollectionIsEmpty", "collection"), ("NonBooleanReceiver", "object"),
):  # fmt: skip
    _value_named(_class_name, _name)


@primitive("Exception", "tag:")
def set_tag(machine: Machine, receiver: Signal, value: Value) -> Value:
    receiver.values["tag"] = value
    return receiver


@primitive("SubscriptOutOfBounds class", "signalFor:")
def signal_for_subscript(machine: Machine, receiver: Value, subscript: Value) -> Value:
    from stui_cli.playground.kernel.complaints import shown

    return machine.raise_(receiver.name, shown(machine, subscript), subscript=subscript)


@primitive("NotFound class", "signalFor:")
def signal_for_object(machine: Machine, receiver: Value, value: Value) -> Value:
    from stui_cli.playground.kernel.complaints import shown

    return machine.raise_(receiver.name, f"{shown(machine, value)} not found", object=value, key=value)


# Which are handled


@primitive("Exception class", ",")
def either(machine: Machine, receiver: Value, other: Value) -> Value:
    return ExceptionSet([receiver, *_kinds(other)])


@primitive("ExceptionSet", ",")
def or_also(machine: Machine, receiver: ExceptionSet, other: Value) -> Value:
    return ExceptionSet([*receiver.kinds, *_kinds(other)])


def _kinds(value: Value) -> list[Value]:
    return value.kinds if isinstance(value, ExceptionSet) else [value]


@primitive("Exception class", "handles:")
@primitive("ExceptionSet", "handles:")
def handles(machine: Machine, receiver: Value, exception: Value) -> Value:
    return isinstance(exception, Signal) and machine.handles(receiver, exception)


@primitive("Message", "selector")
def message_selector(machine: Machine, receiver: Value) -> Value:
    return symbol(receiver.selector)


@primitive("Message", "arguments")
def message_arguments(machine: Machine, receiver: Value) -> Value:
    from stui_cli.playground.objects import Array

    return Array(list(receiver.arguments))


@primitive("Message", "argument")
def message_argument(machine: Machine, receiver: Value) -> Value:
    return receiver.arguments[0] if receiver.arguments else None


@primitive("Message", "sendTo:", "value:")
def message_send_to(machine: Machine, receiver: Value, target: Value) -> Value:
    if not receiver.selector:
        return machine.raise_("Error", "a message without a selector cannot be sent")
    return machine.send(target, receiver.selector, *receiver.arguments)


@primitive("Message", "printOn:", category="printing")
def print_message(machine: Machine, receiver: Value, stream: Value) -> Value:
    from stui_cli.playground.kernel.printing import print_on as print_each

    parts = receiver.selector.split(":") if receiver.arguments else [receiver.selector]
    if not receiver.arguments:
        put(machine, stream, receiver.selector)
        return receiver
    for index, each in enumerate(receiver.arguments):
        keyword = f"{parts[index]}:" if receiver.selector.endswith(":") else parts[index]
        put(machine, stream, f"{' ' if index else ''}{keyword} ")
        print_each(machine, each, stream)
    return receiver
