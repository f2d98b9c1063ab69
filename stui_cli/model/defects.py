"""What Smalltalks are known to answer wrongly, whatever agent is in them: the one table of it.

Each row was measured in every version at the ends of its range. The doctor runs the expressions; other commands only
look up what is known of a dialect and version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Defect(NamedTuple):
    """In the versions `first` to `last` of `dialect`, both included, `expression` does not print as `right`. `means`
    tells its user what to expect of it, and what to write instead."""

    name: str
    dialect: str
    first: str
    last: str
    expression: str
    right: str
    means: str


DEFECTS: Final = (
    Defect(
        "wrong products beyond 2 to the 62nd",
        "gst",
        "3.2.5",
        "3.2.5",
        "21 factorial",
        "51090942171709440000",
        "Debian's build multiplies wrongly, and raises no error",
    ),
    Defect(
        "wrong powers beyond 2 to the 62nd",
        "gst",
        "3.2.5",
        "3.2.5",
        "2 raisedTo: 64",
        "18446744073709551616",
        "of Debian's build most are 0, and no error is raised; 1 bitShift: 64 is right",
    ),
    Defect(
        "floats that cannot be printed",
        "gst",
        "3.2.5",
        "3.2.5",
        "0.1 printString",
        "'0.1'",
        "of Debian's build most raise ZeroDivide, and large ones never end; what stui shows of a float is right",
    ),
    Defect(
        "infinite floats from 1e39 on",
        "gst",
        "3.2.5",
        "3.2.92",
        "1e100 < 1e101",
        "true",
        "a number with e has single precision; write 1d100",
    ),
    Defect(
        "no bare words in literal arrays",
        "gst",
        "3.2.5",
        "3.2.92",
        "#(red green) size",
        "2",
        "it does not compile; write #(#red #green)",
    ),
)


def known_defects(dialect: str | None, version: str | None) -> Sequence[Defect]:
    """Those of a version of a dialect; none of one whose version is no row of numbers."""
    numbers = _numbers(version or "")
    if numbers is None:
        return ()
    return [
        defect
        for defect in DEFECTS
        if defect.dialect == dialect and (_numbers(defect.first) or ()) <= numbers <= (_numbers(defect.last) or ())
    ]


def _numbers(version: str) -> tuple[int, ...] | None:
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else None
