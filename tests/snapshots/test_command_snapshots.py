"""What each command prints, to the letter: stdout, stderr and exit code, on two terminals, in a pipe, with and without
colours, and where the encoding has only ASCII. STUI_UPDATE_SNAPSHOTS=1 writes them anew.

A file for each command. A way of calling it that shows what another one shows says so in one line.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from snapshot_cases import CASES, Case
from snapshot_world import Said, Way, World

from stui_cli.command_table import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.command_table import CommandRow

SHOWN = Path(__file__).parent / "commands"


PIPE, NARROW, WIDE = "in a pipe", "60 columns", "120 columns"
WAYS = {
    PIPE: Way(),
    NARROW: Way(60),
    WIDE: Way(120),
    "60 columns, NO_COLOR": Way(60, environ={"NO_COLOR": "1"}),
    "60 columns, TERM=dumb": Way(60, environ={"TERM": "dumb"}),
    "in a pipe, --color always": Way(more="--color always"),
    "60 columns, ASCII": Way(60, environ={"LANG": "C"}, encoding="ascii"),
}
# What changes the image has a world of its own each time, and is called in these ways only.
OFTEN = (PIPE, NARROW, WIDE)


def _commands(table: Mapping[str, CommandRow], above: str = "") -> Iterator[str]:
    for name, row in table.items():
        if row.subcommands:
            yield from _commands(row.subcommands, f"{above}{name} ")
        else:
            yield f"{above}{name}"


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """For what leaves the image as it is."""
    made = World()
    yield made
    made.end()


def called(case: Case, way: Way, shared: World) -> Said:
    if not case.live:
        return shared.stui(case.line, way, case.before)
    own = World()
    try:
        return own.stui(case.line, way, case.before)
    finally:
        own.end()


def shown(said: Mapping[str, Said]) -> dict[str, str]:
    """What stands below each heading."""
    whole = {way: str(each) for way, each in said.items()}
    plain = {way: str(each.without_colors()) for way, each in said.items()}
    told: dict[str, str] = {}
    for way, text in whole.items():
        same = next((other for other in told if whole[other] == text), None)
        stripped = next((other for other in told if plain[other] == plain[way]), None)
        if same:
            told[way] = f"as {same}\n"
        elif stripped and text == plain[way]:
            told[way] = f"as {stripped}, without colours\n"
        else:
            told[way] = text
    return told


@pytest.mark.parametrize("name", CASES)
def test_a_command_prints_this(name: str, shared: World) -> None:
    case = CASES[name]
    said = {name: called(case, way, shared) for name, way in WAYS.items() if not case.live or name in OFTEN}
    text = f"$ stui {case.line}\n" + "".join(f"=== {way}: {told}" for way, told in shown(said).items())
    path = SHOWN / f"{name.replace(' ', '-')}.txt"
    if os.environ.get("STUI_UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8", newline="")
    assert text == path.read_text(encoding="utf-8")


def test_every_command_has_snapshots() -> None:
    assert set(_commands(COMMANDS)) == set(CASES)
    assert {path.stem for path in SHOWN.iterdir()} == {name.replace(" ", "-") for name in CASES}
