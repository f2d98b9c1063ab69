"""Manual pages as text: mandoc says the same words."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from needs import program

from stui_cli.output.manual.blocks import Heading, section
from stui_cli.output.manual.layout import laid_out
from stui_cli.output.manual.pages import page_source
from stui_cli.output.manual.reading import read_page

PAGES = sorted((Path(__file__).resolve().parents[3] / "man").iterdir())


def words_of_mandoc() -> dict[str, list[str]]:
    """The words of each page, but for the lines at its top and bottom."""
    command = [program("mandoc"), "-T", "utf8", "-O", "width=600"]
    printed = {}
    for page in PAGES:
        done = subprocess.run([*command, str(page)], capture_output=True, text=True, check=True)
        lines = re.sub(".\b", "", done.stdout).replace("\N{EN DASH}", "-").splitlines()
        printed[page.name] = " ".join(lines[1:-1]).split()
    return printed


def test_every_page_has_the_words_that_mandoc_makes_of_it() -> None:
    ours = {page.name: laid_out(read_page(page_source(page.name)), 80).split() for page in PAGES}
    assert ours == words_of_mandoc()


@pytest.mark.parametrize("width", [40, 80])
def test_lines_are_filled_to_the_width(width: int) -> None:
    source = ".TH T 1\n.SH ONE\n" + "word \\fBbold\\fR " * 60
    lines = laid_out(read_page(source), width).splitlines()
    assert width - 6 < max(map(len, lines)) <= width


def test_no_style_goes_over_the_end_of_a_line() -> None:
    text = laid_out(read_page(".TH T 1\n.SH ONE\n\\fB" + "bold " * 40 + "\\fR end"), 60, styled=True)
    for line in text.splitlines():
        assert line.count("\x1b[1m") == line.count("\x1b[0m")
    assert "\x1b[1mbold\x1b[0m" in text


def test_a_plain_page_has_no_control_characters() -> None:
    for page in PAGES:
        text = laid_out(read_page(page_source(page.name)), 80)
        assert text.replace("\n", "").isprintable(), page.name


def test_an_ascii_terminal_gets_ascii_marks() -> None:
    source = ".Dd x\n.Sh ONE\n.Bl -bullet\n.It\n.Dq quoted .\n.El\n"
    assert laid_out(read_page(source), 80, unicode=False) == 'ONE\n    * "quoted".\n'


@pytest.mark.parametrize("line", [".Zz odd", "an \\Zescape"])
def test_what_is_not_understood_is_no_text(line: str) -> None:
    with pytest.raises(ValueError, match="unknown"):
        read_page(f".TH T 1\n{line}\n")


def test_a_section_ends_where_the_next_begins() -> None:
    found = section(read_page(page_source("stui.1")), "EXIT STATUS")
    assert [block.text for block in found if isinstance(block, Heading)] == ["EXIT STATUS"]
    assert len(found) > 10
