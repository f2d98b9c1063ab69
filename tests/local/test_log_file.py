"""The log of a launched image: its last lines, bounded, and those that are added."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from stui_cli.local import log_file
from stui_cli.local.log_file import LogPart, followed, last_lines
from stui_cli.model.errors import NotFound, Refused

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "image.log"
    path.write_bytes(b"one\ntwo\r\nthree\rfour \xff\x1b[2J\n")
    return path


def test_the_last_lines_with_whatever_end_and_whatever_bytes(log: Path) -> None:
    assert last_lines(log, 2) == LogPart(["three", "four \\xff\x1b[2J"])
    assert last_lines(log, 100).lines[:2] == ["one", "two"]
    log.write_bytes(b"")
    assert last_lines(log, 1) == LogPart([])


def test_no_more_than_a_bound_is_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write_bytes(b"x" * 100 + b"\n" + b"y" * 20 + b"\nlast\n")
    monkeypatch.setattr(log_file, "MOST_BYTES", 30)
    assert last_lines(log, 3) == LogPart(["y" * 20, "last"], cut=True)
    assert last_lines(log, 1) == LogPart(["last"])
    log.write_bytes(b"z" * 1_000)
    assert last_lines(log, 3) == LogPart(["z" * 30], cut=True)


def test_what_is_added_is_followed_also_over_a_new_beginning(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "_LOOK_S", 0.01)
    monkeypatch.setattr(log_file, "_QUIET_S", 0.05)
    parts = followed(log, 1)
    assert next(parts).lines == ["four \\xff\x1b[2J"]
    with log.open("ab") as file:
        file.write(b"half")
        file.flush()
        assert next(parts).lines == ["half"]  # nothing more came: it is shown all the same
        file.write(b"a\nb\r\n")
    assert next(parts).lines == ["a", "b"]
    with log.open("wb") as file:
        file.write(b"anew\n")
    assert next(parts).lines == ["anew"]
    log.unlink()
    log.write_bytes(b"another file\n")
    assert next(parts).lines == ["another file"]
    parts.close()


def test_a_log_that_is_none_is_told_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"there is no log at .*image\.log$"):
        last_lines(tmp_path / "image.log", 1)
    with pytest.raises(NotFound, match="its folder is not here"):
        last_lines(tmp_path / "gone" / "image.log", 1)
    os.mkfifo(tmp_path / "image.log")
    with pytest.raises(Refused, match="is no file"):
        last_lines(tmp_path / "image.log", 1)
