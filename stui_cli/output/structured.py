"""JSON as a versioned contract (DESIGN section 10): the envelope, and its lines.

Everything outside ASCII is escaped: valid in any locale, and nothing that an image sends reaches a terminal.

JSON lines are one item each. Where there is something else to tell, a last line does: the envelope without
`items`. Only it has the key `schema`, so that `select(.schema | not)` are the items; a key `error` would not
do, as evaluations have that one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from stui_cli.model.times import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from stui_cli.model.errors import StuiError
    from stui_cli.model.results import Item

    # What is known once all items were read: what failed, and what was warned of.
    Ending: TypeAlias = Callable[[], tuple[Sequence[StuiError], Sequence[str]]]

SCHEMA: Final = "stui/v1"


def envelope(
    kind: str,
    items: Sequence[Item],
    errors: Sequence[StuiError],
    warnings: Sequence[str],
    *,
    now: int,
    pretty: bool,
) -> str:
    """The whole document; `pretty` is for a terminal."""
    document = _head(kind, now) | {"items": items} | _tail(errors, warnings)
    return f"{encoded(document, indent=2 if pretty else None)}\n"


def lines(kind: str, items: Sequence[Item], errors: Sequence[StuiError], warnings: Sequence[str], *, now: int) -> str:
    """One line per item, and a last one if there are errors or warnings."""
    return "".join(lines_read(kind, [items], lambda: (errors, warnings), now=now))


def lines_read(kind: str, blocks: Iterable[Sequence[Item]], ending: Ending, *, now: int) -> Iterator[str]:
    """The same of items that are read meanwhile, a text for each block of them."""
    for items in blocks:
        yield "".join(f"{encoded(item)}\n" for item in items)
    errors, warnings = ending()
    if errors or warnings:
        yield f"{encoded(_head(kind, now) | _tail(errors, warnings))}\n"


def envelope_read(kind: str, blocks: Iterable[Sequence[Item]], ending: Ending, *, now: int) -> Iterator[str]:
    """The whole document of items that are read meanwhile, in one line. What failed on the way stands behind those that
    were read before: the document is valid in any case."""
    before = f'{encoded(_head(kind, now))[:-1]},"items":['
    for items in blocks:
        yield before + encoded(items)[1:-1]
        before = ","
    yield before.removesuffix(",") + rest_of_envelope(*ending())


def rest_of_envelope(errors: Sequence[StuiError], warnings: Sequence[str]) -> str:
    """What ends a document behind its last item."""
    return f"],{encoded(_tail(errors, warnings))[1:]}\n"


def _head(kind: str, now: int) -> dict[str, object]:
    return {"schema": SCHEMA, "kind": kind, "generated_at": str(Moment(now))}


def _tail(errors: Sequence[StuiError], warnings: Sequence[str]) -> dict[str, object]:
    return {"errors": [_error(error) for error in errors], "warnings": list(warnings)}


def encoded(value: object, indent: int | None = None) -> str:
    """`value` as JSON of RFC 8259: numbers that are none (NaN, the infinities) become null."""
    encoder = _encoder(indent)
    try:
        return encoder.encode(value)
    except ValueError:
        finite = _finite(json.loads(json.dumps(value, default=_plain)))
        return encoder.encode(finite)


# Made once: a line of JSON for each of 100,000 sessions takes a tenth less time.
@cache
def _encoder(indent: int | None) -> json.JSONEncoder:
    separators = (",", ":") if indent is None else None
    return json.JSONEncoder(indent=indent, separators=separators, default=_plain, allow_nan=False)


def _error(error: StuiError) -> Mapping[str, object]:
    return {
        "code": error.code,
        "message": error.what,
        "hint": error.todo or None,
        "image": error.image,
        "exit_code": int(error.exit_code),
    }


def _plain(value: object) -> object:
    if isinstance(value, Moment):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a result holds {type(value).__name__}, which JSON has no word for")


def _finite(value: object) -> object:
    match value:
        case dict():
            return {key: _finite(part) for key, part in value.items()}
        case list():
            return [_finite(part) for part in value]
        case float() if not abs(value) < float("inf"):
            return None
        case _:
            return value
