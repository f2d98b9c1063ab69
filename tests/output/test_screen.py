import os
import pty
import struct
from collections.abc import Iterator
from fcntl import ioctl
from io import BytesIO, StringIO, TextIOWrapper
from termios import TIOCSWINSZ
from typing import TextIO

import pytest

from stui_cli.model.results import OutputMode
from stui_cli.output.screen import Screen, open_screen


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    """A terminal 123 cells wide."""
    leader, follower = pty.openpty()
    ioctl(follower, TIOCSWINSZ, struct.pack("HHHH", 40, 123, 0, 0))
    with os.fdopen(leader, "rb"), os.fdopen(follower, "w", encoding="utf-8") as stream:
        yield stream


@pytest.mark.parametrize(
    ("environ", "color", "on_terminal", "in_pipe"),
    [
        ({"TERM": "xterm"}, "auto", True, False),
        ({}, "auto", True, False),
        ({"NO_COLOR": "1"}, "auto", False, False),
        ({"NO_COLOR": ""}, "auto", True, False),
        ({"TERM": "dumb"}, "auto", False, False),
        ({"NO_COLOR": "1", "TERM": "dumb"}, "always", True, True),
        ({"TERM": "xterm"}, "never", False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, "auto", True, True),
        ({"CLICOLOR_FORCE": "1"}, "auto", True, True),
        ({"CLICOLOR_FORCE": "0", "FORCE_COLOR": ""}, "auto", True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False, False),
        ({"FORCE_COLOR": "1"}, "never", False, False),
        ({"CLICOLOR": "0"}, "auto", False, False),
    ],
)
def test_color_of_each_stream(
    terminal: TextIO, environ: dict[str, str], color: str, on_terminal: bool, in_pipe: bool
) -> None:
    screen = open_screen(terminal, StringIO(), environ, color=color)
    assert (screen.color_out, screen.color_err) == (on_terminal, in_pipe)
    screen = open_screen(StringIO(), terminal, environ, color=color)
    assert (screen.color_out, screen.color_err) == (in_pipe, on_terminal)


@pytest.mark.parametrize(
    ("columns", "on_terminal", "in_pipe"),
    [
        (None, 123, None),
        ("60", 60, 60),
        ("0", 123, None),
        ("wide", 123, None),
        ("-5", 123, None),
        ("²", 123, None),
    ],
)
def test_width(terminal: TextIO, columns: str | None, on_terminal: int, in_pipe: int | None) -> None:
    environ = {} if columns is None else {"COLUMNS": columns}
    assert open_screen(terminal, StringIO(), environ).width == on_terminal
    assert open_screen(StringIO(), terminal, environ).width == in_pipe


def test_width_of_a_terminal_that_does_not_tell(terminal: TextIO) -> None:
    ioctl(terminal.fileno(), TIOCSWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
    assert open_screen(terminal, StringIO(), {}).width == 80


@pytest.mark.parametrize(
    ("mode", "on_terminal", "in_pipe"),
    [(OutputMode.AUTO, True, False), (OutputMode.TABLE, True, True), (OutputMode.PLAIN, False, False)],
)
def test_tabular(terminal: TextIO, mode: OutputMode, on_terminal: bool, in_pipe: bool) -> None:
    assert open_screen(terminal, StringIO(), {}, mode=mode).tabular is on_terminal
    assert open_screen(StringIO(), terminal, {}, mode=mode).tabular is in_pipe


@pytest.mark.parametrize(
    ("encoding", "unicode", "printed"),
    [("utf-8", True, "é●".encode()), ("latin-1", False, b"\xe9\\u25cf"), ("ascii", False, b"\\xe9\\u25cf")],
)
def test_any_encoding(encoding: str, unicode: bool, printed: bytes) -> None:
    raw = BytesIO()
    screen = Screen(OutputMode.PLAIN, TextIOWrapper(raw, encoding), StringIO())
    screen.print("é●")
    assert screen.unicode is unicode
    assert raw.getvalue() == printed


def test_a_surrogate_never_breaks_a_stream() -> None:
    raw = BytesIO()
    err = TextIOWrapper(raw, "utf-8")
    Screen(OutputMode.PLAIN, StringIO(), err).say("\ud800")
    err.flush()
    assert raw.getvalue() == b"\\ud800\n"
