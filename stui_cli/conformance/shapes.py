"""Whether an answer has the fields that the protocol's table gives it: names, presence, types."""

from __future__ import annotations

from typing import TypeVar

from stui_cli.annotations import MISSING, fields_of, is_record, item_of, without_none
from stui_cli.conformance.verdicts import Deviation, shortened
from stui_cli.protocol.faults import Mistyped
from stui_cli.protocol.fields import key_of, parse

T = TypeVar("T")


def fitting(shape: type[T], raw: object) -> T:
    """`raw` as a `shape`, or Deviation.

    Stricter than our own client, which takes a missing key for nil: a client in a language without optional
    fields reads the table literally. Unknown keys are fine, since newer agents may tell more.
    """
    try:
        message = parse(shape, raw)
    except Mistyped as error:
        raise Deviation(f"an answer that fits {shape.__name__}", str(error)) from error
    for path in _absent(shape, raw, shape.__name__):
        raise Deviation(f"the key {path}, nil where there is nothing to tell", "no such key")
    return message


def fitting_all(shape: type[T], raw: object) -> list[T]:
    """The same for an array of them."""
    if not isinstance(raw, list):
        raise Deviation(f"an array of {shape.__name__}", shortened(raw))
    return [fitting(shape, item) for item in raw]


def _absent(shape: type, raw: object, path: str) -> list[str]:
    assert isinstance(raw, dict)
    absent = []
    for field in fields_of(shape):
        key = key_of(field.name)
        if key not in raw:
            if field.default is MISSING:
                absent.append(f"{path}.{key}")
            continue
        inner = without_none(field.annotation)
        inner = item_of(inner) or inner
        if not is_record(inner) or raw[key] is None:
            continue
        for item in raw[key] if isinstance(raw[key], list) else [raw[key]]:
            absent += _absent(inner, item, f"{path}.{key}")
    return absent
