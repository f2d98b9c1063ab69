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

from stui_cli.store.files.disk import read_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.model.contexts import Context
    from stui_cli.model.operations import Operation
    from stui_cli.model.state import State
    from stui_cli.store.backend import Backend
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home

# How many operations are offered. Older ones are named by number all the same.
OFFERED = 50

# How many are read for them where the file has to be made anew: most may be switches.
_READ = 250

_LONGEST_SUMMARY = 70

# How lines of names/contexts begin that are of no context.
_NOT_OF_SCOPES = ("head\t", "team\t")


def read_contexts(home: Home) -> dict[str, str]:
    """What each scope means, as IMAGE or IMAGE/SESSION; "" for what does not exist. {} where there is no such file."""
    return dict(
        line.split("\t", 1) for line in lines_of(home, "contexts") if "\t" in line and line[:5] not in _NOT_OF_SCOPES
    )


def read_operation_lines(home: Home) -> list[tuple[str, str]]:
    """The numbers of the newest operations with what each did, switches left out; [] where there is no such file."""
    return [
        (number, did) for number, tab, did in (each.partition("\t") for each in lines_of(home, "operations")) if tab
    ]


def write_recent_names(
    home: Home, disk: Disk, backend: Backend, newest: Operation, before: State, after: State
) -> None:
    """Bring both files up to `newest`, which made `after` of `before`. Raises OSError."""
    from stui_cli.model.operations import Kind  # who has an operation has that already

    disk.make_folder(home.names)
    contexts = lines_of(home, "contexts")
    goes_on = contexts[:1] == [f"head\t{newest.number - 1}"]
    if not goes_on or newest.details.kind is not Kind.SWITCH:
        earlier = lines_of(home, "operations") if goes_on else list(_operation_lines(backend, newest.number - 1))
        lines = [*line_of(newest), *earlier][:OFFERED]
        disk.replace(path_of(home, "operations"), text_of_lines(lines), durable=False)
    known = dict(line.split("\t", 1) for line in contexts[1:] if "\t" in line) if goes_on else {}
    disk.replace(path_of(home, "contexts"), text_of_lines(context_lines(home, before, after, known)), durable=False)


def context_lines(home: Home, before: State, after: State, known: Mapping[str, str]) -> list[str]:
    """The default comes first: it is what most terminals mean. `known` is what the file says of `before`: the names of
    all sessions are looked through only where something else is meant by now."""
    lines = [f"head\t{after.head}"]
    sessions: bytes | None = None
    for scope, context in sorted(after.contexts.items()):
        there = known.get(scope) if _means_the_same(context, before.contexts.get(scope), before, after) else None
        if there is None:
            if sessions is None and context.target.session:
                sessions = _session_names(home)
            there = _there(context, after, sessions or b"")
        lines.append(f"{scope}\t{there}")
    return lines


def _means_the_same(context: Context, formerly: Context | None, before: State, after: State) -> bool:
    if formerly is None or context.target != formerly.target:
        return False
    old, new = before.images.get(context.target.image), after.images.get(context.target.image)
    if old is None or new is None or old.image_id != new.image_id:
        return old is new
    return before.shards.get(old.image_id or "") == after.shards.get(old.image_id or "")


def _session_names(home: Home) -> bytes:
    """names/sessions, with a line end before it."""
    try:
        return b"\n" + read_plain(path_of(home, "sessions"))
    except OSError:
        return b""


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
            yield from line_of(backend.read_operation(number).operation)
        except (Damaged, Newer, NoOperation):
            continue


def line_of(operation: Operation) -> Iterator[str]:
    """One line, none for a switch."""
    from stui_cli.model.operations import Kind

    if operation.details.kind is Kind.SWITCH:
        return
    from stui_cli.model.operation_texts import summary
    from stui_cli.model.visible import visible

    did = visible(summary(operation.details))
    yield f"{operation.number}\t{did if len(did) <= _LONGEST_SUMMARY else did[: _LONGEST_SUMMARY - 1] + '…'}"


def lines_of(home: Home, name: str) -> list[str]:
    try:
        return read_plain(path_of(home, name)).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def text_of_lines(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def path_of(home: Home, name: str) -> str:
    return os.path.join(home.names, name)
