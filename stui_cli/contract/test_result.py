"""A test that ran in an image, as an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import Column, ItemKind, Show

if TYPE_CHECKING:
    from collections.abc import Sequence

TEST: Final = ItemKind(
    "test",
    {
        "name": Show.TEXT,
        "image": Show.TEXT,
        "class": Show.TEXT,
        "selector": Show.TEXT,
        "outcome": Show.TEXT,
        "message": Show.LINES,
        "stack": Show.TEXT,
        "output": Show.LINES,
        "elapsed_ms": Show.MILLISECONDS,
    },
)

LISTED: Final = (
    Column("name", "TEST"),
    Column("outcome", "OUTCOME"),
    Column("elapsed_ms", "TOOK", Show.MILLISECONDS),
    Column("image", "IMAGE"),
    Column("message", "MESSAGE", Show.LINES),
)


def result_item(
    image: str,
    class_name: str,
    selector: str,
    outcome: str,
    *,
    message: str | None,
    stack: Sequence[str],
    output: str,
    elapsed_ms: int,
) -> dict[str, object]:
    """One test: passed, failed (an assertion), error, or skipped. Its name is what `stui test` takes."""
    return {
        "name": f"{class_name}>>{selector}",
        "image": image,
        "class": class_name,
        "selector": selector,
        "outcome": outcome,
        "message": message,
        "stack": list(stack),
        "output": output,
        "elapsed_ms": elapsed_ms,
    }
