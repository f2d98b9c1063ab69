"""Between the maps on the wire and typed messages.

The named tuples of `vitals`, `evaluation` and `workspaces` are the table of the protocol, written once: the names of
their fields are the keys, their annotations the types. So everything else is derived from them: parsing and
checking here, the manual page, the conformance cases.

Named tuples, where the rest of stui has frozen dataclasses: one costs 0.05 ms at import instead of 0.4 ms, and an
evaluation would import some thirty of them, a fifth of all the time that it may take (DESIGN section 12).
"""

from __future__ import annotations

import re
import sys
from enum import Enum
from typing import NamedTuple, TypeVar

from stui_cli.protocol.faults import Mistyped

T = TypeVar("T")

# Keys that Python and its tuples keep for themselves: the field has another name, the wire keeps its word.
KEYS = {"class_name": "class", "float64": "float", "how_many": "count", "position": "index"}


class Missing(Enum):
    """The default of a field that has none."""

    MISSING = 0


MISSING = Missing.MISSING


class Field(NamedTuple):
    """One field of a message: its name here, its annotation as text, its default or MISSING."""

    name: str
    type: str
    default: object

    @property
    def needed(self) -> bool:
        """Whether a map without it is refused; one that may be nil may be left out as well."""
        return self.default is MISSING and not self.type.endswith("| None")


def is_message(shape: object) -> bool:
    """Whether a class is a message of the protocol, or a part of one."""
    return isinstance(shape, type) and issubclass(shape, tuple) and hasattr(shape, "_field_defaults")


def fields(shape: type) -> tuple[Field, ...]:
    """The fields of a message, in order."""
    known = _FIELDS.get(shape)
    if known is None:
        defaults: dict[str, object] = getattr(shape, "_field_defaults", {})
        known = tuple(
            Field(name, _text_of(annotation), defaults.get(name, MISSING))
            for name, annotation in shape.__annotations__.items()
        )
        _FIELDS[shape] = known
    return known


_FIELDS: dict[type, tuple[Field, ...]] = {}

# What Python puts around the names in an annotation that it writes out.
_AROUND_NAMES = re.compile(r"[a-z_.]+\.(?=[A-Z])|'")


def _text_of(annotation: object) -> str:
    """An annotation as it stands in the source. Messages have real ones: as text each would be compiled at import."""
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return _AROUND_NAMES.sub("", str(getattr(annotation, "__forward_arg__", annotation)))


def to_map(message: object) -> dict[str, object]:
    """The wire's map of a message: its fields by key, nested messages likewise."""
    return {key_of(f.name): _plain(getattr(message, f.name)) for f in fields(type(message))}


def key_of(field_name: str) -> str:
    """The key on the wire of a field."""
    return KEYS.get(field_name, field_name)


def parse(shape: type[T], raw: object, path: str = "") -> T:
    """`raw` as a `shape`. Unknown keys are ignored; raises Mistyped for a missing or wrong one."""
    if not isinstance(raw, dict):
        raise Mistyped(path or shape.__name__, "a map", raw)
    values: dict[str, object] = {}
    for f in fields(shape):
        key = key_of(f.name)
        where = f"{path}.{key}" if path else key
        if key in raw:
            values[f.name] = _checked(f.type, raw[key], where, shape)
        elif f.needed:
            raise Mistyped(where, f.type, None)
        elif f.default is MISSING:
            values[f.name] = None
    return shape(**values)


def _plain(value: object) -> object:
    if is_message(type(value)):
        return to_map(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _checked(annotation: str, value: object, where: str, owner: type) -> object:
    """`value` as the annotation wants it. The annotations of messages are few; a new one is added here."""
    if annotation.endswith(" | None"):
        return None if value is None else _checked(annotation.removesuffix(" | None"), value, where, owner)
    match annotation:
        case "object":
            return value
        case "str" if isinstance(value, str):
            return value
        case "bool" if isinstance(value, bool):
            return value
        case "int" if isinstance(value, int) and not isinstance(value, bool):
            return value
        case "float" if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        case "bytes" if isinstance(value, bytes):
            return value
        case "bytes" if isinstance(value, str):  # older clients have one raw type only
            return value.encode("utf-8", "surrogateescape")
        case "str" | "bool" | "int" | "float" | "bytes":
            raise Mistyped(where, annotation, value)
        case _ if annotation.startswith("tuple["):
            if not isinstance(value, (list, tuple)):
                raise Mistyped(where, "an array", value)
            inner = annotation.removeprefix("tuple[").removesuffix(", ...]")
            return tuple(_checked(inner, item, f"{where}[{i}]", owner) for i, item in enumerate(value))
        case _:
            return parse(vars(sys.modules[owner.__module__])[annotation], value, where)
