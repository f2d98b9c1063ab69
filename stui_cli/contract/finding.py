"""A finding of the doctor as an item: one case that an image's agent, this machine or the store was held against."""

from __future__ import annotations

from typing import Final

from stui_cli.model.results import Column, ItemKind, Show

FINDING: Final = ItemKind(
    "finding",
    {
        "request": Show.TEXT,
        "case": Show.TEXT,
        "verdict": Show.TEXT,
        "expected": Show.TEXT,
        "got": Show.TEXT,
        "todo": Show.TEXT,
        "rule": Show.TEXT,
        "elapsed_ms": Show.MILLISECONDS,
    },
    name_key="request/case",
)

LISTED: Final = (
    Column("request", "REQUEST"),
    Column("case", "CASE"),
    Column("verdict", "VERDICT"),
    Column("expected", "EXPECTED"),
    Column("got", "GOT"),
)

# In a table: what was found says more than what should be, which a narrow one leaves out.
LOOKED_AT: Final = (
    Column("request", "REQUEST"),
    Column("case", "CASE"),
    Column("verdict", "VERDICT"),
    Column("got", "GOT", wish=60),
    Column("expected", "EXPECTED"),
)


def finding_item(
    request: str,
    case: str,
    verdict: str,
    expected: str | None,
    got: str | None,
    *,
    todo: str | None = None,
    rule: str | None = None,
    elapsed_ms: float | None = None,
) -> dict[str, object]:
    """One verdict: passed, failed, skipped, warning or repaired. `todo` is the next step, for what is of this machine;
    `rule` is what a case of an agent shows, or what a known defect means."""
    return {
        "request": request,
        "case": case,
        "verdict": verdict,
        "expected": expected,
        "got": got,
        "todo": todo,
        "rule": rule,
        "elapsed_ms": elapsed_ms,
    }
