"""The same expressions in a real GNU Smalltalk: what it prints is what the tables say, but for the differences that are
listed with their reasons in gst_differences.txt.

Each value is printed there by pharo_printer.st, in the form of Pharo; of an error only its class is compared.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.playground.test_expressions import TABLES, rows

HERE = Path(__file__).parent
COMPARED = ("arrays", "ordered", "hashed", "values", "streams", "blocks", "exceptions")
NAMES = {
    "SystemExceptions.IndexOutOfRange": "SubscriptOutOfBounds",
    "SystemExceptions.NotFound": "NotFound",
    "SystemExceptions.EmptyCollection": "CollectionIsEmpty",
    "SystemExceptions.WrongArgumentCount": "ArgumentsCountMismatch",
    "SystemExceptions.ShouldNotImplement": "ShouldNotImplement",
    "SystemExceptions.InvalidArgument": "InvalidArgument",
}


def differences() -> dict[tuple[str, str], tuple[str, bool]]:
    """Table and expression -> the reason, and whether GNU Smalltalk may be asked at all."""
    found = {}
    reason, asked = "", True
    for line in (HERE / "gst_differences.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            asked = not line.startswith("## Not asked: ")
            reason = line.removeprefix("## ")
        elif line and not line.startswith("# "):
            table, _, source = line.partition(": ")
            found[table, source] = (reason, asked)
    return found


def printed_by_gst(table: str, path: str, folder: Path) -> dict[str, str]:
    """Expression -> what it prints in GNU Smalltalk; `nothing` for one that it does not compile, or that returns."""
    left_out = {source for (name, source), (_, asked) in differences().items() if name == table and not asked}
    asked = [row for row in rows(HERE / "expressions" / f"{table}.txt") if row.source not in left_out]
    script = folder / f"{table}.st"
    text = (HERE / "pharo_printer.st").read_text(encoding="utf-8")
    text += "".join(f"PgProbe row: {row.line} do: [{row.source.replace('!', '!!')}\n]!\n" for row in asked)
    script.write_text(text, encoding="utf-8")
    command = ["gst", "-q", str(script)]
    told = subprocess.run(
        command,
        capture_output=True,
        timeout=50,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": path},
    )
    lines = [line.partition("\t") for line in told.stdout.decode("latin-1").splitlines()]
    by_line = {number: text for number, tab, text in lines if tab and number.isdigit()}
    return {row.source: named_as_in_pharo(by_line.get(str(row.line), "nothing")) for row in asked}


def named_as_in_pharo(printed: str) -> str:
    return f"! {NAMES.get(printed[2:], printed[2:])}" if printed.startswith("! ") else printed


@pytest.mark.parametrize("table", COMPARED)
def test_gnu_smalltalk_says_the_same(table: str, gst_path: str, tmp_path: Path) -> None:
    listed = differences()
    got = printed_by_gst(table, gst_path, tmp_path)
    wrong = []
    for row in rows(HERE / "expressions" / f"{table}.txt"):
        reason, asked = listed.get((table, row.source), ("", True))
        wanted = row.printed.partition(":")[0] if row.printed.startswith("! ") else row.printed
        if asked and (got[row.source] == wanted) is bool(reason):
            wrong.append(
                f"{table}: {row.source}\n    the table  {wanted}\n    GNU says   {got[row.source]}\n    {reason}"
            )
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_difference_is_of_an_expression_that_is_there() -> None:
    there = {(table.stem, row.source) for table in TABLES for row in rows(table)}
    assert set(differences()) <= there
    assert all(reason for reason, _ in differences().values())
