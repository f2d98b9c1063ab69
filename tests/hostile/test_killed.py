"""A command that is killed while an image runs its code leaves a line of what it began."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hostile_image import HostileImage

from stui_cli.api import open_manager
from stui_cli.main import run
from stui_cli.model.audit import BEGAN, AuditEntry, ends_of
from stui_cli.model.images import Image
from stui_cli.model.operations import Actor, ImageDetails, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.store.transaction import Draft

ROOT = str(Path(__file__).parents[2])


def test_code_that_was_under_way_when_its_command_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lit.st").write_text("3 + 4\n")

    def silence(method: str, number: int) -> Iterator[bytes] | None:
        if method not in ("evaluate", "inspect", "load_source", "run_tests"):
            return None
        return iter(())

    with HostileImage() as image:

        def register(draft: Draft) -> ImageDetails:
            draft.images["alpha"] = Image("alpha", image.address, 0, image_id=image.image_id)
            return ImageDetails(Kind.IMAGE_ADD, "alpha")

        store = open_manager().store
        store.commit(register)
        run(["eval", "3 + 4"])
        image.stream = silence
        commands = [["eval", "3 + 5"], ["inspect", "3 + 6"], ["load", "lit.st"], ["test", "LitTest"]]
        commands.append(["eval", "--all", "3 + 7"])
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "stui_cli", *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": ROOT},
            )
            for words in commands
        ]
        try:
            until = time.monotonic() + 40
            # Where several wait for the lock at once, one may write its line only once its code is under way.
            while sum(ended is False for _, ended in ends_of(store.audit())) < len(commands):
                assert time.monotonic() < until
                time.sleep(0.02)
        finally:
            for process in running:
                process.kill()
                process.wait()
    left = {(e.action, e.source) for e, ended in ends_of(store.audit()) if ended is False}
    assert left == {("evaluate", "3 + 5"), ("inspect", "3 + 6"), ("load", "3 + 4\n"), ("test", "tests LitTest"),
                    ("evaluate", "3 + 7")}  # fmt: skip
    capfd.readouterr()
    assert run(["audit", "--verify"]) == 0
    assert run(["audit", "-o", "plain", "--no-headers", "--columns", "source,outcome"]) == 0
    rows = capfd.readouterr().out.splitlines()
    assert sorted(" ".join(row.split()) for row in rows if "3 +" in row) == [
        "3 + 4 no end recorded",
        "3 + 4 returned",
        "3 + 5 no end recorded",
        "3 + 6 no end recorded",
        "3 + 7 no end recorded",
    ]


ME = Actor("ann", "host", 7, "stui eval -")
OTHER = ME._replace(pid=8)


def line(outcome: str, actor: Actor = ME, session: str | None = None) -> AuditEntry:
    return AuditEntry(1, actor, "evaluate", "alpha", session, None, outcome, "3")


@pytest.mark.parametrize(
    ("lines", "ended"),
    [
        ([line(BEGAN), line("returned")], [True, None]),
        ([line(BEGAN), line("returned", OTHER)], [False, None]),
        ([line(BEGAN), line("returned", session="work")], [False, None]),
        ([line(BEGAN), line(BEGAN, OTHER), line("raised", OTHER), line("unknown")], [True, True, None, None]),
        ([line("returned"), line("returned"), line(BEGAN)], [None, None, False]),
        (
            [line(BEGAN), line("returned"), line("returned"), line(BEGAN), line("raised")],
            [True, None, None, True, None],
        ),
    ],
)
def test_which_lines_tell_the_end_of_which(lines: list[AuditEntry], ended: list[bool | None]) -> None:
    assert [each for _, each in ends_of(lines)] == ended
