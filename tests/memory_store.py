"""A store in memory, behind the same seam as the one of files.

It keeps the same promises with the least means: bytes and values in dictionaries, a lock of threads, a head that is
compared and set. So it is the oracle of the tests of what a store means, the proof that the seam promises no files, and
what tests of commands may run on where no file matters.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from stui_cli.model.probes import Probe
from stui_cli.model.state import State
from stui_cli.model.store_facts import Facts, SetUp
from stui_cli.store.audit_chain import text_of
from stui_cli.store.chunks import pack_state
from stui_cli.store.damage import Damage, Repaired
from stui_cli.store.encoding import PROBES, STATES
from stui_cli.store.envelope import unpack
from stui_cli.store.files.contacts import Contact, with_contacts
from stui_cli.store.files.location import Home
from stui_cli.store.files.names import expected_names
from stui_cli.store.operations import decode_operation, encode_operation
from stui_cli.store.probe_bodies import body_of, records_in
from stui_cli.store.problems import Damaged, HeadMoved, Locked, NoOperation
from stui_cli.store.store import Once, Store
from stui_cli.store.values import Pruned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from stui_cli.model.contexts import Context
    from stui_cli.model.history import Entry
    from stui_cli.model.images import Image
    from stui_cli.model.operations import Actor, Operation
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.store.audit_chain import Mark
    from stui_cli.store.backend import Backend
    from stui_cli.store.operations import Logged
    from stui_cli.store.personal import Personal
    from stui_cli.store.values import Needed

WHERE = "a store in memory"


class Memory:
    """What is kept. As many backends may work on it as files have processes."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.holder = ""
        self.head = 0
        self.state = b""
        self.operations: dict[int, bytes] = {}
        self.objects: dict[str, bytes] = {}
        self.histories: dict[tuple[str, str], list[Entry]] = {}
        self.written_at: dict[tuple[str, str], int] = {}
        self.audit: list[bytes] = []
        self.mark: Mark | None = None
        self.probes: dict[str, object] = {}
        self.contacts: dict[str, Contact] = {}
        self.image_names: list[str] = []
        self.session_names: list[str] = []


def open_memory(
    memory: Memory,
    folder: Path,
    actor: Actor,
    clock: Callable[[], int],
    announce: Callable[[str], None],
    **more: object,
) -> Store:
    """A store over `memory`; what lies beside a store (settings, crash logs) is in `folder`. `more` is as for Store."""
    backend: Backend = MemoryBackend(memory, Once(announce))
    return Store(Home.find(folder, {}), actor, clock, backend=backend, announce=announce, **more)  # type: ignore[arg-type]


class MemoryBackend:
    """See Backend, whose promises these are."""

    def __init__(self, memory: Memory, announce: Callable[[str], None]) -> None:
        self.memory = memory
        self._announce = announce
        self._is_alone = False

    @property
    def where(self) -> str:
        return WHERE

    @property
    def is_shared(self) -> bool:
        return False

    @property
    def personal(self) -> Personal:
        return MemoryPersonal(self)

    @contextmanager
    def exclusive(self, actor: Actor, timeout: float, announce: Callable[[str], None]) -> Iterator[None]:
        lock = self.memory.lock
        if not lock.acquire(timeout=min(timeout, 0.5)):
            if timeout > 0.5:
                announce(f"waiting for the store, held by {self.memory.holder}")
            if timeout <= 0.5 or not lock.acquire(timeout=timeout - 0.5):
                raise Locked(
                    f"{WHERE} is held by {self.memory.holder}; gave up after {timeout:g} s", todo="wait longer"
                )
        self.memory.holder, self._is_alone = f"process {actor.pid} ({actor.command})", True
        try:
            yield
        finally:
            self._is_alone = False
            lock.release()

    def read_head(self) -> State | None:
        return STATES.decode(State, unpack(self.memory.state), self.memory.head) if self.memory.head else None

    def swap_head(self, operation: Operation, state: State, expected: int, audit_mark: Mark | None) -> None:
        assert self._is_alone
        packed = pack_state(state)
        content = encode_operation(operation, packed, None if audit_mark is None else text_of(audit_mark))
        if self.memory.head != expected:
            raise HeadMoved(expected, self.memory.head)
        self.memory.operations[operation.number] = content
        self.memory.head, self.memory.state = operation.number, packed.whole

    def read_operation(self, number: int) -> Logged:
        if number not in self.memory.operations:
            raise NoOperation(number)
        return decode_operation(f"operation {number} in memory", self.memory.operations[number], number)

    def operation_content(self, number: int) -> bytes:
        return self.memory.operations[number]

    def list_operations(self, head: int) -> Iterator[int]:
        return iter(sorted((number for number in self.memory.operations if number <= head), reverse=True))

    def read_object(self, sha256: str, kind: str) -> tuple[str, bytes]:
        where = f"object {sha256} in memory"
        if sha256 not in self.memory.objects:
            raise Damaged(where, f"the {kind} is missing")
        return where, self.memory.objects[sha256]

    def write_objects(self, objects: Mapping[str, bytes]) -> None:
        assert self._is_alone
        for sha256, content in objects.items():
            self.memory.objects.setdefault(sha256, content)

    def prune(self, head: int, going: Iterable[int], needed: Needed | None) -> Pruned:
        assert self._is_alone
        memory = self.memory
        operations = [memory.operations.pop(number) for number in sorted(going)]
        if needed is None:
            return Pruned(len(operations))
        objects = [memory.objects.pop(sha256) for sha256 in memory.objects.keys() - needed.objects]
        histories = [memory.histories.pop(key) for key in memory.histories.keys() - needed.sessions]
        return Pruned(len(operations), len(objects), len(histories))

    def keep_contexts(self, before: Mapping[str, Context], after: Mapping[str, Context]) -> bool:
        return False

    def append_history(self, image_id: str, session_id: str, entries: Sequence[Entry], limit: int) -> None:
        assert self._is_alone
        kept = [*self.memory.histories.get((image_id, session_id), ()), *entries]
        if sum(map(_size, kept)) > limit:
            while len(kept) > len(entries) and sum(map(_size, kept)) > limit * 0.75:
                del kept[0]
        self.memory.histories[image_id, session_id] = kept
        self.memory.written_at[image_id, session_id] = time.time_ns() // 1_000_000

    def read_history(self, image_id: str, session_id: str) -> list[Entry]:
        return list(self.memory.histories.get((image_id, session_id), ()))

    def last_evaluations(self, image_id: str, since: Mapping[str, int]) -> dict[str, Entry]:
        return {
            session_id: self.memory.histories[image_id, session_id][-1]
            for session_id, time in since.items()
            if self.memory.histories.get((image_id, session_id))
            and self.memory.written_at[image_id, session_id] >= time
        }

    def read_audit(self) -> list[tuple[str, list[bytes]]]:
        return [(WHERE, list(self.memory.audit))]

    def audit_end(self) -> tuple[bytes | None, Mark | None]:
        assert self._is_alone
        return (self.memory.audit[-1] if self.memory.audit else None), self.memory.mark

    def audit_mark(self) -> Mark | None:
        return self.memory.mark

    def append_audit(self, lines: Sequence[bytes], mark: Mark, *, durable: bool) -> None:
        assert self._is_alone
        self.memory.audit += lines
        if durable:
            self.memory.mark = mark

    def check_recordable(self, image_id: str | None, session_id: str | None) -> None:
        pass

    @property
    def sharing(self) -> None:
        return None

    def write_names(self, before: State, after: State, session_names: Callable[[str], Iterable[str]]) -> None:
        assert self._is_alone
        self.memory.image_names, self.memory.session_names = map(sorted, expected_names(after, session_names))

    def wait_for_news(self, seconds: float) -> bool:
        raise NotImplementedError

    def facts(self) -> Facts:
        return Facts("memory", WHERE, 1, self.memory.head, len(self.memory.operations), 0)

    def set_up(self) -> SetUp:
        return SetUp(None, None)

    def set_up_sql(self) -> tuple[str, str]:
        return "", ""

    def salvaged_state(self) -> State | None:
        return None

    def find_damage(self) -> list[Damage]:
        return []

    def repair(self, actor: Actor, clock: Callable[[], int]) -> Repaired:
        return Repaired((), (), None)


class MemoryPersonal:
    """See Personal. Its lock is the one of the store."""

    def __init__(self, backend: MemoryBackend) -> None:
        self.backend = backend
        self.memory = backend.memory
        self.exclusive = backend.exclusive

    def read_probes(self, images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
        return with_contacts(images, records_in(self.memory.probes, images), self.memory.contacts)

    def update_probes(
        self,
        images: Mapping[str, Image],
        change: Callable[[dict[str, ProbeRecord]], None],
        recorded: dict[str, ProbeRecord] | None,
    ) -> None:
        assert self.backend._is_alone
        records = records_in(self.memory.probes, images)
        if recorded is not None:
            recorded.update(records)
        with_contacts(images, records, self.memory.contacts)
        change(records)
        self.memory.probes = body_of(images, records)
        self.memory.contacts.clear()

    def note_contact(self, image_id: str, address: str, met: Mapping[str, object]) -> None:
        self.memory.contacts[f"{image_id} {met['outcome']}"] = Contact(
            image_id, address, PROBES.decode(Probe, dict(met))
        )


def _size(entry: Entry) -> int:
    """What a file takes for it."""
    return len(json.dumps(entry._asdict(), separators=(",", ":"))) + 10
