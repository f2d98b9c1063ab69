"""What went wrong with files that were loaded, in words: where, what, and the line of the source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.model.errors import CodeFailed, StuiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.protocol.code import Piece
    from stui_cli.work.code.load import Loads

_LINE_END = re.compile(r"\r\n|\r|\n")

# A line of a source may be endless; so much of it is shown around the place that is meant.
_LONGEST_LINE = 160


def failures_of(loads: Loads) -> Iterator[StuiError]:
    """What went wrong in one image: with all of it, or with pieces."""
    if loads.failure is not None:
        yield loads.failure
    for load in loads.files:
        for piece in load.failed:
            told = piece_failure(load.file.name, load.file.text, piece)
            yield CodeFailed(told, todo=_advice(piece), image=load.target.image)
        if load.failure is not None:
            yield load.failure


def _advice(piece: Piece) -> str:
    """What to do where a class is missing that GNU Smalltalk has in a package of its own."""
    lacks = piece.error is not None and piece.error.message.endswith(" TestCase")
    return "load SUnit first: stui eval \"PackageLoader fileInPackage: 'SUnit'\"" if lacks else ""


def piece_failure(file: str, text: str, piece: Piece) -> str:
    """Where, what, and the line of the source with a mark below the place."""
    problem = piece.error
    kind = "did not compile" if piece.outcome == "not_run" else "raised"
    if problem is None:
        return f"{file}:{piece.line}: {piece.name or piece.kind}: {piece.outcome} without an error"
    line = problem.line or piece.line
    where = f"{file}:{line}" + (f":{problem.column}" if problem.line and problem.column else "")
    told = f"{where}: {f'{piece.name} ' if piece.name else ''}{kind}: {problem.class_name}: {problem.message}"
    told += _source_line(text, line, problem.column if problem.line else None)
    return told + "".join(f"\n{frame}" for frame in problem.stack)


def _source_line(text: str, line: int, column: int | None) -> str:
    lines = _LINE_END.split(text)  # as agents count them
    if not 1 <= line <= len(lines):
        return ""
    shown = lines[line - 1].expandtabs(1)
    start = 0
    if len(shown) > _LONGEST_LINE:
        start = max(0, min((column or 1) - _LONGEST_LINE // 2, len(shown) - _LONGEST_LINE))
    told = f"\n{shown[start : start + _LONGEST_LINE]}"
    if column is None or column > len(lines[line - 1]) + 1:
        return told
    return f"{told}\n{' ' * max(0, column - 1 - start)}^"
