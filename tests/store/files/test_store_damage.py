"""Every kind of file truncated, emptied, bit-flipped, made unreadable, deleted: named, survived, repaired."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_tools import (
    Heard,
    UnreadableDisk,
    add_image,
    change_session,
    create_session,
    entry,
    filled,
    image_id,
    log_numbers,
    open_store,
    records,
    switch,
)

from stui_cli.model.errors import StoreProblem
from stui_cli.model.operations import Kind, RepairDetails
from stui_cli.store.damage import DamageKind
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.store.store import Store

ALPHA = image_id("alpha")
BETA = image_id("beta")


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes() or b"?")  # the lock file has its note only while it is held
    data[len(data) * 2 // 3] ^= 0x10
    path.write_bytes(data)


HARMS: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "emptied": lambda path: path.write_bytes(b""),
    "flipped": flipped,
    "unreadable": lambda path: path.chmod(0),
    "deleted": lambda path: path.unlink(),
}

FILES: dict[str, tuple[DamageKind, Callable[[Store], str]]] = {
    "state": (DamageKind.STATE, lambda store: store.home.state),
    "head operation": (DamageKind.OPERATION, lambda store: store.home.operation(store.read().head)),
    "operation": (DamageKind.OPERATION, lambda store: store.home.operation(3)),
    "shard": (DamageKind.SHARD, lambda store: store.home.object(store.read().shards[ALPHA])),
    "checkpoint": (DamageKind.CHECKPOINT, lambda store: store.home.object(checkpoint(store, "alpha", "work"))),
    "history": (DamageKind.HISTORY, lambda store: store.home.history(ALPHA, "id-of-alpha-work")),
    "audit": (DamageKind.AUDIT, lambda store: store.home.audit),
    "probes": (DamageKind.PROBES, lambda store: store.home.probes),
    "cache": (DamageKind.STATE, lambda store: store.home.cache),
    "names": (DamageKind.NAMES, lambda store: f"{store.home.names}/images"),
    "lock": (DamageKind.STATE, lambda store: store.home.lock),
}
# Harm that needs no telling: the file is made again, or its absence is what a fresh store has too.
SILENT = {
    *((name, harm) for name in ("cache", "lock") for harm in HARMS),
    ("probes", "deleted"),
    ("history", "deleted"),
    ("history", "emptied"),
    ("history", "truncated"),  # a torn last record was never acknowledged
    ("audit", "deleted"),  # it begins anew, with what the operation log knows
    ("audit", "emptied"),
    ("audit", "truncated"),
    ("operation", "deleted"),  # pruned, for all one can tell
    ("names", "unreadable"),  # told as a mode
    ("names", "flipped"),  # may still be the right names
}


def checkpoint(store: Store, image: str, session: str) -> str:
    found = store.sessions(store.read(), image_id(image))[session].checkpoint
    assert found is not None
    return found


def worn(store: Store) -> None:
    """A store whose sessions have earlier versions to go back to."""
    filled(store)
    store.commit(change_session("alpha", "work", description="later"))
    store.commit(change_session("alpha", "play", description="later"))
    store.commit(switch("beta"))


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", FILES)
def test_damage_is_named_survived_and_repaired(name: str, harm: str, folder: Path) -> None:
    worn(open_store(folder))
    store = open_store(folder)
    kind, find = FILES[name]
    path = Path(find(store))
    whole = records(store)
    HARMS[harm](path)
    # Root may read what is forbidden; the disk then says what it says to others.
    disk = UnreadableDisk(str(path)) if harm == "unreadable" else None
    heard = Heard()
    store = open_store(folder, disk, announce=heard)

    # The rest goes on working.
    state = store.read()
    assert set(state.images) == {"alpha", "beta"}
    assert set(store.sessions(state, BETA)) == {"other"}
    assert set(store.sessions(state, ALPHA)) == {"work", "play"}
    assert store.history(BETA, "id-of-beta-other") == []
    assert {each.number for each in store.operations()} >= {5, 4, 2, 1}

    # It is named, by doctor, and where it mattered by the commands themselves.
    found = store.damage()
    named = {each.kind for each in found if each.where == str(path)}
    if (name, harm) not in SILENT and not (name == "state" and harm == "flipped" and named == {DamageKind.EDITED}):
        assert kind in named, found
        assert all(each.reason and each.remedy for each in found)
    # A state.toml that is known from its cache need not be read, and is written anew with the next change.
    refused = name == "state" and harm != "flipped"
    if refused or (name == "shard" and harm != "flipped"):
        assert any(str(path) in text for text in heard)

    # Nothing is overwritten: a change is refused, or leaves the damaged file as it is.
    content = path.read_bytes() if path.exists() else None
    if name not in ("cache", "probes", "names", "lock", "history", "audit", "state"):
        store.commit(switch("alpha"))
        assert (path.read_bytes() if path.exists() else None) == content
    if refused:
        with pytest.raises(StoreProblem) as caught:
            store.commit(switch("alpha"))
        assert caught.value.exit_code == 10
        assert (path.read_bytes() if path.exists() else None) == content
    if name == "shard":
        with pytest.raises(Damaged):
            store.commit(create_session("alpha", "new"))
        store.commit(create_session("beta", "new"))
        store.commit(lambda draft: (draft.sessions(BETA).pop("new"), switch("alpha")(draft))[1])

    # Repair mends it for good.
    path.chmod(0o600) if path.exists() else None
    store = open_store(folder)
    repaired = store.repair()
    store = open_store(folder)
    left = [each for each in store.damage() if each.kind not in (DamageKind.AUDIT, DamageKind.EDITED)]
    assert left == []
    if repaired.operation is not None:
        assert isinstance(repaired.operation.details, RepairDetails)
        assert repaired.done
    again = records(store)
    for part in ("images", "histories", "probes"):
        if part.startswith(name[:4]) or (name == "history" and part == "histories"):
            continue
        assert again[part] == whole[part] or (name, harm) == ("state", "flipped")
    if content and name in ("state", "operation", "head operation", "shard", "checkpoint") and repaired.operation:
        assert [each for each in Path(store.home.damaged).iterdir() if each.read_bytes() == content]
    assert store.commit(add_image("after")) is not None
    assert log_numbers(store)[0] == store.read().head


def test_a_damaged_shard_goes_back_to_its_newest_sound_version(folder: Path) -> None:
    store = open_store(folder)
    worn(store)
    Path(store.home.object(store.read().shards[ALPHA])).write_bytes(b"\x00")
    heard = Heard()
    store = open_store(folder, announce=heard)
    assert store.sessions(store.read(), ALPHA)["work"].description == "later"
    assert store.sessions(store.read(), ALPHA)["play"].description is None
    assert "as of operation 7" in heard[0]
    repaired = store.repair()
    assert repaired.operation is not None
    assert repaired.operation.details == RepairDetails(
        Kind.REPAIR, (f"objects/{store.operation_state(9).shards[ALPHA]}.msgpack",), 9
    )
    sessions = store.sessions(store.read(), ALPHA)
    assert (sessions["work"].description, sessions["play"].description) == ("later", None)
    assert heard[1:] == []


def test_sessions_of_which_nothing_is_left_are_told(folder: Path) -> None:
    store = open_store(folder)
    store.commit(add_image("alpha"))
    store.commit(create_session("alpha", "work"))
    Path(store.home.object(store.read().shards[ALPHA])).unlink()
    heard = Heard()
    store = open_store(folder, announce=heard)
    assert store.sessions(store.read(), ALPHA) == {}
    assert "it is left out" in heard[0]
    repaired = store.repair()
    assert any("their records are gone" in text for text in repaired.done)
    assert store.read().shards == {}


def test_a_damaged_checkpoint_gives_way_to_the_one_before_or_to_none(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    older = checkpoint(store, "alpha", "work")
    store.commit(create_session("alpha", "work", bindings=5))
    newer = checkpoint(store, "alpha", "work")
    Path(store.home.object(newer)).write_bytes(b"nonsense")
    with pytest.raises(Damaged, match=newer):
        store.checkpoint(newer)
    store.repair()
    assert checkpoint(store, "alpha", "work") == older
    Path(store.home.object(older)).unlink()
    store.repair()
    assert store.sessions(store.read(), ALPHA)["work"].checkpoint is None


def test_with_state_and_all_operations_gone_the_cache_still_knows(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    images = dict(store.read().images)
    Path(store.home.state).write_bytes(b"")
    for path in Path(store.home.operations).iterdir():
        path.write_bytes(b"")
    store = open_store(folder)
    assert store.read().images == images
    store.repair()
    assert store.read().images == images
    assert store.damage() == []


def test_with_nothing_left_at_all_the_damage_is_told(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    Path(store.home.state).write_bytes(b"")
    Path(store.home.cache).unlink()
    for path in Path(store.home.operations).iterdir():
        path.write_bytes(b"")
    with pytest.raises(Damaged, match=r"state\.toml is damaged: it is empty"):
        open_store(folder).read()
    open_store(folder).repair()
    store = open_store(folder)
    assert store.read().images == {}
    assert store.commit(add_image("alpha")) is not None


def test_one_broken_line_of_history_hides_no_other(folder: Path) -> None:
    store = open_store(folder)
    store.append_history(ALPHA, "s", entry("1"), entry("2"), entry("3"))
    path = Path(store.home.history(ALPHA, "s"))
    path.write_bytes(path.read_bytes().replace(b'"2"', b'"7"'))
    assert [each.source for each in store.history(ALPHA, "s")] == ["1", "3"]
    (damage,) = store.damage()
    assert (damage.kind, damage.reason) == (DamageKind.HISTORY, "1 of its records cannot be read")
    broken = path.read_bytes()
    store.repair()
    assert [each.source for each in store.history(ALPHA, "s")] == ["1", "3"]
    assert store.damage() == []
    assert [each.read_bytes() for each in Path(store.home.damaged).iterdir()] == [broken]


def test_a_state_that_was_put_back_from_an_old_copy_is_noticed(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    old = Path(store.home.state).read_bytes()
    for name in ("one", "two", "three"):
        store.commit(add_image(name))
    Path(store.home.state).write_bytes(old)
    with pytest.raises(Damaged, match="it stops at operation 6, but the log goes on"):
        open_store(folder).commit(switch("beta"))
    assert store.damage()[0].kind is DamageKind.STATE
    store.repair()
    assert {"one", "two", "three"} <= set(store.read().images)


def test_an_edit_by_hand_is_told_and_kept(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    Path(store.home.state).write_text(Path(store.home.state).read_text().replace('env = "test"', 'env = "prod"'))
    (damage,) = store.damage()
    assert damage.kind is DamageKind.EDITED
    assert "images differ from operation 6" in damage.reason
    store.repair()
    assert store.read().images["alpha"].metadata == {"env": "prod"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("schema = 1\nhead = 1\nclient_id = 5\n", "client_id is no text"),
        ('schema = 1\nhead = -1\nclient_id = ""\n', "head is no operation's number"),
        ('schema = 1\nhead = true\nclient_id = ""\n', "head is no integer"),
        ('head = 1\nclient_id = ""\n', "it carries no schema number"),
        ('schema = 1\nhead = 1\nclient_id = ""\nimages = 3\n', "images is no table"),
        ('schema = 1\nhead = 1\nclient_id = ""\n[images.a]\nadded_at = 1\n', "images.a: address is missing"),
        (
            'schema = 1\nhead = 1\nclient_id = ""\n[images.a]\naddress = "x"\nadded_at = "y"\n',
            "images.a: added_at is no integer",
        ),
        (
            'schema = 1\nhead = 1\nclient_id = ""\n[images.a]\naddress = "x"\nadded_at = 1\nparked = 2\n',
            "images.a: parked is neither true nor false",
        ),
        (
            'schema = 1\nhead = 1\nclient_id = ""\n[contexts.a]\nimage = "x"\nswitched_at = 1\ntrail = [3]\n',
            "contexts.a: trail[0] is no text",
        ),
        ('schema = 1\nhead = 1\nclient_id = ""\n[shards]\nx = 3\n', "shards: x is no text"),
        ('schema = 1\nhead = 1\nclient_id = ""\n[images]\nx = 3\n', "images.x: a table is missing"),
    ],
)
def test_what_is_wrong_in_state_toml_is_said_exactly(folder: Path, text: str, reason: str) -> None:
    store = open_store(folder)
    store.commit(add_image("alpha"))
    Path(store.home.state).write_text(text)
    (damage, *_) = open_store(folder).damage()
    assert damage.reason == reason


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX systems")
def test_modes_are_repaired_everywhere(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert {each.kind for each in store.damage()} == {DamageKind.MODE}
    store.repair()
    assert store.damage() == []
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_a_state_that_is_cut_off_anywhere_is_never_read_as_less(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    path = Path(store.home.state)
    whole = path.read_bytes()
    images = set(store.read().images)
    end = whole.index(b"# This is the end.") + len(b"# This is the end.")
    lines = {at for at, letter in enumerate(whole) if letter == ord("\n")}
    for length in sorted(lines | {at + 1 for at in lines} | set(range(0, len(whole), 29))):
        path.write_bytes(whole[:length])
        heard = Heard()
        cut = open_store(folder, announce=heard)
        assert set(cut.read().images) == images
        assert bool(heard) == (length < end), whole[:length][-80:]
    path.write_bytes(whole[: whole.index(b"[")])
    assert open_store(folder).damage()[0].kind is DamageKind.STATE


def test_a_state_of_an_earlier_stui_that_is_cut_off_after_its_head_is_damage(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    path = Path(store.home.state)
    text = path.read_text().replace("# Its end is a line of its own.\n", "").replace("# This is the end.\n", "")
    path.write_text(text)
    assert not [d for d in open_store(folder).damage() if d.kind is DamageKind.STATE]
    path.write_text(text[: text.index("[")])
    heard = Heard()
    assert set(open_store(folder, announce=heard).read().images) == {"alpha", "beta"}
    assert "its end is cut off" in heard[0]


def test_a_state_may_be_edited_by_hand(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    path = Path(store.home.state)
    text = path.read_text()
    path.write_text(f'{text}\n[images.gamma]\naddress = "tcp://127.0.0.1:9"\nadded_at = 5\n')
    assert set(open_store(folder).read().images) == {"alpha", "beta", "gamma"}
    begin = text.index("[images.beta]")
    path.write_text(text[:begin] + text[text.index("[", begin + 5) :])
    heard = Heard()
    store = open_store(folder, announce=heard)
    assert set(store.read().images) == {"alpha"}
    store.commit(add_image("delta"))
    assert (set(store.read().images), heard) == ({"alpha", "delta"}, [])


def test_a_state_that_was_put_back_is_told_by_whoever_reads_it(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    path = Path(store.home.state)
    old = path.read_bytes()
    store.commit(add_image("gamma"))
    store.commit(add_image("delta"))
    path.write_bytes(old)
    heard = Heard()
    assert "delta" in open_store(folder, announce=heard).read().images
    assert "but the log goes on" in heard[0]
