"""The codec of records, by records that have everything in them; the real ones are tested where they are used.

No annotation here may become text: a codec reads real ones.
"""

import random
import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, NamedTuple, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stui_cli import record_writing
from stui_cli.annotations import MISSING, Form, fields_of, is_optional, is_record, item_of, text_of, without_none
from stui_cli.records import Codec, Misfit


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Point(NamedTuple):
    x: int
    y: int = 0


class Tree(NamedTuple):
    name: str
    below: tuple["Tree", ...] = ()


class Circle(NamedTuple):
    kind: Literal[Colour.RED, Colour.GREEN]
    middle: Point
    radius: float


class Line(NamedTuple):
    kind: Literal[Colour.BLUE]
    ends: tuple[Point, ...] = ()


class Drawing(NamedTuple):
    name: str
    owner: str
    at: Point
    size: Point
    shape: Circle | Line
    colour: Colour
    note: str | None
    author: str | None = None
    scale: float = 1.0
    visible: bool = True
    labels: Mapping[str, str] = {}
    corners: tuple[Point, ...] = ()
    tags: tuple[str, ...] | None = None
    tree: Tree | None = None
    data: bytes = b""
    class_name: str = "Drawing"
    extra: Mapping[str, object] = {}


class Album(NamedTuple):
    title: str
    drawings: Mapping[str, Drawing] = {}


def point_of(raw: object) -> Point:
    try:
        x, y = map(int, str(raw).split(","))
    except ValueError:
        raise Misfit("x,y", raw) from None
    return Point(x, y)


def text_of_point(point: Point) -> str:
    return f"{point.x},{point.y}"


def bytes_of(raw: object) -> bytes:
    try:
        return bytes.fromhex(str(raw))
    except ValueError:
        raise Misfit("hex", raw) from None


PLAIN = Codec()
WHOLE = Codec(whole=True)
DRAWING = Form(given=("name",), inlined=("at",), always=("scale",), needed=("scale",), extra="extra")
ODD = Codec(
    {Drawing: DRAWING, Tree: Form(row=True)},
    {bytes: (bytes_of, bytes.hex)},
    {"class_name": "class", "ends": "Enden"},
)
TEXTS = Codec({Drawing: Form(keys={"author": "by"})}, {Point: (point_of, text_of_point)})
CODECS = {"plain": PLAIN, "whole": WHOLE, "odd": ODD, "texts": TEXTS}

texts = st.text(max_size=5)
numbers = st.integers(-(2**63), 2**64 - 1)
points = st.builds(Point, numbers, numbers)
trees = st.recursive(
    st.builds(Tree, texts), lambda below: st.builds(Tree, texts, st.lists(below, max_size=3).map(tuple))
)
circles = st.builds(Circle, st.sampled_from([Colour.RED, Colour.GREEN]), points, st.floats(allow_nan=False))
lines = st.builds(Line, st.just(Colour.BLUE), st.lists(points, max_size=2).map(tuple))
corners = st.lists(points, max_size=3).map(tuple)
labels = st.dictionaries(texts, texts, max_size=3)
unknown = st.dictionaries(st.text("uvw", min_size=2, max_size=6), numbers | texts | labels, max_size=2)
drawings = st.builds(
    Drawing, name=texts, owner=texts, at=points, size=points, shape=circles | lines, colour=st.sampled_from(Colour),
    note=st.none() | texts, author=st.none() | texts, scale=st.floats(allow_nan=False), visible=st.booleans(),
    labels=labels, corners=corners, tags=st.none() | st.lists(texts, max_size=2).map(tuple), tree=st.none() | trees,
    data=st.binary(max_size=3), class_name=texts, extra=st.just({}),
)  # fmt: skip
plain_values = st.none() | st.booleans() | numbers | st.floats() | texts | st.binary(max_size=3)
garbage = st.recursive(
    plain_values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | numbers, inner, max_size=3)
)


def given_of(codec: Codec, drawing: Drawing) -> tuple[str, ...]:
    return (drawing.name,) if codec is ODD else ()


def attempt(codec: Codec, shape: type, raw: object, *given: object) -> Any:
    """The record, or what is wrong."""
    try:
        return codec.decode(shape, raw, *given)
    except Misfit as misfit:
        return misfit


@pytest.mark.parametrize("name", CODECS)
def test_a_record_comes_back_from_its_map(name: str) -> None:
    codec = CODECS[name]

    @settings(max_examples=40)
    @given(drawings)
    def comes_back(drawing: Drawing) -> None:
        assert codec.decode(Drawing, codec.encode(drawing), *given_of(codec, drawing)) == drawing

    comes_back()


@given(drawings, unknown)
def test_unknown_keys_are_kept_and_written_back(drawing: Drawing, more: dict[str, Any]) -> None:
    raw = ODD.encode(drawing) | more
    found = ODD.decode(Drawing, raw, drawing.name)
    assert found == drawing._replace(extra=more)
    assert ODD.encode(found) == raw


@given(drawings, unknown)
def test_unknown_keys_are_passed_over_where_nothing_keeps_them(drawing: Drawing, more: dict[str, Any]) -> None:
    assert WHOLE.decode(Drawing, WHOLE.encode(drawing) | more) == drawing


@pytest.mark.parametrize("name", CODECS)
def test_garbage_in_a_field_is_a_misfit_that_names_it(name: str) -> None:
    codec = CODECS[name]

    @settings(max_examples=60)
    @given(drawings, garbage, st.data())
    def is_named(drawing: Drawing, rubbish: object, data: st.DataObject) -> None:
        raw = codec.encode(drawing)
        key = data.draw(st.sampled_from(sorted(raw)))
        found = attempt(codec, Drawing, raw | {key: rubbish}, *given_of(codec, drawing))
        if isinstance(found, Misfit):
            assert found.path[0] == key
            assert str(found).startswith(key)
        else:
            assert codec.decode(Drawing, codec.encode(found), *given_of(codec, drawing)) == found

    is_named()


@given(garbage, st.sampled_from([Drawing, Album, Tree, Circle, Line, Point]))
def test_garbage_is_a_misfit_or_a_record(rubbish: object, shape: type) -> None:
    for codec in (PLAIN, WHOLE):
        assert isinstance(attempt(codec, shape, rubbish), shape | Misfit)


@pytest.mark.parametrize("field", fields_of(Drawing), ids=lambda field: field.name)
def test_a_missing_key_is_named_or_the_default(field: Any) -> None:
    drawing = Drawing("n", "o", Point(1), Point(2), Line(Colour.BLUE), Colour.RED, "note")
    raw = WHOLE.encode(drawing)
    del raw[field.name]
    if field.needed:
        with pytest.raises(Misfit, match=f"^{field.name}: expected .*, got nothing$"):
            WHOLE.decode(Drawing, raw)
    else:
        default = None if field.default is MISSING else field.default
        assert getattr(WHOLE.decode(Drawing, raw), field.name) == default


DRAWN = Drawing("n", "o", Point(1, 2), Point(3), Line(Colour.BLUE, (Point(5), Point(6))), Colour.RED, None)


def test_the_maps_of_the_forms() -> None:
    assert PLAIN.encode(DRAWN) == {
        "name": "n", "owner": "o", "at": {"x": 1, "y": 2}, "size": {"x": 3},
        "shape": {"kind": "blue", "ends": [{"x": 5}, {"x": 6}]}, "colour": "red",
    }  # fmt: skip
    drawn = DRAWN._replace(tree=Tree("a", (Tree("b"),)), data=b"\xff", class_name="C", extra={"later": 1})
    assert ODD.encode(drawn) == {
        "owner": "o", "x": 1, "y": 2, "size": {"x": 3}, "shape": {"kind": "blue", "Enden": [{"x": 5}, {"x": 6}]},
        "colour": "red", "scale": 1.0, "tree": ["a", [["b", []]]], "data": "ff", "class": "C", "later": 1,
    }  # fmt: skip
    assert TEXTS.encode(DRAWN._replace(author="me"))["by"] == "me"
    assert TEXTS.encode(DRAWN)["at"] == "1,2"
    assert set(WHOLE.encode(DRAWN)) == set(Drawing._fields)


def test_what_is_needed_must_be_there() -> None:
    raw = ODD.encode(DRAWN)
    del raw["scale"]
    with pytest.raises(Misfit, match=r"^scale: expected float, got nothing$"):
        ODD.decode(Drawing, raw, "n")


def test_records_in_a_map_get_their_key() -> None:
    album = Album("all", {"one": DRAWN._replace(name="one"), "two": DRAWN._replace(name="two")})
    raw = ODD.encode(album)
    assert ODD.decode(Album, raw) == album
    assert ODD.decode_map(Drawing, raw["drawings"]) == album.drawings
    raw["drawings"]["two"]["x"] = "far"
    with pytest.raises(Misfit, match=r"^drawings\.two\.x: expected int, got str$"):
        ODD.decode(Album, raw)


KEPT = Codec({Drawing: Form(given=("name",), always=("scale",), extra="extra")})
parts_of_maps = st.fixed_dictionaries(
    {"colour": st.sampled_from(["red", "green", "blue"]), "scale": st.floats(allow_nan=False) | st.integers(0, 9)},
    optional={"note": texts, "visible": st.booleans(), "data": st.binary(max_size=2), "corners": st.just([{"x": 1}])},
)
changes = st.dictionaries(st.sampled_from(["colour", "later", "scale", "owner"]), plain_values, max_size=1)


@given(
    st.lists(parts_of_maps, min_size=1, max_size=3), st.lists(changes, max_size=2), st.randoms(use_true_random=False)
)
def test_maps_that_are_alike_are_read_as_each_by_itself(
    kinds: list[dict[str, Any]], odd: list[dict[str, Any]], chance: random.Random
) -> None:
    alike = PLAIN.encode(DRAWN)
    del alike["name"]
    maps = [alike | {"owner": f"o{number}"} | chance.choice(kinds) for number in range(40)] + [alike | x for x in odd]
    chance.shuffle(maps)
    raw = {f"n{number}": each for number, each in enumerate(maps)}
    found = [attempt(KEPT, Drawing, each, name) for name, each in raw.items()]
    misfits = [(name, each) for name, each in zip(raw, found, strict=True) if isinstance(each, Misfit)]
    if misfits:
        name, misfit = misfits[0]
        with pytest.raises(Misfit) as caught:
            KEPT.decode_map(Drawing, raw)
        assert str(caught.value) == f"{name}.{misfit}"
    else:
        read = KEPT.decode_map(Drawing, raw)
        assert list(read.items()) == list(zip(raw, found, strict=True))


def test_a_row_may_be_longer_or_shorter() -> None:
    assert ODD.decode(Tree, ["a", [["b"]], "of tomorrow"]) == Tree("a", (Tree("b"),))
    with pytest.raises(Misfit, match=r"^below\[0\]\.name: expected str, got int$"):
        ODD.decode(Tree, ["a", [[1]]])
    with pytest.raises(Misfit, match=r"^it: expected an array, got dict$"):
        ODD.decode(Tree, {"name": "a"})


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"kind": "red", "middle": {"x": 1}, "radius": "wide"}, "shape.radius: expected float, got str"),
        ({"kind": "pink"}, "shape.kind: expected one of red, green, blue, got str"),
        ({"kind": ["red"]}, "shape.kind: expected one of red, green, blue, got list"),
        ({}, "shape.kind: expected one of red, green, blue, got nothing"),
        ("red", "shape: expected a map, got str"),
        (None, "shape: expected a map, got nothing"),
    ],
)
def test_a_union_is_told_apart_by_its_tag(raw: object, told: str) -> None:
    with pytest.raises(Misfit) as caught:
        PLAIN.decode(Drawing, PLAIN.encode(DRAWN) | {"shape": raw})
    assert str(caught.value) == told


def test_true_is_no_number_and_a_number_is_a_float() -> None:
    with pytest.raises(Misfit, match=r"^x: expected int, got bool$"):
        PLAIN.decode(Point, {"x": True})
    scale = PLAIN.decode(Drawing, PLAIN.encode(DRAWN) | {"scale": 3}).scale
    assert (scale, type(scale)) == (3.0, float)
    with pytest.raises(Misfit, match=r"^scale: expected float, got bool$"):
        PLAIN.decode(Drawing, PLAIN.encode(DRAWN) | {"scale": True})


def test_each_use_raises_an_error_of_its_own() -> None:
    codec = Codec(error=lambda misfit, shape: LookupError(f"{shape.__name__}: {misfit}"))
    with pytest.raises(LookupError, match=r"^Point: x: expected int, got str$"):
        codec.decode(Point, {"x": "1"})


def test_ever_new_maps_fill_no_memory() -> None:
    codec = Codec()
    for number in range(10_000):
        assert codec.decode(Point, {"x": 1, str(number): None}) == Point(1)
    fresh = Codec()
    assert fresh.decode(Point, {"x": 1, "y" * 10_000: 2}) == Point(1)
    assert fresh.decode(Point, {"x": 1} | {str(number): 2 for number in range(1_000)}) == Point(1)
    assert not fresh._readers[Point].__self__._plans
    (reader,) = [read.__self__ for read in codec._readers.values()]
    assert len(reader._plans) <= 64
    assert all(len(key) < 100 for plan in reader._plans for key in plan if isinstance(key, str))


def test_what_the_class_of_a_record_says() -> None:
    fields = {field.name: field for field in fields_of(Drawing)}
    assert {name: field.annotation for name, field in fields.items()} == get_type_hints(Drawing)
    assert fields_of(Tree)[1].annotation == tuple[Tree, ...]
    assert [name for name, field in fields.items() if field.needed] == [
        "name", "owner", "at", "size", "shape", "colour"
    ]  # fmt: skip
    assert item_of(fields["corners"].annotation) is Point
    assert item_of(without_none(fields["tags"].annotation)) is str
    assert is_optional(fields["tags"].annotation)
    assert (is_record(Point), is_record(Colour), is_record(tuple), is_record(3)) == (True, False, False, False)
    assert text_of(fields["tags"].annotation) == "tuple[str, ...] | None"
    assert text_of(fields["labels"].annotation) == "Mapping[str, str]"


def test_an_annotation_without_a_codec_is_refused() -> None:
    class Odd(NamedTuple):
        value: set[int]

    with pytest.raises(TypeError, match=r"set\[int\] is none of the annotations"):
        PLAIN.decode(Odd, {"value": [1]})


def test_annotations_that_became_text_are_refused() -> None:
    class Texts(NamedTuple):
        value: "int"  # as `from __future__ import annotations` makes all of them

    with pytest.raises(TypeError, match=r"^Texts: 'int' is text: records have real annotations$"):
        PLAIN.encode(Texts(1))


def test_who_writes_a_record_while_another_thread_makes_its_writer_waits_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many images are talked to at once, and the first requests of a command meet here."""
    codec, real = Codec(), record_writing._MapWriter._found
    making, go_on = threading.Event(), threading.Event()

    def slow(writer: Any) -> Any:
        making.set()
        assert go_on.wait(10)
        return real(writer)

    monkeypatch.setattr(record_writing._MapWriter, "_found", slow)
    first = threading.Thread(target=codec.encode, args=(Tree("first"),))
    first.start()
    assert making.wait(10)
    monkeypatch.setattr(record_writing._MapWriter, "_found", real)
    try:
        assert codec.encode(Tree("a", (Tree("b"),))) == {"name": "a", "below": [{"name": "b"}]}
    finally:
        go_on.set()
        first.join()
