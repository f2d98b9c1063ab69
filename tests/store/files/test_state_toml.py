"""state.toml and its cache: what is written is what is read, unknown fields stay, a newer stui's are left alone."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_tools import (
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
from strategies import states

from stui_cli.model.errors import Exit
from stui_cli.model.images import Image
from stui_cli.model.state import State
from stui_cli.store.chunks import pack_state
from stui_cli.store.envelope import pack, seal, unpack, unseal
from stui_cli.store.files.location import Home
from stui_cli.store.files.state_file import fingerprint_of, load, parse_state, write_cache
from stui_cli.store.files.state_text import NOTHING_RENDERED, render
from stui_cli.store.problems import Newer


@given(states)
def test_state_toml_round_trip(state: State) -> None:
    data, rendered = render(state, NOTHING_RENDERED)
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
    _, rendered = render(before, NOTHING_RENDERED)
    whole, _ = render(mixed, NOTHING_RENDERED)
    assert render(mixed, rendered)[0] == whole


_CHANGES = st.tuples(st.sampled_from(["label", "remove", "add", "rename", "shard"]), st.integers(0, 10**6))


@settings(max_examples=15)
@given(st.lists(_CHANGES, min_size=1, max_size=4))
def test_a_large_state_is_rendered_piece_by_piece_as_the_whole(changes: list[tuple[str, int]]) -> None:
    images = {f"i{each}": Image(f"i{each}", f"tcp://h:{each + 1}", 5, image_id=f"id{each}") for each in range(60)}
    state = State(1, "me", images, {}, {f"id{each}": f"{each:064}" for each in range(60)})
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        home = Home.find(Path(folder), {})
        data, rendered = render(state, NOTHING_RENDERED)
        for what, number in changes:
            QuickDisk().replace(home.state, data)
            write_cache(home, QuickDisk(), fingerprint_of(data), rendered, 7)
            loaded = load(home, QuickDisk())
            assert loaded is not None
            state = _changed(loaded.state, what, number)
            data, rendered = render(state, loaded.rendered())
            assert data == render(state, NOTHING_RENDERED)[0]
            assert parse_state("state.toml", data) == state
            assert rendered.packed.whole == pack_state(state).whole


def _changed(state: State, what: str, number: int) -> State:
    images, shards = dict(state.images), dict(state.shards)
    name = list(images)[number % len(images)]
    match what:
        case "label":
            images[name] = images[name]._replace(metadata={"n": str(number)})
        case "remove":
            del images[name]
        case "add":
            images[f"new-{number}"] = Image(f"new-{number}", "tcp://h:1", 5)
        case "rename":
            images = {(f"x{number}" if each == name else each): image for each, image in images.items()}
            images[f"x{number}"] = images[f"x{number}"]._replace(name=f"x{number}")
        case _:
            shards[f"id{number % 100}"] = f"{number:064}"
    return state._replace(head=state.head + 1, images=images, shards=shards)


@given(states)
def test_the_cache_says_what_state_toml_says(state: State) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        home = Home.find(Path(folder), {})
        data, rendered = render(state, NOTHING_RENDERED)
        QuickDisk().replace(home.state, data)
        write_cache(home, QuickDisk(), fingerprint_of(data), rendered, 7)
        steps = Steps(reads=True)
        loaded = load(home, QuickDisk(steps))
        assert steps == [("read", "state.toml"), ("read", "cache.msgpack")]
        assert loaded is not None
        assert loaded.state == state
        assert render(state, loaded.rendered())[0] == data
        write_cache(home, QuickDisk(), fingerprint_of(b"of another text"), rendered, 7)
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


def test_an_operation_of_a_kind_that_a_newer_stui_makes_is_not_called_damaged(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    path = Path(store.home.operation(store.read().head))
    body = unseal("it", path.read_bytes())
    path.write_bytes(seal({**body, "details": {"kind": "store.copy", "to": "elsewhere"}}))
    heard: list[str] = []
    store = open_store(folder, announce=heard.append)
    numbers = [operation.number for operation in store.operations()]
    assert numbers[0] == store.read().head - 1, "the others are listed"
    (told,) = heard
    assert "was written by a newer stui (it is of the kind 'store.copy', which this one does not know)" in told
    assert "upgrade stui" in told
    with pytest.raises(Newer):  # what it did may rest on the operation before it
        store.undo()
    (damage,) = store.damage()
    assert (damage.kind, damage.remedy) == ("newer", "none: upgrade stui")
    content = path.read_bytes()
    store.repair()
    assert path.read_bytes() == content
    assert store.commit(add_image("gamma")) is not None
