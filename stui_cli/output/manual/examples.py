"""The examples of a command, as its manual page has them."""

from __future__ import annotations

from stui_cli.model.errors import StuiError
from stui_cli.output.manual.blocks import Paragraph, section, unmarked
from stui_cli.output.manual.pages import page_source
from stui_cli.output.manual.reading import read_page


def examples_of(path: str) -> list[tuple[str, str]]:
    """Command lines, each with what it is good for, of the command `stui images add`, say; none where its page is
    missing: help is told all the same."""
    try:
        source = page_source(f"{path.replace(' ', '-')}.1")
    except StuiError:
        return []
    blocks = section(read_page(source), "EXAMPLES")
    return [(unmarked(each.tag), unmarked(each.text)) for each in blocks if isinstance(each, Paragraph) and each.tag]
