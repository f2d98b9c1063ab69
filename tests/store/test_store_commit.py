"""The commit protocol: what is written, in which order, and what a reader sees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_tools import (
    Heard,
    QuickDisk,
    Steps,
    add_image,
    change_session,
    checkpoint_of,
    create_session,
    filled,
    image_id,
    open_store,
    records,
    remove_session,
    switch,
)

from stui_cli.model.contexts import Context
from stui_cli.model.errors import Exit, StoreProblem
from stui_cli.model.names import Target
from stui_cli.model.operations import Details, ImageDetails, Kind, SessionDetails
from stui_cli.model.sessions import Session
from stui_cli.model.state import State

if TYPE_CHECKING:
    from stui_cli.store.store import Store
    from stui_cli.store.transaction import Draft


def test_making_and_reading_an_absent_store_touches_nothing(folder: Path, store: Store) -> None:
    assert store.read() == State()
    assert store.sessions(store.read(), "any") == {}
    assert store.probes() == {}
    assert list(store.operations()) == []
    assert list(store.audit()) == []
    assert store.damage() == []
    assert not folder.exists()


def test_what_is_committed_is_read_by_the_next_process(folder: Path, store: Store) -> None:
    filled(store)
    other = open_store(folder)
    assert records(other) == records(store)
    state = other.read()
    assert list(state.images) == ["alpha", "beta"]
    assert state.contexts["default"].target == Target("alpha", "work")
    session = other.sessions(state, image_id("alpha"))["work"]
    assert session.checkpoint is not None
    assert other.checkpoint(session.checkpoint) == checkpoint_of(session)


def test_the_client_id_is_a_random_uuid_made_once(tmp_path: Path) -> None:
    import uuid

    ids = set()
    for name in ("one", "two"):
        store = open_store(tmp_path / name)
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
    steps = Steps()

    def change(draft: Draft) -> Details:
        draft.images["alpha"] = draft.images["alpha"]._replace()
        draft.sessions(image_id("alpha"))["work"] = draft.sessions(image_id("alpha"))["work"]
        draft.put(checkpoint_of(Session("s", "n", "i", "x", 1, 2)))
        return ImageDetails(Kind.IMAGE_CHANGE, "alpha")

    store = open_store(store.home.folder, QuickDisk(steps))
    assert store.commit(change) is None
    assert store.read().head == head
    assert steps == [("create", "lock")]


def test_the_order_of_a_commit_is_objects_operation_pointer(folder: Path) -> None:
    filled(open_store(folder))
    steps = Steps()
    store = open_store(folder, QuickDisk(steps))
    committed = store.commit(create_session("alpha", "new", bindings=1))
    assert committed is not None
    checkpoint, shard = (
        f"{sha256}.msgpack"
        for sha256 in (
            store.sessions(committed.state, image_id("alpha"))["new"].checkpoint,
            committed.state.shards[image_id("alpha")],
        )
    )

    def put(name: str, *, durable: bool = True) -> list[tuple[str, str]]:
        sync = [("sync", f"{name}.new")] if durable else []
        return [("create", f"{name}.new"), ("write", f"{name}.new"), *sync, ("rename", name)]

    assert steps == [
        ("create", "lock"),
        *put(checkpoint),
        *put(shard),
        ("sync_folder", "objects"),
        *put("000007.msgpack"),
        ("sync_folder", "operations"),
        *put("state.toml"),
        ("sync_folder", "store"),
        *put("cache.msgpack", durable=False),
        ("append", "audit.jsonl"),
        ("write", "audit.jsonl"),
        ("sync", "audit.jsonl"),
        *put("audit.mark", durable=False),
        *put("sessions", durable=False),
        *put("made_for", durable=False),
    ]


def test_a_switch_writes_two_files_durably_and_the_cache(folder: Path) -> None:
    filled(open_store(folder))
    steps = Steps()
    open_store(folder, QuickDisk(steps)).commit(switch("beta"))
    assert [step for step in steps if step[0] in ("sync", "sync_folder", "rename", "append")] == [
        ("sync", "000007.msgpack.new"),
        ("rename", "000007.msgpack"),
        ("sync_folder", "operations"),
        ("sync", "state.toml.new"),
        ("rename", "state.toml"),
        ("sync_folder", "store"),
        ("rename", "cache.msgpack"),
    ]


def test_an_object_that_is_there_already_is_not_written_again(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    store.commit(change_session("alpha", "work", description="once"))
    store.commit(change_session("alpha", "work", description=None))
    store.commit(change_session("alpha", "work", description="twice"))
    steps = Steps()
    open_store(folder, QuickDisk(steps)).commit(change_session("alpha", "work", description="once"))
    assert not [name for step, name in steps if step == "create" and len(name) > 60]


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


def test_contexts_of_terminals_that_are_gone_go_with_the_next_change(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    for scope in ("tty-1", "tty-2"):
        store.commit(switch("beta", scope=scope))
    store = open_store(folder, is_gone=lambda scope: scope != "tty-2")
    assert set(store.read().contexts) == {"default", "tty-1", "tty-2"}
    store.commit(add_image("gamma"))
    assert set(store.read().contexts) == {"default", "tty-2"}


def test_a_state_edited_by_hand_is_picked_up_and_kept(folder: Path, store: Store) -> None:
    filled(store)
    store.read()
    text = Path(store.home.state).read_text().replace('env = "test"', 'env = "prod"')
    Path(store.home.state).write_text(text.replace("[images.beta]", "# a comment\n[images.beta]"))
    assert store.read().images["alpha"].metadata == {"env": "prod"}
    store.commit(switch("beta"))
    assert open_store(folder).read().images["alpha"].metadata == {"env": "prod"}
    assert 'env = "prod"' in Path(store.home.state).read_text()


def test_state_toml_is_for_people(store: Store) -> None:
    filled(store)
    text = Path(store.home.state).read_text()
    assert text.startswith("# ")
    assert '[images.alpha]\naddress = "tcp://127.0.0.1:4005"\n' in text
    assert '[contexts.default]\nimage = "alpha"\nsession = "work"\n' in text
    import tomllib

    assert tomllib.loads(text)["schema"] == 1


def test_a_lost_cache_changes_nothing(folder: Path, store: Store) -> None:
    filled(store)
    before = records(store)
    for spoil in (lambda p: p.unlink(), lambda p: p.write_bytes(b""), lambda p: p.write_bytes(b"\x00" * 99)):
        spoil(Path(store.home.cache))
        assert records(open_store(folder)) == before
        open_store(folder).commit(switch("beta"))
        open_store(folder).commit(switch("alpha", "work"))
        before = records(open_store(folder))


def test_a_read_only_store_refuses_to_write(folder: Path, store: Store) -> None:
    filled(store)
    quiet = open_store(folder, read_only=True)
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


def test_the_names_for_completion_follow(folder: Path, store: Store) -> None:
    from stui_cli.store.files.names import read_names

    assert read_names(store.home) == []
    filled(store)
    assert read_names(store.home) == ["alpha", "beta"]
    assert sorted(read_names(store.home, sessions=True)) == ["alpha/play", "alpha/work", "beta/other"]
    store.commit(remove_session("alpha", "play"))
    assert sorted(read_names(store.home, sessions=True)) == ["alpha/work", "beta/other"]
    from store_tools import remove_image, rename_image

    store.commit(rename_image("alpha", "gamma"))
    assert sorted(read_names(store.home)) == ["beta", "gamma"]
    assert sorted(read_names(store.home, sessions=True)) == ["beta/other", "gamma/work"]
    store.commit(remove_image("gamma"))
    assert sorted(read_names(store.home, sessions=True)) == ["beta/other"]
    store.undo()
    assert sorted(read_names(store.home, sessions=True)) == ["beta/other", "gamma/work"]
    # Whatever happened to them, they are right after the next change that makes the cache anew.
    (Path(store.home.names) / "images").unlink()
    (Path(store.home.names) / "sessions").write_text("nonsense\n")
    Path(store.home.cache).unlink()
    open_store(folder).commit(switch("beta"))
    assert sorted(read_names(store.home)) == ["beta", "gamma"]
    assert sorted(read_names(store.home, sessions=True)) == ["beta/other", "gamma/work"]


def test_a_context_goes_back_and_forth(store: Store) -> None:
    filled(store)
    store.commit(switch("beta"))
    context = store.read().contexts["default"]
    assert isinstance(context, Context)
    assert context.trail[0] == Target("alpha", "work")


def test_what_is_announced_is_said_once(folder: Path, store: Store) -> None:
    filled(store)
    Path(store.home.state).write_text("nonsense")
    heard = Heard()
    store = open_store(folder, announce=heard)
    store.read()
    store.read()
    assert len(heard) == 1
    assert "state.toml is damaged" in heard[0]
