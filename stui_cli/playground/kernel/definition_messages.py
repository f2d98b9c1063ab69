"""The messages that define a class: subclass:instanceVariableNames:... and variableSubclass:..., with their kin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.defining import define

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def _definition(selector: str, *places: str) -> None:
    """A selector whose arguments are what `places` name: name, variables, shared, category, or nothing of use."""
    for word, indexed in (("subclass:", False), ("variableSubclass:", True)):
        _one_definition(selector.replace("subclass:", word, 1), places, indexed=indexed)


def _one_definition(selector: str, places: tuple[str, ...], *, indexed: bool) -> None:
    def defined(machine: Machine, receiver: Value, *arguments: Value) -> Value:
        told = dict(zip(places, arguments, strict=True))
        names, shared, category = (told.get(each) for each in ("variables", "shared", "category"))
        return define(machine, receiver, told["name"], names, shared, category, indexed=indexed)

    primitive("Class", selector, category="defining")(defined)
    primitive("UndefinedObject", selector, category="defining")(defined)


_definition("subclass:", "name")
_definition("subclass:category:", "name", "category")
_definition("subclass:instanceVariableNames:", "name", "variables")
_definition("subclass:instanceVariableNames:category:", "name", "variables", "category")
_definition("subclass:instanceVariableNames:package:", "name", "variables", "category")
for _last in ("package:", "category:"):
    _definition(f"subclass:instanceVariableNames:classVariableNames:{_last}", "name", "variables", "shared", "category")
    _definition(
        f"subclass:instanceVariableNames:classVariableNames:poolDictionaries:{_last}",
        *("name", "variables", "shared", "pools", "category"),
    )
    _definition(f"subclass:slots:classVariables:{_last}", "name", "variables", "shared", "category")
