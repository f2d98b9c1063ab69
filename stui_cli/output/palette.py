"""The colours of tones, for whatever ground a terminal has.

A colour has to be readable on a white ground and on a black one: nobody tells which there is. In the 256 colours of
xterm those of _MANY have a contrast of 3.8 to 1 or more with both (WCAG 2.2 asks for 3 of large text and of marks; a
test computes it). Of the usual sixteen each terminal makes its own: yellow cannot be read on white, in many neither
can what is bright, and faint (SGR 2, or bright black) is in some as good as the ground. So there trouble is magenta,
and what is faint elsewhere is as all else is. What a colour says is said by a word as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.output.looks import Tone


class Paint:
    """A colour by its number among the sixteen or the 256 of a terminal; without one it is that of all text."""

    __slots__ = ("bold", "color")

    def __init__(self, color: int | None = None, *, bold: bool = False) -> None:
        self.color = color
        self.bold = bold

    @property
    def sgr(self) -> str:
        """The parameters of Select Graphic Rendition (ECMA-48, and xterm's for 256 colours)."""
        color = "" if self.color is None else f"3{self.color}" if self.color < 8 else f"38;5;{self.color}"
        return ";".join(filter(None, ("1" if self.bold else "", color)))


_RED, _GREEN, _MAGENTA = 1, 2, 5
SIXTEEN: Final[Mapping[Tone, Paint]] = {
    "": Paint(),
    "good": Paint(_GREEN),
    "trouble": Paint(_MAGENTA),
    "bad": Paint(_RED),
    "worst": Paint(_RED, bold=True),
    "warning": Paint(_MAGENTA, bold=True),
    "faint": Paint(),
    "strong": Paint(bold=True),
    "marked": Paint(_MAGENTA),
}
MANY: Final[Mapping[Tone, Paint]] = {
    "": Paint(),
    "good": Paint(28),
    "trouble": Paint(130),
    "bad": Paint(160),
    "worst": Paint(160, bold=True),
    "warning": Paint(130, bold=True),
    "faint": Paint(243),
    "strong": Paint(bold=True),
    "marked": Paint(133),
}


def has_many_colors(environ: Mapping[str, str]) -> bool:
    """Whether the terminal has 256 colours, as TERM or COLORTERM says; all have sixteen."""
    term = environ.get("TERM", "")
    return "256color" in term or "direct" in term or environ.get("COLORTERM") in ("truecolor", "24bit")


def painted(text: str, tone: Tone, *, many: bool) -> str:
    """`text` as a terminal shows it in `tone`."""
    sgr = (MANY if many else SIXTEEN)[tone].sgr
    return f"\x1b[{sgr}m{text}\x1b[0m" if sgr else text
