"""Lines of source put together to pieces."""

from __future__ import annotations

import pytest

from stui_cli.model.whole_source import OpenPiece


def pieces_of(lines: list[str]) -> list[str]:
    piece = OpenPiece()
    return [whole for whole in (*map(piece.fed, lines), piece.rest()) if whole is not None]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("3 + 4\n\n  \n5", ["3 + 4", "5"]),
        ("1 to: 3 do: [:i |\n  x := i\n]\nx", ["1 to: 3 do: [:i |\n  x := i\n]", "x"]),
        ("#(1\n2) size", ["#(1\n2) size"]),
        ("{1.\n\n2}\n7", ["{1.\n\n2}", "7"]),
        ("'it''s\n\n [fine'\n3", ["'it''s\n\n [fine'", "3"]),
        ('"don\'t (\nmind" 3\n4', ['"don\'t (\nmind" 3', "4"]),
        ("$' value\n$[ value\n$( , $\"\n1", ["$' value", "$[ value", '$( , $"', "1"]),
        ("3)\n(4)", ["3)", "(4)"]),
        ("[3\n4", ["[3\n4"]),
        ("''\n'a'", ["''", "'a'"]),
    ],
)
def test_a_line_goes_on_while_something_is_open(text: str, pieces: list[str]) -> None:
    assert pieces_of(text.split("\n")) == pieces


def test_many_lines_of_one_piece_take_no_time() -> None:
    (piece,) = pieces_of(["[", *["x := x + (1)."] * 100_000, "]"])
    assert piece.count("\n") == 100_001
