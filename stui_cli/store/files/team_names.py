"""names/contexts and names/operations of a member of a team: as recent_names.py has them, but of no commit alone.

    head	42
    team	postgresql://db.example/team	3f9a0b6d2c1e7788 1732812011480000000.211
    default	alpha

Others change the team's store, and a move of context is no operation of it: so both files are brought up at the end of
each command, to the state that it saw and the contexts as they are kept then. The second line says of which store that
is, by the address that a person wrote, and of which contexts.msgpack. A shell that asks for the first believes the
rest: neither Tab nor a prompt ever waits for a database.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.model.state import State
from stui_cli.store.files.names_lock import names_lock
from stui_cli.store.files.recent_names import OFFERED, context_lines, line_of, lines_of, path_of, text_of_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from stui_cli.model.contexts import Context
    from stui_cli.model.operations import Operation
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home

# Another command may move meanwhile; after so many times the next command sees to it.
_TRIES = 3


def write_team_names(
    home: Home,
    disk: Disk,
    store: str,
    kept: str,
    contexts: Callable[[], Mapping[str, Context]],
    state: State,
    newer: Callable[[int], Iterable[Operation]],
) -> None:
    """Bring both files up to `state` of the store that `store` (its address, a tab and its mark) tells, and to the
    `contexts`, which are in the file `kept`. `newer` returns operations after a number, the newest first. Raises
    OSError."""
    for _ in range(_TRIES):
        of = f"team\t{store} {_version(kept)}"
        if _says_as_much(lines_of(home, "contexts"), state.head, of):
            return
        disk.make_folder(home.names)
        with names_lock(home.names) as held:
            if not held:
                return
            there = lines_of(home, "contexts")
            if _says_as_much(there, state.head, of):
                return
            same = there[1:2] != [] and there[1].startswith(f"team\t{store} ")
            if not same or there[0] != f"head\t{state.head}":
                _add_operations(home, disk, newer, _number(there[0]) if same else None)
            lines = context_lines(home, State(), state._replace(contexts=dict(contexts())), {})
            disk.replace(path_of(home, "contexts"), text_of_lines([lines[0], of, *lines[1:]]), durable=False)


def _says_as_much(there: list[str], head: int, of: str) -> bool:
    """Whether the lines are of these contexts, and of this head or a newer one: another command saw more, and was done
    first."""
    return there[1:2] == [of] and (_number(there[0]) or 0) >= head


def _add_operations(home: Home, disk: Disk, newer: Callable[[int], Iterable[Operation]], known: int | None) -> None:
    """Put what came after the operation `known` before what is there; without that make the file anew."""
    added = [line for operation in newer(known or 0) for line in line_of(operation)]
    there = {line.partition("\t")[0] for line in added}
    before = [] if known is None else lines_of(home, "operations")
    before = [line for line in before if line.partition("\t")[0] not in there]
    if added or known is None:
        disk.replace(path_of(home, "operations"), text_of_lines([*added, *before][:OFFERED]), durable=False)


def _version(kept: str) -> str:
    """Tells one content of a file from another: it is always replaced, never written to."""
    try:
        status = os.stat(kept)
    except OSError:
        return "-"
    return f"{status.st_mtime_ns}.{status.st_size}"


def _number(line: str) -> int | None:
    number = line.removeprefix("head\t")
    return int(number) if number.isdecimal() else None
