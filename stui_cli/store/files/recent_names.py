"""names/contexts and names/operations: what a shell reads, with no process, for its prompt and for numbers at Tab.

    head	42                                   names/contexts, written at each commit
    default	alpha
    terminal:LEADER:STARTED:BOOT:PLACE	alpha/work

    41	added image beta                          names/operations, written at each commit but a switch

A context whose image or session does not exist stands there with nothing behind the tab. The head says how far both
files are: it is written last, so that what a killed process left out is noticed by the next commit, and made anew.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.model.operations import Kind
from stui_cli.store.files.disk import read_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.contexts import Context
    from stui_cli.model.operations import Operation
    from stui_cli.model.state import State
    from stui_cli.store.backend import Backend
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home

# How many operations are offered. Older ones are named by number all the same.
_OFFERED = 50

# How many are read for them where the file has to be made anew: most may be switches.
_READ = 250

_LONGEST_SUMMARY = 70


def read_contexts(home: Home) -> dict[str, str]:
    """What each scope means, as IMAGE or IMAGE/SESSION; "" for what does not exist. {} where there is no such file."""
    return dict(line.split("\t", 1) for line in _lines_of(home, "contexts") if "\t" in line and line[:5] != "head\t")


def read_operation_lines(home: Home) -> list[tuple[str, str]]:
    """The numbers of the newest operations with what each did, switches left out; [] where there is no such file."""
    return [
        (number, did) for number, tab, did in (each.partition("\t") for each in _lines_of(home, "operations")) if tab
    ]


def write_recent_names(home: Home, disk: Disk, backend: Backend, newest: Operation, state: State) -> None:
    """Bring both files up to `newest`, which made `state`. Raises OSError."""
    disk.make_folder(home.names)
    goes_on = _lines_of(home, "contexts")[:1] == [f"head\t{newest.number - 1}"]
    if not goes_on or newest.details.kind is not Kind.SWITCH:
        before = _lines_of(home, "operations") if goes_on else list(_operation_lines(backend, newest.number - 1))
        lines = [*_line_of(newest), *before][:_OFFERED]
        disk.replace(_path(home, "operations"), _text(lines), durable=False)
    disk.replace(_path(home, "contexts"), _text(_context_lines(home, state)), durable=False)


def _context_lines(home: Home, state: State) -> list[str]:
    """The default comes first: it is what most terminals mean."""
    sessions = b""
    if any(context.target.session for context in state.contexts.values()):
        try:
            sessions = b"\n" + read_plain(_path(home, "sessions"))
        except OSError:
            sessions = b""
    lines = [f"{scope}\t{_there(context, state, sessions)}" for scope, context in sorted(state.contexts.items())]
    return [f"head\t{state.head}", *lines]


def _there(context: Context, state: State, sessions: bytes) -> str:
    """The target of a context; "" if it does not exist. `sessions` is names/sessions, with a line end before it."""
    target = context.target
    if target.image not in state.images:
        return ""
    if target.session is not None and f"\n{target}\n".encode("utf-8", "replace") not in sessions:
        return ""
    return str(target)


def _operation_lines(backend: Backend, head: int) -> Iterator[str]:
    from stui_cli.store.problems import Damaged, Newer, NoOperation

    for number, _ in zip(backend.list_operations(head), range(_READ), strict=False):
        try:
            yield from _line_of(backend.read_operation(number).operation)
        except (Damaged, Newer, NoOperation):
            continue


def _line_of(operation: Operation) -> Iterator[str]:
    """One line, none for a switch."""
    if operation.details.kind is Kind.SWITCH:
        return
    from stui_cli.model.operation_texts import summary
    from stui_cli.model.visible import visible

    did = visible(summary(operation.details))
    yield f"{operation.number}\t{did if len(did) <= _LONGEST_SUMMARY else did[: _LONGEST_SUMMARY - 1] + '…'}"


def _lines_of(home: Home, name: str) -> list[str]:
    try:
        return read_plain(_path(home, name)).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _path(home: Home, name: str) -> str:
    return os.path.join(home.names, name)
