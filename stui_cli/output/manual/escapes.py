"""The escapes and arguments of a line of roff."""

from __future__ import annotations

import re

from stui_cli.output.manual.blocks import BOLD, FIXED_BLANK, NORMAL, UNDERLINED

_CHARACTERS = {"aq": "'", "ha": "^", "ti": "~", "dq": '"', "em": "\N{EM DASH}", "en": "\N{EN DASH}", "bu": "\N{BULLET}"}
_FONTS = {"B": BOLD, "I": UNDERLINED, "R": NORMAL, "P": NORMAL}
_SINGLE = {"-": "-", "e": "\\", "&": "", " ": FIXED_BLANK, "~": FIXED_BLANK, "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:f([BIRP])|\((..)|(.))")
_ARGUMENT = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|((?:\\.|\S)+)')


def unescaped(text: str) -> str:
    """`text` as it is read, with marks of style. Raises ValueError for an escape that no page of ours uses."""
    return _ESCAPE.sub(_meaning, text)


def _meaning(found: re.Match[str]) -> str:
    font, character, single = found.groups()
    table, key = (_FONTS, font) if font else (_CHARACTERS, character) if character else (_SINGLE, single)
    if key not in table:
        raise ValueError(f"unknown escape {found[0]}")
    return table[key]


def arguments(text: str) -> list[str]:
    """The words of a macro's line; quotes hold several together."""
    return [quoted.replace('""', '"') if quoted or not word else word for quoted, word in _ARGUMENT.findall(text)]
