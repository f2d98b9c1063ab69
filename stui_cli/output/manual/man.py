"""Pages in the macros of man(7)."""

from __future__ import annotations

from stui_cli.output.manual.blocks import BOLD, NORMAL, UNDERLINED, Level
from stui_cli.output.manual.escapes import arguments, unescaped
from stui_cli.output.manual.page import EXAMPLE, STEP, Page

_FONTS = {"B": BOLD, "I": UNDERLINED, "R": ""}


class ManPage(Page):
    """A page that begins with TH."""

    def __init__(self) -> None:
        super().__init__()
        self._example = 0

    def macro(self, name: str, rest: str) -> None:
        match name:
            case "TH":
                pass
            case "SH" | "SS":
                self.heading(Level.SECTION if name == "SH" else Level.SUBSECTION, unescaped(rest))
            case "TP":
                self.indent = self.hang = STEP
                self.await_tag()
            case "PP":
                self.end_paragraph()
                self.indent = self.hang = 0
            case "IP":
                self.end_paragraph()
                self.indent = STEP
            case "br":
                self.end_paragraph(gap=False)
            case "in":
                self._example = EXAMPLE if rest else 0
            case "nf" | "EX":
                self.begin_literal()
            case "fi" | "EE":
                self.end_literal(indent=self._example)
            case "B" | "I":
                self.text(f"{_FONTS[name]}{unescaped(' '.join(arguments(rest)))}{NORMAL}")
            case "BR" | "IR" | "RB":
                self.text(_alternating(name, arguments(rest)))
            case _:
                raise ValueError(f"unknown macro .{name}")


def _alternating(fonts: str, words: list[str]) -> str:
    """Words that stand together, in the two fonts by turns."""
    parts = (f"{_FONTS[fonts[number % 2]]}{unescaped(word)}{NORMAL}" for number, word in enumerate(words))
    return "".join(parts)
