"""What the class of a record says of its fields: their names, annotations and defaults.

A record is a named tuple. Its annotations are real ones, not text: records.py reads maps by them, the manual page and
the conformance cases are made from them.
"""

from __future__ import annotations

import sys
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin


class Missing:
    """Stands where there is no value, since None may be one."""


MISSING = Missing()


class Field:
    """One field of a record. Its default is MISSING where it has none."""

    __slots__ = ("annotation", "default", "name")

    def __init__(self, name: str, annotation: Any, default: object) -> None:
        self.name = name
        self.annotation = annotation
        self.default = default

    @property
    def needed(self) -> bool:
        """Whether a map without it is refused; what may be nil may be left out as well."""
        return self.default is MISSING and not is_optional(self.annotation)


def fields_of(shape: type) -> tuple[Field, ...]:
    """The fields of a record, in order."""
    known = _FIELDS.get(shape)
    if known is None:
        defaults: dict[str, object] = shape._field_defaults  # type: ignore[attr-defined]  # of named tuples
        annotations = shape.__annotations__.items()
        known = _FIELDS[shape] = tuple(
            Field(name, _resolved(annotation, shape), defaults.get(name, MISSING)) for name, annotation in annotations
        )
    return known


_FIELDS: dict[type, tuple[Field, ...]] = {}


def is_record(shape: object) -> bool:
    """Whether this is a class of records."""
    return isinstance(shape, type) and issubclass(shape, tuple) and hasattr(shape, "_field_defaults")


def is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)


def is_optional(annotation: Any) -> bool:
    """Whether None is among the values of an annotation."""
    return type(None) in get_args(annotation)


def members_of(union: Any) -> tuple[Any, ...]:
    """What a union holds beside None."""
    return tuple(each for each in get_args(union) if each is not type(None))


def without_none(annotation: Any) -> Any:
    """X of X | None."""
    return members_of(annotation)[0] if is_optional(annotation) else annotation


def item_of(annotation: Any) -> Any:
    """X of tuple[X, ...]; None for anything else."""
    return get_args(annotation)[0] if get_origin(annotation) is tuple else None


def text_of(annotation: Any) -> str:
    """An annotation as it stands in the source."""
    arguments = get_args(annotation)
    if annotation is type(None):
        return "None"
    if not arguments:
        return str(getattr(annotation, "__name__", annotation))
    if is_union(annotation):
        return " | ".join(map(text_of, arguments))
    inner = ("..." if each is Ellipsis else text_of(each) for each in arguments)
    return f"{get_origin(annotation).__name__}[{', '.join(inner)}]"


def _resolved(annotation: Any, owner: type) -> Any:
    """An annotation without names in quotes, by which a class speaks of itself."""
    if annotation.__class__ is type:
        return annotation
    if hasattr(annotation, "__forward_arg__"):
        raise TypeError(f"{owner.__name__}: {annotation.__forward_arg__!r} is text: records have real annotations")
    if isinstance(annotation, str):
        return vars(sys.modules[owner.__module__])[annotation]
    arguments = get_args(annotation)
    if not arguments or "'" not in str(annotation) or get_origin(annotation) is Literal:
        return annotation
    inner = tuple(each if each is Ellipsis else _resolved(each, owner) for each in arguments)
    return Union[inner] if is_union(annotation) else get_origin(annotation)[inner]  # noqa: UP007  at run time
