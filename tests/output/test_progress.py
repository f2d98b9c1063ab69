"""Lines that renew themselves: what a terminal shows at the end, and nothing where nobody looks."""

from __future__ import annotations

import io
import re
import sys
import time

import pytest
from shell import wait_until

from stui_cli.model.results import OutputMode
from stui_cli.output import progress
from stui_cli.output.progress import Board, Progress
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


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn whenever something is told."""
    monkeypatch.setattr(progress, "_REDRAWN_AFTER_S", -1)
    monkeypatch.setattr(progress, "_SHOWN_AFTER_S", 0)
    monkeypatch.setattr(progress, "_TICK_S", 60)


@pytest.mark.usefixtures("at_once")
def test_a_line_for_each() -> None:
    terminal = Terminal()
    with Board(screen(terminal), ["alpha", "beta"]) as board:
        board.tell("alpha", "3 tests", "3 tests")
        board.tell("beta", "1 test \x1b[31m", "4 tests")
        assert shown(terminal.getvalue()) == ["4 tests (0 ms)", "  alpha: 3 tests", "  beta: 1 test \\x1b[31m"]
        board.tell("alpha", None, "5 tests")
        assert shown(terminal.getvalue()) == ["5 tests (0 ms)", "  beta: 1 test \\x1b[31m"]
    assert shown(terminal.getvalue()) == []


@pytest.mark.usefixtures("at_once")
def test_no_more_lines_than_the_terminal_has() -> None:
    terminal = Terminal()
    board = Board(screen(terminal), [])
    for number in range(100):
        board.tell(f"image{number}", "x" * 200, "all")
    lines = shown(terminal.getvalue())
    assert len(lines) == 22
    assert {len(line) for line in lines[1:]} == {79}


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["pipe", "quiet"])
def test_nothing_where_nobody_looks(stream: io.StringIO) -> None:
    where = screen(stream, quiet=stream.isatty())
    with Board(where, ["alpha"]) as board, Progress(where, "loading") as line:
        board.tell("alpha", "3 tests", "3 tests")
        line.tell("a file")
        line.make_room()
    assert stream.getvalue() == ""


def test_nothing_of_what_is_over_soon() -> None:
    terminal = Terminal()
    with Progress(screen(terminal), "loading", 2) as line:
        line.step()
        line.step()
    assert terminal.getvalue() == ""


@pytest.mark.usefixtures("at_once")
def test_what_how_many_and_what_now_in_one_line() -> None:
    terminal = Terminal()
    with Progress(screen(terminal), "loading", 3) as line:
        line.tell("a\n\x07", 1)
        assert shown(terminal.getvalue()) == ["loading 1 of 3 (0 ms): a\\x0a\\x07"]
        line.step()
        assert shown(terminal.getvalue()) == ["loading 2 of 3 (0 ms)"]
    assert shown(terminal.getvalue()) == []
    line.step()
    assert shown(terminal.getvalue()) == []


@pytest.mark.usefixtures("at_once")
def test_text_among_it_is_not_written_over() -> None:
    terminal = Terminal()
    with Progress(screen(terminal), "loading") as line:
        for text in ("half a ", "line\n"):
            line.make_room(text)
            terminal.write(text)
            line.tell("more")
        assert shown(terminal.getvalue()) == ["half a line", "loading (0 ms): more"]
    assert shown(terminal.getvalue()) == ["half a line"]


def test_the_time_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SHOWN_AFTER_S", 0.01)
    monkeypatch.setattr(progress, "_TICK_S", 0.01)
    monkeypatch.setattr(progress, "_SSH", "no.module")  # other tests of this process may have loaded it
    terminal = Terminal()
    with Progress(screen(terminal), "starting alpha"):
        wait_until(lambda: shown(terminal.getvalue()) == ["starting alpha (0 ms)"], "the line is there")
    assert shown(terminal.getvalue()) == []


def test_nothing_by_itself_where_ssh_may_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SHOWN_AFTER_S", 0.01)
    monkeypatch.setattr(progress, "_TICK_S", 0.01)
    monkeypatch.setitem(sys.modules, "stui_cli.image.openssh", sys)
    terminal = Terminal()
    with Progress(screen(terminal), "loading") as line:
        time.sleep(0.05)
        assert terminal.getvalue() == ""
        line.tell("a file")
        assert shown(terminal.getvalue()) == ["loading (0 ms): a file"]
