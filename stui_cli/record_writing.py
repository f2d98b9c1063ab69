"""The half of the codec of records that writes: records become maps. Most commands only read."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, get_args, get_origin

from stui_cli.annotations import MISSING, fields_of, is_record, is_union, members_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.annotations import Use, Write

_PLAIN = (str, int, bool, bytes, float, object)


class Writers:
    """What writes the records of one use."""

    def __init__(self, use: Use) -> None:
        self.use = use
        self._known: dict[type, Callable[[Any], Any]] = {}

    def write(self, record: object) -> Any:
        """The map of a record; an array where its form is a row."""
        return self.writer(type(record))(record)

    def writer(self, shape: type) -> Callable[[Any], Any]:
        """What makes a map of a `shape`."""
        known = self._known.get(shape)
        if known is None:
            # It looks at the fields when it first writes, so that a shape may hold others of its own class.
            writer = _RowWriter(self, shape) if self.use.form_of(shape).row else _MapWriter(self, shape)
            known = self._known[shape] = writer.write
        return known

    def write_of(self, annotation: Any) -> Write:
        """What writes the values of an annotation."""
        if annotation in self.use.leaves:
            return self.use.leaves[annotation][1]
        if annotation in _PLAIN:
            return None
        if is_record(annotation):
            return self.writer(annotation)
        origin, arguments = get_origin(annotation), get_args(annotation)
        if is_union(annotation):
            members = members_of(annotation)
            write = self.write_of(members[0]) if len(members) == 1 else self.write
            return write and _unless_none(write)
        if origin is tuple:
            return _writing_each(self.write_of(arguments[0]))
        if origin is Mapping:
            return _writing_values(self.write_of(arguments[1]))
        return attrgetter("_value_")  # the text of a member of a StrEnum


class _MapWriter:
    """Writes the records of one class as maps."""

    def __init__(self, writers: Writers, shape: type) -> None:
        form = writers.use.form_of(shape)
        self._writers = writers
        self._shape = shape
        self._inlined = [place for place, field in enumerate(fields_of(shape)) if field.name in form.inlined]
        self._keeps_extra = form.extra is not None
        self._slots: tuple[tuple[str, int, Write, object], ...] | None = None
        # Of a record of which every field is always written: its keys, and what writes those that are not as they are.
        self._keys: tuple[str, ...] = ()
        self._changed: list[tuple[str, Callable[[Any], Any]]] = []

    def write(self, record: Any) -> dict[str, Any]:
        slots = self._slots
        if slots is None:
            slots = self._slots = tuple(self._found())
            self._keys = self._keys_of_all(slots)
            self._changed = [(key, write) for key, _, write, _ in slots if write is not None]
        if self._keys:  # a quarter less: 3 us of a record of probes
            written = dict(zip(self._keys, record, strict=True))
            for key, write in self._changed:
                written[key] = write(written[key])
            return written
        return self._written(record, slots)

    def _written(self, record: Any, slots: tuple[tuple[str, int, Write, object], ...]) -> dict[str, Any]:
        values = record
        for place in self._inlined:
            values = (*values[:place], *values[place], *values[place + 1 :])
        written = {}
        for key, place, write, default in slots:
            value = values[place]
            if value is not default and value != default:
                written[key] = value if write is None else write(value)
        if self._keeps_extra and record[-1]:
            written.update(record[-1])
        return written

    def _keys_of_all(self, slots: tuple[tuple[str, int, Write, object], ...]) -> tuple[str, ...]:
        keys = tuple(key for key, _, _, default in slots if default is MISSING)
        return () if self._inlined or self._keeps_extra or len(keys) != len(fields_of(self._shape)) else keys

    def _found(self) -> Iterator[tuple[str, int, Write, object]]:
        """Of each field that is written: its key, its place, what writes it, and the value at which it is left out."""
        use = self._writers.use
        form = use.form_of(self._shape)
        for place, (key, field) in enumerate(use.keyed_fields(self._shape)):
            if field.name not in form.given and field.name != form.extra:
                default = MISSING if use.whole or field.name in form.always else field.left_out
                yield key, place, self._writers.write_of(field.annotation), default


class _RowWriter:
    """Writes the records of one class as arrays."""

    def __init__(self, writers: Writers, shape: type) -> None:
        self._writers = writers
        self._shape = shape
        self._writes: list[Write] | None = None

    def write(self, record: Any) -> list[Any]:
        writes = self._writes
        if writes is None:
            writes = self._writes = [self._writers.write_of(field.annotation) for field in fields_of(self._shape)]
        return [value if write is None else write(value) for write, value in zip(writes, record, strict=True)]


def _unless_none(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else write(value)


def _writing_each(write: Write) -> Callable[[Any], Any]:
    return list if write is None else lambda values: [write(value) for value in values]


def _writing_values(write: Write) -> Callable[[Any], Any]:
    return dict if write is None else lambda values: {key: write(value) for key, value in values.items()}
