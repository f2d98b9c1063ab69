"""Lines that renew themselves: what a terminal shows at the end, and nothing where nobody looks."""

from __future__ import annotations

import io
import re

import pytest

from stui_cli.model.results import OutputMode
from stui_cli.output import progress
from stui_cli.output.progress import Board, Meter
from stui_cli.output.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(text: str) -> list[str]:
    """What is left on a screen, of the few sequences that are used here."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[\d*[AKJ]|\r|\n|[^\x1b\r\n]+", text):
        if part == "\r":
            column = 0
        elif part == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif part.endswith("A") and part.startswith("\x1b"):
            row -= int(part[2:-1])
        elif part == "\x1b[K":
            lines[row] = lines[row][:column]
        elif part == "\x1b[J":
            lines[row:] = [lines[row][:column]]
        else:
            lines[row] = lines[row][:column] + part + lines[row][column + len(part) :]
            column += len(part)
    return [line for line in lines if line]


def screen(stream: io.StringIO, *, quiet: bool = False) -> Screen:
    return Screen(OutputMode.AUTO, io.StringIO(), stream, quiet=quiet)


def test_a_line_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_REDRAWN_AFTER_S", -1)
    terminal = Terminal()
    with Board(screen(terminal), ["alpha", "beta"]) as board:
        board.tell("alpha", "3 tests", "3 tests")
        board.tell("beta", "1 test \x1b[31m", "4 tests")
        assert shown(terminal.getvalue()) == ["4 tests", "  alpha: 3 tests", "  beta: 1 test \\x1b[31m"]
        board.tell("alpha", None, "5 tests")
        assert shown(terminal.getvalue()) == ["5 tests", "  beta: 1 test \\x1b[31m"]
    assert shown(terminal.getvalue()) == []


def test_no_more_lines_than_the_terminal_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_REDRAWN_AFTER_S", -1)
    terminal = Terminal()
    board = Board(screen(terminal), [])
    for number in range(100):
        board.tell(f"image{number}", "x" * 200, "all")
    lines = shown(terminal.getvalue())
    assert len(lines) == 22
    assert {len(line) for line in lines[1:]} == {79}


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["pipe", "quiet"])
def test_nothing_where_nobody_looks(stream: io.StringIO) -> None:
    where = screen(stream, quiet=stream.isatty())
    with Board(where, ["alpha"]) as board, Meter(where) as meter:
        board.tell("alpha", "3 tests", "3 tests")
        meter.tell("loading")
    assert stream.getvalue() == ""


def test_one_line_that_is_cleared() -> None:
    terminal = Terminal()
    with Meter(screen(terminal)) as meter:
        meter.tell("loading\n\x07")
        assert shown(terminal.getvalue()) == ["loading\\x0a\\x07"]
        meter.clear()
        assert shown(terminal.getvalue()) == []
        meter.tell("more")
    assert shown(terminal.getvalue()) == []
