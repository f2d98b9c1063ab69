"""The commit protocol of files: what is written, and in which order, and what a person may edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from store_tools import (
    Heard,
    QuickDisk,
    Steps,
    change_image,
    change_session,
    create_session,
    filled,
    image_id,
    open_store,
    records,
    remove_session,
    switch,
)

from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.store.envelope import seal, unseal

if TYPE_CHECKING:
    import pytest

    from stui_cli.store.store import Store
    from stui_cli.store.transaction import Draft


# Both are written before the first is waited for, which costs one commit of a journal where it was three; and the
# pointer is put there when all else is on the disk.
OPERATION_AND_POINTER = [
    ("create", "000007.msgpack"),
    ("write", "000007.msgpack"),
    ("create", "state.toml.new"),
    ("write", "state.toml.new"),
    ("sync", "000007.msgpack"),
    ("sync", "state.toml.new"),
    ("sync_folder", "operations"),
    ("rename", "state.toml"),
    ("sync_folder", "store"),
]


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
        *OPERATION_AND_POINTER,
        ("write", "cache.msgpack"),
        ("append", "audit.jsonl"),
        ("write", "audit.jsonl"),
        ("sync", "audit.jsonl"),
        *put("audit.mark", durable=False),
        *put("sessions", durable=False),
        *put("made_for", durable=False),
        *put("operations", durable=False),
        *put("contexts", durable=False),
    ]


def test_a_switch_writes_two_files_durably_and_the_cache(folder: Path) -> None:
    filled(open_store(folder))
    steps = Steps()
    open_store(folder, QuickDisk(steps)).commit(switch("beta"))
    assert steps == [
        ("create", "lock"),
        *OPERATION_AND_POINTER,
        ("write", "cache.msgpack"),
        ("create", "contexts.new"),
        ("write", "contexts.new"),
        ("rename", "contexts"),
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

    def headless(cache: Path) -> None:
        cache.write_bytes(seal(unseal("it", cache.read_bytes()) | {"head": None}))

    for spoil in (lambda p: p.unlink(), lambda p: p.write_bytes(b""), lambda p: p.write_bytes(b"\x00" * 99), headless):
        spoil(Path(store.home.cache))
        assert records(open_store(folder)) == before
        open_store(folder).commit(switch("beta"))
        open_store(folder).commit(switch("alpha", "work"))
        before = records(open_store(folder))


def test_contexts_and_operations_for_shells_follow(folder: Path, store: Store) -> None:
    from store_tools import rename_image

    from stui_cli.store.files.recent_names import read_contexts, read_operation_lines

    def changes() -> list[int]:
        return [each.number for each in store.operations() if each.details.kind is not Kind.SWITCH]

    assert (read_contexts(store.home), read_operation_lines(store.home)) == ({}, [])
    filled(store)
    assert read_contexts(store.home) == {"default": "alpha/work"}
    assert [int(number) for number, _ in read_operation_lines(store.home)] == changes()
    store.commit(switch("beta"))
    assert read_contexts(store.home) == {"default": "beta"}
    store.commit(rename_image("beta", "gamma"))
    did = read_operation_lines(store.home)[0][1]
    assert (did, read_contexts(store.home)) == ("renamed image beta (name=gamma)", {"default": ""})
    # A file that is gone, as an older stui left none, is made anew with all that is offered.
    (Path(store.home.names) / "contexts").unlink()
    (Path(store.home.names) / "operations").unlink()
    open_store(folder).commit(switch("alpha", "gone"))
    assert read_contexts(store.home) == {"default": ""}
    assert [int(number) for number, _ in read_operation_lines(store.home)] == changes()


def test_labels_for_completion_follow_but_for_what_no_eye_would_see(store: Store) -> None:
    from stui_cli.store.files.names import read_labels

    filled(store)
    assert read_labels(store.home) == [("alpha", "env=test")]

    def label(draft: Draft) -> ImageDetails:
        draft.images["beta"] = draft.images["beta"]._replace(metadata={"a": "b c", "x": "y\nz\tw", "e": "\x1b[31m"})
        return ImageDetails(Kind.IMAGE_CHANGE, "beta")

    store.commit(label)
    assert read_labels(store.home) == [("alpha", "env=test"), ("beta", "a=b c")]
    store.undo()
    assert read_labels(store.home) == [("alpha", "env=test")]
    # Cut off, as a power cut may leave it: whatever the next change is, it makes it anew.
    (Path(store.home.names) / "labels").write_text("")
    store.commit(switch("beta"))
    assert read_labels(store.home) == [("alpha", "env=test")]


def test_names_that_a_change_leaves_alone_are_not_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """names/sessions has a line for each session of all images: only who changes one pays for that."""
    from stui_cli.store.files import disk, names, recent_names

    filled(store)
    read: list[str] = []

    def noting(path: str) -> bytes:
        read.append(Path(path).name)
        return disk.read_plain(path)

    monkeypatch.setattr(names, "read_plain", noting)
    monkeypatch.setattr(recent_names, "read_plain", noting)
    store.commit(change_image("alpha", metadata={"env": "prod"}))
    store.undo()
    store.commit(switch("beta"))
    assert set(read) == {"labels", "made_for", "contexts", "operations"}
    read.clear()
    store.commit(remove_session("alpha", "play"))
    assert "sessions" in read
    assert "labels" not in read


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


def test_what_is_announced_is_said_once(folder: Path, store: Store) -> None:
    filled(store)
    Path(store.home.state).write_text("nonsense")
    heard = Heard()
    store = open_store(folder, announce=heard)
    store.read()
    store.read()
    assert len(heard) == 1
    assert "state.toml is damaged" in heard[0]


def test_a_change_that_changes_nothing_writes_nothing(folder: Path) -> None:
    filled(open_store(folder))
    steps = Steps()
    assert open_store(folder, QuickDisk(steps)).commit(change_session("alpha", "work")) is None
    assert steps == [("create", "lock")]
