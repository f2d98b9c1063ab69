"""The messages that tell a part of an object, and set it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.naming import distinct

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def accessors(class_name: str, *parts: str) -> None:
    """Of each part, an attribute of the class's payload: its name, and that with a colon."""
    for part in parts:
        _told(class_name, part)
        _set(class_name, part)


def _told(class_name: str, part: str) -> None:
    @primitive(class_name, part)
    def told(machine: Machine, receiver: Value) -> Value:
        return getattr(receiver, part)

    distinct(told, part)


def _set(class_name: str, part: str) -> None:
    @primitive(class_name, f"{part}:")
    def set_(machine: Machine, receiver: Value, value: Value) -> Value:
        setattr(receiver, part, value)
        return receiver

    distinct(set_, f"{part}:")
