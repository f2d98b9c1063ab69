"""What is written is what is read: TOML, its cache and the operations, for anything that may be in them."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_store import Memory, MemoryBackend
from store_tools import (
    ACTOR,
    MEMORY,
    QuickDisk,
    Steps,
    add_image,
    change_image,
    change_session,
    create_session,
    filled,
    image_id,
    open_store,
    switch,
)

from stui_cli.model.contexts import Context
from stui_cli.model.digest import sha256_hex
from stui_cli.model.errors import Exit, StoreProblem
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.operations import (
    CleanupDetails,
    Details,
    ImageDetails,
    KeptCheckpoint,
    Kind,
    Operation,
    Removal,
    RepairDetails,
    ReversalDetails,
    SessionDetails,
    SwitchDetails,
)
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, Session, SessionState
from stui_cli.model.state import State
from stui_cli.store.envelope import pack, seal, unpack, unseal
from stui_cli.store.files.location import Home
from stui_cli.store.files.state_file import Rendered, load, parse_state, render, write_cache
from stui_cli.store.objects import encode_checkpoint, encode_shard, read_checkpoint, read_shard
from stui_cli.store.operations import decode_operation, encode_operation, pack_state
from stui_cli.store.problems import Damaged, Newer
from stui_cli.store.values import Piece

texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(["", "a\nb", '"', "\\", "\x00\x7f", "'''"])
names = st.text("abcé-_.@+0", min_size=1, max_size=8)
ids = st.text("0123456789abcdef-", min_size=1, max_size=36)
numbers = st.integers(-(2**63), 2**63 - 1)
scalars = texts | numbers | st.booleans() | st.floats(allow_nan=False) | st.datetimes() | st.dates() | st.times()
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(texts, v, max_size=3), max_leaves=6)
unknown = st.dictionaries(st.text("xyz", min_size=3, max_size=5), values, max_size=3)
maybe = st.none() | texts
images = st.builds(
    Image, names, texts, numbers, maybe, maybe, maybe, maybe, st.dictionaries(texts, texts, max_size=3),
    maybe, maybe, st.booleans(), st.booleans(), maybe, unknown,
)  # fmt: skip
targets = st.builds(Target, names, st.none() | names)
contexts = st.builds(Context, targets, numbers, st.lists(targets, max_size=3).map(tuple), unknown)
states = st.builds(
    State,
    st.integers(0, 10**6),
    ids,
    st.lists(images, max_size=4).map(lambda found: {image.name: image for image in found}),
    st.dictionaries(texts, contexts, max_size=3),
    st.dictionaries(ids, ids, max_size=3),
    unknown,
)
sessions = st.builds(
    Session,
    session_id=ids,
    name=names,
    image_id=st.just("image"),
    incarnation=texts,
    created_at=numbers,
    last_activity=numbers,
    state=st.sampled_from(SessionState),
    description=maybe,
    bindings=numbers,
    checkpoint=st.none() | ids,
    checkpoint_at=st.none() | numbers,
    registered_as=maybe,
    extra=unknown,
)
changed = st.dictionaries(texts, texts, max_size=2)
details = st.one_of(
    st.builds(ImageDetails, st.sampled_from([k for k in Kind if k.startswith("image.")]), names, changed),
    st.builds(
        SessionDetails, st.sampled_from([k for k in Kind if k.startswith("session.")]), names, names, changed,
        st.none() | st.builds(KeptCheckpoint, ids, ids, numbers),
    ),
    st.builds(SwitchDetails, st.just(Kind.SWITCH), texts, maybe, maybe),
    st.builds(
        CleanupDetails, st.just(Kind.CLEANUP),
        st.lists(st.builds(Removal, texts, texts, texts), max_size=3).map(tuple),
    ),
    st.builds(
        ReversalDetails, st.sampled_from([Kind.UNDO, Kind.REDO, Kind.ROLLBACK]),
        st.lists(st.integers(0, 99), max_size=3).map(tuple), st.integers(0, 99),
        st.lists(texts, max_size=2).map(tuple),
    ),
    st.builds(RepairDetails, st.just(Kind.REPAIR), st.lists(texts, max_size=3).map(tuple), st.integers(0, 99)),
)  # fmt: skip


@given(states)
def test_state_toml_round_trip(state: State) -> None:
    data, rendered = render(state, Rendered(State(), {}, {}, ""))
    assert parse_state("state.toml", data) == state
    tomllib.loads(data.decode())
    again, _ = render(state, rendered)
    assert again == data


@given(states, states)
def test_rendering_what_changed_is_rendering_everything(before: State, after: State) -> None:
    mixed = State(
        after.head, after.client_id, {**before.images, **after.images}, {**before.contexts, **after.contexts},
        before.shards, after.extra,
    )  # fmt: skip
    _, rendered = render(before, Rendered(State(), {}, {}, ""))
    whole, _ = render(mixed, Rendered(State(), {}, {}, ""))
    assert render(mixed, rendered)[0] == whole


@given(states)
def test_the_cache_says_what_state_toml_says(state: State) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        home = Home.find(Path(folder), {})
        data, rendered = render(state, Rendered(State(), {}, {}, ""))
        QuickDisk().replace(home.state, data)
        write_cache(home, QuickDisk(), data, rendered, pack_state(state), 7)
        steps = Steps(reads=True)
        loaded = load(home, QuickDisk(steps))
        assert steps == [("read", "state.toml"), ("read", "cache.msgpack")]
        assert loaded is not None
        assert loaded.state == state
        assert render(state, loaded.rendered())[0] == data
        write_cache(home, QuickDisk(), b"of another text", rendered, pack_state(state), 7)
        other = load(home, QuickDisk())
        assert other is not None
        assert (other.state, other.names_of, loaded.names_of) == (state, None, 7)


def test_two_versions_that_only_their_text_tells_apart_are_two(folder: Path) -> None:
    """One size, one inode, one tick of the clock: an edit in place, or two commits of other processes."""
    store = open_store(folder)
    filled(store)
    path = Path(store.home.state)
    status = path.stat()
    with path.open("r+") as file:
        text = file.read().replace('env = "test"', 'env = "prod"')
        file.seek(0)
        file.write(text)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_ino, path.stat().st_size) == (status.st_ino, status.st_size)
    assert any(image.metadata.get("env") == "prod" for image in store.read().images.values())
    assert any(image.metadata.get("env") == "prod" for image in open_store(folder).read().images.values())


@given(details, states, numbers, texts)
def test_operation_round_trip(each: Details, state: State, time: int, command: str) -> None:
    operation = Operation(7, 6, time, ACTOR._replace(command=command + "\udcff"), each)
    logged = decode_operation(Piece("here", encode_operation(operation, pack_state(state))), 7)
    assert logged.operation == operation
    found = logged.state()
    assert (found.images, found.contexts, found.shards) == (state.images, state.contexts, state.shards)
    assert (found.client_id, found.extra, found.head) == (state.client_id, state.extra, 7)


def keeping(content: bytes) -> tuple[MemoryBackend, str]:
    """A store with one object, and its name."""
    backend, sha256 = MemoryBackend(Memory(), print), sha256_hex(content)
    with backend.exclusive(ACTOR, 1, print):
        backend.write_objects({sha256: content})
    return backend, sha256


@given(st.lists(sessions, max_size=4), unknown)
def test_shard_round_trip(found: list[Session], extra: dict[str, object]) -> None:
    by_name = {session.name: session for session in found}
    backend, sha256 = keeping(encode_shard("image", by_name, extra))
    shard = read_shard(backend, "image", sha256)
    assert (shard.sessions, shard.extra) == (by_name, extra)
    with pytest.raises(Damaged, match="belongs to the image image, not to another"):
        read_shard(backend, "another", sha256)
    with pytest.raises(Damaged, match="no checkpoint"):
        read_checkpoint(backend, sha256)


@given(st.lists(st.builds(CheckpointBinding, texts, texts, texts, maybe), max_size=4).map(tuple), numbers)
def test_checkpoint_round_trip(bindings: tuple[CheckpointBinding, ...], time: int) -> None:
    checkpoint = Checkpoint("s", "i", "x", time, bindings)
    assert read_checkpoint(*keeping(encode_checkpoint(checkpoint))) == checkpoint


@given(values, st.data())
def test_no_flipped_bit_is_believed(value: object, data: st.DataObject) -> None:
    sealed = bytearray(seal(value))
    assert unseal("x", bytes(sealed)) == value
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = unseal("x", bytes(sealed))
    except (Damaged, Newer):
        return
    assert found == value  # a bit of the envelope that carries nothing


@given(st.binary(max_size=60))
def test_garbage_is_damage_and_nothing_else(data: bytes) -> None:
    with pytest.raises((Damaged, Newer)):
        unseal("x", data)


def test_integers_beyond_64_bits_are_refused_with_a_reason() -> None:
    with pytest.raises(StoreProblem, match="cannot hold a value"):
        pack(2**70)


def test_digests_are_those_of_hashlib() -> None:
    import hashlib

    from stui_cli.model.digest import sha256_hex

    for data in (b"", b"abc", b"x" * 10_000):
        assert sha256_hex(data) == hashlib.sha256(data).hexdigest()


def test_unknown_fields_survive_changes(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    text = Path(store.home.state).read_text()
    text = text.replace("schema = 1\n", 'schema = 1\nfuture = "kept"\nwhen = 2031-05-06T07:08:09Z\n')
    text = text.replace("[images.alpha]\n", "[images.alpha]\ncolour = 3\n").replace(
        "[contexts.default]\n", "[contexts.default]\npinned = true\n"
    )
    Path(store.home.state).write_text(text + "\n[teams.core]\nlead = 'x'\n")
    store.commit(add_image("gamma"))
    store.commit(change_image("alpha", address="tcp://127.0.0.1:1"))
    store.commit(switch("beta"))
    found = tomllib.loads(Path(store.home.state).read_text())
    assert found["future"] == "kept"
    assert found["when"].year == 2031
    assert found["teams"] == {"core": {"lead": "x"}}
    assert found["images"]["alpha"]["colour"] == 3
    assert found["contexts"]["default"]["pinned"] is True
    assert store.operation_state(store.read().head).extra["teams"] == {"core": {"lead": "x"}}


def test_unknown_fields_of_sessions_survive(folder: Path) -> None:
    store = open_store(folder)
    store.commit(add_image("alpha"))
    store.commit(create_session("alpha", "work", extra={"colour": "red"}))
    store.commit(change_session("alpha", "work", description="x"))
    assert store.sessions(store.read(), image_id("alpha"))["work"].extra == {"colour": "red"}


def test_a_newer_schema_is_refused_with_advice_and_nothing_is_written(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    Path(store.home.state).write_text(Path(store.home.state).read_text().replace("schema = 1", "schema = 2"))
    content = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    store = open_store(folder)
    for use in (
        store.read,
        lambda: store.commit(add_image("gamma")),
        store.undo,
        store.repair,
        store.prune,
        store.damage,
    ):
        with pytest.raises(Newer, match=r"state\.toml was written by a newer stui \(schema 2") as caught:
            use()
        assert caught.value.exit_code == Exit.STORE
        assert "upgrade" in caught.value.todo
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == content


def test_newer_operations_and_objects_are_not_called_damaged(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    body = unpack(Path(store.home.operation(3)).read_bytes())
    Path(store.home.operation(3)).write_bytes(pack({**body, "schema": 9}))
    with pytest.raises(Newer, match=r"000003\.msgpack"):
        store.operation(3)
    (damage,) = store.damage()
    assert damage.kind == "newer"
    assert store.commit(add_image("gamma")) is not None
