"""The commit protocol (DESIGN section 7): objects first, pointer last.

Under the lock: objects, synced; the operation, synced, with its folder; then state.toml is replaced. That replace
is the only commit point: before it nothing happened, after it everything did. What follows it (the cache, names,
the audit line) can be made again from what is there, so its failure is told and does not fail the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.model.contexts import DEFAULT_SCOPE
from stui_cli.model.errors import StoreProblem
from stui_cli.model.ids import fresh_id
from stui_cli.model.operations import Kind, Operation
from stui_cli.model.state import State
from stui_cli.store.files.disk import read_plain
from stui_cli.store.files.state_file import Loaded, Rendered, load, render, write_cache
from stui_cli.store.operations import encode_operation, pack_state

if TYPE_CHECKING:
    from stui_cli.model.contexts import Context
    from stui_cli.model.images import Image
    from stui_cli.model.operations import Details
    from stui_cli.model.sessions import Checkpoint, Session
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home
    from stui_cli.store.objects import Shard
    from stui_cli.store.place import Place

Change = Callable[["Draft"], "Details"]


class Draft:
    """What a change works on. `state` is the state as read under the lock; `images` and `contexts` are the caller's
    to change, `now` is the time of the operation in ms. With `counts` set the change is an operation even if nothing
    differs after it."""

    def __init__(self, state: State, home: Home, disk: Disk, now: int) -> None:
        self.state = state
        self.images: dict[str, Image] = dict(state.images)
        self.contexts: dict[str, Context] = dict(state.contexts)
        self.now = now
        self.counts = False
        self._home = home
        self._disk = disk
        self._shards: dict[str, str] = dict(state.shards)
        self._opened: dict[str, tuple[Shard, dict[str, Session]]] = {}
        self._objects: dict[str, bytes] = {}
        self._order: tuple[str, ...] = ()

    def sessions(self, image_id: str) -> dict[str, Session]:
        """The sessions of one image by name, to be changed in place. Raises Damaged if they cannot be read: a change
        must not replace what repair may still restore."""
        if image_id not in self._opened:
            from stui_cli.store.objects import empty_shard, read_shard

            sha256 = self._shards.get(image_id)
            shard = read_shard(self._home, self._disk, image_id, sha256) if sha256 else empty_shard(image_id)
            self._opened[image_id] = (shard, dict(shard.sessions))
        return self._opened[image_id][1]

    def drop_sessions(self, image_id: str) -> None:
        """Forget all sessions of an image, without reading them."""
        self._opened.pop(image_id, None)
        self._shards.pop(image_id, None)

    def sessions_from(self, shard: Shard) -> None:
        """Let an image's sessions be those of an earlier shard, whatever they are now: for repair."""
        from stui_cli.store.objects import empty_shard

        before = empty_shard(shard.image_id)
        before.extra = shard.extra
        self._opened[shard.image_id] = (before, dict(shard.sessions))

    def order_shards(self, image_ids: Iterable[str]) -> None:
        """Let the sessions of these images stand before those of others, in this order, as in an earlier state."""
        self._order = tuple(image_ids)

    def put(self, checkpoint: Checkpoint) -> str:
        """Store a checkpoint with this commit; answers the sha256 for the session's record to refer to."""
        from stui_cli.model.digest import sha256_hex
        from stui_cli.store.objects import encode_checkpoint

        data = encode_checkpoint(checkpoint)
        sha256 = sha256_hex(data)
        self._objects[sha256] = data
        return sha256

    def finish(self, is_gone: Callable[[str], bool] | None) -> tuple[State, dict[str, bytes]] | None:
        """The new state and the new objects by sha256; None if nothing changed.

        Contexts whose scope is gone (a terminal that was closed) go with the change.
        """
        shards: Mapping[str, str] = self._finished_shards()
        state = self.state
        # What did not change stays the same map: what follows a commit sees without comparing that it is.
        images = state.images if self.images == state.images else self.images
        contexts = state.contexts if self.contexts == state.contexts else self.contexts
        shards = state.shards if shards == state.shards else shards
        unchanged = images is state.images and contexts is state.contexts and shards is state.shards
        if unchanged and not self.counts:
            return None
        if is_gone is not None:
            contexts = {s: c for s, c in contexts.items() if s == DEFAULT_SCOPE or not is_gone(s)}
        client_id = state.client_id or fresh_id()
        return State(state.head + 1, client_id, images, contexts, shards, state.extra), self._objects

    def _finished_shards(self) -> dict[str, str]:
        shards = dict(self._shards)
        for image_id, (shard, sessions) in self._opened.items():
            if sessions == shard.sessions:
                continue
            if not sessions:
                shards.pop(image_id, None)
                continue
            from stui_cli.model.digest import sha256_hex
            from stui_cli.store.objects import encode_shard

            data = encode_shard(image_id, sessions, shard.extra)
            shards[image_id] = sha256_hex(data)
            self._objects[shards[image_id]] = data
        return {image_id: shards[image_id] for image_id in (*self._order, *shards) if image_id in shards}


class Committed:
    """A change that is done: its operation, the state before it and the one it made.

    `names_of` is the operation that the names for completion should be of now, `names_before` the one before; None
    where that is not known, and they are to be made anew.
    """

    __slots__ = ("before", "names_before", "names_of", "operation", "state")

    def __init__(
        self, operation: Operation, before: State, state: State, names_of: int | None, names_before: int | None
    ) -> None:
        self.operation = operation
        self.before = before
        self.state = state
        self.names_of = names_of
        self.names_before = names_before


def commit(
    place: Place, change: Change, is_gone: Callable[[str], bool] | None = None, known: Loaded | None = None
) -> Committed | None:
    """Run `change` on the state as it is now and make the result the new state; None if nothing changed.

    `known` is what was read before the lock was held; it is read again unless state.toml is still the same.
    The caller holds the lock. An exception from `change` means that nothing happened. Raises OSError where
    nothing could be written, Damaged where the store has to be repaired first.
    """
    home, disk = place.home, place.disk
    loaded = load(home, disk, known)
    before = State() if loaded is None else loaded.state
    draft = Draft(before, home, disk, place.clock())
    details = change(draft)
    finished = draft.finish(is_gone)
    if finished is None:
        return None
    state, objects = finished
    operation = Operation(state.head, before.head or None, draft.now, place.actor, details)
    write_objects(home, disk, objects)
    if loaded is None:
        _found(home, disk, state.client_id)
    names_before = None if loaded is None else loaded.names_of
    same = names_before is not None and state.images is before.images and state.shards is before.shards
    names_of = names_before if same else state.head
    publish(place, operation, state, loaded, names_of)
    return Committed(operation, before, state, names_of, names_before)


def write_objects(home: Home, disk: Disk, objects: dict[str, bytes]) -> None:
    """Put new objects on the disk, to stay. Until a state refers to them they are litter."""
    if not objects:
        return
    from stui_cli.store.objects import write_object

    disk.make_folder(home.objects)
    for sha256, data in objects.items():
        write_object(home, disk, sha256, data)
    disk.sync_folder(home.objects)


def publish(place: Place, operation: Operation, state: State, loaded: Loaded | None, names_of: int | None) -> None:
    """Write the operation, then make `state` the state. Objects it refers to are on the disk already."""
    home, disk = place.home, place.disk
    before = Rendered(State(), {}, {}, "") if loaded is None else loaded.rendered()
    data, rendered = render(state, before)
    packed = pack_state(state)
    disk.make_folder(home.operations)
    path = home.operation(operation.number)
    try:
        disk.replace(path, encode_operation(operation, packed, _audit_mark(home, operation)))
        disk.sync_folder(home.operations)
        disk.replace(home.state, data)
    except BaseException:
        with suppress(OSError):
            disk.remove(path)
        raise
    _confirm(home, disk)
    _keep_cache(place, data, rendered, packed, names_of)


def _audit_mark(home: Home, operation: Operation) -> str | None:
    """The mark of the audit log as it is now. A switch leaves its line to the next change, and has to be quick."""
    if operation.details.kind is Kind.SWITCH:
        return None
    try:
        return read_plain(home.audit_mark).decode("ascii", "replace")
    except OSError:
        return None


def _found(home: Home, disk: Disk, client_id: str) -> None:
    """Begin a store. From here on a missing state.toml means damage, not a store that was never used."""
    data, _ = render(State(client_id=client_id), Rendered(State(), {}, {}, ""))
    disk.replace(home.state, data)
    disk.sync_folder(home.folder)


def _confirm(home: Home, disk: Disk) -> None:
    try:
        disk.sync_folder(home.folder)
    except OSError as error:
        raise StoreProblem(
            f"{home.state}: the change is made, but the disk did not confirm it ({error.strerror}); "
            "a power cut now might take it back",
            todo="look at the system's log, then run stui log to see whether the change is there",
        ) from error


def _keep_cache(place: Place, data: bytes, rendered: Rendered, packed: bytes, names_of: int | None) -> None:
    try:
        write_cache(place.home, place.disk, data, rendered, packed, names_of)
    except OSError as error:
        place.announce(f"warning: the change is made; {place.home.cache} could not be written ({error.strerror})")
