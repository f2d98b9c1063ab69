"""The source of a manual page as blocks. A page of ours uses either man(7) or mdoc(7), and a part of their macros."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.output.manual.man import ManPage
from stui_cli.output.manual.mdoc import MdocPage

if TYPE_CHECKING:
    from stui_cli.output.manual.blocks import Block


def read_page(source: str) -> list[Block]:
    """The blocks of a page. Raises ValueError for a macro that no page of ours uses."""
    page = MdocPage() if "\n.Dd " in f"\n{source}" else ManPage()
    for line in source.splitlines():
        page.take(line)
    return page.finished()
