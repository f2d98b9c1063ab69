"""Colours that can be read on white and on black."""

from __future__ import annotations

import re

import pytest

from stui_cli.contract.code import CODE
from stui_cli.model.results import OutputMode, Result
from stui_cli.output.palette import MANY, SIXTEEN, has_many_colors, painted
from stui_cli.output.render import render

# xterm's 256 colours: a cube of six levels above the sixteen, and 24 greys.
_LEVELS = (0, 95, 135, 175, 215, 255)


def rgb(color: int) -> tuple[int, int, int]:
    if color >= 232:
        grey = 8 + 10 * (color - 232)
        return grey, grey, grey
    cube = color - 16
    return _LEVELS[cube // 36], _LEVELS[cube // 6 % 6], _LEVELS[cube % 6]


def luminance(color: tuple[int, int, int]) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    linear = [part / 255 for part in color]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in linear]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("tone", [tone for tone, paint in MANY.items() if paint.color is not None])
def test_of_256_colors_each_stands_out_from_white_and_from_black(tone: str) -> None:
    color = MANY[tone].color  # type: ignore[index]  # a tone, as its own table lists it
    assert color is not None
    assert color >= 16  # what the sixteen look like nobody knows
    light = luminance(rgb(color))
    assert 1.05 / (light + 0.05) >= 3.8
    assert (light + 0.05) / 0.05 >= 3.8


def test_of_sixteen_none_is_used_that_some_ground_hides() -> None:
    yellow, blue, cyan, white = 3, 4, 6, 7
    colors = {paint.color for paint in SIXTEEN.values()}
    assert not colors & {0, yellow, blue, cyan, white, *range(8, 16)}
    assert set(SIXTEEN) == set(MANY)


@pytest.mark.parametrize(
    ("environ", "many"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-direct"}, True),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, True),
        ({"TERM": "xterm"}, False),
        ({"TERM": "linux", "COLORTERM": ""}, False),
        ({}, False),
    ],
)
def test_who_has_256_colors(environ: dict[str, str], many: bool) -> None:
    assert has_many_colors(environ) is many


def test_as_the_terminal_gets_it() -> None:
    assert painted("a", "worst", many=True) == "\x1b[1;38;5;160ma\x1b[0m"
    assert painted("a", "worst", many=False) == "\x1b[1;31ma\x1b[0m"
    assert painted("a", "faint", many=False) == "a"


SOURCE = "at: key\n\t\"a comment\"\n\t| a |\n\ta := #(1 $a 'text' #sym).\n\t^super foo: self bar: OrderedCollection new"


@pytest.mark.parametrize("many", [False, True])
def test_source_has_the_same_colors(recorded, many: bool) -> None:
    printed = recorded(OutputMode.AUTO, color_out=True, many_colors=many)
    render(Result(CODE, [{}], text=SOURCE, is_source=True), printed.screen)
    text = printed.out.getvalue()
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == f"{SOURCE}\n".expandtabs()
    used = set(re.findall(r"\x1b\[([\d;]*)m", text)) - {"0"}
    assert "32" in used or "38;5;28" in used
    assert used <= {paint.sgr for paint in (MANY if many else SIXTEEN).values()}


def test_a_difference_is_coloured_by_line(recorded) -> None:
    printed = recorded(OutputMode.AUTO, color_out=True)
    render(Result(CODE, [{}], text="--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same", is_diff=True), printed.screen)
    strong, gone, new = (f"\x1b[{code}m{{}}\x1b[0m\n" for code in ("1", "31", "32"))
    heads = "".join(map(strong.format, ("--- a", "+++ b", "@@ -1 +1 @@")))
    assert printed.out.getvalue() == f"{heads}{gone.format('-old')}{new.format('+new')} same\n"
