"""What is longer than the terminal goes through the pager: of commands that tell, and only there."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import sys
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import TYPE_CHECKING

import pytest

from stui_cli.api import open_manager
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.sessions import Session

if TYPE_CHECKING:
    from stui_cli.store.transaction import Draft

MANY = 12


@pytest.fixture(autouse=True)
def images() -> None:
    """As many as no terminal of this file has lines, the one at a port that nobody listens at."""

    def register(draft: Draft) -> ImageDetails:
        for number in range(MANY):
            draft.images[f"image-{number:02}"] = Image(f"image-{number:02}", "tcp://127.0.0.1:1", 0)
        return ImageDetails(Kind.IMAGE_ADD, "image-00")

    open_manager().store.commit(register)


def on_terminal(*words: str, lines: int = 10, stdin: int | None = None, **more: str) -> tuple[int, list[str]]:
    """Exit code of a command on a terminal, and what it shows."""
    here, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", lines, 60, 0, 0))
    environ = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR")}
    environ |= {"TERM": "xterm", "PAGER": "sed 's/^/paged: /'", "NO_COLOR": "1"} | more
    with subprocess.Popen(
        [sys.executable, "-m", "stui_cli", *words],
        stdin=theirs if stdin is None else stdin,
        stdout=theirs,
        stderr=theirs,
        env=environ,
        start_new_session=True,
    ) as child:
        os.close(theirs)
        shown = b""
        try:
            while some := os.read(here, 65536):
                shown += some
        except OSError:  # EIO: the other side is closed
            pass
        os.close(here)
        return child.wait(20), shown.decode().splitlines()


def paged(lines: list[str]) -> list[bool]:
    return [line.startswith("paged: ") for line in lines]


def test_a_list_is_paged_and_what_is_said_of_it_comes_after() -> None:
    code, shown = on_terminal("images", "list")
    assert code == 0
    assert paged(shown) == [True] * (MANY + 2) + [False]
    assert shown[-1].startswith("no room for ")


def test_what_fits_is_not_paged() -> None:
    assert not any(paged(on_terminal("images", lines=MANY + 4)[1]))


@pytest.mark.parametrize("words", [("--no-pager", "images"), ("images", "--no-pager")])
def test_not_where_it_is_not_wanted(words: tuple[str, ...]) -> None:
    assert not any(paged(on_terminal(*words)[1]))


def test_not_where_nobody_can_turn_pages_or_the_terminal_cannot() -> None:
    with open(os.devnull, "rb") as nothing:
        assert not any(paged(on_terminal("images", stdin=nothing.fileno())[1]))
    assert not any(paged(on_terminal("images", TERM="dumb")[1]))


def test_every_form_is_paged_and_colours_stay() -> None:
    assert all(paged(on_terminal("images", "-o", "json")[1]))
    _, shown = on_terminal("images", "--color=always")
    assert "\x1b[1mIMAGE\x1b[0m" in shown[0]


def test_the_exit_code_is_that_of_the_command_and_leaving_early_is_no_failure() -> None:
    code, shown = on_terminal("status", "--exit-code", PAGER="head -n 1")
    assert code == 8
    assert shown[0].startswith("IMAGE")
    assert "12 images: " in shown[-1]


def test_what_a_command_asks_a_yes_to_is_not_paged() -> None:
    """The question stands below it."""

    def leave_behind(draft: Draft) -> ImageDetails:
        sessions = draft.sessions("gone")
        sessions |= {f"s{n}": Session(f"s{n}", f"s{n}", "gone", "first", 0, 0) for n in range(MANY)}
        return ImageDetails(Kind.IMAGE_ADD, "gone")

    open_manager().store.commit(leave_behind)
    code, shown = on_terminal("cleanup", "--cached", "--no-input")
    assert (code, any(paged(shown))) == (2, False)
    assert all(any(f"s{number} " in line for line in shown) for number in range(MANY)), shown
    assert all(paged(on_terminal("cleanup", "--cached", "-n")[1])[:MANY])


def test_the_pager_of_the_settings() -> None:
    (Path(os.environ["STUI_HOME"]) / "config.toml").write_text("pager = \"sed 's/^/mine: /'\"\n")
    _, shown = on_terminal("images")
    assert shown[0].startswith("mine: ")


def test_a_long_list_is_paged_while_it_is_read() -> None:
    """Who has seen enough ends the reading too; what is said meanwhile stands in no page."""
    store = open_manager().store

    def add_sessions(draft: Draft) -> ImageDetails:
        for number in range(5):
            image_id = f"id-{number}"
            draft.images[f"image-{number:02}"] = Image(f"image-{number:02}", "tcp://127.0.0.1:1", 0, image_id=image_id)
            mine = draft.sessions(image_id)
            for each in range(1000):
                mine[f"work-{each}"] = Session(f"{image_id}-{each}", f"work-{each}", image_id, "first", 7, 8)
        return ImageDetails(Kind.IMAGE_ADD, "image-00")

    store.commit(add_sessions)
    damaged = Path(store.home.object(store.read().shards["id-4"]))
    damaged.write_bytes(b"")
    no_room = "no room for LAST ACTIVITY, DESCRIPTION; -o plain shows all"
    code, shown = on_terminal("sessions", "list", PAGER="head -n 1")
    assert (code, len(shown), shown[1]) == (0, 2, no_room)
    code, shown = on_terminal("sessions", "list")
    assert (code, sum("work-" in line for line in shown)) == (0, 4000)
    assert paged(shown) == [True] * (4000 + 2) + [False] * (len(shown) - 4002)
    told = "".join(shown[4002:])
    assert str(damaged) in told
    assert no_room in told
