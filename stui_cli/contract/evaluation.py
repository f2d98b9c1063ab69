"""An evaluation as an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import ItemKind, Show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.model.names import Target

# Of `value_item` and `error_item`.
PARTS: Final = {
    "value": ("print", "class", "truncated", "ref"),
    "error": ("class", "message", "line", "column", "stack"),
}

EVALUATION: Final = ItemKind(
    "evaluation",
    {
        "image": Show.TEXT,
        "session": Show.TEXT,
        "outcome": Show.TEXT,
        "value": Show.LINES,
        "error": Show.LINES,
        "output": Show.LINES,
        "output_truncated": Show.TEXT,
        "elapsed_ms": Show.MILLISECONDS,
        "incarnation": Show.TEXT,
    },
    name_key="image/session",  # where it was to run
    parts=PARTS,
)


def evaluation_item(
    target: Target,
    outcome: str,
    *,
    value: dict[str, object] | None,
    error: dict[str, object] | None,
    output: str,
    output_truncated: bool,
    elapsed_ms: int | None,
    incarnation: str | None,
) -> dict[str, object]:
    """One evaluation with its value (`value_item`) or what went wrong (`error_item`); of one that was not answered,
    what was heard of it."""
    return {
        "image": target.image,
        "session": target.session,
        "outcome": outcome,
        "value": value,
        "error": error,
        "output": output,
        "output_truncated": output_truncated,
        "elapsed_ms": elapsed_ms,
        "incarnation": incarnation,
    }


def value_item(printed: str, class_name: str, ref: int | None, *, truncated: bool) -> dict[str, object]:
    """What an evaluation returned."""
    return {"print": printed, "class": class_name, "truncated": truncated, "ref": ref}


def error_item(
    class_name: str, message: str, line: int | None, column: int | None, stack: Iterable[str]
) -> dict[str, object]:
    """What an evaluation raised, or why it did not compile."""
    return {"class": class_name, "message": message, "line": line, "column": column, "stack": list(stack)}
