"""The fields that the items of a command have, and how people may call them: what --columns, --sort and --template
take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stui_cli.model.results import Show

# The units and the like that the end of a key tells: `latency` is latency_ms.
_ENDS: Final = ("_ms", "_at", "_s")


class Fields:
    """What a command's items consist of.

    `shows` has every key with how people see its value. `parts` has the keys of those fields that are maps, where these
    are always the same. A field may be called by its key, by a heading of its column, or by its key without the unit,
    in any case, with blanks, - or _ between the words; where two fields could be meant it is the one so named first.
    """

    def __init__(
        self, shows: Mapping[str, Show], headings: Iterable[tuple[str, str]], parts: Mapping[str, Sequence[str]]
    ) -> None:
        self.shows = shows
        self.parts = parts
        self._names: dict[str, str] = {_folded(key): key for key in shows}
        for heading, key in headings:
            if heading and key in shows:
                self._names.setdefault(_folded(heading), key)
        for key in shows:
            for end in _ENDS:
                if key.endswith(end):
                    self._names.setdefault(_folded(key.removesuffix(end)), key)

    def key_of(self, word: str) -> str | None:
        """The key of the field that is called so; None where none is."""
        return word if word in self.shows else self._names.get(_folded(word))

    @property
    def names(self) -> Sequence[str]:
        """All that a field may be called, in small letters."""
        return list(self._names)


def _folded(word: str) -> str:
    return "_".join(word.casefold().replace("-", " ").replace("_", " ").split())
