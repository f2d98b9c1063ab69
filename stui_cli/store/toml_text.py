"""TOML as stui writes it: what no eye would see in a text stands there as its escape, and is read back the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def toml_text(fields: Mapping[str, Any]) -> str:
    r"""The document. Hidden characters (model/visible.py) are \uNNNN or \UNNNNNNNN: outside ASCII they stand in strings
    alone, whatever an image or a person put into them, and those of ASCII are escaped by the library."""
    try:
        return _table(fields)
    except _NotPlain:
        pass
    import tomli_w

    text = tomli_w.dumps(fields)
    return text if text.isascii() else text.translate({ord(each): _escape(ord(each)) for each in set(text)})


class _NotPlain(Exception):
    """The library has to say how it is written."""


def _table(fields: Mapping[str, Any], name: str = "") -> str:
    """What the library makes of plain values under plain keys: nearly all that a store has. Its import, and the look at
    each single character, take 0.3 ms of a switch."""
    values, tables = [], []
    for key, value in fields.items():
        if isinstance(value, dict):
            tables.append(_table(value, f"{name}.{_key(key)}" if name else _key(key)))
        else:
            values.append(f"{_key(key)} = {_value(value)}\n")
    head = [f"[{name}]\n"] if name and (values or not tables) else []
    own = "".join((*head, *values))
    return "\n".join((own, *tables) if own else tables)


def _key(key: str) -> str:
    if key.isascii() and key.replace("-", "a").replace("_", "a").isalnum():
        return key
    return _value(key)


def _value(value: object) -> str:
    if type(value) is str:
        if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
            return f'"{value}"'
    elif type(value) is int:
        return str(value)
    elif type(value) is list and value:
        return "".join(("[\n", *(f"    {_item(each)},\n" for each in value), "]"))
    raise _NotPlain


def _item(value: object) -> str:
    if type(value) is list:
        raise _NotPlain
    return _value(value)


def _escape(point: int) -> int | str:
    from stui_cli.model.visible import is_hidden

    # TOML has no escape for a lone surrogate: the caller says what becomes of it.
    if point < 0x80 or 0xD800 <= point <= 0xDFFF or not is_hidden(point):
        return point
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
