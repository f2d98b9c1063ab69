"""What is written is what is read: operations, shards and checkpoints, for anything that may be in them."""

from __future__ import annotations

from binascii import crc32
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_store import Memory, MemoryBackend
from store_tools import (
    ACTOR,
)
from strategies import details, maybe, numbers, sessions, states, texts, unknown, values

from stui_cli.model.digest import sha256_hex
from stui_cli.model.errors import StoreProblem
from stui_cli.model.operations import (
    Details,
    Operation,
)
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, Session
from stui_cli.store.chunks import pack_state
from stui_cli.store.envelope import SCHEMA, pack, seal, seal_packed, seal_with, unseal
from stui_cli.store.objects import encode_checkpoint, encode_shard, read_checkpoint, read_shard
from stui_cli.store.operations import decode_operation, encode_operation
from stui_cli.store.problems import Damaged, Newer

if TYPE_CHECKING:
    from stui_cli.model.state import State


@given(details, states, numbers, texts)
def test_operation_round_trip(each: Details, state: State, time: int, command: str) -> None:
    operation = Operation(7, 6, time, ACTOR._replace(command=command + "\udcff"), each)
    logged = decode_operation("here", encode_operation(operation, pack_state(state)), 7)
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


@pytest.mark.parametrize("size", [0, 1, 255, 256, 65_535, 65_536, 300_000])
def test_what_is_sealed_without_copies_is_the_same(size: int) -> None:
    """Each length of binary data that MessagePack writes in another way."""
    value = {"names_of": 7, "state": bytes(size)}
    body = pack(value)
    assert seal_with({"names_of": 7}, {"state": bytes(size)}) == seal(value) == seal_packed(body)
    assert seal(value) == pack({"schema": SCHEMA, "crc32": crc32(body), "body": body})
    assert unseal("it", seal(value)) == value


def test_integers_beyond_64_bits_are_refused_with_a_reason() -> None:
    with pytest.raises(StoreProblem, match="cannot hold a value"):
        pack(2**70)


def test_digests_are_those_of_hashlib() -> None:
    import hashlib

    from stui_cli.model.digest import sha256_hex

    for data in (b"", b"abc", b"x" * 10_000):
        assert sha256_hex(data) == hashlib.sha256(data).hexdigest()
