"""What came of loaded files as a result: a line for each file, and for each piece that failed where and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.commands.many_images import names_of
from stui_cli.contract.evaluation import error_item, value_item
from stui_cli.contract.piece import LISTED, PIECE, piece_item
from stui_cli.model.errors import CodeFailed, StuiError
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.work.talking.evaluate import printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stui_cli.protocol.code import Piece
    from stui_cli.work.code.load import FileLoad, Loads

_LINE_END = re.compile(r"\r\n|\r|\n")

# A line of a source may be endless; so much of it is shown around the place that is meant.
_LONGEST_LINE = 160


def loaded(all_loads: Sequence[Loads], *, stops: bool) -> Result:
    """All of it; each ended at its first failure if it `stops`. What is equal in several images is told once."""
    failures = [(str(loads.target), failure) for loads in all_loads for failure in _failures(loads)]
    done = [(str(loads.target), line) for loads in all_loads for line in _lines(loads)]
    several = len(all_loads) > 1
    errors = [_named(who, failure, several) for failure, who in _folded(failures)]
    text = "\n".join(f"{names_of(who)}: {line}" if several else line for line, who in _once(done).items())
    return Result(
        PIECE,
        [item for loads in all_loads for file in loads.files for item in _items(file)],
        LISTED,
        text=text,
        errors=errors,
        warnings=[*_not_loaded(all_loads), *_unknown(all_loads)],
        exit_code=_exit_code(all_loads, stops=stops),
    )


def _items(load: FileLoad) -> Iterator[dict[str, object]]:
    for piece in load.pieces:
        value, error = piece.value, piece.error
        yield piece_item(
            load.target,
            load.file.name,
            piece.kind,
            piece.name,
            piece.line,
            piece.outcome,
            value=value and value_item(printed(value), value.class_name, None, truncated=value.truncated),
            error=error and error_item(error.class_name, error.message, error.line, error.column, error.stack),
            output=piece.output or "",
        )


def _lines(loads: Loads) -> Iterator[str]:
    for load in loads.files:
        if load.sent:
            done = len(load.pieces) - len(load.failed)
            of = f" of {len(load.pieces)}" if load.failed else ""
            yield f"{load.file.name}: {done}{of} {'piece' if done == 1 and not of else 'pieces'} loaded"


def _failures(loads: Loads) -> Iterator[StuiError]:
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


def _not_loaded(all_loads: Sequence[Loads]) -> Iterator[str]:
    left = [(str(loads.target), load.file.name) for loads in all_loads for load in loads.files if not load.sent]
    for name, who in _once(left).items():
        yield f"not loaded after the failure: {name}" + (f" in {names_of(who)}" if len(all_loads) > 1 else "")


def _unknown(all_loads: Sequence[Loads]) -> Iterator[str]:
    """What methods name and neither the image nor a later file defines: it may be meant for later, or misspelt."""
    told = [(str(loads.target), line) for loads in all_loads for line in _unknown_in(loads)]
    for line, who in _once(told).items():
        yield line + (f" ({names_of(who)})" if len(all_loads) > 1 else "")


def _unknown_in(loads: Loads) -> Iterator[str]:
    defined = {piece.name for load in loads.files for piece in load.pieces if piece.outcome == "returned"}
    for load in loads.files:
        for piece in load.pieces:
            names = [name for name in piece.undeclared or () if name not in defined]
            if names and piece.outcome == "returned":
                yield f"{load.file.name}:{piece.line}: {piece.name} names what nothing defines yet: {', '.join(names)}"


def _folded(failures: Sequence[tuple[str, StuiError]]) -> Iterator[tuple[StuiError, list[str]]]:
    """Equal failures of code together; any other names its image by itself."""
    groups: dict[object, tuple[StuiError, list[str]]] = {}
    for number, (who, failure) in enumerate(failures):
        key = failure.what if isinstance(failure, CodeFailed) else number
        groups.setdefault(key, (failure, []))[1].append(who)
    return iter(groups.values())


def _named(who: Sequence[str], failure: StuiError, several: bool) -> StuiError:
    if not several or not isinstance(failure, CodeFailed):
        return failure
    return CodeFailed(f"{names_of(list(dict.fromkeys(who)))}: {failure.what}", todo=failure.todo, image=failure.image)


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Each text with all that it is true of, in the order of the first."""
    found: dict[str, list[str]] = {}
    for who, text in pairs:
        found.setdefault(text, []).append(who)
    return found


def _exit_code(all_loads: Sequence[Loads], *, stops: bool) -> Exit:
    """That of each image, if it is the same of all; else it is partly done."""
    codes = {_code(loads, stops=stops) for loads in all_loads}
    return codes.pop() if len(codes) == 1 else Exit.PARTLY_DONE


def _code(loads: Loads, *, stops: bool) -> Exit:
    """Of a load that stops at the first failure its code; of one that goes on it is partly done, if anything is."""
    codes = [failure.exit_code for failure in _failures(loads)]
    if not codes:
        return Exit.DONE
    some = any(piece.outcome == "returned" for load in loads.files for piece in load.pieces)
    return Exit.PARTLY_DONE if some and not stops else codes[-1]
