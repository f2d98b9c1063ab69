"""Maps on the wire and messages: every message of the protocol there and back, every mistake named by its path."""

from __future__ import annotations

import inspect
import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.annotations import MISSING, Field, fields_of, is_optional, is_record
from stui_cli.protocol import evaluation, greeting, inspection, vitals, workspaces
from stui_cli.protocol.codec import Decoder, encode
from stui_cli.protocol.evaluation import Evaluate, Evaluation, Value
from stui_cli.protocol.faults import Mistyped
from stui_cli.protocol.fields import KEYS, key_of, parse, to_map
from stui_cli.protocol.greeting import Authenticate, Hello
from stui_cli.protocol.inspection import Inspection, Slot
from stui_cli.protocol.vitals import Ping, Pong
from stui_cli.protocol.workspaces import Bindings, CleanupImageSessions, RestoreSession, SessionStats, Switched

SHAPES: list[type] = [
    shape
    for module in (greeting, vitals, evaluation, inspection, workspaces)
    for shape in vars(module).values()
    if inspect.isclass(shape) and is_record(shape) and shape.__module__ == module.__name__
]

PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(-(2**63), 2**64 - 1),
    bool: st.booleans(),
    float: st.floats(allow_nan=False),
    bytes: st.binary(),
    object: st.none() | st.integers(0, 9) | st.text() | st.lists(st.integers(0, 9), max_size=3),
    type(None): st.none(),
}


def strategy(annotation: Any, depth: int) -> st.SearchStrategy[Any]:
    """Values of an annotation; slots that hold slots end at `depth`."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is tuple:
        inner = strategy(arguments[0], depth)
        return st.just(()) if depth <= 0 else st.lists(inner, max_size=3).map(tuple)
    if arguments:
        return st.one_of(*(strategy(each, depth) for each in arguments if depth > 0 or each in PLAIN))
    return instances(annotation, depth - 1)


def instances(shape: type, depth: int = 2) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(shape)
    return st.deferred(lambda: st.builds(shape, **{name: strategy(hint, depth) for name, hint in hints.items()}))


def sample(shape: type) -> Any:
    """One instance with every field set, nested ones too."""

    def value(annotation: Any, depth: int) -> Any:
        fixed = {str: "text", int: 7, bool: True, float: 0.5, bytes: b"\xff\x00", object: [1]}
        if annotation in fixed:
            return fixed[annotation]
        arguments = [each for each in typing.get_args(annotation) if each not in (type(None), Ellipsis)]
        if typing.get_origin(annotation) is tuple:
            return (value(arguments[0], depth - 1),) if depth > 0 else ()
        if arguments:
            return value(arguments[0], depth)
        return build(annotation, depth)

    def build(made: type, depth: int) -> Any:
        return made(**{name: value(hint, depth) for name, hint in typing.get_type_hints(made).items()})

    return build(shape, 2)


def test_every_message_is_looked_at() -> None:
    assert {Ping, Pong, Evaluate, Slot, Switched, RestoreSession} <= set(SHAPES)
    assert len(SHAPES) >= 38


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_round_trip_over_the_wire(shape: type) -> None:
    @given(instances(shape))
    def goes_around(message: Any) -> None:
        (arrived,) = Decoder().feed(encode(to_map(message)))
        assert parse(shape, arrived.value) == message

    goes_around()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_unknown_keys_are_ignored(shape: type) -> None:
    message = sample(shape)
    raw = to_map(message)
    raw["of tomorrow"] = {"any": [1]}
    raw[7] = None  # type: ignore[index]  # foreign maps have any keys
    assert parse(shape, raw) == message


FIELDS = [(shape, field) for shape in SHAPES for field in fields_of(shape)]


@pytest.mark.parametrize(("shape", "field"), FIELDS, ids=lambda each: getattr(each, "name", None) or each.__name__)
def test_a_missing_field_is_named_or_has_its_default(shape: type, field: Field) -> None:
    raw = to_map(sample(shape))
    del raw[key_of(field.name)]
    if field.needed:
        with pytest.raises(Mistyped, match="got nothing") as caught:
            parse(shape, raw)
        assert caught.value.field == key_of(field.name)
    else:
        expected = None if field.default is MISSING else field.default
        assert getattr(parse(shape, raw), field.name) == expected


@pytest.mark.parametrize(("shape", "field"), FIELDS, ids=lambda each: getattr(each, "name", None) or each.__name__)
def test_a_mistyped_field_is_named(shape: type, field: Field) -> None:
    if field.annotation is object:
        return
    for wrong in (object(), {1: 2}, None):
        if wrong is None and is_optional(field.annotation):
            continue
        raw = to_map(sample(shape)) | {key_of(field.name): wrong}
        with pytest.raises(Mistyped) as caught:
            parse(shape, raw)
        assert caught.value.field.split(".")[0].split("[")[0] == key_of(field.name)


@pytest.mark.parametrize("raw", [None, 1, "text", b"", [["a", 1]]])
def test_what_is_no_map_is_named_by_its_shape(raw: object) -> None:
    with pytest.raises(Mistyped, match=r"^Pong: expected a map, got "):
        parse(Pong, raw)


def test_the_path_goes_down_into_nested_messages() -> None:
    stats = to_map(sample(SessionStats))
    stats["per_client"] = [{"client_id": None, "total": 1}, {"client_id": "x", "total": "many"}]
    with pytest.raises(Mistyped, match=r"^per_client\[1\]\.total: expected int, got str$"):
        parse(SessionStats, stats)
    answer = to_map(sample(Evaluation)) | {"value": {"print": "1", "class": 5, "truncated": False}}
    with pytest.raises(Mistyped, match=r"^value\.class: expected str, got int$"):
        parse(Evaluation, answer)
    with pytest.raises(Mistyped, match=r"^bindings\[0\]: expected a map, got str$"):
        parse(Bindings, {"bindings": ["x"]})


@pytest.mark.parametrize(
    ("shape", "key", "value"),
    [
        (Evaluate, "time_limit_ms", True),  # true is no number
        (Evaluate, "time_limit_ms", 1.5),
        (Evaluate, "time_limit_ms", float("inf")),
        (Evaluate, "time_limit_ms", 2.0**62),
        (Evaluate, "source", b"\xff"),
        (Value, "print", 7.0),
        (Evaluate, "session_id", 5),
        (Value, "truncated", 1),
        (Value, "truncated", "true"),
        (Value, "float", "1.5"),
        (Value, "float", True),
        (Hello, "protocol", "1"),
        (Authenticate, "proof", [1, 2]),
    ],
)
def test_near_misses(shape: type, key: str, value: object) -> None:
    with pytest.raises(Mistyped) as caught:
        parse(shape, to_map(sample(shape)) | {key: value})
    assert caught.value.field == key


def test_an_integer_is_a_float_too() -> None:
    parsed = parse(Value, to_map(sample(Value)) | {"float": 3})
    assert parsed.float64 == 3.0
    assert type(parsed.float64) is float


def test_what_peers_in_other_languages_write_is_taken() -> None:
    """An empty array for an empty map, bytes for text, whole floats for integers, also further in."""
    assert parse(Ping, []) == Ping(None)
    assert parse(Hello, {b"protocol": 1.0, b"client": b"perl", "client_id": "\u00e9".encode()}) == Hello(
        1, "perl", "\u00e9"
    )
    found = parse(
        CleanupImageSessions, {"image_id": "i", "session_ids": [b"a", "b"], "force": True, "preserve_active": True}
    )
    assert found.session_ids == ("a", "b")
    assert type(parse(Evaluate, to_map(sample(Evaluate)) | {"time_limit_ms": 2.0}).time_limit_ms) is int
    assert parse(Ping, {b"\xff": 1, "message": b"\xff"}) == Ping(b"\xff")


def test_text_is_taken_where_bytes_are_meant() -> None:
    """Older MessagePack clients have one raw type only (DESIGN section 4)."""
    assert parse(Authenticate, {"proof": "abc"}).proof == b"abc"
    raw = bytes(range(256))
    assert parse(Authenticate, {"proof": raw.decode("utf-8", "surrogateescape")}).proof == raw


def test_python_words_are_kept_off_the_wire() -> None:
    assert set(to_map(sample(Value))) == {"print", "class", "truncated", "ref", "float"}
    assert KEYS == {"class_name": "class", "float64": "float", "how_many": "count", "position": "index"}


def test_slots_nest_as_deep_as_a_message_may() -> None:
    raw: dict[str, Any] = {"name": "x", "class": "C", "print": "p", "ref": None}
    slot = raw
    for _ in range(28):
        slot["named"] = [{"name": "x", "class": "C", "print": "p", "ref": None}]
        slot = slot["named"][0]
    whole = {"class": "C", "print": "p", "hash": 1, "size": 0, "named": [raw], "indexed": []}
    (arrived,) = Decoder().feed(encode(whole))
    assert to_map(parse(Inspection, arrived.value))["named"] != []
