"""What a manual page consists of, and how the style of its words is marked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

# One character each, so that a text is cut, joined and measured as any other.
BOLD, UNDERLINED, NORMAL = "\x01", "\x02", "\x03"

# A blank at which no line is broken.
FIXED_BLANK = "\xa0"


class Level(IntEnum):
    """How large a heading is."""

    SECTION = 1
    SUBSECTION = 2


@dataclass(frozen=True)
class Heading:
    """The title of what follows."""

    level: Level
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Text to be filled, `indent` columns in. A `tag` stands before it, `hang` columns further left."""

    text: str
    indent: int = 0
    tag: str = ""
    hang: int = 0
    gap: bool = True  # an empty line before it


@dataclass(frozen=True)
class Literal:
    """Lines as they stand."""

    lines: tuple[str, ...]
    indent: int = 0
    gap: bool = True


Block = Heading | Paragraph | Literal


def unmarked(text: str) -> str:
    """`text` without the marks of its style."""
    for mark in (BOLD, UNDERLINED, NORMAL):
        text = text.replace(mark, "")
    return text.replace(FIXED_BLANK, " ")


def section(blocks: list[Block], title: str) -> list[Block]:
    """The section of that title, with its heading; empty where there is none."""
    found: list[Block] = []
    inside = False
    for block in blocks:
        if isinstance(block, Heading) and block.level is Level.SECTION:
            inside = unmarked(block.text) == title
        if inside:
            found.append(block)
    return found
