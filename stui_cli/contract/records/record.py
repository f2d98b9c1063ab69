"""What all records have: they are made of an item, and make the map of it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Final, Self, get_args, get_origin, get_type_hints

from stui_cli.model.errors import StuiError
from stui_cli.model.times import Moment

# The key of a field whose name is a word of Python's own.
_KEYS: Final = {"class_name": "class"}

# A field that no item has: what has to be said besides.
ASIDE: Final = {"aside": True}


@dataclass(frozen=True, kw_only=True)
class Record:
    """One item. `as_dict` is the map that `-o json` of the command prints of it."""

    warnings: tuple[str, ...] = field(default=(), compare=False, metadata=ASIDE)  # what else has to be said, in words

    @classmethod
    def of(cls, item: Mapping[str, object], **aside: Any) -> Self:
        """The record of an item of its kind. `aside` are fields that no item has."""
        kind: type[Record] = cls
        hints = _hints(kind)  # type: ignore[arg-type]  # mypy takes the hash of its records for that of the class
        told = {each.name: item[json_key(each.name)] for each in fields(cls) if json_key(each.name) in item}
        return cls(**{name: _made(hints[name], value) for name, value in told.items()}, **aside)

    def as_dict(self) -> dict[str, object]:
        """The item as JSON has it: text, numbers, true, false, None, lists and maps; times in RFC 3339."""
        told = [each.name for each in fields(self) if not each.metadata.get("aside")]
        return {json_key(name): plain_value(getattr(self, name)) for name in told}


@dataclass(frozen=True, kw_only=True)
class Records:
    """What one piece of work came to: several records, and what failed of it. `as_list` is what `-o json` of the
    command prints as its items."""

    failures: tuple[StuiError, ...]  # what failed, which took nothing else along
    warnings: tuple[str, ...] = ()  # what else has to be said, in words

    @property
    def records(self) -> Sequence[Record]:
        """The records."""
        return ()

    def as_list(self) -> list[dict[str, object]]:
        """The items as JSON has them."""
        return [record.as_dict() for record in self.records]


def json_key(name: str) -> str:
    """The key that a field has in an item."""
    return _KEYS.get(name, name)


def plain_value(value: object) -> object:
    """`value` as JSON has it. Numbers that are none (NaN, the infinities) become None."""
    match value:
        case Record():
            return value.as_dict()
        case Records():
            return value.as_list()
        case StrEnum() | Moment():
            return str(value)
        case Mapping():
            return {str(key): plain_value(part) for key, part in value.items()}
        case list() | tuple():
            return [plain_value(part) for part in value]
        case float() if not abs(value) < float("inf"):
            return None
        case None | str() | int() | float():
            return value
        case _:
            raise TypeError(f"a record holds {type(value).__name__}, which JSON has no word for")


@cache
def _hints(cls: type[Record]) -> dict[str, Any]:
    return get_type_hints(cls)


def _made(annotation: Any, value: Any) -> Any:
    """What stands in an item as the record has it."""
    if value is None:
        return None
    if get_origin(annotation) is UnionType:
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    if get_origin(annotation) is tuple:
        return tuple(_made(get_args(annotation)[0], part) for part in value)
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation.of(value)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return annotation(value)
    return value
