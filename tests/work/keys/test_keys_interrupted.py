"""A full disk, or an end, at any step of a change of a key file: the old file is there or the new one, and no key is
held by one side alone that the other side was said to have."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest
from forking import fork

from stui_cli.api import open_manager
from stui_cli.image.key_lines import keys_of
from stui_cli.model.errors import NotPermitted, StoreProblem
from stui_cli.store.files.disk import Disk
from stui_cli.work.keys.give import give_key
from stui_cli.work.keys.place import place_named
from stui_cli.work.keys.revoke import revoke_key
from stui_cli.work.keys.rotate import rotate_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stui_cli.work.workbench import Workbench

ADMIN = f"# mine\nada admin {'11' * 32}\n".encode()


@pytest.fixture
def bench() -> Workbench:
    manager = open_manager()
    manager.store.append_audit()  # its folders are made
    return manager.bench


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "keys"
    made.write_bytes(ADMIN)
    made.chmod(0o600)
    return made


def give(bench: Workbench, file: Path) -> None:
    give_key(bench, place_named(str(file)), "bob", "developer", str(file.parent / "bob.key"))


def revoke(bench: Workbench, file: Path) -> None:
    revoke_key(bench, place_named(str(file)), "ada", force=True)


def rotate(bench: Workbench, file: Path) -> None:
    rotate_key(bench, place_named(str(file)), "ada", str(file.parent / "bob.key"))


Act = "Callable[[Workbench, Path], None]"


def at_step(number: int, folder: Path, then: Callable[[], None]) -> Callable[[Disk, str, str], None]:
    """A watcher that does `then` at the step of that number of those in `folder`."""
    count = 0

    def step(disk: Disk, name: str, path: str) -> None:
        nonlocal count
        if path.startswith(str(folder)):
            count += 1
            if count == number:
                then()

    return step


def is_whole(file: Path) -> set[str]:
    """The ids in the file, which is private and has lost nothing but whole keys."""
    data = file.read_bytes()
    assert data.startswith(b"# mine\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return {key.key_id for key in keys_of(data, "")}


@pytest.mark.parametrize("act", [give, revoke, rotate])
def test_a_full_disk_at_any_step(act: Act, bench: Workbench, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))

    told: list[str] = []
    for number in range(1, 30):
        file.write_bytes(ADMIN)
        own = file.parent / "bob.key"
        own.unlink(missing_ok=True)
        with monkeypatch.context() as patched:
            patched.setattr(Disk, "_step", at_step(number, file.parent, full))
            try:
                act(bench, file)
                break
            except StoreProblem as problem:
                told.append(problem.what)
        ids = is_whole(file)
        if act is give:
            assert own.exists() == ("bob" in ids)
        if act is rotate:
            assert own.exists() == (file.read_bytes() != ADMIN)
        assert not list(file.parent.glob("*.new"))
    assert 3 < len(told) < 29
    assert all("the disk is full" in what for what in told)


@pytest.mark.parametrize(("act", "other_way"), [(give, "--to FILE"), (revoke, "as the user that the image runs as")])
def test_a_folder_that_cannot_be_written_gets_advice_that_helps(
    act: Act, other_way: str, bench: Workbench, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another store has the same file: --home would not help."""
    beside = str(file.parent / "bob.key") if act is give else f"{file}.lock"

    def step(disk: Disk, name: str, path: str) -> None:
        if path.startswith((beside, str(file))) and not (act is give and path.endswith(".lock")):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    monkeypatch.setattr(Disk, "_step", step)
    with pytest.raises(StoreProblem, match="the file system is read-only") as caught:
        act(bench, file)
    assert "--home" not in caught.value.todo
    assert caught.value.todo.startswith("mount it writable, or ")
    assert other_way in caught.value.todo


@pytest.mark.parametrize("act", [give, revoke, rotate])
def test_an_end_at_any_step(act: Act, bench: Workbench, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 30):
        file.write_bytes(ADMIN)
        (file.parent / "bob.key").unlink(missing_ok=True)
        child = fork()
        if child == 0:
            monkeypatch.setattr(Disk, "_step", at_step(number, file.parent, lambda: os._exit(3)))
            try:
                act(bench, file)
            finally:
                os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        is_whole(file) if file.read_bytes() != b"# mine\n" else None
        if ended == 0:
            break
    assert 3 < number < 29
    (file.parent / "bob.key").unlink(missing_ok=True)
    file.write_bytes(ADMIN)
    act(bench, file)  # what was left is in nobody's way


def test_a_link_stays_a_link_and_its_file_stays_in_its_place(bench: Workbench, file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    give(bench, link)
    assert link.is_symlink()
    assert is_whole(file) == {"ada", "bob"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_the_owner_of_a_file_stays_its_owner(bench: Workbench, file: Path) -> None:
    os.chown(file, 12345, 23456)
    give(bench, file)
    found = file.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 23456, 0o600)


def test_a_file_that_others_read_gets_no_key(bench: Workbench, file: Path) -> None:
    """Its agent takes none of it."""
    file.chmod(0o640)
    with pytest.raises(NotPermitted, match="can be read by others"):
        give(bench, file)
    assert not (file.parent / "bob.key").exists()
    assert file.read_bytes() == ADMIN
