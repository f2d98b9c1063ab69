"""What the class of a record says of its fields, and what each use of records says of its maps.

A record is a named tuple. Its annotations are real ones, not text: records.py reads maps by them, record_writing.py
writes them, the manual page and the conformance cases are made from them.
"""

from __future__ import annotations

import sys
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# Makes a value of what stands in a map; raises Misfit.
Read: TypeAlias = "Callable[..., Any]"

# What writes the values of an annotation; None where they are written as they are.
Write: TypeAlias = "Callable[[Any], Any] | None"

NOTHING: Mapping[Any, Any] = {}


class Missing:
    """Stands where there is no value, since None may be one."""


MISSING = Missing()


# Classes with slots where named tuples would do: one of those costs every start 0.1 ms.


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
        return self.left_out is MISSING

    @property
    def left_out(self) -> object:
        """What a map without the field means; MISSING where there must be one."""
        return None if self.default is MISSING and is_optional(self.annotation) else self.default


class Form:
    """How one use writes one class of records. All of it names fields.

    `given` are not in the map: who reads knows them (where records stand in a map, the first is the key there). The
    fields of an `inlined` record stand among those around it. `always` are written at their default too, `needed` must
    be there though they have one. `extra` is the last of the fields: it keeps the keys that this version does not know,
    and they are written back. A record that is a `row` is written as an array of its values.
    """

    __slots__ = ("always", "extra", "given", "inlined", "keys", "needed", "row")

    def __init__(
        self,
        *,
        keys: Mapping[str, str] = NOTHING,
        given: tuple[str, ...] = (),
        inlined: tuple[str, ...] = (),
        always: tuple[str, ...] = (),
        needed: tuple[str, ...] = (),
        extra: str | None = None,
        row: bool = False,
    ) -> None:
        self.keys = keys
        self.given = given
        self.inlined = inlined
        self.always = always
        self.needed = needed
        self.extra = extra
        self.row = row


PLAIN_FORM = Form()


class Use:
    """What one use of records says of its maps. `forms` are by class, `keys` by the name of a field. `leaves` say for a
    class what reads its values, and writes them, if not as records.py says; values of a plain class are read only where
    they are of another.

    A field at its default is left out, which is None where the annotation allows it and there is no other; unless all
    are written (`whole`). Where the other side may be written in any language (`foreign`) an empty array is an empty
    map, and a key may be the UTF-8 of its text.
    """

    def __init__(
        self,
        forms: Mapping[type, Form] = NOTHING,
        leaves: Mapping[type, tuple[Read, Write]] = NOTHING,
        keys: Mapping[str, str] = NOTHING,
        *,
        whole: bool = False,
        foreign: bool = False,
    ) -> None:
        self.forms = forms
        self.leaves = leaves
        self.keys = keys
        self.whole = whole
        self.foreign = foreign

    def form_of(self, shape: type) -> Form:
        return self.forms.get(shape, PLAIN_FORM)

    def keyed_fields(self, shape: type) -> Iterator[tuple[str, Field]]:
        """The fields of a record with their keys, those of inlined records in their place."""
        form = self.form_of(shape)
        for field in fields_of(shape):
            if field.name in form.inlined:
                yield from self.keyed_fields(field.annotation)
            else:
                yield form.keys.get(field.name) or self.keys.get(field.name, field.name), field


def fields_of(shape: type) -> tuple[Field, ...]:
    """The fields of a record, in order."""
    known = _FIELDS.get(shape)
    if known is None:
        defaults: dict[str, object] = shape._field_defaults  # type: ignore[attr-defined]  # of named tuples
        known = _FIELDS[shape] = tuple(
            Field(name, _resolved(annotation, shape), defaults.get(name, MISSING))
            for name, annotation in shape.__annotations__.items()
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
    if isinstance(annotation, str):
        return vars(sys.modules[owner.__module__])[annotation]
    if hasattr(annotation, "__forward_arg__"):
        raise TypeError(f"{owner.__name__}: {annotation.__forward_arg__!r} is text: records have real annotations")
    arguments = get_args(annotation)
    if all(each.__class__ is type or each is Ellipsis for each in arguments) or get_origin(annotation) is Literal:
        return annotation
    inner = tuple(each if each is Ellipsis else _resolved(each, owner) for each in arguments)
    return Union[inner] if is_union(annotation) else get_origin(annotation)[inner]  # noqa: UP007  at run time
