"""Texts in lines of a width: nothing is lost but blanks where a line ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from stui_cli.output.cleaning import clean
from stui_cli.output.drawing import cut, folded

TEXTS = st.text(st.sampled_from("ab .:/-\u00e9\u65e5\u0301"), max_size=80).map(clean)


@given(TEXTS, st.integers(2, 30))
def test_lines_fit_and_nothing_is_lost(text: str, width: int) -> None:
    lines = folded(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        ("", [""]),
        ("two words and more", ["two words", "and more"]),
        ("tcp://127.0.0.1:54321", ["tcp://127.", "0.0.1:", "54321"]),
        ("abcdefghijklm", ["abcdefghij", "klm"]),
        ("\u65e5" * 6, ["\u65e5" * 5, "\u65e5"]),
    ],
)
def test_where_a_line_ends(text: str, lines: list[str]) -> None:
    assert folded(text, 10) == lines


def test_what_is_cut_is_as_wide_as_it_may_be() -> None:
    assert cut("\u65e5" * 6, 10, "...") == "\u65e5" * 3 + "..."
