"""How often a command waits for the disk: as often as what it has told must outlast a power cut, and no more; and what
it tells where the disk says no."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from farm import Farm

from stui_cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="folders are synced where the system can do it")


@pytest.fixture
def syncs(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The syncs of what runs after the store was made, of two images, alpha the default one."""
    real, seen = os.fsync, list[int]()
    with Farm() as farm:
        for name in ("alpha", "beta"):
            assert run(["images", "add", "--offline", name, farm.add().address]) == 0
        assert run(["switch", "alpha"]) == 0
        assert run(["eval", "-i", "alpha", "1"]) == 0
        monkeypatch.setattr(os, "fsync", lambda handle: (seen.append(handle), real(handle))[1])
        yield seen


@pytest.mark.parametrize(
    ("words", "times"),
    [
        (["context"], 0),
        (["images"], 0),
        (["sessions"], 0),
        (["switch", "beta"], 4),  # the operation and its folder, then the state that names it and its folder
        (["eval", "-i", "alpha", "3 + 4"], 1),  # the audit log, once for all that one command ran
        (["eval", "-i", "alpha", "3 + 4", "5", "6"], 1),
    ],
)
def test_a_command_waits_for_the_disk_so_often(syncs: list[int], words: list[str], times: int) -> None:
    assert run(words) == 0
    assert len(syncs) == times


def test_a_switch_that_the_disk_refuses_says_whether_it_is_made(
    syncs: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = os.fsync
    for failing, told in enumerate(("operations", "state.toml", "operations", "the change is made, but")):
        left = list(range(failing))

        def refusing(handle: int) -> None:
            if not left:  # noqa: B023  run at once
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            left.pop()  # noqa: B023
            real(handle)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refusing)
            assert run(["switch", "beta"]) == 10
        said = capsys.readouterr().err
        assert told in said
        assert "input/output error" in said.lower()
        assert run(["context"]) == 0
        assert ("beta" in capsys.readouterr().out) == (failing == 3)
    assert run(["doctor"]) == 0
