"""In which order items are listed, and how many of them (`--sort`, `--limit`): a function of the items alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.model.times import Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AnyItem = TypeVar("AnyItem", bound=Mapping[str, Any])

# What needs somebody's attention comes first.
_URGENCY: Final[dict[object, int]] = {
    word: place
    for words in (
        ("failed", "disconnected", "reconnecting", "unknown", "connected"),
        ("critical", "warning", "unknown", "healthy"),
    )
    for place, word in enumerate(words)
}


class SortKey(NamedTuple):
    """A field by which items are sorted; `descending` turns it round."""

    key: str
    descending: bool = False


def ordered(items: Iterable[AnyItem], keys: Sequence[SortKey], group_key: str | None = None) -> list[AnyItem]:
    """`items` by the first of the `keys`, those equal there by the next, and so on; else as they came. What is not
    known comes last, in both directions. With a `group_key` those of one group stand together, in the order of it."""
    found = list(items)
    by = [SortKey(group_key), *keys] if group_key is not None else keys
    for key, descending in reversed(by):
        known = [item for item in found if is_known(item.get(key))]
        known.sort(key=lambda item, key=key: place(item.get(key)), reverse=descending)  # type: ignore[misc]
        found = [*known, *(item for item in found if not is_known(item.get(key)))]
    return found


def best(
    parts: Iterable[Sequence[AnyItem]], keys: Sequence[SortKey], limit: int | None
) -> tuple[Sequence[AnyItem], int]:
    """The first `limit` of the items that come in `parts`, ordered, and how many there were. No more are kept at a time
    than twice as many and a part."""
    kept: list[AnyItem] = []
    count = 0
    for part in parts:
        count += len(part)
        kept += part
        if limit is not None and len(kept) > 2 * limit:
            kept = ordered(kept, keys)[:limit]
    return first(ordered(kept, keys), limit)[0], count


def first(items: Sequence[AnyItem], limit: int | None) -> tuple[Sequence[AnyItem], int]:
    """The first `limit` of the items, all of them without one, and how many are left out."""
    if limit is None or len(items) <= limit:
        return items, 0
    return items[:limit], len(items) - limit


def place(value: object) -> tuple[int, float, str]:
    """Where a value stands: states by urgency, then times and numbers, then texts."""
    match value:
        case ConnectionStatus() | ConnectionHealth():
            return (0, _URGENCY[str(value)], "")
        case Moment(ms=ms):
            return (1, ms, "")
        case bool() | int() | float():
            return (1, value, "")
        case _:
            return (2, 0.0, str(value).casefold())


def is_known(value: object) -> bool:
    """Whether there is a value, and, of a number, one that can be compared: NaN is none."""
    return value is not None and value == value
