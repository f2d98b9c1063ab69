"""What came of loaded files as a result: a line for each file, and for each piece that failed where and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.commands.many_images import names_of
from stui_cli.contract.piece import LISTED, PIECE
from stui_cli.model.errors import CodeFailed, StuiError
from stui_cli.model.exits import Exit
from stui_cli.model.phrases import About
from stui_cli.model.results import Result
from stui_cli.work.code.load import piece_items
from stui_cli.work.code.load_failures import failures_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stui_cli.work.code.load import Loads


def loaded(all_loads: Sequence[Loads], *, stops: bool) -> Result:
    """All of it; each ended at its first failure if it `stops`. What is equal in several images is told once."""
    failures = [(str(loads.target), failure) for loads in all_loads for failure in failures_of(loads)]
    done = [(str(loads.target), line) for loads in all_loads for line in _lines(loads)]
    several = len(all_loads) > 1
    errors = [_named(who, failure, several) for failure, who in _folded(failures)]
    text = "\n".join(f"{names_of(who)}: {line}" if several else line for line, who in _once(done).items())
    return Result(
        PIECE,
        [item for loads in all_loads for file in loads.files for item in piece_items(file)],
        LISTED,
        text=text,
        errors=errors,
        warnings=[*_not_loaded(all_loads), *_unknown(all_loads)],
        exit_code=_exit_code(all_loads, stops=stops),
    )


def _lines(loads: Loads) -> Iterator[str]:
    for load in loads.files:
        if load.sent:
            done = len(load.pieces) - len(load.failed)
            of = f" of {len(load.pieces)}" if load.failed else ""
            yield f"{load.file.name}: {done}{of} {'piece' if done == 1 and not of else 'pieces'} loaded"


def _not_loaded(all_loads: Sequence[Loads]) -> Iterator[str]:
    left = [(str(loads.target), load.file.name) for loads in all_loads for load in loads.files if not load.sent]
    for name, who in _once(left).items():
        yield f"not loaded after the failure: {name}" + (f" in {names_of(who)}" if len(all_loads) > 1 else "")


def _unknown(all_loads: Sequence[Loads]) -> Iterator[str]:
    """What methods name and neither the image nor a later file defines: it may be meant for later, or misspelt."""
    told: dict[tuple[str, str], list[str]] = {}
    for loads in all_loads:
        for found in _unknown_in(loads):
            told.setdefault(found, []).append(str(loads.target))
    for (place, names), who in told.items():
        text = f"{place} names what nothing defines yet: {names}" + (
            f" ({names_of(who)})" if len(all_loads) > 1 else ""
        )
        yield About.of(text, name=place, kind="pieces name what nothing defines yet", detail=names)


def _unknown_in(loads: Loads) -> Iterator[tuple[str, str]]:
    """Where it is named, and what."""
    defined = {piece.name for load in loads.files for piece in load.pieces if piece.outcome == "returned"}
    for load in loads.files:
        for piece in load.pieces:
            names = [name for name in piece.undeclared or () if name not in defined]
            if names and piece.outcome == "returned":
                yield f"{load.file.name}:{piece.line}: {piece.name}", ", ".join(names)


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
    codes = [failure.exit_code for failure in failures_of(loads)]
    if not codes:
        return Exit.DONE
    some = any(piece.outcome == "returned" for load in loads.files for piece in load.pieces)
    return Exit.PARTLY_DONE if some and not stops else codes[-1]
