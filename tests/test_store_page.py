"""stui-store(5) against a real store: every file is named there, and what may be deleted is missed by no other."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from needs import program
from shell import Shell, own_environ

if TYPE_CHECKING:
    from collections.abc import Iterator

LIFE = (
    "images launch alpha --dialect playground",
    "sessions create alpha/work --switch",
    "eval 3",
    "keys new bob --role observer -i alpha",
    "config set timeout 5s",
    "config set audit_limit 64k",
    "keys",
    "test",
    "images set alpha role=build",
)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that writes the page."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[1] / ".ci"))
    return importlib.import_module("store_page")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A store with something of all that a day leaves there."""
    folder = tmp_path_factory.mktemp("store_page")
    made = Shell(own_environ(folder, os.environ["PATH"]), folder)
    try:
        for line in LIFE:
            made.stui(*line.split())  # the playground has no tests: 3, and what failed is kept all the same
        yield made
    finally:
        made.end()


def home(shell: Shell) -> Path:
    return Path(shell.environ["STUI_HOME"])


def listed(shell: Shell, folder: Path) -> tuple[str, str]:
    """What a store says of images and sessions, but for how they stand."""
    columns = "name,image_id,address,metadata"
    images = shell.ok("--home", str(folder), "images", "-o", "tsv", "--columns", columns).out
    return images, shell.ok("--home", str(folder), "sessions", "-o", "name").out


def test_every_file_of_a_store_is_named_once(shell: Shell, page: Any) -> None:
    there = [path.relative_to(home(shell)).as_posix() for path in home(shell).rglob("*") if path.is_file()]
    for path in there:
        found = [row.pattern for row in page.STORE if fnmatch(path, row.pattern)]
        assert len(found) == 1, (path, found)
    missing = {row.pattern for row in page.STORE if not any(fnmatch(path, row.pattern) for path in there)}
    assert missing == {"audit.jsonl.[0-9]*", "crashes/*"}  # of a long life, and of a bug


def test_what_may_be_deleted_is_missed_by_no_other(shell: Shell, page: Any, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(home(shell), copy)
    for row in page.STORE:
        if row.may_go:
            for path in copy.glob(row.pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert listed(shell, copy) == listed(shell, home(shell))
    shell.ok("--home", str(copy), "images", "set", "alpha", "later=yes")
    assert (copy / "names" / "images").read_text().split() == ["alpha"]
    shell.ok("--home", str(copy), "undo")


def test_the_line_of_the_backup_makes_a_store(shell: Shell, page: Any) -> None:
    program("flock")
    subprocess.run(["sh", "-c", page.BACKUP], env=dict(shell.environ), cwd=shell.folder, check=True)
    backup = shell.folder / "backup"
    assert listed(shell, backup) == listed(shell, home(shell))
    assert not shell.ok("--home", str(backup), "audit", "--verify").err


def test_modes_are_those_of_the_page(shell: Shell) -> None:
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in home(shell).rglob("*")}
    assert modes == {True: 0o700, False: 0o600}
    assert home(shell).stat().st_mode & 0o777 == 0o700
