"""Smalltalk source with its syntax in colour, by rich and the lexer that it brings: imported only where colours are."""

from __future__ import annotations

from io import StringIO
from typing import Final

from rich.console import Console
from rich.syntax import Syntax

# Colours of the terminal's own palette: readable on a light ground and on a dark one.
_THEME: Final = "ansi_dark"


def coloured(source: str) -> str:
    """`source`, which is clean, with the terminal's codes for its colours; its lines are neither cut nor
    filled, and a tab is as many blanks as a terminal makes of it."""
    shown = Syntax("", "smalltalk", theme=_THEME, background_color="default", tab_size=8).highlight(source)
    shown.rstrip()
    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=1, soft_wrap=True, highlight=False)
    console.print(shown, soft_wrap=True, end="\n")
    return out.getvalue()
