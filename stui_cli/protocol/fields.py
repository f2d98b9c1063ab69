"""Between the maps on the wire and frozen dataclasses.

The dataclasses of `vitals`, `evaluation` and `workspaces` are the table of the protocol, written once: the names of
their fields are the keys, their annotations the types. So everything else is derived from them: parsing and
checking here, the manual page, the conformance cases.
"""

from __future__ import annotations

import sys
from dataclasses import MISSING, fields, is_dataclass
from typing import TypeVar

from stui_cli.protocol.faults import Mistyped

T = TypeVar("T")

# Keys that Python keeps for itself: the field has a longer name, the wire keeps its word.
KEYS = {"class_name": "class", "float64": "float"}


def to_map(message: object) -> dict[str, object]:
    """The wire's map of a message: its fields by key, nested messages likewise."""
    return {key_of(f.name): _plain(getattr(message, f.name)) for f in fields(message)}  # type: ignore[arg-type]  # any dataclass


def key_of(field_name: str) -> str:
    """The key on the wire of a field."""
    return KEYS.get(field_name, field_name)


def parse(shape: type[T], raw: object, path: str = "") -> T:
    """`raw` as a `shape`. Unknown keys are ignored; raises Mistyped for a missing or wrong one."""
    if not isinstance(raw, dict):
        raise Mistyped(path or shape.__name__, "a map", raw)
    values: dict[str, object] = {}
    for f in fields(shape):  # type: ignore[arg-type]  # any dataclass
        key = key_of(f.name)
        where = f"{path}.{key}" if path else key
        if key in raw:
            values[f.name] = _checked(str(f.type), raw[key], where, shape)
        elif f.default is MISSING and not str(f.type).endswith("| None"):
            raise Mistyped(where, str(f.type), None)
        elif f.default is MISSING:
            values[f.name] = None
    return shape(**values)


def _plain(value: object) -> object:
    if is_dataclass(value):
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
