r"""`--template '{name} {status}'`: one line for each item, as str.format would write it, of keys and indices alone.

Never is anything of Python reached: a field is a key of the item, then keys and indices in brackets, as
`{value[print]}`. A text of an image is made harmless before it is filled in, so its width counts as it is seen. What
is not known is blank, as wide as its format says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter
from typing import TYPE_CHECKING, Final, NamedTuple

from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Show
from stui_cli.output.cleaning import clean, on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stui_cli.model.fields import Fields
    from stui_cli.model.results import Item

_ESCAPES: Final = {"\\n": "\n", "\\t": "\t", "\\\\": "\\"}
_PLACE: Final = re.compile(r"([^.\[\]]*)((?:\[[^\[\]]+\])*)")

# The format specification of Python's manual, without `c`, which makes control characters of numbers, and with bounds:
# nobody reads a cell of a million characters.
_FORMAT: Final = re.compile(
    r"((?:.?[<>^=])?)[ +-]?z?#?0?(\d{0,4})[,_]?(?:\.\d{1,4})?([bdeEfFgGnosxX%]?)", re.DOTALL | re.ASCII
)
_OF_NUMBERS: Final = frozenset("bdeEfFgGnoxX%")

# What can be no number.
_TEXTS: Final = (Show.STATUS, Show.HEALTH, Show.AGE, Show.LABELS, Show.REASON, Show.CODE)

_LONGEST_INDEX: Final = 9
_LONGEST_SHOWN: Final = 40


class Hole(NamedTuple):
    """Where a value is filled in: the key of the field, what is reached below it, and the format with its parts."""

    key: str
    path: tuple[str, ...]
    spec: str
    align: str
    width: str
    letter: str

    def __str__(self) -> str:
        return f"{self.key}{''.join(f'[{step}]' for step in self.path)}"


class Template(NamedTuple):
    """Texts as they stand, and what is filled in between them."""

    parts: tuple[str | Hole, ...]

    @property
    def keys(self) -> Sequence[str]:
        return [part.key for part in self.parts if isinstance(part, Hole)]

    def lines(self, items: Sequence[Item]) -> str:
        """One line for each item. Raises UsageProblem where a format does not fit a value."""
        return "".join(map(self._line, items))

    def _line(self, item: Item) -> str:
        line = "".join(part if isinstance(part, str) else _filled(part, item) for part in self.parts)
        return line if line.endswith("\n") else f"{line}\n"


def read_template(text: str, fields: Fields) -> Template:
    """Understand `text`. Raises UsageProblem for a field that these items have not, and for what is no template."""
    return Template(tuple(_parts(text, fields)))


def _parts(text: str, fields: Fields) -> Iterator[str | Hole]:
    try:
        found = list(Formatter().parse(text))
    except ValueError as error:
        raise UsageProblem(
            f"--template {text!r} cannot be read: {error}",
            todo="write a field in braces: --template '{name} {status}'; a brace itself is written twice",
        ) from error
    for literal, name, spec, conversion in found:
        if literal:
            yield re.sub(r"\\[nt\\]", lambda match: _ESCAPES[match[0]], literal)
        if name is not None:
            yield _hole(name, spec or "", conversion, fields)


def _hole(place: str, spec: str, conversion: str | None, fields: Fields) -> Hole:
    if conversion:
        raise UsageProblem(f"--template has no conversions: !{conversion}", todo=f"write {{{place}}}")
    found = _PLACE.fullmatch(place)
    if found is None:
        raise UsageProblem(
            f"{{{place}}} is no field of a template",
            todo="what is within a field stands in brackets, as in {value[print]} or {metadata[team]}",
        )
    key = fields.key_of(found[1])
    if key is None:
        raise _unknown(found[1], fields.shows, fields.names)
    path = tuple(found[2][1:-1].split("][")) if found[2] else ()
    if path and key in fields.parts and path[0] not in fields.parts[key]:
        raise _unknown(f"{key}[{path[0]}]", [f"{key}[{part}]" for part in fields.parts[key]])
    shape = _FORMAT.fullmatch(spec)
    if shape is None or (shape[3] in _OF_NUMBERS and fields.shows[key] in _TEXTS and not path):
        raise UsageProblem(
            f"the format {spec!r} of {{{place}}} is none that can be used",
            todo="a width as {name:20}, on the right as {pid:>8}, or decimals as {latency_ms:.1f}",
        )
    return Hole(key, path, spec, shape[1], shape[2], shape[3])


def _unknown(word: str, known: Iterable[str], more: Iterable[str] = ()) -> UsageProblem:
    """Why a template cannot be filled in, with the nearest fields and all of them."""
    from stui_cli.model.names import nearest

    rest = f"fields: {', '.join(known)}"
    hint = nearest(word, known) or nearest(word.casefold(), more)
    return UsageProblem(f"there is no field {word!r}", todo=f"{hint}\n{rest}" if hint else rest)


def _filled(hole: Hole, item: Item) -> str:
    value = item.get(hole.key)
    for step in hole.path:
        value = _below(value, step)
    if value is None:
        return format("", f"{hole.align.replace('=', '>')}{hole.width}")
    try:
        return _formatted(value, hole)
    except (ValueError, OverflowError) as error:
        shown = clean(str(value))
        shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."
        raise UsageProblem(
            f"the format {hole.spec!r} does not fit {{{hole}}}, which is {shown}",
            todo=f"leave it out: {{{hole}}}; a width fits everything: {{{hole}:20}}",
        ) from error


def _below(value: object, step: str) -> object:
    """What is reached by a key or an index; None where there is nothing."""
    match value:
        case Mapping():
            return value.get(step)
        case str() | list() | tuple() if step.isascii() and step.isdecimal() and len(step) <= _LONGEST_INDEX:
            return value[int(step)] if int(step) < len(value) else None
        case _:
            return None


def _formatted(value: object, hole: Hole) -> str:
    if isinstance(value, bool):
        value = int(value) if hole.letter in _OF_NUMBERS and hole.letter else "true" if value else "false"
    if isinstance(value, int | float) and hole.letter != "s":
        return format(value, hole.spec)
    return format(_text(value), hole.spec)


def _text(value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        from stui_cli.output.structured import encoded

        return encoded(value)
    return on_one_line(str.__str__(value) if isinstance(value, str) else str(value))
