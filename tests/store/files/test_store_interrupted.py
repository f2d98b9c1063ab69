"""A process that dies, and a disk that says no, at every single step of every kind of writing."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_tools import (
    DAY,
    Clock,
    DyingDisk,
    FailingDisk,
    Heard,
    QuickDisk,
    Steps,
    add_image,
    change_session,
    create_session,
    entry,
    evaluated,
    filled,
    image_id,
    in_child,
    log_numbers,
    objects_of,
    open_store,
    place_of,
    probed,
    records,
    remove_image,
    switch,
)

from stui_cli.model.errors import NotFound, StoreProblem
from stui_cli.model.operations import Kind
from stui_cli.store.damage import DamageKind
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.names import read_names
from stui_cli.store.files.recent_names import read_contexts, read_operation_lines
from stui_cli.store.retention import prune
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

Work = Callable[[Store], object]


def nothing(store: Store) -> None:
    """A store that was never used."""


def undone(store: Store) -> None:
    filled(store)
    store.commit(create_session("beta", "more", bindings=1))
    store.undo()


def broken(store: Store) -> None:
    """A store with a damaged state, a damaged shard and a damaged history."""
    filled(store)
    damaged = Path(store.home.object(store.read().shards[image_id("beta")]))
    damaged.write_bytes(damaged.read_bytes()[:-3])
    Path(store.home.state).write_text("schema = ")
    history = Path(store.home.history(image_id("alpha"), "id-of-alpha-work"))
    history.write_bytes(history.read_bytes().replace(b"42", b"43"))
    (Path(store.home.names) / "images").unlink()


def aged(store: Store) -> None:
    """A store with much that is past its retention."""
    filled(store)
    for number in range(3):
        store.commit(change_session("alpha", "work", description=f"number {number}"))
        store.commit(switch("beta" if number % 2 else "alpha"))
    store.append_history(image_id("gamma"), "nobody", entry("1"))


def pruned(store: Store) -> None:
    place = place_of(store, lambda: Clock().now + 40 * DAY)
    with store._writing():
        prune(place, keep=2)


def full_audit(store: Store) -> None:
    """A store whose next line of the audit log finds the file full."""
    filled(store)
    Path(store.home.config).write_text('audit_limit = "64K"\n')
    store.append_audit(evaluated("x" * 65_000))


def long_history(store: Store) -> None:
    store._history_limit = 400
    store.append_history(image_id("alpha"), "id-of-alpha-work", entry("a long one", "x" * 200, time=9))


# What is done before, and the work that is interrupted.
WORKS: dict[str, tuple[Work, Work]] = {
    "first commit": (nothing, lambda store: store.commit(add_image("alpha"))),
    "image": (filled, lambda store: store.commit(add_image("gamma"))),
    "remove": (filled, lambda store: store.commit(remove_image("alpha"))),
    "session": (filled, lambda store: store.commit(create_session("alpha", "new", bindings=3))),
    "switch": (filled, lambda store: store.commit(switch("beta"))),
    "undo": (undone, lambda store: store.undo()),
    "redo": (undone, lambda store: store.redo()),
    "rollback": (undone, lambda store: store.rollback(2)),
    "repair": (broken, lambda store: store.repair()),
    "prune": (aged, pruned),
    "history": (filled, lambda store: store.append_history(image_id("alpha"), "id-of-alpha-work", entry("1"))),
    "history bound": (filled, long_history),
    "first history": (filled, lambda store: store.append_history(image_id("beta"), "new", entry("1"))),
    "audit": (filled, lambda store: store.append_audit(evaluated("1"))),
    "audit rotation": (full_audit, lambda store: store.append_audit(evaluated("1"))),
    "probes": (filled, lambda store: store.update_probes(lambda probes: probes.update(beta=probed("beta")))),
}

# These go through the same steps as others do: in long runs only.
RARELY = {"image", "remove", "undo", "redo", "rollback", "first history"}
KINDS = [pytest.param(kind, marks=(pytest.mark.long,) if kind in RARELY else ()) for kind in WORKS]


def steps_of(folder: Path, prepare: Work, work: Work) -> tuple[Steps, object, object]:
    """The steps that the work takes, and what the store says before and after it. The store that was prepared for it
    is left beside, as `prepared`."""
    prepare(open_store(folder))
    if folder.exists():
        shutil.copytree(folder, folder.with_name("prepared"))
    before = records(open_store(folder))
    steps = Steps()
    work(open_store(folder, QuickDisk(steps)))
    return steps, before, records(open_store(folder))


def copied(template: Path, folder: Path) -> Path:
    """A store like the one that was prepared once."""
    if template.exists():  # not before a first commit
        shutil.copytree(template, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes | None]:
    """All that is in a store; what two steps leave alike goes on alike, and is looked at once."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def assert_sound(folder: Path) -> None:
    """The store works, and leaves nothing behind once it was cleaned up."""
    store = open_store(folder)
    head = store.read().head
    store.commit(add_image("after"))
    assert store.read().head == head + 1
    assert "after" in store.read().images
    assert store.verify_audit().line is None
    assert [each.operation for each in store.audit() if each.operation == head + 1] == [head + 1]
    store.prune()
    store.repair()
    assert store.damage() == []
    assert not list(folder.rglob("*.new"))
    numbers = log_numbers(store)
    assert numbers == list(range(store.read().head, numbers[-1] - 1, -1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL, which Windows has not")
def test_a_process_killed_at_any_step_leaves_the_old_or_the_new(kind: str, tmp_path: Path) -> None:
    prepare, work = WORKS[kind]
    steps, before, after = steps_of(tmp_path / "count", prepare, work)
    assert len(steps) >= 3
    left: list[dict[str, bytes | None]] = []
    for step in range(len(steps)):
        folder = copied(tmp_path / "prepared", tmp_path / str(step))
        ended = in_child(lambda: work(open_store(folder, DyingDisk(step))))  # noqa: B023  run at once
        assert ended == signal.SIGKILL
        if (there := contents(folder)) in left:
            continue
        left.append(there)
        now = records(open_store(folder))
        assert now in (before, after), f"killed at step {step}"
        if kind in ("repair", "prune"):  # a repair that was killed is simply run again
            work(open_store(folder))
            assert records(open_store(folder)) == after
        if kind != "repair":
            assert_sound(folder)


def _troubles() -> Iterator[ParameterSet]:
    """Every work with a full disk and with a broken one; the second, which goes the same way, in long runs."""
    for kind in WORKS:
        for error in (errno.ENOSPC, errno.EIO):
            often = kind not in RARELY and (error == errno.ENOSPC or kind == "session")
            marks = () if often else (pytest.mark.long,)
            yield pytest.param(kind, error, id=f"{kind}-{errno.errorcode[error]}", marks=marks)


@pytest.mark.parametrize(("kind", "error"), list(_troubles()))
def test_an_error_at_any_step_is_told_and_leaves_the_old_or_the_new(kind: str, error: int, tmp_path: Path) -> None:
    prepare, work = WORKS[kind]
    steps, before, after = steps_of(tmp_path / "count", prepare, work)
    left: list[dict[str, bytes | None]] = []
    for step in range(len(steps)):
        folder = copied(tmp_path / "prepared", tmp_path / str(step))
        heard = Heard()
        store = open_store(folder, FailingDisk(step, error), announce=heard)
        try:
            work(store)
        except StoreProblem as problem:
            heard.append(problem.what)
            expected = [after] if "the change is made" in problem.what else [before]
            if kind in ("repair", "prune"):
                expected = [before, after]  # both go on from where they stopped
        else:
            expected = [after]
        quiet = steps[step][1].startswith("audit.mark")  # an older one says less, and nothing wrong
        assert quiet or any(str(tmp_path) in text for text in heard), f"step {step} failed and nobody was told"
        assert records(open_store(folder)) in expected, f"failed at step {step}"
        if kind == "repair":
            work(open_store(folder))
            assert records(open_store(folder)) == after
        litter = [each for each in open_store(folder).damage() if each.kind is DamageKind.LITTER]
        assert litter == [], f"failed at step {step}"
        if error == errno.ENOSPC and (there := contents(folder)) not in left:  # both errors go the same way from here
            left.append(there)
            assert_sound(folder)


@pytest.mark.parametrize("call", ["fsync", "replace", "close"])
def test_an_interrupt_right_after_any_call_leaves_the_old_or_the_new(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(open_store(tmp_path / "prepared"))
    before = records(open_store(tmp_path / "prepared"))
    real = getattr(os, call)
    for turn in range(40):
        folder, calls = copied(tmp_path / "prepared", tmp_path / str(turn)), itertools.count()

        def interrupted(*given: object) -> object:
            done = real(*given)
            if next(calls) == turn:  # noqa: B023  run at once
                raise KeyboardInterrupt
            return done

        with monkeypatch.context() as patch:
            patch.setattr(os, call, interrupted)
            try:
                open_store(folder, Disk()).commit(switch("beta"))
            except KeyboardInterrupt:
                pass
            else:
                break
        now = open_store(folder).read().contexts["default"].target
        assert str(now) in ("alpha/work", "beta"), f"interrupted after {call} {turn}"
        assert records(open_store(folder)) == before or str(now) == "beta"
        assert {each.kind for each in open_store(folder).damage()} <= {DamageKind.LITTER}
        assert_sound(folder)
    assert 2 <= turn < 39


@pytest.mark.parametrize("left", [b"", b"half of an operation"])
def test_an_operation_that_was_never_committed_may_be_anything(left: bytes, folder: Path) -> None:
    filled(open_store(folder))
    before = records(open_store(folder))
    head = open_store(folder).read().head
    leftover = Path(open_store(folder).home.operation(head + 1))
    leftover.touch(0o600)
    leftover.write_bytes(left)  # what a power cut may leave
    heard = Heard()
    store = open_store(folder, announce=heard)
    assert (records(store), log_numbers(store)[0], heard) == (before, head, [])
    assert [each.kind for each in store.damage()] == [DamageKind.LITTER]
    with pytest.raises(NotFound):
        store.operation(head + 1)
    assert_sound(folder)


def test_what_was_written_and_not_committed_goes_with_pruning(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    objects = objects_of(store)
    steps = Steps()
    open_store(folder, QuickDisk(steps)).commit(create_session("alpha", "new", bindings=3))
    commit_point = steps.index(("rename", "state.toml"))
    open_store(folder).undo()
    in_child(lambda: open_store(folder, DyingDisk(commit_point)).commit(create_session("alpha", "newer", bindings=4)))
    assert "newer" not in store.sessions(store.read(), image_id("alpha"))
    assert len(objects_of(store)) == len(objects) + 4
    assert {each.kind for each in store.damage()} == {DamageKind.LITTER}
    store.prune()
    assert store.damage() == []
    assert len(objects_of(store)) == len(objects) + 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL, which Windows has not")
def test_names_are_those_of_the_state_after_the_next_commit_whatever_it_changes(tmp_path: Path) -> None:
    def work(store: Store) -> object:
        return store.commit(create_session("gamma", "new"))

    def prepare(store: Store) -> None:
        filled(store)
        store.commit(add_image("gamma"))

    steps, _, _ = steps_of(tmp_path / "count", prepare, work)
    left: list[dict[str, bytes | None]] = []
    for step in range(len(steps)):
        folder = copied(tmp_path / "prepared", tmp_path / str(step))
        in_child(lambda: work(open_store(folder, DyingDisk(step))))  # noqa: B023  run at once
        if (there := contents(folder)) in left:
            continue
        left.append(there)
        store = open_store(folder)
        store.commit(switch("beta"))
        state = store.read()
        sessions = {f"gamma/{each}" for each in store.sessions(state, image_id("gamma"))}
        assert set(read_names(store.home)) == set(state.images)
        changes = [each.number for each in store.operations() if each.details.kind is not Kind.SWITCH]
        assert [int(number) for number, _ in read_operation_lines(store.home)] == changes
        assert read_contexts(store.home) == {scope: str(each.target) for scope, each in state.contexts.items()}
        assert {each for each in read_names(store.home, sessions=True) if each.startswith("gamma/")} == sessions
