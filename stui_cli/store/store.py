"""The store as everything above it sees it: read the state, publish a change, read an object, append.

A facade: it takes the lock where one is needed, turns the system's errors into StoreProblem, and imports what an
operation needs when it is asked for. Importing all of it would cost `stui context` more than reading the state.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound, Refused, StoreProblem
from stui_cli.model.state import State
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.state_file import load
from stui_cli.store.place import Place
from stui_cli.store.problems import Damaged, as_store_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stui_cli.model.audit import AuditEntry, AuditVerdict
    from stui_cli.model.history import Entry
    from stui_cli.model.operations import Actor, Operation
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Checkpoint, Session
    from stui_cli.store.differences import Difference
    from stui_cli.store.files.damage import Damage
    from stui_cli.store.files.location import Home
    from stui_cli.store.files.repair import Repaired
    from stui_cli.store.files.settings import Settings
    from stui_cli.store.files.state_file import Loaded
    from stui_cli.store.retention import Pruned
    from stui_cli.store.reversal import Reversal
    from stui_cli.store.transaction import Change, Committed

# How large the history of one session may grow, in bytes, where config.toml says nothing else.
HISTORY_LIMIT = 1024 * 1024


class Store:
    """One store, for one command. Making it touches nothing; every method may raise StoreProblem.

    `clock` answers ms since the epoch, `lock_timeout` is in seconds, `announce` gets what a person should know
    while it happens. `is_gone` tells of a context's scope whether its terminal is gone; such contexts go with
    the next change. With `read_only` everything that would write raises StoreProblem. A change passed to
    `commit` or `update_probes` runs under the lock and must not write to the store again.
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
        disk: Disk | None = None,
    ) -> None:
        self.home = home
        self._place = Place(home, disk or Disk(), actor, clock, self._announce_once)
        self._read_only = read_only
        self._lock_timeout = lock_timeout
        self._announce = announce
        self._announced: set[str] = set()
        self._is_gone = is_gone
        self._history_limit = history_limit
        self._loaded: Loaded | None = None
        self._settings: Settings | None = None

    @property
    def actor(self) -> Actor:
        """Who changes the store through this object."""
        return self._place.actor

    def settings(self) -> Settings:
        """What config.toml says, read once. Raises UsageProblem; keys that mean nothing are told."""
        if self._settings is None:
            from stui_cli.store.files.settings import read_settings

            self._settings = found = read_settings(self.home)
            for warning in found.warnings:
                self._announce_once(f"warning: {warning}")
        return self._settings

    def read(self, *, strict: bool = False) -> State:
        """The state as it is now, without a lock. Where state.toml is damaged this tells it and answers the newest
        state that the operation log has; changes are refused then until it is mended. With `strict` that raises
        Damaged: an older state must not decide what may go."""
        with as_store_problems(self.home.folder):
            if not self.home.exists():
                return State()
            try:
                self._loaded = loaded = load(self.home, self._place.disk, self._loaded)
            except Damaged as damage:
                if strict:
                    raise
                return self._newest_sound(damage)
        return State() if loaded is None else loaded.state

    def sessions(self, state: State, image_id: str, *, strict: bool = False) -> dict[str, Session]:
        """The sessions of one image by name. Where their file is damaged this tells it and answers what the
        operation log has of them; with `strict` it raises Damaged."""
        sha256 = state.shards.get(image_id)
        if sha256 is None:
            return {}
        from stui_cli.store.objects import read_shard

        with as_store_problems(self.home.folder):
            try:
                return read_shard(self.home, self._place.disk, image_id, sha256).sessions
            except Damaged as damage:
                if strict:
                    raise
                from stui_cli.store.files.damage import newest_sound_shard

                found = newest_sound_shard(self.home, self._place.disk, image_id, state.head)
                self._tell(damage, f"the sessions are shown as of operation {found[0]}" if found else "it is left out")
                return found[1].sessions if found else {}

    def commit(self, change: Change) -> Committed | None:
        """Run `change` on the state as it is now and publish what it made; None if it changed nothing.

        An exception from `change` means that nothing happened, and so does StoreProblem, unless it says otherwise.
        """
        from stui_cli.store.transaction import commit

        with self._writing():
            committed = commit(self._place, change, self._is_gone, self._loaded)
            if committed is not None:
                from stui_cli.store.aftercare import finish

                finish(self._place, committed)
        return committed

    def checkpoint(self, sha256: str) -> Checkpoint:
        """The checkpoint that a session's record refers to. Raises Damaged if it cannot be read."""
        from stui_cli.store.objects import read_checkpoint

        with as_store_problems(self.home.folder):
            return read_checkpoint(self.home, self._place.disk, sha256)

    def append_history(self, image_id: str, session_id: str, *entries: Entry) -> None:
        """Add evaluations to a session's history; the oldest are forgotten beyond the bound."""
        self.record(((image_id, session_id, entries),))

    def history(self, image_id: str, session_id: str) -> list[Entry]:
        """The evaluations of a session, oldest first."""
        from stui_cli.store.files.history import read

        with as_store_problems(self.home.folder):
            return read(self.home.history(image_id, session_id), self._place.disk)

    def last_evaluations(self, image_id: str, since: Mapping[str, int]) -> dict[str, Entry]:
        """The last evaluation of each session (by id) of an image that was used after `since` (ms by id)."""
        from stui_cli.store.files.activity import last_evaluations

        with as_store_problems(self.home.folder):
            return last_evaluations(self.home, image_id, since)

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
        from stui_cli.store.files.history import append

        limit = self._history_limit or self.settings().history_limit or HISTORY_LIMIT
        problems: list[StoreProblem] = []

        @contextmanager
        def as_far_as_it_goes() -> Iterator[None]:
            try:
                with as_store_problems(self.home.folder):
                    yield
            except StoreProblem as error:
                problems.append(error)

        with self._writing(patience):
            if lines:
                with as_far_as_it_goes():
                    self._append_audit(lines, durable=durable)
            for image_id, session_id, entries in histories:
                with as_far_as_it_goes():
                    append(self.home.history(image_id, session_id), self._place.disk, entries, limit)
        if problems:
            raise problems[0]

    def check_recordable(self, image_id: str | None = None, session_id: str | None = None) -> None:
        """Raise StoreProblem where it can be seen that what is evaluated (in a session) would not be recorded."""
        from stui_cli.store.files.recordable import check_recordable

        with as_store_problems(self.home.folder):
            check_recordable(self.home, image_id, session_id)

    def append_audit(self, *entries: AuditEntry) -> None:
        """Add to the audit log, durably. Changes of the store get there by themselves."""
        self.record((), entries)

    def _append_audit(self, entries: Sequence[AuditEntry], *, durable: bool) -> None:
        from stui_cli.store.audit import append

        append(self.home, self._place.disk, entries, self.read().head, durable=durable)

    def audit(self, since: int | None = None) -> Iterator[AuditEntry]:
        """The audit log from `since` (ms) on, oldest first."""
        from stui_cli.store.audit import read

        with as_store_problems(self.home.folder):
            yield from read(self.home, self._place.disk, since, self.read().head)

    def verify_audit(self) -> AuditVerdict:
        """Whether any line of the audit log was changed or removed."""
        from stui_cli.store.audit import verify

        with as_store_problems(self.home.folder):
            return verify(self.home, self._place.disk, self.read().head)

    def probes(self, state: State | None = None) -> dict[str, ProbeRecord]:
        """What the last contact with each registered image said, by the name that it has in `state`, by default in the
        state as it is now. Takes no lock."""
        from stui_cli.store.files.contacts import read_contacts, with_contacts
        from stui_cli.store.files.probes import read_probes

        images = (self.read() if state is None else state).images
        # In this order: what is taken up into the other file meanwhile is then read twice, and not never.
        contacts = read_contacts(self.home, self._place.disk)
        return with_contacts(images, read_probes(self.home, self._place.disk, images), contacts)

    def update_probes(
        self,
        change: Callable[[dict[str, ProbeRecord]], None],
        patience: float | None = None,
        *,
        recorded: dict[str, ProbeRecord] | None = None,
    ) -> None:
        """Change the records of the probes in place, under the lock; they are by the names of the state as it is then,
        which `change` may read. `recorded` is filled before that with them as they were before the last contacts.

        Waits for the lock no longer than `patience` seconds where that is given. Raises Damaged where the state cannot
        be read: an older one would let go of records.
        """
        from stui_cli.store.files.contacts import forget_contacts, read_contacts, with_contacts
        from stui_cli.store.files.probes import read_probes, write_probes

        disk = self._place.disk
        with self._writing(patience):
            images = self.read(strict=True).images
            contacts = read_contacts(self.home, disk)
            records = read_probes(self.home, disk, images)
            if recorded is not None:
                recorded.update(records)
            with_contacts(images, records, contacts)
            change(records)
            write_probes(self.home, disk, images, records)
            forget_contacts(self.home, disk, contacts)

    def note_contact(self, image_id: str, address: str, met: Mapping[str, object]) -> None:
        """Keep what was met at the registered `address` of an image, beside the probes: without the lock and without a
        sync. `met` is the fields of a Probe as plain values."""
        if self._read_only:
            return
        from stui_cli.store.files.contacts import write_contact

        with as_store_problems(self.home.folder):
            write_contact(self.home, self._place.disk, image_id, address, met)

    def operations(self, limit: int | None = None) -> Iterator[Operation]:
        """The operation log, newest first. One that is damaged is told and left out."""
        from itertools import islice

        from stui_cli.store.operations import read_operation, walk

        def sound() -> Iterator[Operation]:
            for number in walk(self.home, self.read().head):
                try:
                    yield read_operation(self.home, self._place.disk, number).operation
                except Damaged as damage:
                    self._tell(damage, f"operation {number} is left out")
                except FileNotFoundError:
                    return  # pruned meanwhile, and so is all before it

        with as_store_problems(self.home.folder):
            yield from islice(sound(), limit)

    def operation(self, number: int) -> Operation:
        """One operation. Raises NotFound, or Damaged."""
        return self._logged(number)[0]

    def operation_state(self, number: int) -> State:
        """The state that an operation made; 0 is the empty state before the first. Raises NotFound, or Damaged."""
        return State() if number == 0 else self._logged(number)[1]

    def difference(self, number: int) -> list[Difference]:
        """What an operation changed, record by record. Raises NotFound if it, or the one before, is pruned."""
        from stui_cli.store.differences import differences

        with as_store_problems(self.home.folder):
            operation, after = self._logged(number)
            before = self.operation_state(operation.parent or 0)
            return list(differences(self.home, self._place.disk, before, after))

    def undone(self) -> dict[int, int]:
        """Which operations are undone, each with the one that undid it."""
        from stui_cli.store.reversal import undone

        return undone(self.operations())

    def undo(self, number: int | None = None) -> Reversal:
        """Take back one operation, the last that is not taken back yet where none is named."""
        from stui_cli.store.reversal import undo

        return self._reverse(lambda: undo(self._place, number))

    def redo(self) -> Reversal:
        """Take back the last undo."""
        from stui_cli.store.reversal import redo

        return self._reverse(lambda: redo(self._place))

    def rollback(self, number: int | None = None, *, before: int | None = None, seen: int | None = None) -> Reversal:
        """Take back everything after operation `number`, or everything from the time `before` (ms) on.

        `seen` is the last operation that a person agreed to take back: Refused if there are later ones by now.
        """
        from stui_cli.store.reversal import rollback

        def agreed() -> Reversal:
            head = self.read(strict=True).head
            if seen is not None and head != seen:
                raise Refused(
                    f"other commands changed the store meanwhile: the last operation was {seen} and is {head} now; "
                    "nothing was taken back",
                    todo="see what came with `stui log`, then repeat the command",
                )
            return rollback(self._place, number, before)

        return self._reverse(agreed)

    def prune(self) -> Pruned:
        """Remove operations that are past their retention, and what only they needed."""
        from stui_cli.store.retention import prune

        with self._writing():
            return prune(self._place)

    def damage(self) -> list[Damage]:
        """What is wrong with the store's files; reads everything, changes nothing."""
        from stui_cli.store.files.damage import find_damage

        with as_store_problems(self.home.folder):
            return find_damage(self._place) if self.home.exists() else []

    def repair(self) -> Repaired:
        """Restore the newest sound state, as an operation; what is damaged is set aside, never deleted."""
        from stui_cli.store.files.repair import repair

        with self._writing():
            return repair(self._place)

    def _reverse(self, reverse: Callable[[], Reversal]) -> Reversal:
        with self._writing():
            reversal = reverse()
            if reversal.committed is not None:
                from stui_cli.store.aftercare import finish

                finish(self._place, reversal.committed)
        return reversal

    def _logged(self, number: int) -> tuple[Operation, State]:
        from stui_cli.store.operations import read_operation

        with as_store_problems(self.home.folder):
            try:
                if number > self.read().head:
                    raise FileNotFoundError
                logged = read_operation(self.home, self._place.disk, number)
            except FileNotFoundError as error:
                raise NotFound(
                    f"there is no operation {number}", todo="see stui log; what is older than 30 days may be pruned"
                ) from error
            return logged.operation, logged.state()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the store's lock: for what one command puts beside the store's files before another looks. Nothing may
        be committed inside: the lock would wait for itself. The system's errors within become StoreProblem."""
        with self._writing():
            yield

    @contextmanager
    def _writing(self, patience: float | None = None) -> Iterator[None]:
        """Hold the lock of a store that is there and ours to write; wait for it `patience` seconds at most."""
        if self._read_only:
            raise StoreProblem(f"{self.home.folder} was opened for reading only", todo="repeat the command without -n")
        from stui_cli.store.files.lock import exclusive

        place = self._place
        timeout = self._lock_timeout if patience is None else min(patience, self._lock_timeout)
        with as_store_problems(self.home.folder):
            self.home.prepare(place.disk, place.announce)
            with exclusive(self.home.lock, place.disk, place.actor, timeout=timeout, announce=self._announce):
                yield

    def _newest_sound(self, damage: Damaged) -> State:
        from stui_cli.store.files.damage import newest_sound_state

        found = newest_sound_state(self.home, self._place.disk)
        if found is None:
            raise damage
        self._tell(damage, f"going on with the state of operation {found.head}; changes are refused until it is mended")
        return found

    def _tell(self, damage: Damaged, consequence: str) -> None:
        self._place.announce(f"warning: {damage.what}; {consequence}. {damage.todo}")

    def _announce_once(self, text: str) -> None:
        if text not in self._announced:
            self._announced.add(text)
            self._announce(text)
