"""The store as everything above it sees it: read the state, publish a change, read an object, append.

A facade: it sees to it that nobody else writes where that matters, and imports what an operation needs when it is asked
for. Importing all of it would cost `stui context` more than reading the state. What keeps the store is behind a Backend
(backend.py), which is made when it is first asked; opening.py alone knows which.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem
from stui_cli.model.state import State
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Event

    from stui_cli.model.audit import AuditEntry, AuditVerdict
    from stui_cli.model.history import Entry
    from stui_cli.model.operations import Actor, Operation
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Checkpoint, Session
    from stui_cli.model.store_facts import Facts, SetUp
    from stui_cli.store.backend import Backend
    from stui_cli.store.damage import Damage, Repaired
    from stui_cli.store.differences import Difference
    from stui_cli.store.files.configured import Settings
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home
    from stui_cli.store.operations import Logged
    from stui_cli.store.problems import Newer
    from stui_cli.store.sharing import Sharing
    from stui_cli.store.transaction import Change, Committed, Place
    from stui_cli.store.undo.results import Reversal
    from stui_cli.store.values import Pruned

# How large the history of one session may grow, in bytes, where config.toml says nothing else.
HISTORY_LIMIT = 1024 * 1024


class Once:
    """Announces each text once."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._announced: set[str] = set()

    def __call__(self, text: str) -> None:
        if text not in self._announced:
            self._announced.add(text)
            self._announce(text)


class Store:
    """The store in the folder of `home`, or of the team that it names, for one command. Making it touches nothing;
    every method may raise StoreProblem.

    `home` is where this person's own files lie, whatever keeps the store: settings, crash logs, launched images.
    `clock` returns ms since the epoch, `lock_timeout` is in seconds, `announce` gets what a person should know
    while it happens. `is_gone` says of a context's scope whether its terminal is gone; such contexts go with
    the next change. `settings` returns those that were read already, None where there is no file. With `read_only`
    everything that would write raises StoreProblem. A change passed to `commit` or `update_probes` runs where nobody
    else writes, and must not write to the store again.
    """

    def __init__(
        self,
        home: Home,
        actor: Actor,
        clock: Callable[[], int],
        *,
        read_only: bool = False,
        lock_timeout: float = 10.0,
        announce: Callable[[str], None],
        is_gone: Callable[[str], bool] | None = None,
        history_limit: int | None = None,
        settings: Callable[[], Settings | None] | None = None,
        disk: Disk | None = None,
        backend: Backend | None = None,
    ) -> None:
        self.home = home
        self._disk = disk
        self._asked_backend = backend
        self._actor = actor
        self._clock = clock
        self._read_only = read_only
        self._lock_timeout = lock_timeout
        self._announce = announce
        self._announce_once = Once(announce)
        self._is_gone = is_gone
        self._history_limit = history_limit
        self._settings: Settings | None = None
        self._seen: State | None = None
        self._settings_read = settings

    @property
    def _backend(self) -> Backend:
        """Raises UsageProblem for an address that is none, StoreProblem where a part of stui is missing."""
        if self._asked_backend is None:
            from stui_cli.store.opening import backend_of

            self._asked_backend = backend_of(self.home, self._announce_once, self._disk)
        return self._asked_backend

    @property
    def where(self) -> str:
        """What people call the place."""
        return self._backend.where

    @property
    def actor(self) -> Actor:
        """Who changes the store through this object."""
        return self._actor

    def settings(self) -> Settings:
        """What config.toml says, read once. Raises UsageProblem; keys that mean nothing are announced."""
        if self._settings is None:
            self._settings = self._read_settings()
            for warning in self._settings.warnings:
                self._announce_once(f"warning: {warning}")
        return self._settings

    def _read_settings(self) -> Settings:
        if self._settings_read is not None:
            from stui_cli.store.files.configured import Settings

            return self._settings_read() or Settings()
        from stui_cli.store.files.settings import read_settings

        return read_settings(self.home)

    def read(self, *, strict: bool = False) -> State:
        """The state as it is now, without a lock. Where the head is damaged this is announced, and it is the newest
        state that the operation log has; changes are refused then until it is mended. With `strict` that raises
        Damaged: an older state must not decide what may go."""
        try:
            state = self._backend.read_head()
        except Damaged as damage:
            if strict:
                raise
            return self._newest_sound(damage)
        self._seen = state
        return State() if state is None else state

    def read_within(self, seconds: float) -> State:
        """The same, for who must not wait: raises StoreProblem where a server takes longer."""
        from stui_cli.store.waiting import answered_within

        return answered_within(self._backend, seconds, self.read)

    def sessions(self, state: State, image_id: str, *, strict: bool = False) -> dict[str, Session]:
        """The sessions of one image by name. Where their shard is damaged this is announced, and they are what the
        operation log has of them; with `strict` it raises Damaged."""
        sha256 = state.shards.get(image_id)
        if sha256 is None:
            return {}
        from stui_cli.store.objects import read_shard

        try:
            return read_shard(self._backend, image_id, sha256).sessions
        except Damaged as damage:
            if strict:
                raise
            from stui_cli.store.salvage import newest_sound_shard

            found = newest_sound_shard(self._backend, image_id, state.head)
            self._tell(damage, f"the sessions are shown as of operation {found[0]}" if found else "it is left out")
            return found[1].sessions if found else {}

    def commit(self, change: Change) -> Committed | None:
        """Run `change` on the state as it is now and publish what it made; None if it changed nothing.

        An exception from `change` means that nothing happened, and so does StoreProblem, unless it says otherwise.
        """
        from stui_cli.store.transaction import commit

        with self._writing():
            committed = commit(self._place(), change, self._is_gone)
            if committed is not None and committed.state.head != committed.before.head:
                from stui_cli.store.aftercare import finish

                finish(self._place(), committed)
        return committed

    def checkpoint(self, sha256: str) -> Checkpoint:
        """The checkpoint that a session's record refers to. Raises Damaged if it cannot be read."""
        from stui_cli.store.objects import read_checkpoint

        return read_checkpoint(self._backend, sha256)

    def append_history(self, image_id: str, session_id: str, *entries: Entry) -> None:
        """Add evaluations to a session's history; the oldest are forgotten beyond the bound."""
        self.record(((image_id, session_id, entries),))

    def history(self, image_id: str, session_id: str) -> list[Entry]:
        """The evaluations of a session, oldest first."""
        return self._backend.read_history(image_id, session_id)

    def last_evaluations(self, image_id: str, since: Mapping[str, int]) -> dict[str, Entry]:
        """The last evaluation of each session (by id) of an image that was used after `since` (ms by id)."""
        return self._backend.last_evaluations(image_id, since)

    def record(
        self,
        histories: Sequence[tuple[str, str, Sequence[Entry]]],
        lines: Sequence[AuditEntry] = (),
        *,
        patience: float | None = None,
        durable: bool = True,
    ) -> None:
        """Add `lines` to the audit log, and entries to the histories of sessions (image id, session id, entries),
        under one lock. What of it can be written is, also where some of it cannot.

        `patience` is how long to wait for the lock at most, in seconds, where that is less than usual; raises Locked
        then. Without `durable` the audit log is left to the system to bring to the disk.
        """
        limit = self._history_limit or self.settings().history_limit or HISTORY_LIMIT
        problems: list[StoreProblem] = []

        @contextmanager
        def as_far_as_it_goes() -> Iterator[None]:
            try:
                yield
            except StoreProblem as error:
                problems.append(error)

        with self._writing(patience):
            if lines:
                with as_far_as_it_goes():
                    self._append_audit(lines, durable=durable)
            for image_id, session_id, entries in histories:
                with as_far_as_it_goes():
                    self._backend.append_history(image_id, session_id, entries, limit)
        if problems:
            raise problems[0]

    def check_recordable(self, image_id: str | None = None, session_id: str | None = None) -> None:
        """Raise StoreProblem where it can be seen that what is evaluated (in a session) would not be recorded."""
        self._backend.check_recordable(image_id, session_id)

    def append_audit(self, *entries: AuditEntry) -> None:
        """Add to the audit log, durably. Changes of the store get there by themselves."""
        self.record((), entries)

    def _append_audit(self, entries: Sequence[AuditEntry], *, durable: bool) -> None:
        from stui_cli.store.audit import append

        append(self._backend, entries, self.read().head, durable=durable)

    def audit(self, since: int | None = None) -> Iterator[AuditEntry]:
        """The audit log from `since` (ms) on, oldest first."""
        from stui_cli.store.audit import read

        yield from read(self._backend, since, self.read().head)

    def verify_audit(self) -> AuditVerdict:
        """Whether any line of the audit log was changed or removed."""
        from stui_cli.store.audit import verify

        return verify(self._backend, self.read().head)

    def probes(self, state: State | None = None) -> dict[str, ProbeRecord]:
        """What the last contact with each registered image said, by the name that it has in `state`, by default in the
        state as it is now. Takes no lock."""
        return self._backend.personal.read_probes((self.read() if state is None else state).images)

    def update_probes(
        self,
        change: Callable[[dict[str, ProbeRecord]], None],
        patience: float | None = None,
        *,
        recorded: dict[str, ProbeRecord] | None = None,
    ) -> None:
        """Change the records of the probes in place, under the lock of what is this person's own; they are by the names
        of the state as it is then, which `change` may read. `recorded` is filled before that with them as they were
        before the last contacts.

        Waits for the lock no longer than `patience` seconds where that is given. Raises Damaged where the state cannot
        be read: an older one would let go of records.
        """
        # What may take a network's time is read before: others wait for this lock, too.
        images = self.read(strict=True).images if self._backend.is_shared else None
        with self._holding_own(patience):
            images = self.read(strict=True).images if images is None else images
            self._backend.personal.update_probes(images, change, recorded)

    @property
    def sharing(self) -> Sharing | None:
        """What the monitors of a team tell each other; None where the store is one's own."""
        return self._backend.sharing

    def heard(self) -> dict[str, ProbeRecord]:
        """What another monitor of the team found and was taken over here, by the names in the state that was read
        last; {} where the store is one's own."""
        sharing = self._backend.sharing
        return {} if sharing is None or self._seen is None else sharing.heard(self._seen.images)

    def note_contact(self, image_id: str, address: str, met: Mapping[str, object]) -> None:
        """Keep what was met at the registered `address` of an image, beside the probes: without the lock and without a
        sync. `met` is the fields of a Probe as plain values."""
        if not self._read_only:
            self._backend.personal.note_contact(image_id, address, met)

    def operations(self, limit: int | None = None) -> Iterator[Operation]:
        """The operation log, newest first. One that is damaged, or a newer stui's, is announced and left out."""
        from itertools import islice

        from stui_cli.store.operation_log import sound_operations

        yield from islice(sound_operations(self._backend, self.read().head, self._tell), limit)

    def operation(self, number: int) -> Operation:
        """One operation. Raises NotFound, or Damaged."""
        return self._logged(number).operation

    def operation_state(self, number: int) -> State:
        """The state that an operation made; 0 is the empty state before the first. Raises NotFound, or Damaged."""
        return State() if number == 0 else self._logged(number).state()

    def difference(self, number: int) -> list[Difference]:
        """What an operation changed, record by record. Raises NotFound if it, or the one before, is pruned."""
        from stui_cli.store.differences import differences

        logged = self._logged(number)
        before = self.operation_state(logged.operation.parent or 0)
        return list(differences(self._backend, before, logged.state()))

    def log(self) -> Iterator[tuple[Operation, int | None]]:
        """The same, each operation with the number of the one that undid it."""
        from stui_cli.store.undo.log import with_undoers

        return with_undoers(self.operations())

    def undo(self, number: int | None = None) -> Reversal:
        """Take back one operation, the last that is not taken back yet where none is named."""
        from stui_cli.store.undo.verbs import undo

        return self._reverse(lambda: undo(self._place(), number))

    def redo(self) -> Reversal:
        """Take back the last undo."""
        from stui_cli.store.undo.verbs import redo

        return self._reverse(lambda: redo(self._place()))

    def rollback(self, number: int | None = None, *, before: int | None = None, seen: int | None = None) -> Reversal:
        """Take back everything after operation `number`, or everything from the time `before` (ms) on.

        `seen` is the last operation that a person agreed to take back: Refused if there are later ones by now.
        """
        from stui_cli.store.undo.verbs import rollback

        return self._reverse(lambda: rollback(self._place(), number, before, seen))

    def prune(self) -> Pruned:
        """Remove operations that are past their retention, and what only they needed."""
        from stui_cli.store.retention import prune

        with self._writing():
            return prune(self._place())

    def facts(self) -> Facts:
        """What can be told of the place that keeps the store."""
        return self._backend.facts()

    def set_up(self) -> SetUp:
        """Make what has to be there before the first commit, or bring what is there up to this stui."""
        with self._holding_own():
            pass  # the folder of what is this person's own
        with self._writing():
            return self._backend.set_up()

    def set_up_sql(self) -> tuple[str, str]:
        """The SQL by which a database gets what its tables lack, and that of who may do what; empty for a folder."""
        return self._backend.set_up_sql()

    def pause(self, seconds: float, ended: Event) -> bool:
        """Wait `seconds`, until `ended` is set, or until others change the store of a team, whichever comes first;
        return whether they did."""
        from stui_cli.store.waiting import pause

        return pause(self._backend, seconds, ended)

    def refresh_names(self) -> None:
        """Bring the names for completion up to what others changed: Tab must never wait for a database. Where that
        cannot be, the old ones are as good as any."""
        if self._seen is not None and self._backend.is_shared:
            from stui_cli.store.aftercare import refresh_names

            refresh_names(self._backend, self._seen)

    def damage(self) -> list[Damage]:
        """What is wrong with what is kept; reads everything, changes nothing."""
        return self._backend.find_damage()

    def repair(self) -> Repaired:
        """Restore the newest sound state, as an operation; what is damaged is set aside, never deleted."""
        with self._writing():
            return self._backend.repair(self._actor, self._clock)

    def _reverse(self, reverse: Callable[[], Reversal]) -> Reversal:
        from stui_cli.store.undo.verbs import carry_through

        with self._writing():
            return carry_through(self._place(), reverse)

    def _logged(self, number: int) -> Logged:
        from stui_cli.store.operation_log import logged

        return logged(self._backend, self.read().head, number)

    @contextmanager
    def held(self, patience: float | None = None) -> Iterator[None]:
        """Hold the lock of what is this person's own: for what one command puts beside the store before another looks.
        Nothing may be committed inside: in a folder that is the store's own lock, and would wait for itself. The
        system's errors within become StoreProblem."""
        with self._holding_own(patience):
            yield

    @contextmanager
    def _writing(self, patience: float | None = None) -> Iterator[None]:
        """Be a writer of a store that is ours to write; wait for that `patience` seconds at most."""
        with self._backend.exclusive(self._actor, self._patience(patience), self._announce):
            yield

    @contextmanager
    def _holding_own(self, patience: float | None = None) -> Iterator[None]:
        with self._backend.personal.exclusive(self._actor, self._patience(patience), self._announce):
            yield

    def _patience(self, patience: float | None) -> float:
        """Seconds to wait for a lock. Raises StoreProblem where nothing may be written."""
        if self._read_only:
            where = self._backend.where
            raise StoreProblem(f"{where} was opened for reading only", todo="repeat the command without -n")
        return self._lock_timeout if patience is None else min(patience, self._lock_timeout)

    def _place(self) -> Place:
        from stui_cli.store.transaction import Place

        return Place(self._backend, self._actor, self._clock, self._announce_once, self._lock_timeout)

    def _newest_sound(self, damage: Damaged) -> State:
        found = self._backend.salvaged_state()
        if found is None:
            raise damage
        self._tell(damage, f"going on with the state of operation {found.head}; changes are refused until it is mended")
        return found

    def _tell(self, problem: Damaged | Newer, consequence: str) -> None:
        self._announce_once(f"warning: {problem.what}; {consequence}. {problem.todo}")
