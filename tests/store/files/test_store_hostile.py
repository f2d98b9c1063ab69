"""Files of the store that somebody else put there: pipes, folders, sockets, endless devices, bottomless nesting."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_tools import MEMORY, add_image, evaluated, filled, image_id, open_store, probed

from stui_cli.model.errors import StoreProblem, UsageProblem
from stui_cli.store.image_files import decoded_images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.store.store import Store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pipes with names, which Windows has not")


def a_socket(path: Path) -> None:
    # By way of a short name: a socket's own has 108 characters at most, and an object's is longer.
    with (
        socket.socket(socket.AF_UNIX) as made,
        tempfile.TemporaryDirectory(dir="/dev/shm" if MEMORY else None) as short,
    ):
        made.bind(f"{short}/s")
        os.rename(f"{short}/s", path)


def a_full_folder(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("somebody's")


KINDS: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "folder": a_full_folder,
    "socket": a_socket,
    "endless device": lambda path: path.symlink_to("/dev/zero"),
}


def a_file(store: Store, which: str) -> Path:
    home, state = store.home, store.read()
    shard = state.shards[image_id("alpha")]
    checkpoint = store.sessions(state, image_id("alpha"))["work"].checkpoint
    assert checkpoint is not None
    return Path(
        {
            "state": home.state,
            "cache": home.cache,
            "probes": home.probes,
            "audit": home.audit,
            "operation": home.operation(state.head),
            "shard": home.object(shard),
            "checkpoint": home.object(checkpoint),
            "history": home.history(image_id("alpha"), "id-of-alpha-work"),
            "names": str(Path(home.names) / "images"),
            "session names": str(Path(home.names) / "sessions"),
        }[which]
    )


FILES = (
    "state", "cache", "probes", "audit", "operation", "shard", "checkpoint", "history", "names", "session names",
)  # fmt: skip


@contextmanager
def may_be_told() -> Iterator[None]:
    """A StoreProblem with advice is an answer; anything else is a failure of the test."""
    problems = []
    try:
        yield
    except StoreProblem as problem:
        problems.append(problem)
    assert all(problem.todo for problem in problems)


def looked_at(store: Store) -> None:
    """What the commands that only look do."""
    state = store.read()
    for look in (
        lambda: [store.sessions(state, each) for each in state.shards],
        lambda: store.last_evaluations(image_id("alpha"), {"id-of-alpha-work": 0}),
        lambda: store.history(image_id("alpha"), "id-of-alpha-work"),
        lambda: list(store.operations()),
        lambda: list(store.audit()),
        store.verify_audit,
        store.probes,
    ):
        with may_be_told():
            look()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", FILES)
def test_what_is_no_plain_file_hangs_nothing_and_is_set_aside_by_repair(which: str, kind: str, folder: Path) -> None:
    filled(open_store(folder))
    path = a_file(open_store(folder), which)
    path.unlink()
    KINDS[kind](path)
    looked_at(open_store(folder))
    for write in (
        lambda: open_store(folder).commit(add_image("gamma")),
        lambda: open_store(folder).append_audit(evaluated("1")),
        lambda: open_store(folder).update_probes(lambda probes: probes.update(alpha=probed("alpha"))),
    ):
        with may_be_told():
            write()
    store = open_store(folder)
    assert store.damage() != [] or which in (
        "cache",
        "probes",
        "names",
        "session names",
    )  # replaced by what was written
    if path.is_symlink() and path.parent == folder and path.name != "cache.msgpack":
        with pytest.raises(StoreProblem, match="symbolic link"):
            store.repair()
        return
    store.repair()
    assert store.damage() == []
    store.commit(add_image("after"))
    assert "alpha" in store.read().images


@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_that_is_no_plain_file_is_told(kind: str, folder: Path) -> None:
    filled(open_store(folder))
    path = Path(open_store(folder).home.lock)
    path.unlink()
    KINDS[kind](path)
    store = open_store(folder)
    assert store.read().images
    with pytest.raises(StoreProblem) as raised:
        store.commit(add_image("gamma"))
    assert str(path) in raised.value.what
    assert raised.value.todo


BOTTOMLESS = {
    "lists": "x = " + "[" * 20_000 + "]" * 20_000 + "\n",
    "tables": "x" + ".x" * 2_000 + " = 1\n",
    "inline tables": "x = " + "{x = " * 5_000 + "1" + "}" * 5_000 + "\n",
}


@pytest.mark.parametrize("how", BOTTOMLESS)
def test_a_bottomless_state_is_damage(how: str, folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    path = Path(store.home.state)
    path.write_text(path.read_text().replace("schema = 1\n", f"schema = 1\n{BOTTOMLESS[how]}", 1))
    store = open_store(folder)
    assert set(store.read().images) == {"alpha", "beta"}
    assert store.damage()[0].where == str(path)
    store.repair()
    assert store.damage() == []


@pytest.mark.parametrize("how", BOTTOMLESS)
def test_a_bottomless_file_of_images_is_a_usage_problem(how: str) -> None:
    text = f'[[images]]\nname = "a"\naddress = "tcp://127.0.0.1:1"\n{BOTTOMLESS[how]}'
    with pytest.raises(UsageProblem, match="cannot be read"):
        decoded_images(text.encode(), "FILE", 1)


def test_bottomless_lines_are_broken_lines(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    lines = len(list(store.audit()))
    with Path(store.home.audit).open("ab") as file:
        file.write(b"[" * 100_000 + b"\n")
    store = open_store(folder)
    assert len(list(store.audit())) == lines
    assert store.verify_audit().line is not None
    store.append_audit(evaluated("after"))
    assert [each.source for each in store.audit()][-1] == "after"
    store.repair()
