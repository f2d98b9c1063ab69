"""What of a text no eye would see, or a terminal would obey.

The rule is Unicode's, not a list of known attacks: every control (C0, DEL, C1), format character (the bidi
overrides of CVE-2021-42574, zero-width characters, tags), line or paragraph separator, lone surrogate, and
what Unicode calls default ignorable. The variation selectors U+FE00-FE0F are not hidden: they pick emoji and CJK
forms, and sixteen of them hide nothing. Nor are the spaces of other scripts.
"""

from __future__ import annotations

from typing import Final

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# DerivedCoreProperties.txt, Default_Ignorable_Code_Point, where the category does not tell already.
_IGNORABLE: Final = (
    range(0x034F, 0x0350),
    range(0x115F, 0x1161),
    range(0x17B4, 0x17B6),
    range(0x180B, 0x1810),
    range(0x2065, 0x2066),
    range(0x3164, 0x3165),
    range(0xFFA0, 0xFFA1),
    range(0xFFF0, 0xFFF9),
    range(0xE0000, 0xE1000),
)


def is_hidden(point: int) -> bool:
    """Whether the character must not be shown as it is."""
    import unicodedata  # only when something is not printable ASCII

    return unicodedata.category(chr(point)) in _HIDDEN_CATEGORIES or any(point in part for part in _IGNORABLE)


def escape(point: int) -> str:
    r"""The character as \xNN, \uNNNN or \UNNNNNNNN."""
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


class Escapes(dict[int, int | str]):
    """A table for str.translate that decides about each character once."""

    def __missing__(self, point: int) -> int | str:
        self[point] = shown = escape(point) if is_hidden(point) else point
        return shown


_ONE_LINE: Final = Escapes()


def visible(text: str) -> str:
    r"""`text` on one line, with all that is hidden written as \xNN, \uNNNN or \UNNNNNNNN."""
    return text if text.isascii() and text.isprintable() else text.translate(_ONE_LINE)
