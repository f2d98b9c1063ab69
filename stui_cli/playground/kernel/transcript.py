"""Transcript: what goes to whoever asked for the evaluation. A line ends by LF, so that a terminal shows it as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.joining import words
from stui_cli.playground.kernel.printing import print_string
from stui_cli.playground.objects import Character

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("TranscriptStream", "show:", "nextPutAll:", "display:", "<<")
def show(machine: Machine, receiver: Value, value: Value) -> Value:
    machine.say(words(machine, value))
    return receiver


@primitive("TranscriptStream", "nextPut:")
def next_put(machine: Machine, receiver: Value, value: Value) -> Value:
    machine.say(chr(value.code) if type(value) is Character else words(machine, value))
    return receiver


@primitive("TranscriptStream", "print:")
def print_(machine: Machine, receiver: Value, value: Value) -> Value:
    machine.say(print_string(machine, value))
    return receiver


@primitive("TranscriptStream", "showCr:", "displayNl:", "traceCr:")
def show_cr(machine: Machine, receiver: Value, value: Value) -> Value:
    machine.say(words(machine, value) + "\n")
    return receiver


@primitive("TranscriptStream", "crShow:")
def cr_show(machine: Machine, receiver: Value, value: Value) -> Value:
    machine.say("\n" + words(machine, value))
    return receiver


@primitive("TranscriptStream", "cr", "nl", "lf")
def cr(machine: Machine, receiver: Value) -> Value:
    machine.say("\n")
    return receiver


@primitive("TranscriptStream", "open", "clear", "endEntry", "flush")
def nothing(machine: Machine, receiver: Value) -> Value:
    """There is no window."""
    return receiver
