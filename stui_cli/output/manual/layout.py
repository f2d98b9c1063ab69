"""Blocks of a manual page as lines of a width."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from stui_cli.output.manual.blocks import BOLD, NORMAL, UNDERLINED, Heading, Level, Literal, Paragraph, unmarked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.output.manual.blocks import Block

# Columns before text, and before a heading within a section.
_MARGIN = 4
_SUBHEADING = 2

_LEAST = 30  # columns for text, however narrow the terminal is

# Bold and underlined are in every palette, so that a page looks the same on light and dark.
_ANSI = str.maketrans({BOLD: "\x1b[1m", UNDERLINED: "\x1b[4m", NORMAL: "\x1b[0m"})
_ASCII = str.maketrans(
    {"\N{BULLET}": "*", "\N{LEFT DOUBLE QUOTATION MARK}": '"', "\N{RIGHT DOUBLE QUOTATION MARK}": '"'}
    | {"\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{EM DASH}": "--"}
)


def laid_out(blocks: Iterable[Block], width: int, *, styled: bool = False, unicode: bool = True) -> str:
    """The text of `blocks`, `width` columns wide; `styled` for a terminal, bold and underlined."""
    lines = [line.rstrip(" ") for block in blocks for line in _lines(block, width)]
    while lines and not lines[0]:
        del lines[0]
    text = "".join(f"{line}\n" for line in lines)
    text = text if unicode else text.translate(_ASCII)
    return unmarked(text.translate(_ANSI) if styled else text)


def _lines(block: Block, width: int) -> Iterator[str]:
    match block:
        case Heading(Level.SECTION, text):
            yield from ("", f"{BOLD}{text}{NORMAL}")
        case Heading(Level.SUBSECTION, text):
            yield from ("", f"{' ' * _SUBHEADING}{BOLD}{text}{NORMAL}")
        case Heading():
            raise AssertionError(block.level)
        case Literal():
            yield from [""] if block.gap else []
            yield from (f"{' ' * (_MARGIN + block.indent)}{line}" for line in block.lines)
        case Paragraph():
            yield from [""] if block.gap else []
            yield from _paragraph(block, width)
        case _:
            assert_never(block)


def _paragraph(block: Paragraph, width: int) -> Iterator[str]:
    indent = " " * (_MARGIN + block.indent)
    lines = _filled(block.text, max(width - len(indent), _LEAST))
    if not block.tag:
        yield from (indent + line for line in lines)
        return
    before = indent[: len(indent) - block.hang]
    if len(unmarked(block.tag)) < block.hang and lines:
        lines[0] = f"{before}{block.tag}{' ' * (block.hang - len(unmarked(block.tag)))}{lines[0]}"
        yield lines[0]
        yield from (indent + line for line in lines[1:])
        return
    hanging = _filled(block.tag, max(width - len(before), _LEAST))
    yield from (f"{before}{'' if number == 0 else '    '}{line}" for number, line in enumerate(hanging))
    yield from (indent + line for line in lines)


def _filled(text: str, width: int) -> list[str]:
    """`text` broken at blanks. Each word bears its own style, so that none goes on over the end of a line."""
    lines: list[str] = []
    used = 0
    for word in _styled_words(text):
        size = len(unmarked(word))
        if lines and used + 1 + size <= width:
            lines[-1] += f" {word}"
            used += 1 + size
        else:
            lines.append(word)
            used = size
    return lines


def _styled_words(text: str) -> Iterator[str]:
    style = NORMAL
    for word in text.split():
        begun = "" if style == NORMAL else style
        marks = [letter for letter in word if letter in (BOLD, UNDERLINED, NORMAL)]
        style = marks[-1] if marks else style
        yield begun + word + ("" if style == NORMAL else NORMAL)
