"""Sentences with points in time in them, which a program reads as RFC 3339 and a person as ages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from stui_cli.model.times import Moment


class From:
    """That something holds from a moment on, which is to come; None where nobody can write it."""

    def __init__(self, at: Moment | None) -> None:
        self.at = at

    def __str__(self) -> str:
        return f"from {self.at} on"


class Phrase(str):
    """A sentence. As the text that it is, which JSON, files and plans have, its moments are written as such; in `parts`
    they still are moments, so that `stui_cli.output` can tell how long ago they were."""

    parts: tuple[str | Moment | From, ...]

    def __new__(cls, *parts: str | Moment | From | None) -> Self:
        """One of its parts in order; a phrase among them is taken apart. None is a time that nobody can write."""
        flat: list[str | Moment | From] = []
        for part in parts:
            flat += part.parts if isinstance(part, Phrase) else ["None"] if part is None else [part]
        made = super().__new__(cls, "".join(map(str, flat)))
        made.parts = tuple(flat)
        return made


class About(Phrase):
    """A sentence about one of several things, such as an image. A program reads each; people read those of one `kind`
    in one line: `3 images were not asked: alpha, beta, gamma`, with the `detail` of each behind its `name`."""

    kind: str
    name: str
    detail: str

    @classmethod
    def of(cls, *parts: str | Moment | From | None, name: str, kind: str, detail: str = "") -> About:
        """The sentence in its parts, for where it stands alone; `kind` is what is said of many of them."""
        made = cls(*parts)
        made.kind, made.name, made.detail = kind, name, detail
        return made
