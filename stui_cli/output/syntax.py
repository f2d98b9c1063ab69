"""Smalltalk source with its syntax in colour, by rich and the lexer that it brings: imported only where colours are."""

from __future__ import annotations

from io import StringIO

from pygments.token import Comment, Error, Keyword, Literal, Name, Number, Operator, String, Token  # type: ignore[import-untyped]
from rich.console import Console
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax

from stui_cli.output.drawing import style_of
from stui_cli.output.palette import MANY, SIXTEEN


def coloured(source: str, *, many: bool = False) -> str:
    """`source`, which is clean, with the terminal's codes for its colours, of 256 if there are `many`; its lines are
    neither cut nor filled, and a tab is as many blanks as a terminal makes of it."""
    shown = Syntax("", "smalltalk", theme=_theme(many=many), tab_size=8).highlight(source)
    shown.rstrip()
    out = StringIO()
    console = Console(
        file=out,
        force_terminal=True,
        color_system="256" if many else "standard",
        width=1,
        soft_wrap=True,
        highlight=False,
    )
    console.print(shown, soft_wrap=True, end="\n")
    return out.getvalue()


def _theme(*, many: bool) -> ANSISyntaxTheme:
    """Rich's own themes have yellow and bright colours, which not every ground lets one read."""
    paints = MANY if many else SIXTEEN
    literal, marked = style_of(paints["good"]), style_of(paints["marked"])
    return ANSISyntaxTheme(
        {
            Token: Style(),
            Comment: style_of(paints["faint"]),
            Error: style_of(paints["bad"]),
            Keyword: marked,
            Operator.Word: marked,
            Name.Builtin: marked,
            Name.Class: Style(bold=True),
            Name.Function: Style(bold=True),
            Literal: literal,
            String: literal,
            Number: literal,
        }
    )
