"""The lock: one writer, a wait that is told and ends, and nothing left of whoever died holding it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from forking import fork
from store_tools import ACTOR, Heard, QuickDisk, Steps, add_image, open_store

from stui_cli.model.actors import Actor
from stui_cli.model.errors import Exit, StoreProblem
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.lock import exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.operations import Details
    from stui_cli.store.transaction import Draft

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the lock of Windows is filelock's own")

HOLDER = Actor("bob", "host", os.getpid(), "stui cleanup --all")


def test_waiting_is_told_with_pid_and_command_and_ends(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    heard = Heard()
    with (
        exclusive(path, Disk(), HOLDER, timeout=1, announce=heard),
        pytest.raises(
            StoreProblem, match=rf"held by process {HOLDER.pid} \(stui cleanup --all\); gave up after 1\.5 s"
        ) as caught,
        exclusive(path, Disk(), ACTOR, timeout=1.5, announce=heard),
    ):
        pytest.fail("two hold the lock")
    assert caught.value.exit_code == Exit.STORE
    assert "--lock-timeout" in caught.value.todo
    assert heard == [f"waiting for the store, held by process {HOLDER.pid} (stui cleanup --all)"]


def test_who_held_it_before_is_not_told_as_who_holds_it(tmp_path: Path) -> None:
    """Anything may hold the file, and only stui signs it."""
    path = str(tmp_path / "lock")
    with exclusive(path, Disk(), HOLDER, timeout=1, announce=Heard()):
        pass
    with open(path, "rb") as foreign:
        fcntl.flock(foreign, fcntl.LOCK_EX)
        with (
            pytest.raises(StoreProblem, match="is held by another process"),
            exclusive(path, Disk(), ACTOR, timeout=0, announce=Heard()),
        ):
            pass


@contextmanager
def held_by_another(path: str, signed_as: int | None = None) -> Iterator[int]:
    """While another process holds the lock as stui does; yields its pid. Its note may name another one."""
    ready, tell = os.pipe()
    pid = fork()
    if pid == 0:
        holder = HOLDER._replace(pid=signed_as or os.getpid())
        with exclusive(path, Disk(), holder, timeout=1, announce=Heard()):
            os.write(tell, b"x")
            signal.pause()
    try:
        assert os.read(ready, 1) == b"x"
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        os.close(tell)


def problem(path: str) -> str:
    """What is said where the lock cannot be had."""
    with (
        pytest.raises(StoreProblem) as caught,
        exclusive(path, Disk(), ACTOR, timeout=0, announce=Heard()),
    ):
        pass
    return caught.value.what


def test_another_process_that_holds_it_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with held_by_another(path) as pid:
        assert f"is held by process {pid} (stui cleanup --all);" in problem(path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked who holds it")
def test_a_process_that_lives_and_does_not_hold_it_is_not_named(tmp_path: Path) -> None:
    """A killed holder leaves its note, and its pid may be given to another process."""
    path = str(tmp_path / "lock")
    with held_by_another(path, signed_as=os.getppid()):
        assert "is held by another process;" in problem(path)
    Path(path).write_text(f"{os.getppid()} stui cleanup\n")
    with open(path, "rb") as foreign:
        fcntl.flock(foreign, fcntl.LOCK_EX)
        assert "is held by another process;" in problem(path)


def test_a_process_that_is_gone_is_not_named(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    gone = subprocess.Popen(["true"])
    gone.wait()
    Path(path).write_text(f"{gone.pid} stui cleanup\n")
    with open(path, "rb") as foreign:
        fcntl.flock(foreign, fcntl.LOCK_EX)
        assert "is held by another process;" in problem(path)


def test_a_short_wait_is_not_worth_a_word(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    heard = Heard()
    with (
        exclusive(path, Disk(), HOLDER, timeout=1, announce=heard),
        pytest.raises(StoreProblem),
        exclusive(path, Disk(), ACTOR, timeout=0.05, announce=heard),
    ):
        pass
    assert heard == []


def test_who_waits_goes_on_when_the_lock_is_given_back(folder: Path) -> None:
    store = open_store(folder)
    waiting, done = threading.Event(), threading.Event()

    def other() -> None:
        waiting.set()
        open_store(folder).commit(add_image("other"))
        done.set()

    def change(draft: Draft) -> Details:
        threading.Thread(target=other).start()
        assert waiting.wait(30)
        assert not done.wait(0.05)
        return add_image("mine")(draft)

    store.commit(change)
    assert done.wait(30)
    assert list(store.read().images) == ["mine", "other"]
    assert [operation.number for operation in store.operations()] == [2, 1]


def test_readers_never_wait(folder: Path) -> None:
    store = open_store(folder)
    store.commit(add_image("alpha"))
    steps = Steps()
    with exclusive(store.home.lock, Disk(), HOLDER, timeout=1, announce=Heard()):
        reader = open_store(folder, QuickDisk(steps), lock_timeout=0)
        assert list(reader.read().images) == ["alpha"]
        assert list(reader.operations())
        assert reader.damage() == []
        assert list(reader.audit())
    assert steps == []


def test_a_process_that_died_holds_nothing(folder: Path) -> None:
    store = open_store(folder)
    store.commit(add_image("alpha"))
    ready, tell = os.pipe()
    pid = fork()
    if pid == 0:
        with exclusive(store.home.lock, Disk(), HOLDER, timeout=1, announce=Heard()):
            os.write(tell, b"x")
            signal.pause()
    assert os.read(ready, 1) == b"x"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(ready)
    os.close(tell)
    assert Path(store.home.lock).read_text() == f"{HOLDER.pid} stui cleanup --all\n"
    assert open_store(folder, lock_timeout=5).commit(add_image("beta")) is not None
    assert Path(store.home.lock).read_text() == ""


def test_a_lock_file_that_was_removed_meanwhile_locks_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    removed = []

    class Meddled(Disk):
        def open_lock(self, each: str) -> int:
            handle = super().open_lock(each)
            if not removed:
                removed.append(Path(path).unlink())
            return handle

    with (
        exclusive(path, Meddled(), HOLDER, timeout=1, announce=Heard()),
        pytest.raises(StoreProblem),
        exclusive(path, Disk(), ACTOR, timeout=0.05, announce=Heard()),
    ):
        pass


def test_the_lock_file_is_never_deleted(folder: Path) -> None:
    store = open_store(folder)
    store.commit(add_image("alpha"))
    inode = Path(store.home.lock).stat().st_ino
    store.commit(add_image("beta"))
    store.repair()
    store.prune()
    assert Path(store.home.lock).stat().st_ino == inode
