"""Names that some dialect does not compile: it stops at an argument or temporary that hides a slot of its class."""

from __future__ import annotations

import re

import pytest
from chunk_reader import Reading, read

from stui_cli.local.dialects import VISITED, agent_files, portable_files

CLASS = re.compile(r"(\w+) subclass: #(\w+)\s+instanceVariableNames: '([^']*)'")


def slots_of(text: str) -> dict[str, set[str]]:
    """The slots of each class that the text defines, those of its superclasses included."""
    above = {name: (parent, set(slots.split())) for parent, name, slots in CLASS.findall(text)}

    def whole(name: str) -> set[str]:
        parent, own = above.get(name, ("", set()))
        return own | (whole(parent) if parent else set())

    return {name: whole(name) for name in above}


def hidden_in(text: str) -> list[str]:
    reading, slots = Reading(), slots_of(text)
    read(text, reading)
    return [
        f"{where} hides {name}"
        for where, names in reading.declared.items()
        for name in sorted(names & slots.get(where.split(">>")[0], set()))
    ]


@pytest.mark.parametrize("dialect", VISITED)
def test_no_method_hides_a_slot_of_its_class(dialect: str) -> None:
    files = (*agent_files(dialect), *portable_files())
    assert hidden_in("".join(path.read_text("ascii") for path in files)) == []


def test_one_that_does_is_noticed() -> None:
    text = "A subclass: #B\n\tinstanceVariableNames: 'c'\n!B subclass: #D\n\tinstanceVariableNames: 'e'\n"
    methods = "!\n!D methodsFor: 'x'!\nf: c\n\t| g |\n\t^[:e | e]! !\n!D class methodsFor: 'x'!\nh: c\n\t^c! !\n"
    assert hidden_in(text + methods) == ["D>>f: hides c", "D>>f: hides e"]
