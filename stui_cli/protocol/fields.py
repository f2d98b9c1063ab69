"""Between the maps on the wire and typed messages.

The named tuples of `greeting`, `vitals`, `evaluation`, `inspection` and `workspaces` are the table of the protocol,
written once: the names of their fields are the keys, their annotations the types. So everything else is derived from
them: parsing and checking here, the manual page, the conformance cases.

Named tuples, where the rest of stui has frozen dataclasses: one costs 0.05 ms at import instead of 0.4 ms, and an
evaluation would import some thirty of them, a fifth of all the time that it may take (DESIGN section 12).
"""

from __future__ import annotations

from typing import TypeVar

from stui_cli.annotations import MISSING
from stui_cli.protocol.faults import Mistyped
from stui_cli.protocol.foreign import integer_in, text_in
from stui_cli.records import Codec, Misfit, dotted

T = TypeVar("T")

# Keys that Python and its tuples keep for themselves: the field has another name, the wire keeps its word.
KEYS = {"class_name": "class", "float64": "float", "how_many": "count", "position": "index"}


_METHODS: dict[type, str] = {}


def parse(shape: type[T], raw: object) -> T:
    """`raw` as a `shape`. Unknown keys are ignored; raises Mistyped for a missing or wrong one."""
    return _WIRE.decode(shape, raw)


def to_map(message: object) -> dict[str, object]:
    """The wire's map of a message: its fields by key, nested messages likewise."""
    fields: dict[str, object] = _WIRE.encode(message)
    return fields


def method_of(request: type) -> str:
    """The wire's name of a request: its class name in snake case."""
    known = _METHODS.get(request)
    if known is None:
        name = request.__name__
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name[1:])
        known = _METHODS[request] = name[0].lower() + snake
    return known


def key_of(field_name: str) -> str:
    """The key on the wire of a field."""
    return KEYS.get(field_name, field_name)


def _mistyped(misfit: Misfit, shape: type) -> Mistyped:
    got = None if misfit.got is MISSING else misfit.got
    return Mistyped(dotted(misfit.path) or shape.__name__, misfit.expected, got)


def _bytes(raw: object) -> bytes:
    """Older clients have one raw type only."""
    if isinstance(raw, str):
        return raw.encode("utf-8", "surrogateescape")
    raise Misfit("bytes", raw)


def _text(raw: object) -> str:
    """Some write all their text as bytes."""
    text = text_in(raw)
    if text is None:
        raise Misfit("str", raw)
    return text


def _integer(raw: object) -> int:
    """Some have no numbers but floats."""
    number = integer_in(raw)
    if number is None:
        raise Misfit("int", raw)
    return number


_WIRE = Codec(
    leaves={bytes: (_bytes, None), str: (_text, None), int: (_integer, None)},
    keys=KEYS,
    whole=True,
    foreign=True,
    error=_mistyped,
)
