"""The printString of a literal array, read: Smalltalks print the same array in different words.

    (1 #a 'b' (2 ) )        GNU Smalltalk        #(1 #a 'b' #(2))        the others
    ByteArray (1 2 3 )                           #[1 2 3]

Numbers, texts, symbols and characters are printed alike everywhere; they are kept as they stand.
"""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(
    r"""\s*(?:
      (?P<open> \#\( | \( | \#\[ | ByteArray\ \( )
    | (?P<close> [)\]] )
    | (?P<word>
        \#?'(?:[^']|'')*'                        # a text; a symbol that needs quotes
      | \$.                                      # a character, be it a blank
      | \#(?:[A-Za-z_][\w:.]* | [-+*/\\~<>=@,%|&?!]+)
      | -?\d+(?:\.\d+)?(?:e-?\d+)? (?![\w./])
      | (?:nil|true|false) (?![\w(])
      )
    )""",
    re.VERBOSE | re.DOTALL,
)

# How an array opens and closes in source.
_IN_SOURCE: Final = {"(": "#(", "#(": "#(", "#[": "#[", "ByteArray (": "#["}
_CLASSES: Final = {"#(": "Array", "#[": "ByteArray"}


def array_in(printed: str, class_name: str) -> str | None:
    """The literal array of that class which is printed so, as it stands in source; None for anything else."""
    words: list[str] = []
    opened: list[str] = []
    at = 0
    while (match := _WORD.match(printed, at)) is not None:
        at = match.end()
        if match["open"]:
            opened.append(match["open"])
            words.append(_IN_SOURCE[match["open"]])
        elif not opened:
            return None
        elif match["word"]:
            words.append(match["word"])
        else:
            opening = opened.pop()
            if (opening == "#[") != (match["close"] == "]"):
                return None
            words.append("]" if _IN_SOURCE[opening] == "#[" else ")")
            if not opened:
                whole = not printed[at:].strip() and _CLASSES[words[0]] == class_name
                return " ".join(words) if whole else None
    return None
