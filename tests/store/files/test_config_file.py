"""Changing config.toml: nothing of it but the key changes, and whatever happens meanwhile it is whole."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from stui_cli.model.errors import Refused, StoreProblem, UsageProblem
from stui_cli.store.files.config_file import with_key, write_config
from stui_cli.store.files.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMENTED = """\
# mine
timeout = "2s"   # quick

  color   =  'never'
[dialects.pharo]  # at work
vm = "a"
"""


@pytest.mark.parametrize(
    ("text", "key", "value", "after"),
    [
        ("", "timeout", "5s", 'timeout = "5s"\n'),
        ("x = 1", "timeout", 5, "x = 1\ntimeout = 5\n"),
        ('a."b c" = 1', "timeout", 5, 'a."b c" = 1\ntimeout = 5\n'),
        ("a.b = 1", "timeout", None, "a.b = 1"),
        ("a = 1\r\nb.c = 2", "timeout", 5, "a = 1\r\nb.c = 2\r\ntimeout = 5\r\n"),
        (COMMENTED, "timeout", "9s", COMMENTED.replace('"2s"', '"9s"')),
        (COMMENTED, "timeout", None, COMMENTED.replace('timeout = "2s"   # quick\n', "")),
        (COMMENTED, "grace", "9s", COMMENTED.replace("'never'\n", "'never'\ngrace = \"9s\"\n\n")),
        (COMMENTED, "dialects.pharo.image", "m", COMMENTED + 'image = "m"\n'),
        (COMMENTED, "dialects.squeak.vm", "b", COMMENTED + '\n[dialects.squeak]\nvm = "b"\n'),
        (COMMENTED, "dialects.cuis.vm", None, COMMENTED),
        ("# c\n[dialects.pharo]\nvm = 'a'\n", "dialects.pharo.vm", None, "# c\n"),
        ("[dialects.pharo] # keep\n# me\nvm = 'a'\n", "dialects.pharo.vm", None, "[dialects.pharo] # keep\n# me\n"),
        ("older-than = 3\n", "older_than", 4, "older-than = 4\n"),
        ("a = 1\r\ntimeout = 2\r\n", "grace", 3, "a = 1\r\ntimeout = 2\r\ngrace = 3\r\n"),
        ("dialects = {pharo = {vm = 'a'}}\n", "dialects.pharo.vm", "b", 'dialects = {pharo = {vm = "b"}}\n'),
        ("dialects.pharo.vm = 'a'\n", "dialects.pharo.vm", "b", 'dialects.pharo.vm = "b"\n'),
        ("on_change = '''\ntimeout = 2\n'''\n", "timeout", 3, "on_change = '''\ntimeout = 2\n'''\ntimeout = 3\n"),
        ("", "on_change", 'say "\\\té"', 'on_change = "say \\"\\\\\\té\\""\n'),
    ],
)
def test_the_key_changes_and_nothing_else(text: str, key: str, value: int | str | None, after: str) -> None:
    assert with_key(text, key.split("."), value, "config.toml") == after


def test_a_damaged_text_is_told_with_line_and_column() -> None:
    with pytest.raises(UsageProblem, match="line 2, column 5"):
        with_key("a = 1\nb = soon\n", ["timeout"], 3, "config.toml")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    return path


def test_the_mode_is_kept_and_a_new_file_is_its_owners(config: Path) -> None:
    write_config(str(config), b"old", b"new")
    assert (config.read_bytes(), stat.S_IMODE(config.stat().st_mode)) == (b"new", 0o640)
    fresh = config.parent / "below" / "config.toml"
    write_config(str(fresh), b"", b"new")
    assert (fresh.read_bytes(), stat.S_IMODE(fresh.stat().st_mode)) == (b"new", 0o600)
    assert sorted(os.listdir(config.parent)) == ["below", "config.toml"]


def test_the_file_behind_a_link_is_written_and_the_link_stays(config: Path) -> None:
    dotfiles = config.parent / "dotfiles"
    dotfiles.mkdir()
    config.rename(dotfiles / "stui.toml")
    (config.parent / "second").symlink_to("dotfiles/stui.toml")
    config.symlink_to("second")
    write_config(str(config), b"old", b"new")
    assert (os.readlink(config), (dotfiles / "stui.toml").read_bytes()) == ("second", b"new")
    assert os.listdir(dotfiles) == ["stui.toml"]
    (dotfiles / "stui.toml").unlink()
    write_config(str(config), b"", b"anew")
    assert (dotfiles / "stui.toml").read_bytes() == b"anew"


def test_a_link_to_nowhere_is_told(config: Path) -> None:
    config.unlink()
    config.symlink_to("gone/stui.toml")
    with pytest.raises(Refused, match=r"gone/stui\.toml, whose folder is not there"):
        write_config(str(config), b"", b"new")


def test_what_an_editor_wrote_meanwhile_is_not_lost(config: Path) -> None:
    config.write_bytes(b"theirs")
    with pytest.raises(Refused, match="changed meanwhile"):
        write_config(str(config), b"old", b"new")
    assert config.read_bytes() == b"theirs"


def _steps(config: Path) -> list[str]:
    seen: list[str] = []
    write_config(str(config), b"old", b"old", Disk(lambda name, path: seen.append(name)))
    return seen


def _at(number: int, act: Callable[[str], None]) -> Disk:
    """A disk on which something happens at one step."""
    left = [number]

    def watch(name: str, path: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            act(path)

    return Disk(watch)


def test_a_full_disk_loses_nothing(config: Path) -> None:
    steps = _steps(config)
    assert steps == ["create", "write", "sync", "chmod", "rename", "sync_folder"]

    def full(path: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", path)

    for number, step in enumerate(steps):
        with pytest.raises(StoreProblem, match="disk is full"):
            write_config(str(config), b"old", b"new", _at(number, full))
        assert config.read_bytes() == (b"new" if step == "sync_folder" else b"old")
        assert os.listdir(config.parent) == ["config.toml"]


def test_killed_at_any_step_it_is_the_old_file_or_the_new_one(config: Path) -> None:
    for number, step in enumerate(_steps(config)):
        child = os.fork()
        if child == 0:
            write_config(str(config), b"old", b"new", _at(number, lambda path: os._exit(9)))
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        assert config.read_bytes() == (b"new" if step == "sync_folder" else b"old")
