"""Records and plain maps: one codec for what is sent and what is stored.

A record is a named tuple. The names of its fields are the keys of its map, their annotations say what stands there:

    str, int, float, bool, bytes, object    the value itself; where a float is meant an integer will do
    X | None                                that or nil; the key may be left out
    tuple[X, ...]                           an array
    Mapping[str, X]                         a map with any texts as keys
    a StrEnum, or a Literal of its members  its text
    another record                          a map of its own
    A | B, both records                     a map; the field that is a Literal in each of them tells which one it is

Each use (the wire, a file of the store) has one Codec, which says where its maps differ from this.

Reading rests on one observation: the keys of a map and the classes of its values decide nearly all, and thousands of
maps have them in common. So one of them is looked at (`_Reader._plan_for`), and all others like it become records by
the plan that came out: it picks values, and looks into those that are not plain. For 100,000 sessions that takes 120
ms, where asking each map for each field takes 240 ms; where they stand in one map, and are read field by field
(`read_alike`), 60 ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args, get_origin

from stui_cli.annotations import (
    MISSING,
    NOTHING,
    Form,
    Use,
    fields_of,
    is_optional,
    is_record,
    is_union,
    members_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from stui_cli.annotations import Read, Write
    from stui_cli.record_writing import Writers

T = TypeVar("T")

# Plans kept for one class, and how many unknown keys of which length may be in one that is kept: a peer who sends ever
# new maps, or endless ones, fills no memory.
_MOST_PLANS = 64
_MOST_UNKNOWN = 16
_LONGEST_UNKNOWN = 64

# To read maps together pays where there are so many with the same keys, on the average.
_WORTH_IT = 8


class Misfit(ValueError):
    """A value is not what the annotation of its field wants. `path` leads to it, `got` is MISSING where there is none.

    It is raised where the value is looked at, and each map and array around it adds its own step to the path.
    """

    def __init__(self, expected: str, got: object) -> None:
        super().__init__(expected, got)
        self.expected = expected
        self.got = got
        self.path: tuple[str | int, ...] = ()

    def within(self, step: str | int) -> Misfit:
        """The same, seen from the map or array that holds the value under `step`."""
        self.path = (step, *self.path)
        return self

    def __str__(self) -> str:
        got = "nothing" if self.got is None or self.got is MISSING else type(self.got).__name__
        return f"{dotted(self.path) or 'it'}: expected {self.expected}, got {got}"


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as text: `kept[2].reason`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


# What reads the values of an annotation: those of these very classes are taken as they are, any other is read.
Part: TypeAlias = "tuple[tuple[type, ...], Read]"

# How to make records of maps with the same keys and classes of values: what to read (its place, its key), the defaults
# with a place for the unknown after them, the unknown keys to keep, and what picks the fields out of the pool: the
# values of the map, then what is given, then the defaults.
_Plan: TypeAlias = "tuple[tuple[tuple[int, str, Read], ...], tuple[object, ...], tuple[Any, ...], Read]"


class Codec(Use):
    """The maps of one use. `error` makes what `decode` raises, of a Misfit and the class that was wanted."""

    def __init__(
        self,
        forms: Mapping[type, Form] = NOTHING,
        leaves: Mapping[type, tuple[Read, Write]] = NOTHING,
        keys: Mapping[str, str] = NOTHING,
        *,
        whole: bool = False,
        foreign: bool = False,
        error: Callable[[Misfit, type], Exception] | None = None,
    ) -> None:
        super().__init__(forms, leaves, keys, whole=whole, foreign=foreign)
        self._error = error
        self._readers: dict[type, Read] = {}
        self._map_readers: dict[type, _Reader] = {}
        self._writers: Writers | None = None
        self._parts: dict[Any, Part] = _PLAIN_PARTS | {
            leaf: ((leaf,) if leaf in _PLAIN_PARTS else (), read) for leaf, (read, _) in leaves.items()
        }

    def decode(self, shape: type[T], raw: object, *given: object) -> T:
        """The `shape` that a map describes; `given` are the fields that are not in it. Raises Misfit, or what this use
        makes of it."""
        record: T = self._checked(shape, self.reader(shape), raw, given)
        return record

    def decode_map(self, shape: type[T], raw: object, *given: object) -> dict[str, T]:
        """A map of maps, of which each is a `shape` whose first given field is its key; `given` are the others."""
        read = self.reader(shape)
        alike = self._map_readers[shape].read_alike(raw, given) if shape in self._map_readers else None
        records: dict[str, T] = alike or self._checked(shape, _table(((), read), keyed=True)[1], raw, given)
        return records

    def encode(self, record: object) -> Any:
        """The map of a record; an array where its form is a row."""
        if self._writers is None:
            from stui_cli.record_writing import Writers

            self._writers = Writers(self)
        return self._writers.write(record)

    def reader(self, shape: type) -> Read:
        """What makes a `shape` of a map and of the given fields. Raises Misfit."""
        known = self._readers.get(shape)
        if known is None:
            made = _Reader(self, shape)
            if self.form_of(shape).row:
                known = self._readers[shape] = _row_reader(self, shape, made.read)
            else:
                known = self._readers[shape] = made.read
                self._map_readers[shape] = made
        return known

    def part(self, annotation: Any) -> Part:
        """What reads the values of an annotation."""
        known = self._parts.get(annotation)
        if known is None:
            known = self._parts[annotation] = _part(self, annotation)
        return known

    def _checked(self, shape: type, read: Read, raw: object, given: tuple[object, ...]) -> Any:
        try:
            return read(raw, *given)
        except Misfit as misfit:
            if self._error is None:
                raise
            raise self._error(misfit, shape) from None


# Reading


class _Reader:
    """Reads the maps of one class of records."""

    def __init__(self, codec: Codec, shape: type) -> None:
        self._codec = codec
        self._shape = shape
        self._form = codec.form_of(shape)
        self._fields = tuple(codec.keyed_fields(shape))
        self._inlined = tuple(self._places_of_inlined())
        self._plans: dict[tuple[Any, ...], _Plan] = {}

    def read(self, raw: Any, *given: object) -> Any:
        if raw.__class__ is not dict:
            if not (self._codec.foreign and raw == []):
                raise Misfit("a map", raw)
            raw = {}
        likes = (*raw, *map(type, raw.values()))
        looked_at, rest, unknown, order = self._plans.get(likes) or self._plan_for(raw, likes)
        pool = [*raw.values(), *given, *rest]
        for place, key, read in looked_at:
            try:
                pool[place] = read(pool[place])
            except Misfit as misfit:
                raise misfit.within(key) from None
        if unknown:
            pool[-1] = {key: raw[key] for key in unknown}
        values = order(pool)
        for start, end, inner in self._inlined:
            values = (*values[:start], tuple.__new__(inner, values[start:end]), *values[end:])
        return tuple.__new__(self._shape, values)

    def read_alike(self, raw: Any, given: tuple[object, ...]) -> dict[str, Any] | None:
        """The records of a map of maps, where many of these have the same keys: they are read field by field, all at
        once. None where they are not so, or where one does not fit: read by itself it tells where."""
        if raw.__class__ is not dict or not self._form.given or self._inlined:
            return None
        if set(map(type, raw)) != {str} or set(map(type, raw.values())) != {dict}:
            return None
        keys = set(map(tuple, raw.values()))
        if len(keys) * _WORTH_IT > len(raw):
            return None
        try:
            if len(keys) == 1:
                return self._together(raw, given)
            groups: dict[tuple[Any, ...], dict[str, Any]] = {each: {} for each in keys}
            for name, fields in raw.items():
                groups[tuple(fields)][name] = fields
            parts = [self._together(group, given) for group in groups.values()]
        except Misfit:
            return None
        records = {name: record for part in parts if part is not None for name, record in part.items()}
        return {name: records[name] for name in raw} if len(records) == len(raw) else None

    def _together(self, raw: dict[str, dict[Any, Any]], given: tuple[object, ...]) -> dict[str, Any] | None:
        """The records of maps with the same keys; None where they need more than to be picked and read."""
        columns = list(zip(*map(dict.values, raw.values()), strict=True))
        if any(len(set(map(type, column))) > 1 for column in columns):
            return None
        first = next(iter(raw.values()))
        likes = (*first, *(type(column[0]) for column in columns))
        looked_at, rest, unknown, order = self._plans.get(likes) or self._plan_for(first, likes)
        if unknown:
            return None
        pool: list[Iterable[Any]] = [*columns, raw, *map(repeat, given), *map(repeat, rest)]
        for place, _, read in looked_at:
            pool[place] = _each_read(columns[place], read)
        records = map(partial(tuple.__new__, self._shape), zip(*order(pool), strict=False))
        return dict(zip(raw, records, strict=True))

    def _plan_for(self, raw: dict[Any, Any], likes: tuple[Any, ...]) -> _Plan:
        places = {self._key_in(key): place for place, key in enumerate(raw)}
        given, extra = self._form.given, self._form.extra
        looked_at: list[tuple[int, str, Read]] = []
        rest: list[object] = []
        order: list[int] = []
        for key, field in self._fields:
            if field.name in given:
                order.append(len(raw) + given.index(field.name))
            elif field.name != extra and key in places:
                order.append(place := places.pop(key))
                taken, read = self._codec.part(field.annotation)
                if likes[len(raw) + place] not in taken:
                    looked_at.append((place, key, read))
            else:
                default = field.left_out
                if default is MISSING or field.name in self._form.needed:
                    raise Misfit(text_of(field.annotation), MISSING).within(key)
                order.append(len(raw) + len(given) + len(rest))
                rest.append(default)
        plan = tuple(looked_at), tuple(rest), tuple(places) if extra else (), _picking(order)
        if len(self._plans) < _MOST_PLANS and _are_few_and_short(places):
            self._plans[likes] = plan
        return plan

    def _key_in(self, key: object) -> object:
        if self._codec.foreign and isinstance(key, bytes):
            return key.decode("utf-8", "surrogateescape")
        return key

    def _places_of_inlined(self) -> Iterator[tuple[int, int, type]]:
        """Where the fields of inlined records begin and end, once those before have become one value."""
        for place, field in enumerate(fields_of(self._shape)):
            if field.name in self._form.inlined:
                yield place, place + len(fields_of(field.annotation)), field.annotation


def _each_read(values: Sequence[Any], read: Read) -> Sequence[Any]:
    """The values, read; a text that stands there often is read once."""
    if values[0].__class__ is not str:
        return list(map(read, values))
    words = {word: read(word) for word in set(values)}
    return [words[value] for value in values]


def _are_few_and_short(unknown: Collection[object]) -> bool:
    return len(unknown) <= _MOST_UNKNOWN and all(len(str(key)) <= _LONGEST_UNKNOWN for key in unknown)


def _picking(order: list[int]) -> Callable[[list[Any]], tuple[Any, ...]]:
    if len(order) < 2:  # of one place itemgetter makes no tuple, and of none it cannot be made
        return lambda pool: tuple(pool[place] for place in order)
    return itemgetter(*order)


def _row_reader(codec: Codec, shape: type, read: Read) -> Read:
    keys = tuple(key for key, _ in codec.keyed_fields(shape))

    def read_row(raw: Any) -> Any:
        return read(dict(zip(keys, _checked_array(raw), strict=False)))

    return read_row


def _part(codec: Codec, annotation: Any) -> Part:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if is_union(annotation):
        members = members_of(annotation)
        taken, read = codec.part(members[0]) if len(members) == 1 else _tagged(codec, members)
        return ((*taken, type(None)) if is_optional(annotation) else taken), read
    if origin is tuple:
        return _array(codec.part(arguments[0]))
    if origin is Mapping:
        return _table(codec.part(arguments[1]), keyed=bool(codec.form_of(arguments[1]).given))
    if origin is Literal:
        return _choice(arguments)
    if is_record(annotation):
        return (), codec.reader(annotation)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _choice(tuple(annotation))
    raise TypeError(f"{annotation!r} is none of the annotations that a record may have")


def _refusing(expected: str) -> Callable[[Any], Any]:
    def refuse(value: Any) -> Any:
        raise Misfit(expected, value)

    return refuse


def _float(value: Any) -> float:
    if value.__class__ is int:
        return float(value)
    raise Misfit("float", value)


def _same(value: Any) -> Any:
    return value


_PLAIN_PARTS: dict[Any, Part] = {each: ((each,), _refusing(each.__name__)) for each in (str, int, bool, bytes)}
_PLAIN_PARTS |= {float: ((float,), _float), object: ((), _same)}


def _choice(members: tuple[Any, ...]) -> Part:
    by_text = {str(member): member for member in members}

    def read(value: Any) -> Any:
        if value.__class__ is not str or value not in by_text:
            raise Misfit(f"one of {', '.join(by_text)}", value)
        return by_text[value]

    return (), read


def _array(item: Part) -> Part:
    taken, read_item = item

    def read(raw: Any) -> Any:
        values = []
        for place, value in enumerate(_checked_array(raw)):
            try:
                values.append(value if value.__class__ in taken else read_item(value))
            except Misfit as misfit:
                raise misfit.within(place) from None
        return tuple(values)

    return (), read


def _checked_array(raw: Any) -> Any:
    if raw.__class__ is list or raw.__class__ is tuple:
        return raw
    raise Misfit("an array", raw)


def _table(item: Part, *, keyed: bool) -> Part:
    taken, read_item = item

    def read(raw: Any, *given: object) -> Any:
        if raw.__class__ is not dict:
            raise Misfit("a table", raw)
        values = {}
        for key, value in raw.items():
            try:
                if key.__class__ is not str:
                    raise Misfit("a text as its key", key)
                if keyed:
                    values[key] = read_item(value, key, *given)
                else:
                    values[key] = value if value.__class__ in taken else read_item(value)
            except Misfit as misfit:
                raise misfit.within(key) from None
        return values

    return (), read


def _tagged(codec: Codec, shapes: tuple[type, ...]) -> Part:
    """A closed union of records."""
    tag, readers = "", {}
    for shape in shapes:
        tag, field = next(keyed for keyed in codec.keyed_fields(shape) if get_origin(keyed[1].annotation) is Literal)
        readers.update(dict.fromkeys(map(str, get_args(field.annotation)), codec.reader(shape)))

    def read(raw: Any) -> Any:
        if raw.__class__ is not dict:
            raise Misfit("a map", raw)
        kind = raw.get(tag, MISSING)
        if kind.__class__ is not str or kind not in readers:
            raise Misfit(f"one of {', '.join(readers)}", kind).within(tag)
        return readers[kind](raw)

    return (), read
