"""Where `stui eval` takes its source from, and what it says of source that a shell has taken apart."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Stui

pytestmark = pytest.mark.usefixtures("two_images")


def test_a_line_of_input_goes_on_while_something_is_open(stui: Stui) -> None:
    said = stui(
        "eval", "-i", "alpha", "-", stdin=b"3 + 4\n#(1 2) inject: 0 into: [:a :b |\n\n  a + b\n]\n'x\ny' size\n"
    )
    assert (said.code, said.out) == (0, "7\n3\n3\n")


@pytest.mark.parametrize("more", [[], ["--once", "key"]])
def test_a_failure_among_many_lines_says_which_line_it_is(stui: Stui, more: list[str]) -> None:
    lines = b"\n" + b"3\n" * 50 + b"\n'a\nb' foo\n1/0\n#(1\n"
    said = stui("eval", "-i", "alpha", "--keep-going", *more, "-", stdin=lines.replace(b"\n1/0", b"\n\n1/0"))
    places = [line.strip() for line in said.err.splitlines() if "of standard input" in line]
    assert places == [f"it is {which} of standard input" for which in ("lines 53 to 54", "line 56", "line 57")]
    hints = [each["hint"] for each in stui("eval", "-i", "alpha", "-o", "json", "-", stdin=lines).document["errors"]]
    assert hints == ["it is lines 53 to 54 of standard input"]
    slow = stui("eval", "-i", "alpha", "--time-limit", "100ms", "-", stdin=b"3\n[true] whileTrue\n")
    assert slow.err.endswith("\n  allow more with --time-limit S\n  it is line 2 of standard input\n")


def test_standard_input_is_a_file(stui: Stui, tmp_path: Path) -> None:
    script = b"| x |\nx := 3.\nx + 4\n"
    assert stui.ok("eval", "-i", "alpha", "-f", "-", stdin=script) == "7\n"
    assert stui.ok("eval", "-i", "alpha", stdin=script) == "7\n"
    (tmp_path / "a.st").write_text("1")
    assert stui.ok("eval", "-i", "alpha", "-f", str(tmp_path / "a.st"), "-f", "-", "3", stdin=b"2") == "1\n2\n3\n"
    assert stui("eval", "-i", "alpha", "-f", "-", "-f", "-", stdin=b"2").code == 2
    nothing = stui("eval", "-i", "alpha", stdin=b" \n")
    assert (nothing.code, "no expression is given" in nothing.err) == (2, True)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("eval -i alpha 3 + 4", "7"),
        ("eval 3 + 4 -i alpha", "7"),
        ("eval -i alpha 7 - 4", "3"),
        ("eval -i alpha 3 max: 4", "4"),
        ("eval -i alpha -3 abs", "3"),
        ("eval -3 abs -i alpha", "3"),
        ("eval -i alpha -3 + 4", "1"),
        ("eval -i alpha -3", "-3"),
    ],
)
def test_an_expression_without_quotation_marks_gets_a_line_to_paste(stui: Stui, line: str, value: str) -> None:
    said = stui(*line.split())
    assert (said.code, said.out) == (2, "")
    advised = said.err.partition(": stui ")[2].strip()
    assert stui.ok(*shlex.split(advised)) == f"{value}\n"


@pytest.mark.parametrize("verb", ["eval", "inspect"])
def test_a_minus_before_a_name_is_an_option_that_there_is_not(stui: Stui, verb: str) -> None:
    said = stui(verb, "-a", "3+4")
    assert (said.code, said.err) == (2, f"stui: No such option '-a'\n  see stui {verb} --help\n")


def test_pieces_that_are_expressions_run_one_by_one(stui: Stui) -> None:
    assert stui.ok("eval", "-i", "alpha", "3", "4 + 5", "#+") == "3\n9\n#+\n"


@pytest.mark.parametrize("option", ["--time-limit", "--print-limit"])
def test_bounds_stand_in_the_help_and_are_checked_first(stui: Stui, option: str) -> None:
    text = " ".join(stui.ok("eval", "--help").split())
    assert "From 1ms to 24h." in text
    assert "1<=x<=1048576" in text
    for wrong in ("0", "999999999"):
        said = stui("eval", "-i", "nobody", option, wrong, "3")
        assert (said.code, option in said.err) == (2, True)
