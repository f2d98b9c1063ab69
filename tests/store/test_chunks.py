"""A state in pieces: they are the whole, what a change leaves alone is packed once, and what is the same in two states
is read once."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from strategies import states

from stui_cli.model.contexts import Context
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.operations import Actor, ImageDetails, Kind, Operation
from stui_cli.model.state import State
from stui_cli.store.chunks import PackedState, pack_state, unpack_state
from stui_cli.store.encoding import STATES
from stui_cli.store.envelope import seal, unpack, unseal
from stui_cli.store.operations import decode_operation, encode_operation

NAMES = [f"image-{number}" for number in range(400)]
MANY = State(
    7,
    "me",
    {name: Image(name, f"tcp://127.0.0.1:{place + 1}", 5, image_id=f"id-{place}") for place, name in enumerate(NAMES)},
    {},
    {f"id-{place}": f"{place:064}" for place in range(400)},
)


def labelled(state: State, name: str) -> State:
    return state._replace(images={**state.images, name: state.images[name]._replace(metadata={"env": "prod"})})


def kept(packed: PackedState, *, squeezed: bool) -> tuple[bytes, tuple[int, ...]]:
    return packed.squeezed() if squeezed else (packed.whole, packed.lengths())


@given(states, states)
def test_the_pieces_are_the_whole_whatever_was_there_before(before: State, after: State) -> None:
    mixed = after._replace(images={**before.images, **after.images}, shards=before.shards)
    packed = pack_state(mixed, pack_state(before))
    assert STATES.decode(State, unpack(packed.whole), mixed.head)._replace(extra=mixed.extra) == mixed
    assert packed.whole == pack_state(mixed).whole
    assert list(unpack(packed.whole).get("images", {})) == list(mixed.images)
    stream, lengths = packed.squeezed()
    assert zlib.decompress(stream) == packed.whole  # which is all that an older stui knows of it
    assert sum(packed.lengths()[1:]) == len(packed.whole)
    assert len(lengths) == len(packed.lengths())


@given(states, states)
def test_a_state_is_read_by_its_pieces_as_by_the_whole(state: State, known: State) -> None:
    packed = pack_state(state)
    whole = STATES.decode(State, unpack(packed.whole), state.head)
    for squeezed in (False, True):
        content, lengths = kept(packed, squeezed=squeezed)
        read = unpack_state(content, lengths, pack_state(known), state.head, squeezed=squeezed)
        assert read == whole
        assert read is not None
        assert [*read.images] == [*whole.images]
        assert [*read.shards] == [*whole.shards]


def test_what_a_change_leaves_alone_is_packed_once() -> None:
    before = pack_state(MANY)
    after = pack_state(labelled(MANY, "image-200"), before)
    assert after.shards is before.shards
    assert len(before.images) > 10
    assert sum(1 for each in after.images if not any(each is other for other in before.images)) == 1
    # One that comes or goes in the middle moves no other border.
    fewer = {name: image for name, image in MANY.images.items() if name != "image-200"}
    after = pack_state(MANY._replace(images=fewer), before)
    assert sum(1 for each in after.images if not any(each is other for other in before.images)) <= 2


@pytest.mark.parametrize("squeezed", [False, True])
def test_what_two_states_have_in_common_is_read_once(squeezed: bool) -> None:
    known = pack_state(MANY)
    content, lengths = kept(pack_state(labelled(MANY, "image-200")), squeezed=squeezed)
    read = unpack_state(content, lengths, known, 8, squeezed=squeezed)
    assert read is not None
    assert read == labelled(MANY, "image-200")._replace(head=8)
    assert read.shards is MANY.shards
    assert sum(1 for name in NAMES if read.images[name] is not MANY.images[name]) < len(NAMES) // 4
    content, lengths = kept(pack_state(MANY), squeezed=squeezed)
    again = unpack_state(content, lengths, known, 7, squeezed=squeezed)
    assert again is not None
    assert again.images is MANY.images


def test_equal_values_that_are_packed_otherwise_are_packed_again() -> None:
    one = State(1, "me", {"a": Image("a", "tcp://h:1", 5, extra={"level": 1})})
    other = one._replace(images={"a": one.images["a"]._replace(extra={"level": True})})
    assert one == other
    assert unpack(pack_state(other, pack_state(one)).whole)["images"]["a"]["level"] is True


def test_pieces_that_do_not_fit_the_whole_are_no_reason_to_misread_it() -> None:
    operation = Operation(7, 6, 1, Actor("me", "here", 1, "x"), ImageDetails(Kind.IMAGE_ADD, "all"))
    terminals = {f"terminal:{number}": Context(Target("image-1"), number) for number in range(60)}
    for state in (MANY, MANY._replace(contexts=terminals), State(7, "me", {"a": Image("a", "tcp://h:1", 5)})):
        packed = pack_state(state)
        assert zlib.decompress(packed.squeezed()[0]) == packed.whole
        body = unseal("it", encode_operation(operation, packed))
        right = body["pieces"]
        wrong = [[], [1], right[:-1], [*right, 3], [len(right), *right[1:]], [0, *right[1:]], [right[0], 0, *right[2:]]]
        wrong += [[right[0], right[1] + 1, *right[2:-1], right[-1] - 1]]
        for pieces in (right, *wrong):
            logged = decode_operation("it", seal(body | {"pieces": pieces}), 7, lambda packed=packed: packed)
            assert logged.state() == state
