r"""Foreign text made harmless: what an image sends must not steer, rewrite or hide text on a terminal.

What that is says model/visible.py; here it is written as its escape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

from stui_cli.model.visible import Escapes, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MANY_LINES: Final = Escapes({ord("\n"): "\n", ord("\t"): "\t"})
_ONE_LINE: Final = Escapes({ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"})
_FIELD: Final = Escapes({ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"})


def clean(text: str, *, multiline: bool = False) -> str:
    r"""`text` with everything that a terminal would obey or hide written as \xNN, \uNNNN or \UNNNNNNNN.

    With `multiline`, line feeds and tabs stay, and the carriage returns that end lines in Smalltalk become
    line feeds: alone they would let a later line overwrite an earlier one.
    """
    if not multiline:
        return visible(text)
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_MANY_LINES)


def first_line(text: str) -> str:
    """A text of many lines on one: the first that is not blank, clean, and how many more there are. Indents and tabs
    are blanks."""
    if text.isascii() and text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    first, more = clean(lines[0].rstrip().replace("\t", " ")), len(lines) - 1
    return first if not more else f"{first} +{more} line{'s' * (more > 1)}"


def on_one_line(text: str) -> str:
    r"""`text` as `clean` has it, with tabs and line ends as the letters that people know them by: \t, \n, \r."""
    return text if text.isascii() and text.isprintable() else text.translate(_ONE_LINE)


def indented(text: str) -> str:
    """The lines of `text`, clean, each further one two spaces to the right of the first: so no text from an image can
    pose as a message of stui."""
    return "\n  ".join(clean(text, multiline=True).rstrip("\n").split("\n"))


def escaped_field(text: str) -> str:
    r"""`text` as one TSV field: clean, with backslash, tab, newline and return as \\, \t, \n and \r.

    Unlike `clean` it loses nothing: the backslash is escaped too, so the field can be read back.
    """
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return text.translate(_FIELD)


def escaped_fields(texts: Sequence[str]) -> Sequence[str]:
    """Each of them as `escaped_field` has it."""
    if need_nothing(texts) and "\\" not in "".join(texts):
        return texts
    return list(map(escaped_field, texts))


def need_nothing(texts: Iterable[str]) -> bool:
    """Whether all of them can be shown as they are. Looked at together, 100,000 of them cost 1 ms and not 20."""
    together = "".join(texts)
    return together.isascii() and together.isprintable()


def are_texts(values: Iterable[object]) -> TypeGuard[Sequence[str]]:
    """Whether all of them are."""
    return all(issubclass(each, str) for each in set(map(type, values)))
