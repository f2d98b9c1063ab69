"""The commit protocol: what is written, in which order, and what a reader sees."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from memory_store import Memory, MemoryBackend
from store_tools import (
    ACTOR,
    NOWHERE,
    Clock,
    Kept,
    add_image,
    change_image,
    checkpoint_of,
    filled,
    image_id,
    open_store,
    records,
    remove_session,
    switch,
)
from team_server import Team

from stui_cli.model.contexts import Context
from stui_cli.model.errors import Exit, StoreProblem
from stui_cli.model.names import Target
from stui_cli.model.operations import Details, ImageDetails, Kind, SessionDetails
from stui_cli.model.sessions import Session
from stui_cli.model.state import State
from stui_cli.store.files.location import Home
from stui_cli.store.problems import HeadMoved, Locked
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.store.operations import Logged
    from stui_cli.store.transaction import Draft


def test_making_and_reading_an_absent_store_touches_nothing(store: Store) -> None:
    assert store.read() == State()
    assert store.sessions(store.read(), "any") == {}
    assert store.probes() == {}
    assert list(store.operations()) == []
    assert list(store.audit()) == []
    assert store.damage() == []
    assert not Path(store.home.folder).exists()


def test_what_is_committed_is_read_by_the_next_process(kept: Kept, store: Store) -> None:
    filled(store)
    other = open_store(kept)
    assert records(other) == records(store)
    state = other.read()
    assert list(state.images) == ["alpha", "beta"]
    assert state.contexts["default"].target == Target("alpha", "work")
    session = other.sessions(state, image_id("alpha"))["work"]
    assert session.checkpoint is not None
    assert other.checkpoint(session.checkpoint) == checkpoint_of(session)


@pytest.mark.parametrize("kind", [Path, Memory])
def test_the_client_id_is_a_random_uuid_made_once(kind: type, tmp_path: Path) -> None:
    import uuid

    ids = set()
    for name in ("one", "two"):
        store = open_store(Memory() if kind is Memory else tmp_path / name)
        store.commit(add_image("alpha"))
        first = store.read().client_id
        store.commit(add_image("beta"))
        assert store.read().client_id == first
        assert uuid.UUID(first).version == 4
        assert uuid.UUID(first).variant == uuid.RFC_4122
        ids.add(first)
    assert len(ids) == 2


def test_an_exception_in_the_change_means_that_nothing_happened(store: Store) -> None:
    filled(store)
    before = records(store), store.read().head

    def change(draft: Draft) -> Details:
        draft.images.clear()
        draft.sessions(image_id("alpha")).clear()
        draft.put(checkpoint_of(Session("s", "n", "i", "x", 1, 2)))
        raise ValueError("on second thoughts")

    with pytest.raises(ValueError, match="second thoughts"):
        store.commit(change)
    assert (records(store), store.read().head) == before
    assert store.commit(add_image("gamma")) is not None


def test_a_change_that_changes_nothing_makes_no_operation(store: Store) -> None:
    filled(store)
    head = store.read().head

    def change(draft: Draft) -> Details:
        draft.images["alpha"] = draft.images["alpha"]._replace()
        draft.sessions(image_id("alpha"))["work"] = draft.sessions(image_id("alpha"))["work"]
        draft.put(checkpoint_of(Session("s", "n", "i", "x", 1, 2)))
        return ImageDetails(Kind.IMAGE_CHANGE, "alpha")

    assert store.commit(change) is None
    assert store.read().head == head


def test_sessions_come_by_image_and_never_under_another(store: Store) -> None:
    filled(store)
    state = store.read()
    assert set(store.sessions(state, image_id("alpha"))) == {"work", "play"}
    assert set(store.sessions(state, image_id("beta"))) == {"other"}

    def mix(draft: Draft) -> Details:
        draft.sessions(image_id("beta"))["work"] = draft.sessions(image_id("alpha"))["work"]
        return SessionDetails(Kind.SESSION_CREATE, "beta", "work")

    with pytest.raises(ValueError, match="was put under"):
        store.commit(mix)

    def rename_the_key_only(draft: Draft) -> Details:
        sessions = draft.sessions(image_id("alpha"))
        sessions["job"] = sessions.pop("work")
        return SessionDetails(Kind.SESSION_RENAME, "alpha", "job")

    with pytest.raises(ValueError, match="was put under"):
        store.commit(rename_the_key_only)
    assert set(store.sessions(store.read(), image_id("alpha"))) == {"work", "play"}


def test_an_image_without_sessions_has_no_shard(store: Store) -> None:
    filled(store)
    store.commit(remove_session("beta", "other"))
    assert set(store.read().shards) == {image_id("alpha")}

    def drop(draft: Draft) -> Details:
        draft.drop_sessions(image_id("alpha"))
        return ImageDetails(Kind.IMAGE_CHANGE, "alpha")

    store.commit(drop)
    assert store.read().shards == {}


def test_contexts_of_terminals_that_are_gone_go_with_the_next_change(kept: Kept) -> None:
    store = open_store(kept)
    filled(store)
    for scope in ("tty-1", "tty-2"):
        store.commit(switch("beta", scope=scope))
    store = open_store(kept, is_gone=lambda scope: scope != "tty-2")
    assert set(store.read().contexts) == {"default", "tty-1", "tty-2"}
    store.commit(add_image("gamma"))
    assert set(store.read().contexts) == {"default", "tty-2"}


def test_a_read_only_store_refuses_to_write(kept: Kept, store: Store) -> None:
    filled(store)
    quiet = open_store(kept, read_only=True)
    assert records(quiet) == records(store)
    for write in (
        lambda: quiet.commit(add_image("gamma")),
        lambda: quiet.update_probes(dict.clear),
        lambda: quiet.append_history("i", "s"),
        quiet.append_audit,
        quiet.undo,
        quiet.prune,
        quiet.repair,
    ):
        with pytest.raises(StoreProblem, match="opened for reading") as caught:
            write()
        assert caught.value.exit_code == Exit.STORE


def test_a_head_that_is_not_the_one_expected_is_not_swapped(kept: Kept, store: Store) -> None:
    filled(store)
    before = records(store)
    state = store.read()
    late = open_store(kept)
    assert late.read() == state
    store.commit(add_image("gamma"))
    operation = store.operation(state.head)._replace(number=state.head + 1)
    backend = late._backend
    with backend.exclusive(ACTOR, 1, print), pytest.raises(HeadMoved, match=r"was 6 and is (7|another one) now"):
        backend.swap_head(operation, state._replace(head=state.head + 1), state.head, None)
    assert {**records(store), "images": before["images"]} == before
    assert set(store.read().images) == {"alpha", "beta", "gamma"}
    assert store.read().head == state.head + 1


class Shared(MemoryBackend):
    """One that keeps nobody out, as a server that several machines write to."""

    @contextmanager
    def exclusive(self, *_: object) -> Iterator[None]:
        self._is_alone = True
        yield


def test_a_change_whose_head_was_moved_is_made_again_on_what_is_there() -> None:
    memory = Memory()
    one, other = (
        Store(Home.find(Path(NOWHERE), {}), ACTOR, Clock(), announce=print, backend=Shared(memory, print))
        for _ in range(2)
    )
    one.commit(add_image("alpha"))
    seen = []

    def labelled(draft: Draft) -> Details:
        seen.append(dict(draft.images))
        if len(seen) < 4:
            other.commit(add_image(f"beta-{len(seen)}"))
        return change_image("alpha", metadata={"role": "build"})(draft)

    assert one.commit(labelled) is not None
    assert [len(images) for images in seen] == [1, 2, 3, 4]
    assert list(other.read().images) == ["alpha", "beta-1", "beta-2", "beta-3"]
    assert other.read().images["alpha"].metadata == {"role": "build"}
    assert [each.number for each in other.operations()] == [5, 4, 3, 2, 1]


def test_a_change_that_always_finds_another_head_is_told_and_nothing_of_it_is_there() -> None:
    memory = Memory()
    one, other = (
        Store(
            Home.find(Path(NOWHERE), {}),
            ACTOR,
            Clock(),
            lock_timeout=0.1,
            announce=print,
            backend=Shared(memory, print),
        )
        for _ in range(2)
    )
    one.commit(add_image("alpha"))

    def late(draft: Draft) -> Details:
        other.commit(add_image(f"image-{draft.state.head}"))
        return change_image("alpha", metadata={"role": "build"})(draft)

    with pytest.raises(HeadMoved, match="another command changed the store meanwhile"):
        one.commit(late)
    assert other.read().images["alpha"].metadata == {}


class Restless(Shared):
    """One in which somebody else commits while an undo reads the log, so often."""

    left = 3

    def read_operation(self, number: int) -> Logged:
        if self.left and number == self.memory.head:
            self.left -= 1
            Store(
                Home.find(Path(NOWHERE), {}), ACTOR, Clock(), announce=print, backend=Shared(self.memory, print)
            ).commit(add_image(f"late-{self.left}"))
        return super().read_operation(number)


def test_an_undo_takes_back_what_is_the_last_change_when_it_is_made() -> None:
    memory = Memory()
    Store(Home.find(Path(NOWHERE), {}), ACTOR, Clock(), announce=print, backend=Shared(memory, print)).commit(
        add_image("alpha")
    )
    reversal = Store(
        Home.find(Path(NOWHERE), {}), ACTOR, Clock(), announce=print, backend=Restless(memory, print)
    ).undo()
    assert [each.number for each in reversal.taken_back] == [4]
    assert reversal.committed is not None
    assert list(reversal.committed.state.images) == ["alpha", "late-2", "late-1"]


def test_one_writes_at_a_time(kept: Kept, store: Store) -> None:
    other = open_store(kept, lock_timeout=0.05)
    if isinstance(kept, Team):  # nobody waits there
        with store.held():
            assert other.commit(add_image("alpha")) is not None
        return
    with store.held(), pytest.raises(Locked, match=r"is held by .*; gave up after 0\.05 s"):
        other.commit(add_image("alpha"))
    assert other.commit(add_image("alpha")) is not None


def test_what_cannot_be_kept_is_refused_and_nothing_happened(store: Store) -> None:
    filled(store)
    before = records(store)
    with pytest.raises(StoreProblem, match="cannot hold a value"):
        store.commit(change_image("alpha", added_at=2**64))
    assert records(store) == before


def test_a_context_goes_back_and_forth(store: Store) -> None:
    filled(store)
    store.commit(switch("beta"))
    context = store.read().contexts["default"]
    assert isinstance(context, Context)
    assert context.trail[0] == Target("alpha", "work")
