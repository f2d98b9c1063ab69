"""All commands in one pane of a real terminal: it shows what the snapshots say, at 60 columns and at 120."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell import wait_until
from snapshot_cases import CASES
from snapshot_world import normalized
from test_command_snapshots import NARROW, SHOWN, WIDE
from tmux_terminals import Tmux

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
_COLOR = re.compile("\N{SYMBOL FOR ESCAPE}" + r"\[[\d;]*m")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    with Tmux({**os.environ, "LC_ALL": "C.UTF-8"}, tmp_path) as server:
        yield server


def sections(name: str) -> dict[str, str]:
    """What stands in the snapshots of a command below each heading, without colours."""
    found: dict[str, str] = {}
    text = (SHOWN / f"{name.replace(' ', '-')}.txt").read_text("utf-8")
    for part in text.split("\n=== ")[1:]:
        heading, _, below = part.partition(": ")
        same = re.fullmatch(r"as (.+?)(, without colours)?\n?", below)
        found[heading] = found[same[1]] if same else _COLOR.sub("", below.rstrip("\n"))
    return found


def lines_of(name: str, way: str) -> list[str]:
    """Each line of both streams, and the exit code: in which order the streams come together is the terminal's."""
    exit_code, *lines = sections(name)[way].splitlines()
    return sorted([exit_code, *(line.rstrip() for line in lines if not line.startswith("--- std"))])


@pytest.mark.long
@pytest.mark.parametrize(("columns", "way"), [(60, NARROW), (120, WIDE)])
def test_a_pane_shows_what_the_snapshots_say(columns: int, way: str, tmux: Tmux) -> None:
    pane, told = tmux.terminal("pane"), tmux.folder / "told"
    tmux.tmux("resize-window", "-t", "test:pane", "-x", str(columns), "-y", "40")
    pane.send(f"clear; {sys.executable} {HERE / 'commands_in_terminal.py'} {told}", "Enter")
    wait_until(told.exists, "every command was run", 50)
    shown = tmux.tmux("capture-pane", "-p", "-J", "-S", "-", "-t", "test:pane")
    for world in told.read_text().splitlines():
        shown = normalized(shown, *world.split())
    parts = dict(part.split("\n", 1) for part in re.split(r"^\$ stui ", shown, flags=re.MULTILINE)[1:])
    for name, case in CASES.items():
        lines, code, _ = re.split(r"^(exit \d+)$", parts[case.line], maxsplit=1, flags=re.MULTILINE)
        assert sorted([code, *map(str.rstrip, lines.splitlines())]) == lines_of(name, way), case.line
