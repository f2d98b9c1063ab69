"""The tables of numbers, characters and strings, asked of a real GNU Smalltalk: what it answers otherwise is
listed with its reason in gst_differences.txt.

Values are compared, not prints: where a table says (1/2), `1 / 2 = (1/2)` has to be true there; where it says an error,
there has to be one. A selector or class that this GNU Smalltalk does not have is no difference.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from tests.playground.test_against_gst import differences
from tests.playground.test_expressions import TABLES, Row, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASKED = {"integers", "fractions", "floats", "scaled", "booleans", "characters", "strings", "symbols"}
_LITERAL = re.compile(
    r"""-?\d+(\.\d+)?(e-?\d+)?(s\d+)? | \(-?\d+/\d+\) | true | false | nil | '([^']|'')*' | \$\S | \#[\w:]+ | \#'.*'
      | \#\(.*\) | Character\ \w+""",
    re.VERBOSE,
)


def question(row: Row) -> str | None:
    """What answers true where GNU Smalltalk agrees. None for what cannot be compared."""
    if row.printed.startswith("! "):
        return f"[[{row.source}] value. false] on: Error do: [:e | e return: true]"
    if _LITERAL.fullmatch(row.printed) is None:
        return None
    return f"([{row.source}] value) = ({row.printed})"


def script(asked: list[tuple[str, str]]) -> str:
    """Each prints its number, and true, false, what was not understood, or the error's class."""
    return "".join(
        f"""| answer |
answer := [({text}) printString] on: Error do: [:e | e return: e class name, ' ', e messageText printString].
Transcript showCr: '{number} ', answer!
"""
        for number, (_, text) in enumerate(asked)
    )


def answers(path: str, asked: list[tuple[str, str]], folder: Path) -> dict[int, str]:
    file = folder / "asked.st"
    file.write_text(script(asked), encoding="utf-8")
    done = subprocess.run(
        ["gst", "-q", str(file)],
        env={"PATH": path},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    found = re.findall(r"^(\d+) (.*)$", done.stdout, re.MULTILINE)
    return {int(number): answer for number, answer in found}


def listed() -> dict[str, str]:
    """expression -> why GNU Smalltalk answers otherwise."""
    return {source: reason for (table, source), (reason, _) in differences().items() if table in ASKED}


def expressions() -> Iterator[tuple[str, str]]:
    for table in TABLES:
        if table.stem in ASKED:
            for row in rows(table):
                text = question(row)
                if text is not None:
                    yield row.source, text


def version(path: str) -> str:
    done = subprocess.run(["gst", "--version"], env={"PATH": path}, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[0].rpartition(" ")[2]


def test_gnu_smalltalk_answers_the_same_but_for_what_is_listed(gst_path: str, tmp_path: Path) -> None:
    asked = list(expressions())
    given = answers(gst_path, asked, tmp_path)
    known = listed()
    differing = {
        expression: given.get(number, "nothing: it does not compile there")
        for number, (expression, _) in enumerate(asked)
        if given.get(number) != "true" and "did not understand" not in given.get(number, "")
    }
    assert {expression: answer for expression, answer in differing.items() if expression not in known} == {}
    if version(gst_path) == "3.2.5":
        gone = [
            text for text, why in known.items() if text not in differing and not why.startswith("Only its master: ")
        ]
        assert gone == [], "these do not differ any more"
    assert len(given) > 300
