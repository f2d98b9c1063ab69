"""Foreign text made harmless: what an image sends must not steer, rewrite or hide text on a terminal.

The rule is Unicode's, not a list of known attacks: every control (C0, DEL, C1), format character (the bidi
overrides of CVE-2021-42574, zero-width characters, tags), line or paragraph separator, lone surrogate, and
what Unicode calls default ignorable is written as its escape. The variation selectors U+FE00-FE0F stay: they
pick emoji and CJK forms, and sixteen of them hide nothing. So do the spaces of other scripts.
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


def _is_hidden(point: int) -> bool:
    import unicodedata  # only when something is not printable ASCII

    return unicodedata.category(chr(point)) in _HIDDEN_CATEGORIES or any(point in part for part in _IGNORABLE)


def _escape(point: int) -> str:
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


class _Escapes(dict[int, int | str]):
    """A table for str.translate that decides about each character once."""

    def __missing__(self, point: int) -> int | str:
        self[point] = shown = _escape(point) if _is_hidden(point) else point
        return shown


_ONE_LINE: Final = _Escapes()
_MANY_LINES: Final = _Escapes({ord("\n"): "\n", ord("\t"): "\t"})
_FIELD: Final = _Escapes({ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"})


def clean(text: str, *, multiline: bool = False) -> str:
    r"""`text` with everything that a terminal would obey or hide written as \xNN, \uNNNN or \UNNNNNNNN.

    With `multiline`, line feeds and tabs stay, and the carriage returns that end lines in Smalltalk become
    line feeds: alone they would let a later line overwrite an earlier one.
    """
    if text.isascii() and text.isprintable():
        return text
    if multiline:
        return text.replace("\r\n", "\n").replace("\r", "\n").translate(_MANY_LINES)
    return text.translate(_ONE_LINE)


def escaped_field(text: str) -> str:
    r"""`text` as one TSV field: clean, with backslash, tab, newline and return as \\, \t, \n and \r.

    Unlike `clean` it loses nothing: the backslash is escaped too, so the field can be read back.
    """
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return text.translate(_FIELD)
