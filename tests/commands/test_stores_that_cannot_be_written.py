"""Every command that only tells: on a full, a read-only and a locked store it says what it says on a good one."""

from __future__ import annotations

import fcntl
import importlib
import os
import re
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from stui_cli.api import open_manager
from stui_cli.command_table import COMMANDS, CommandRow
from stui_cli.invocation import Purpose
from stui_cli.model.exits import Exit
from stui_cli.model.history import Entry as Evaluation
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind, SessionDetails
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conftest import Stui

    from stui_cli.model.operations import Details
    from stui_cli.store.transaction import Draft

# Each command that only tells, as it is run here. Nobody listens at the images' addresses.
LINES: dict[str, tuple[str, ...]] = {
    "images list": ("images",),
    "images show": ("images", "show", "alpha"),
    "images export": ("images", "export"),
    "images discover": ("images", "discover"),
    "images agent": ("images", "agent", "gst"),
    "images logs": ("images", "logs", "gamma"),
    "sessions list": ("sessions",),
    "sessions show": ("sessions", "show", "alpha/work"),
    "sessions history": ("sessions", "history", "alpha/work"),
    "sessions stats": ("sessions", "stats"),
    "sessions export": ("sessions", "export", "alpha/work"),
    "context": ("context",),
    "switch": ("switch", "--history"),
    "status": ("status",),
    "status as recorded": ("status", "--cached"),
    "ping": ("ping", "alpha", "-c", "1"),
    "check": ("check", "alpha"),
    "cleanup": ("cleanup", "-n"),
    "log list": ("log", "--all"),
    "log show": ("log", "show", "2"),
    "audit": ("audit",),
    "audit verified": ("audit", "--verify"),
    "doctor": ("doctor",),
    "jobs": ("jobs",),
    "keys list": ("keys", "-i", "alpha"),
    "keys show": ("keys", "show", "admin", "-i", "alpha"),
    "browse": ("browse", "classes"),
    "help": ("help", "cron"),
    "completion": ("completion", "bash"),
    "store show": ("store",),
    "config list": ("config",),
    "config get": ("config", "get", "timeout"),
    "config path": ("config", "path"),
}
RECORDING = {"status", "ping", "check"}
ELSEWHERE = {"demo"}  # in a store of its own


def _commands(table: Mapping[str, CommandRow], above: str = "") -> Iterator[tuple[str, Purpose]]:
    for name, entry in table.items():
        if entry.subcommands:
            yield from _commands(entry.subcommands, f"{above}{name} ")
        else:
            yield f"{above}{name}", importlib.import_module(entry.module).cli.purpose


def test_every_command_that_only_tells_is_here() -> None:
    telling = {name for name, purpose in _commands(COMMANDS) if purpose is Purpose.TELL}
    assert telling - set(LINES) == ELSEWHERE


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with something of everything."""
    folder = tmp_path_factory.mktemp("template") / "store"
    store = open_manager(folder).store
    image_id = "00000000-0000-4000-8000-000000000001"

    def add(draft: Draft) -> Details:
        for number, name in enumerate(("alpha", "beta"), 1):
            draft.images[name] = Image(name, f"tcp://127.0.0.1:{number}", 5, image_id=f"{image_id[:-1]}{number}")
        (folder / "images" / "3").mkdir(parents=True)
        (folder / "images" / "3" / "image.log").write_text("hello\n")
        draft.images["gamma"] = Image(
            "gamma",
            "tcp://127.0.0.1:3",
            5,
            image_id=f"{image_id[:-1]}3",
            parked=True,
            launch_directory=str(folder / "images" / "3"),
        )
        return ImageDetails(Kind.IMAGE_ADD, "alpha")

    def create(draft: Draft) -> Details:
        variables = (CheckpointBinding("x", "SmallInteger", "42", "42"),)
        kept = draft.put(Checkpoint("id-1", image_id, "incarnation", 9, variables))
        session = Session("id-1", "work", image_id, "incarnation", 7, 8, checkpoint=kept, checkpoint_at=9, bindings=1)
        draft.sessions(image_id)["work"] = session
        return SessionDetails(Kind.SESSION_CREATE, "alpha", "work")

    store.commit(add)
    store.commit(create)
    store.append_history(image_id, "id-1", Evaluation(3, "3+4", "returned", "7", "SmallInteger", None, 1, "i"))
    return folder


@pytest.fixture(params=["full", "read-only", "locked"])
def troubled(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "troubled"
    if request.param == "locked":
        shutil.copytree(template, folder)
        with (folder / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
        return
    folder.mkdir()
    if _mount("-t", "tmpfs", "-o", "mode=700,size=256k", "none", str(folder)) != 0:
        pytest.skip("only root may mount a file system of its own")
    try:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        if request.param == "full":
            _fill(folder / "filling")
        else:
            assert _mount("-o", "remount,ro", str(folder)) == 0
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _mount(*words: str) -> int:
    try:
        return subprocess.run(["mount", *words], capture_output=True, check=False).returncode
    except FileNotFoundError:
        return 1


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    assert os.statvfs(path).f_bavail == 0


@pytest.mark.parametrize("name", LINES)
def test_it_says_the_same(name: str, troubled: Path, template: Path, stui: Stui, tmp_path: Path) -> None:
    good = tmp_path / "store"
    shutil.copytree(template, good)
    told = [
        stui("--home", str(home), "--lock-timeout", "0.1s", "-o", "json", *LINES[name]) for home in (good, troubled)
    ]
    # What could not be written down is a warning of the document, and no line beside it.
    warned = re.search(r'"warnings":\["[^"]*could not be recorded', told[1].out) is not None
    assert warned == (name in RECORDING)
    assert "could not be recorded" not in told[1].err
    expected, found = (
        _timeless(said.out.replace(str(home), "HOME")) for said, home in zip(told, (good, troubled), strict=True)
    )
    assert found == expected
    found_fault = '"verdict":"failed"' in told[1].out  # the doctor's: that the disk is full, or read-only
    assert told[1].code == (Exit.PARTLY_DONE if found_fault else told[0].code)


def _timeless(text: str) -> str:
    """What depends neither on when it is said, nor on how quickly, nor on the disk that the doctor looked at."""
    text = re.sub(r'"warnings":\["[^"]*could not be recorded[^"]*"\]', '"warnings":[]', text)
    text = re.sub(r"exported_at = \d+", "TIME", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    text = re.sub(r'"(age_s|\w*_ms|elapsed)": ?[\d.]+', "NUMBER", text)
    text = re.sub(r'\{"request":"disk",[^}]*\},?', "", text)
    return re.sub(r"[\d.]+ ?m?s\b", "DURATION", text)
