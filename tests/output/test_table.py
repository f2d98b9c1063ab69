import os
import pty
import re
import struct
import subprocess
import sys
from fcntl import ioctl
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from termios import TIOCSWINSZ

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import stui_cli
from stui_cli.contract.history import HISTORY, LISTED
from stui_cli.contract.image import IMAGE
from stui_cli.model.results import Column, OutputMode, Result, Show
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.output.looks import HEALTH_LOOKS, STATUS_LOOKS
from stui_cli.output.render import render
from stui_cli.output.screen import Screen


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_widths(recorded, images, matches_snapshot, width) -> None:
    printed = recorded(OutputMode.TABLE, width=width, on_terminal=True)
    render(images, printed.screen)
    assert all(cell_len(line) <= width for line in printed.out.getvalue().splitlines())
    for item in images.items:
        assert str(item["name"]) in printed.out.getvalue()
    matches_snapshot(f"table-{width}", printed)


def test_columns_asked_for_are_never_left_out(recorded, images, matches_snapshot) -> None:
    printed = recorded(OutputMode.TABLE, width=40, columns=("name", "status", "health", "address"))
    render(images, printed.screen)
    matches_snapshot("table-40-columns", printed)


def test_quiet_does_not_tell_what_had_no_room(recorded, images) -> None:
    printed = recorded(OutputMode.TABLE, width=80, quiet=True)
    render(images._replace(errors=(), warnings=()), printed.screen)
    assert printed.err.getvalue() == ""


def test_ascii_terminal(images, matches_snapshot) -> None:
    raw = BytesIO()
    screen = Screen(
        OutputMode.TABLE, TextIOWrapper(raw, "ascii"), StringIO(), width=120, clock=lambda: 1_760_000_000_000
    )
    render(images._replace(items=(*images.items[:2], *images.items[3:])), screen)
    matches_snapshot("table-ascii", raw.getvalue().decode("ascii"))


def test_what_came_of_an_evaluation_is_worth_more_than_how_long_it_took(recorded) -> None:
    item = dict.fromkeys(HISTORY.keys) | {"number": 1, "outcome": "returned", "elapsed_ms": 12, "source": "x" * 40}
    for width, note in ((58, "no room for TOOK; -o plain shows all\n"), (80, "")):
        printed = recorded(OutputMode.TABLE, width=width)
        render(Result(HISTORY, [item | {"result": "an OrderedCollection(1 4 9 16 25)"}], LISTED), printed.screen)
        heading = printed.out.getvalue().splitlines()[0].split()
        assert heading == ["#", "TIME", "OUTCOME", *(["TOOK"] if width == 80 else []), "RESULT", "SOURCE"]
        assert printed.err.getvalue() == note


def test_every_state_has_a_look_of_its_own() -> None:
    assert set(STATUS_LOOKS) == set(ConnectionStatus)
    assert set(HEALTH_LOOKS) == set(ConnectionHealth)
    for looks in (STATUS_LOOKS, HEALTH_LOOKS):
        assert len({look.symbol for look in looks.values()}) == len(looks)
        assert len({look.ascii for look in looks.values()}) == len(looks)
        assert all(look.ascii.isascii() for look in looks.values())


@given(st.lists(st.tuples(st.text(max_size=30), st.text()), min_size=1, max_size=5), st.integers(50, 120))
def test_foreign_text_neither_breaks_lines_nor_sends_controls(pairs: list[tuple[str, str]], width: int) -> None:
    columns = (Column("name", "Name"), Column("status", "Status", Show.STATUS), Column("reason", "Reason"))
    items = [{"name": name, "status": "failed", "reason": reason} for name, reason in pairs]
    out = StringIO()
    render(Result(IMAGE, items, columns), Screen(OutputMode.TABLE, out, StringIO()))
    assert len(out.getvalue().split("\n")) == len(pairs) + 3
    assert "\x1b" not in out.getvalue()
    render(Result(IMAGE, items, columns), Screen(OutputMode.TABLE, StringIO(), StringIO(), width=width))


@pytest.mark.parametrize("width", [60, 80, 200])
def test_on_a_real_terminal(width) -> None:
    program = (
        "import os, sys\n"
        "from stui_cli.model.results import Column, ItemKind, Result, Show\n"
        "from stui_cli.output.render import render\n"
        "from stui_cli.output.screen import open_screen\n"
        "columns = Column('name', 'Name'), Column('status', 'Status', Show.STATUS), Column('reason', 'Why')\n"
        "item = {'name': 'alpha', 'status': 'connected', 'reason': 'word ' * 50 + '\\x1b[2J'}\n"
        "render(Result(ItemKind('image', {}), [item], columns), open_screen(sys.stdout, sys.stderr, os.environ))\n"
    )
    leader, follower = pty.openpty()
    ioctl(follower, TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    root = Path(stui_cli.__file__).parents[1]
    environ = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
    with os.fdopen(leader, "rb") as terminal:
        with os.fdopen(follower, "wb") as stream:
            command = [sys.executable, "-c", program]
            subprocess.run(
                command, stdout=stream, check=True, cwd=root, env=environ | {"TERM": "xterm", "PYTHONUTF8": "1"}
            )
        printed = os.read(terminal.fileno(), 65536).decode()
    heading, rule, *rows, rest = printed.split("\r\n")
    assert "\x1b[1mName\x1b[0m" in heading
    assert re.sub(r"\x1b\[[\d;]*m", "", rule) == "─" * width
    assert rows[0].startswith("alpha  \x1b[32m● connected\x1b[0m  word word")
    assert {row[: len("alpha  ● connected")].strip() for row in rows[1:]} == {""}
    folded = "".join(re.sub(r"\x1b\[[\d;]*m|[^wordx1b2J\[\\]", "", row.split("connected")[-1]) for row in rows)
    assert folded == "word" * 50 + r"\x1b[2J"
    assert rest == ""


def test_long_text_is_folded_and_short_left_alone(recorded) -> None:
    """Words are kept whole, an address is parted where its parts end, and what is short has its line for itself."""
    columns = (Column("name", "SESSION"), Column("description", "DESCRIPTION"), Column("address", "ADDRESS"))
    items = [
        {"name": "work", "description": "a longer thought about what is done here", "address": "ssh://me@host/place:1"},
        {"name": "a-name-that-is-never-cut", "description": "short", "address": "unix:///s"},
    ]
    printed = recorded(OutputMode.TABLE, width=60)
    render(Result(IMAGE, items, columns), printed.screen)
    assert printed.out.getvalue().splitlines()[2:] == [
        "work                      a longer        ssh://me@host/",
        "                          thought about   place:1",
        "                          what is done",
        "                          here",
        "a-name-that-is-never-cut  short           unix:///s",
    ]


def test_a_cell_of_a_hundred_lines_does_not_push_all_else_away(recorded) -> None:
    columns = (Column("name", "NAME"), Column("source", "SOURCE", Show.CODE))
    items = [{"name": "alpha", "source": "word " * 400}, {"name": "beta", "source": "3 + 4"}]
    printed = recorded(OutputMode.TABLE, width=60)
    render(Result(IMAGE, items, columns), printed.screen)
    rows = printed.out.getvalue().splitlines()[2:]
    assert len(rows) == 11
    assert rows[9].endswith("…")
    assert rows[10] == "beta   3 + 4"


def test_many_rows_are_as_many_lines_in_their_order(recorded) -> None:
    """They are drawn in blocks."""
    columns = (Column("name", "NAME"), Column("number", "NUMBER", Show.NUMBER))
    items = [{"name": f"image-{number}", "number": number} for number in range(1001)]
    printed = recorded(OutputMode.TABLE, width=60)
    render(Result(IMAGE, items, columns), printed.screen)
    rows = printed.out.getvalue().splitlines()[2:]
    assert [row.split() for row in rows] == [[f"image-{number}", str(number)] for number in range(1001)]
    assert len(set(map(len, rows))) == 1
