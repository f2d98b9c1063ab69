"""TOML as stui writes it: what no eye would see in a text stands there as its escape, and is read back the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def toml_text(fields: Mapping[str, Any]) -> str:
    r"""The document. Hidden characters (model/visible.py) are \uNNNN or \UNNNNNNNN: outside ASCII they stand in strings
    alone, whatever an image or a person put into them, and those of ASCII are escaped by the library."""
    import tomli_w

    text = tomli_w.dumps(fields)
    return text if text.isascii() else text.translate({ord(each): _escape(ord(each)) for each in set(text)})


def _escape(point: int) -> int | str:
    from stui_cli.model.visible import is_hidden

    # TOML has no escape for a lone surrogate: the caller says what becomes of it.
    if point < 0x80 or 0xD800 <= point <= 0xDFFF or not is_hidden(point):
        return point
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
