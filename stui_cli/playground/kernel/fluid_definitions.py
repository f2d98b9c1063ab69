"""Classes defined as Pharo's browser shows them: Object << #Point3 slots: {#x. #y}; tag: 'Points'; package: 'Shapes'.

There the browser installs what this makes; here the class is there once its package is told, or `install` is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior, primitive
from stui_cli.playground.kernel.defining import define
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.objects import Instance

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Class", "<<", category="defining")
def begin(machine: Machine, receiver: Behavior, name: Value) -> Value:
    return Instance(machine.image.classes["FluidClassBuilder"], payload={"superclass": receiver, "name": name})


@primitive("UndefinedObject", "<<", category="defining")
def begin_without_superclass(machine: Machine, receiver: Value, name: Value) -> Value:
    return Instance(machine.image.classes["FluidClassBuilder"], payload={"superclass": None, "name": name})


def _told(selector: str) -> None:
    @primitive("FluidClassBuilder", selector, category="defining")
    def told(machine: Machine, receiver: Instance, value: Value) -> Value:
        if receiver.payload is not None:
            receiver.payload[selector] = value
        return receiver

    distinct(told, selector)


for _selector in ("slots:", "sharedVariables:", "sharedPools:", "tag:", "traits:", "layout:"):
    _told(_selector)


@primitive("FluidClassBuilder", "package:", category="defining")
def package(machine: Machine, receiver: Instance, name: Value) -> Value:
    if receiver.payload is not None:
        receiver.payload["package:"] = name
    return install(machine, receiver)


@primitive("FluidClassBuilder", "install", category="defining")
def install(machine: Machine, receiver: Instance) -> Value:
    told = receiver.payload
    if told is None:
        return machine.raise_("Error", "a class is defined as Object << #Point3 slots: {#x}; package: 'Shapes'")
    variables, shared = told.get("slots:"), told.get("sharedVariables:")
    return define(machine, told["superclass"], told["name"], variables, shared, told.get("package:"))
