"""Symbols: names that are there once, and selectors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.playground.classes import arity, primitive
from stui_cli.playground.kernel.complaints import bad_index
from stui_cli.playground.kernel.text import as_text, chars, is_text, no_change
from stui_cli.playground.objects import Symbol, Text, character, symbol

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Symbol", "asString", category="converting")
def symbol_as_string(machine: Machine, receiver: Symbol) -> Value:
    return Text(receiver.name)


@primitive("Symbol", "isSymbol", category="testing")
def is_symbol(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Symbol", "at:", "basicAt:", category="accessing")
def at(machine: Machine, receiver: Symbol, index: Value) -> Value:
    if type(index) is not int or not 1 <= index <= len(receiver.name):
        return bad_index(machine, receiver, index)
    return character(ord(receiver.name[index - 1]))


@primitive("Symbol", "size", "basicSize", category="accessing")
def size(machine: Machine, receiver: Symbol) -> Value:
    return len(receiver.name)


@primitive("Symbol", "at:put:", "basicAt:put:", category="accessing")
def symbol_at_put(machine: Machine, receiver: Symbol, index: Value, value: Value) -> Value:
    return no_change(machine)


@primitive("Symbol", "asSymbol", "copy", "shallowCopy", "deepCopy", category="copying")
def itself(machine: Machine, receiver: Symbol) -> Value:
    return receiver


@primitive("Symbol", ",", category="copying")
def joined(machine: Machine, receiver: Symbol, other: Value) -> Value:
    whole = machine.send(Text(receiver.name), ",", other)
    return symbol(chars(whole)) if is_text(whole) else whole


@primitive("Symbol class", "new", "new:", "basicNew", "basicNew:", category="instance creation")
def no_new(machine: Machine, receiver: Value, *arguments: Value) -> Value:
    return machine.raise_("ShouldNotImplement", "symbols are made by asSymbol")


@primitive("Symbol class", "intern:", category="instance creation")
def intern(machine: Machine, receiver: Value, name: Value) -> Value:
    return symbol(as_text(machine, name, "asSymbol"))


@primitive("String", "numArgs", category="accessing")
def number_of_arguments(machine: Machine, receiver: Value) -> Value:
    """-1 for what is no selector."""
    name = chars(receiver)
    return arity(name) if is_selector(name) else -1


def is_selector(name: str) -> bool:
    return re.fullmatch(r"(?:[^\W\d]\w*|(?:[^\W\d]\w*:)+|[-+*/\\<>=~,@%&?|!]+)", name) is not None


@primitive("Symbol", "isUnary", category="testing")
def is_unary(machine: Machine, receiver: Symbol) -> Value:
    return is_selector(receiver.name) and arity(receiver.name) == 0


@primitive("Symbol", "isBinary", category="testing")
def is_binary(machine: Machine, receiver: Symbol) -> Value:
    return is_selector(receiver.name) and arity(receiver.name) == 1 and not receiver.name.endswith(":")


@primitive("Symbol", "isKeyword", category="testing")
def is_keyword(machine: Machine, receiver: Symbol) -> Value:
    return is_selector(receiver.name) and receiver.name.endswith(":")


@primitive("Symbol", "asMutator", category="converting")
def as_mutator(machine: Machine, receiver: Symbol) -> Value:
    return receiver if receiver.name.endswith(":") else symbol(receiver.name + ":")
