"""How undo, redo and rollback tell what they did, and what cannot be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.exits import Exit
from stui_cli.model.operation_texts import operation_item, summary
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.store.reversal import Reversal


def reversal_result(reversal: Reversal, verb: str) -> Result:
    """Each operation taken back by its words, what stays and why, and how to get back what an image did.

    Partly done where something stays; refused is left to the store. Nothing at all to change is partly done too.
    """
    lines = [f"{verb} {o.number}: {summary(o.details)}" for o in reversal.taken_back]
    warnings = [*reversal.left, *(f"{lasting.what}; {lasting.todo}" for lasting in reversal.lasting)]
    items = [operation_item(reversal.operation, None)] if reversal.operation else []
    if reversal.operation is None:
        lines = ["nothing could be changed"]
    code = Exit.PARTLY_DONE if reversal.left else Exit.DONE
    return Result("operation", items, text="\n".join(lines), warnings=warnings, exit_code=code, name_key="number")
