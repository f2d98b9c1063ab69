"""Pages in the macros of mdoc(7)."""

from __future__ import annotations

from dataclasses import dataclass

from stui_cli.output.manual.blocks import BOLD, NORMAL, UNDERLINED, Level
from stui_cli.output.manual.escapes import arguments, unescaped
from stui_cli.output.manual.page import EXAMPLE, STEP, Page

# How the words after a macro look within a line.
_FONTS = {
    "Nm": BOLD,
    "Ic": BOLD,
    "Sy": BOLD,
    "Cm": BOLD,
    "Fl": BOLD,
    "Li": BOLD,
    "Xr": BOLD,
    "Ar": UNDERLINED,
    "Va": UNDERLINED,
    "Pa": UNDERLINED,
    "Sx": "",
}
_QUOTES = {
    "Dq": ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"),
    "Ql": ("\N{LEFT SINGLE QUOTATION MARK}", "\N{RIGHT SINGLE QUOTATION MARK}"),
}
_CLOSING = {".", ",", ":", ";", ")", "]", "?", "!"}
_OPENING = {"(", "[", "\N{LEFT DOUBLE QUOTATION MARK}", "\N{LEFT SINGLE QUOTATION MARK}"}


@dataclass(frozen=True)
class _List:
    """A list that is being read; `indent` is that of what is around it."""

    bullets: bool
    compact: bool
    indent: int


class MdocPage(Page):
    """A page that begins with Dd."""

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._lists: list[_List] = []

    def macro(self, name: str, rest: str) -> None:
        match name:
            case "Dd" | "Dt" | "Os":
                pass
            case "Nd":
                self.text(f"- {unescaped(rest)}")
            case "Sh" | "Ss":
                self.heading(Level.SECTION if name == "Sh" else Level.SUBSECTION, self._inline(arguments(rest)))
            case "Pp":
                self.end_paragraph()
            case "Bl":
                self._begin_list(rest)
            case "It":
                self._item(rest)
            case "El":
                self.end_paragraph()
                self.indent = self._lists.pop().indent
            case "Bd":
                self.begin_literal()
            case "Ed":
                self.end_literal(indent=EXAMPLE)
            case "Dl":
                self.begin_literal()
                self.text(unescaped(rest))
                self.end_literal(indent=EXAMPLE)
            case _ if name in _FONTS or name in _QUOTES:
                self._name = self._name or (rest if name == "Nm" else "")
                self.text(self._inline([name, *arguments(rest)]))
            case _:
                raise ValueError(f"unknown macro .{name}")

    def _begin_list(self, rest: str) -> None:
        self.end_paragraph()
        words = rest.split()
        self._lists.append(_List("-bullet" in words, "-compact" in words, self.indent))
        self.hang = 2 if "-bullet" in words else STEP
        self.indent += self.hang + (EXAMPLE if "-offset" in words else 0)

    def _item(self, rest: str) -> None:
        innermost = self._lists[-1]
        self.hang = 2 if innermost.bullets else STEP
        self.tagged("\N{BULLET}" if innermost.bullets else self._inline(arguments(rest)), gap=not innermost.compact)

    def _inline(self, words: list[str]) -> str:
        """The words of a line, each in the style of the macro before it; a quotation ends before the last stops."""
        end = len(words)
        while end and words[end - 1] in _CLOSING:
            end -= 1
        text, macro, since, quote = "", "", 0, ""
        for number, word in enumerate(words[:end]):
            if word in _QUOTES:
                opening, quote = _QUOTES[word]
                text = _joined(text, opening)
            elif word in _FONTS:
                macro, since = word, number
                if macro == "Nm" and (number + 1 == end or words[number + 1] in _CLOSING):
                    text = _joined(text, f"{BOLD}{self._name}{NORMAL}")
            elif word in _CLOSING:
                text += word
            elif macro == "Xr" and number == since + 2:
                text += f"({word})"
            else:
                text = _joined(text, _styled(macro, unescaped(word)))
        return text + quote + "".join(words[end:])


def _joined(text: str, word: str) -> str:
    return f"{text}{word}" if not text or text[-1] in _OPENING else f"{text} {word}"


def _styled(macro: str, word: str) -> str:
    font = _FONTS.get(macro, "")
    word = f"-{word}" if macro == "Fl" else word
    return f"{font}{word}{NORMAL}" if font else word
