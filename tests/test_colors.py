"""`--color always` and `never`, over all commands: in what people read and nowhere else, and only colours of ours."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Farm

from stui_cli.api import open_manager
from stui_cli.command_table import COMMANDS
from stui_cli.main import run
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.output.palette import MANY, SIXTEEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stui_cli.command_table import CommandRow
    from stui_cli.store.transaction import Draft

_CODES = re.compile(r"\x1b\[([\d;]*)m")

# What may stand in a code: nothing (back to usual), bold, the manual's underlining, and the colours of the palettes.
_ALLOWED = {"", "0", "1", "4", *(paint.sgr for palette in (SIXTEEN, MANY) for paint in palette.values())}


def _commands(table: Mapping[str, CommandRow], *above: str) -> Iterator[tuple[str, ...]]:
    for name, entry in table.items():
        if entry.subcommands:
            yield from _commands(entry.subcommands, *above, name)
        elif name not in ("demo", "playground"):  # the one takes long, the other serves until it is ended
            yield (*above, name)


PATHS = list(_commands(COMMANDS))


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`alpha`, with a session; nobody types anything."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    with Farm() as farm:
        made = farm.add(Behaviour())

        def register(draft: Draft) -> ImageDetails:
            draft.images["alpha"] = Image("alpha", made.address, 0, image_id=made.image_id)
            return ImageDetails(Kind.IMAGE_ADD, "alpha")

        manager = open_manager()
        manager.store.commit(register)
        manager.create_session_for_image("alpha", session_name="work")
        yield


def told(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    """What a command prints and says."""
    run([*words, "--timeout=1", "--no-input"])
    done = capfd.readouterr()
    return done.out, done.err


@pytest.mark.usefixtures("image")
def test_each_command_has_colors_where_people_read_and_where_they_are_wanted(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for path in PATHS:
        for mode in ("table", "plain"):
            out, err = told(capfd, *path, "--color=always", "-o", mode)
            assert set(_CODES.findall(out + err)) <= _ALLOWED, path
            assert "\x1b" not in _CODES.sub("", out + err), path
        for mode in ("json", "jsonl", "tsv", "name"):
            assert "\x1b" not in told(capfd, *path, "--color=always", "-o", mode)[0], (path, mode)
        assert "\x1b" not in "".join(told(capfd, *path, "--color=never", "-o", "table")), path


@pytest.mark.usefixtures("image")
def test_a_failure_of_each_command_is_coloured_though_its_options_were_not_read(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for path in PATHS:
        if path != ("check",):  # which a monitor reads
            _, err = told(capfd, *path, "--no-such-option", "--color=always")
            assert err.startswith("\x1b[1;38;5;160mstui:\x1b[0m "), path


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("images -o table", "\x1b[38;5;28m"),
        ("images -o plain", "\x1b[1mIMAGE\x1b[0m"),
        ("images show alpha -o plain", "\x1b[1m"),
        ("status -o table", "\x1b[38;5;28m"),
        ("help cron", "\x1b[1mCRON\x1b[0m"),
        ("images --color=always --help", "\x1b[1mUsage:\x1b[0m stui images"),
        ("--color=always --help", "\x1b[1mCommands:\x1b[0m"),
    ],
)
def test_what_is_coloured(line: str, shown: str, capfd: pytest.CaptureFixture[str]) -> None:
    words = line.split()
    run(words if "--help" in words else [*words, "--color=always"])
    assert shown in capfd.readouterr().out
