"""How undo, redo and rollback tell what they did, and what cannot be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.operation import OPERATION, operation_item
from stui_cli.model.contexts import DEFAULT_SCOPE
from stui_cli.model.exits import Exit
from stui_cli.model.operation_texts import summary
from stui_cli.model.results import Result
from stui_cli.work.meant.terminals import scope_words

if TYPE_CHECKING:
    from stui_cli.store.undo.results import Move, Reversal


def reversal_result(reversal: Reversal, verb: str, terminal: str | None) -> Result:
    """Each operation taken back by its words, what stays and why, and how to get back what an image did.

    Partly done where something stays; refused is left to the store. Nothing at all to change is partly done too.
    `terminal` is the scope of this one: that another moved, its user will wonder about.
    """
    lines = [f"{verb} {o.number}: {summary(o.details)}" for o in reversal.taken_back]
    moves = [move for move in reversal.moves if move.scope not in (terminal, DEFAULT_SCOPE)]
    lines += [_move_words(move, terminal) for move in reversal.moves if move not in moves]
    warnings = [
        *reversal.left,
        *(_move_words(move, terminal) for move in moves),
        *(f"{lasting.what}; {lasting.todo}" for lasting in reversal.lasting),
    ]
    items = [operation_item(reversal.operation, None)] if reversal.operation else []
    if reversal.operation is None:
        lines = ["nothing could be changed" if reversal.left else "nothing was to be changed: all is as it was then"]
    elif reversal.unchanged:
        lines[-1] += " (all is so already)"
    code = Exit.PARTLY_DONE if reversal.left else Exit.DONE
    return Result(OPERATION, items, text="\n".join(lines), warnings=warnings, exit_code=code)


def _move_words(move: Move, terminal: str | None) -> str:
    where = scope_words(move.scope, terminal)
    if move.after is None:
        return f"{where} has no context any more (it was {move.before})"
    return f"{where} is {move.after} again" + (f", no longer {move.before}" if move.before else "")
