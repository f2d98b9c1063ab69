"""What reading a manual page of either kind has in common: its lines become blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.output.manual.blocks import Heading, Level, Literal, Paragraph
from stui_cli.output.manual.escapes import unescaped

if TYPE_CHECKING:
    from stui_cli.output.manual.blocks import Block

# Columns by which what hangs on a tag is set in, and an example.
STEP = 8
EXAMPLE = 4


class Page:
    """What both kinds of page do as their lines are read; `macro` is the rest."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._words: list[str] = []
        self._lines: list[str] | None = None  # of a literal part
        self._tag: str | None = None
        self._waits_for_tag = False
        self._gap = True
        self.indent = 0
        self.hang = 0

    def macro(self, name: str, rest: str) -> None:
        """A line that begins with a dot."""
        raise NotImplementedError

    def take(self, line: str) -> None:
        """Read one line of source."""
        if line.startswith('.\\"') or line == ".":
            return
        if line.startswith("."):
            name, _, rest = line[1:].partition(" ")
            self.macro(name, rest)
        else:
            self.text(unescaped(line))

    def text(self, text: str) -> None:
        """Add to what is being read: a literal line, a tag, or the words of a paragraph."""
        if self._waits_for_tag:
            self._tag, self._waits_for_tag = text, False
        elif self._lines is not None:
            self._lines.append(text)
        else:
            self._words.append(text)

    def attach(self, text: str) -> None:
        """Add without a blank before."""
        if self._words:
            self._words[-1] += text
        else:
            self._words.append(text)

    def finished(self) -> list[Block]:
        """All blocks, at the end of the page."""
        self.end_paragraph()
        return self._blocks

    def end_paragraph(self, *, gap: bool = True) -> None:
        """Close what is being read. `gap`: an empty line comes before what follows."""
        self._waits_for_tag = False
        if self._words or self._tag is not None:
            hang = self.hang if self._tag is not None else 0
            self._blocks.append(Paragraph(" ".join(self._words), self.indent, self._tag or "", hang, self._gap))
            self._gap = gap
        elif self._blocks and not isinstance(self._blocks[-1], Heading):
            self._gap = self._gap or gap
        self._words, self._tag = [], None

    def heading(self, level: Level, text: str) -> None:
        self.end_paragraph()
        self.indent = self.hang = 0
        self._blocks.append(Heading(level, text))
        self._gap = False

    def begin_literal(self) -> None:
        self.end_paragraph()
        self._lines = []

    def end_literal(self, *, indent: int = 0) -> None:
        self._blocks.append(Literal(tuple(self._lines or ()), self.indent + indent, self._gap))
        self._lines = None
        self._gap = True

    def await_tag(self, *, gap: bool = True) -> None:
        """The next text is a tag."""
        self.end_paragraph(gap=gap)
        self._gap = gap and self._gap
        self._waits_for_tag = True

    def tagged(self, tag: str, *, gap: bool = True) -> None:
        """A tag, and what comes next hangs on it."""
        self.await_tag(gap=gap)
        self.text(tag)
