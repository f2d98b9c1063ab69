"""A change: what it works on, and how it is committed (DESIGN section 7).

Objects first, then the operation, and the head last: the swap of the head is the only commit point. Before it nothing
happened, after it everything did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from stui_cli.model.contexts import DEFAULT_SCOPE
from stui_cli.model.operations import Kind, Operation
from stui_cli.model.state import State
from stui_cli.store.problems import Overtaken

if TYPE_CHECKING:
    from stui_cli.model.contexts import Context
    from stui_cli.model.images import Image
    from stui_cli.model.operations import Actor, Details
    from stui_cli.model.sessions import Checkpoint, Session
    from stui_cli.store.backend import Backend
    from stui_cli.store.objects import Shard

Change = Callable[["Draft"], "Details"]


class Place:
    """What every part of the store needs to do its work: what keeps the store, who acts, what time it is (ms), how to
    announce to a person, and for how many seconds to go on where others are quicker. A plain class, as Committed is:
    two named tuples would cost every change 0.2 ms."""

    __slots__ = ("actor", "announce", "backend", "clock", "patience")

    def __init__(
        self,
        backend: Backend,
        actor: Actor,
        clock: Callable[[], int],
        announce: Callable[[str], None],
        patience: float,
    ) -> None:
        self.backend = backend
        self.actor = actor
        self.clock = clock
        self.announce = announce
        self.patience = patience


class Draft:
    """What a change works on. `state` is the state as read under the lock; `images` and `contexts` are the caller's
    to change, `now` is the time of the operation in ms. With `counts` set the change is an operation even if nothing
    differs after it."""

    def __init__(self, state: State, backend: Backend, now: int) -> None:
        self.state = state
        self.images: dict[str, Image] = dict(state.images)
        self.contexts: dict[str, Context] = dict(state.contexts)
        self.now = now
        self.counts = False
        self._backend = backend
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
            shard = read_shard(self._backend, image_id, sha256) if sha256 else empty_shard(image_id)
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
        """Store a checkpoint with this commit; return the sha256 for the session's record to refer to."""
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
        return State(
            state.head + 1, state.client_id or _fresh_client_id(), images, contexts, shards, state.extra
        ), self._objects

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
        if not self._order or self._order == tuple(shards):
            return shards
        return {image_id: shards[image_id] for image_id in (*self._order, *shards) if image_id in shards}


def _fresh_client_id() -> str:
    from stui_cli.model.ids import fresh_id  # once in the life of a store

    return fresh_id()


class Committed:
    """A change that is done: its operation, the state before it and the one it made. Where a person's contexts are no
    part of the store and nothing else changed, the head is the same after it: the log has no such operation."""

    __slots__ = ("before", "operation", "state")

    def __init__(self, operation: Operation, before: State, state: State) -> None:
        self.operation = operation
        self.before = before
        self.state = state


def commit(place: Place, change: Change, is_gone: Callable[[str], bool] | None = None) -> Committed | None:
    """Run `change` on the state as it is now and make the result the new state; None if nothing changed.

    Happens where nobody else writes. Where the backend cannot promise that, and the head was moved meanwhile, `change`
    is run again on what is there then. An exception from it means that nothing happened. Raises Obstructed where
    nothing could be written, Damaged where the store has to be repaired first, HeadMoved where others were always
    quicker.
    """
    try:
        return commit_once(place, change, is_gone)
    except Overtaken:
        from stui_cli.store.retrying import again

        return again(lambda: commit_once(place, change, is_gone), place.patience)


def commit_once(
    place: Place, change: Change, is_gone: Callable[[str], bool] | None = None, *, expected: int | None = None
) -> Committed | None:
    """The same, tried once. `expected` is the head that a change was made for, where it has read it before. Raises
    HeadMoved."""
    backend = place.backend
    before = backend.read_head() or State()
    if expected is not None and before.head != expected:
        from stui_cli.store.problems import HeadMoved

        raise HeadMoved(expected, before.head)
    draft = Draft(before, backend, place.clock())
    details = change(draft)
    finished = draft.finish(is_gone)
    if finished is None:
        return None
    state, objects = finished
    only_moved = not draft.counts and state.images is before.images and state.shards is before.shards
    if only_moved and backend.keep_contexts(before.contexts, state.contexts):
        unlogged = Operation(before.head, before.head or None, draft.now, place.actor, details)
        return Committed(unlogged, before, before._replace(contexts=state.contexts))
    operation = Operation(state.head, before.head or None, draft.now, place.actor, details)
    if objects:
        backend.write_objects(objects)
    # A switch leaves its audit line to the next change, and has to be quick.
    mark = None if details.kind is Kind.SWITCH else backend.audit_mark()
    backend.swap_head(operation, state, before.head, mark)
    return Committed(operation, before, state)
