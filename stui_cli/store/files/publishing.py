"""The commit protocol of files (DESIGN section 7): objects first, pointer last.

Under the lock: objects, synced; the operation and the new state.toml, both under names that nobody reads yet, synced,
with the folder of operations; then state.toml is replaced. That replace is the only commit point: before it nothing
happened, after it everything did. What follows it (the cache, names, the audit line) can be made again from what is
there, so its failure is a warning and does not fail the change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem
from stui_cli.model.state import State
from stui_cli.store.files.state_file import Loaded, fingerprint_of, write_cache
from stui_cli.store.files.state_text import NOTHING_RENDERED, render
from stui_cli.store.operations import encode_operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.operations import Operation
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


def begin(home: Home, disk: Disk, client_id: str) -> None:
    """Begin a store. From here on a missing state.toml means damage, not a store that was never used."""
    data, _ = render(State(client_id=client_id), NOTHING_RENDERED)
    disk.replace(home.state, data)
    disk.sync_folder(home.folder)


def publish(
    home: Home,
    disk: Disk,
    announce: Callable[[str], None],
    operation: Operation,
    state: State,
    loaded: Loaded | None,
    names_of: int | None,
    audit_mark: str | None,
) -> Loaded:
    """Write the operation, then make `state` the state; return it as it is read from now on. Objects it refers to are
    on the disk already. Raises OSError."""
    data, rendered = render(state, NOTHING_RENDERED if loaded is None else loaded.rendered())
    disk.make_folder(home.operations)
    content = encode_operation(operation, rendered.packed, audit_mark)
    disk.make_then_replace(home.operation(operation.number), content, home.state, data)
    _confirm(home, disk)
    fingerprint = fingerprint_of(data)
    try:
        write_cache(home, disk, fingerprint, rendered, names_of)
    except OSError as error:
        announce(f"warning: the change is made; {home.cache} could not be written ({error.strerror})")
    return Loaded(state, fingerprint, names_of, lambda: rendered)


def _confirm(home: Home, disk: Disk) -> None:
    try:
        disk.sync_folder(home.folder)
    except OSError as error:
        raise StoreProblem(
            f"{home.state}: the change is made, but the disk did not confirm it ({error.strerror}); "
            "a power cut now might take it back",
            todo="look at the system's log, then run stui log to see whether the change is there",
        ) from error
