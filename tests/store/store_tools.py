"""Stores for tests: small changes by name, a clock that counts, disks that fail or die at a given step."""

from __future__ import annotations

import errno
import itertools
import os
import signal
from binascii import crc32
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from forking import fork
from memory_store import Memory, MemoryBackend, open_memory
from team_server import Team

from stui_cli.model.actors import Actor
from stui_cli.model.audit import AuditEntry
from stui_cli.model.contexts import Context
from stui_cli.model.history import Entry
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.operations import (
    CleanupDetails,
    Details,
    ImageDetails,
    Kind,
    Removal,
    SessionDetails,
    SwitchDetails,
)
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, ProbeRecord
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, Session, SessionState
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.location import Home
from stui_cli.store.store import Store
from stui_cli.store.transaction import Draft, Place

if TYPE_CHECKING:
    from stui_cli.store.postgresql.connection import Server

Change = Callable[[Draft], Details]
ACTOR = Actor("ada", "host", 4242, "stui test")
# A file system in memory, None for the system's temporary folder.
MEMORY = next((each for each in ("/dev/shm",) if os.access(each, os.W_OK)), None)
DAY = 24 * 3600 * 1000
# What keeps a store, by which it can be opened again: a folder, or what is in memory.
Kept = Path | Memory | Team
# The home of a store in memory; nothing of a test is to be there.
NOWHERE = "/nowhere/stui"


class Clock:
    """Counts up by one ms at each look; `now` may be set."""

    def __init__(self, now: int = 1_700_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1
        return self.now


class Heard(list[str]):
    """What was announced."""

    def __call__(self, text: str) -> None:
        self.append(text)


def open_store(kept: Kept, disk: Disk | None = None, **settings: object) -> Store:
    """A store in a folder, or in memory; `announce` is a list where it is not given. `disk` is for a folder."""
    settings.setdefault("announce", Heard())
    settings.setdefault("actor", ACTOR)
    clock = settings.pop("clock", None) or Clock()
    if isinstance(kept, Memory):
        return open_memory(kept, Path(NOWHERE), settings.pop("actor"), clock, **settings)  # type: ignore[arg-type]
    disk = disk or QuickDisk()
    home = kept.home() if isinstance(kept, Team) else Home.find(kept, {})
    return Store(home, settings.pop("actor"), clock, disk=disk, **settings)  # type: ignore[arg-type]


def image_id(name: str) -> str:
    return f"00000000-0000-4000-8000-{crc32(name.encode()):012d}"


def add_image(name: str, **fields: object) -> Change:
    def change(draft: Draft) -> Details:
        image = Image(name, f"tcp://127.0.0.1:{4000 + len(name)}", 5, image_id=image_id(name))
        draft.images[name] = image._replace(**fields)  # type: ignore[arg-type]
        return ImageDetails(Kind.IMAGE_ADD, name)

    return change


def change_image(name: str, **fields: object) -> Change:
    def change(draft: Draft) -> Details:
        draft.images[name] = draft.images[name]._replace(**fields)  # type: ignore[arg-type]
        return ImageDetails(Kind.IMAGE_CHANGE, name, {key: str(value) for key, value in fields.items()})

    return change


def rename_image(name: str, new: str) -> Change:
    def change(draft: Draft) -> Details:
        draft.images[new] = draft.images.pop(name)._replace(name=new)
        return ImageDetails(Kind.IMAGE_RENAME, name, {"name": new})

    return change


def remove_image(name: str) -> Change:
    def change(draft: Draft) -> Details:
        del draft.images[name]
        return ImageDetails(Kind.IMAGE_REMOVE, name)

    return change


def create_session(image: str, name: str, bindings: int = 0, **fields: object) -> Change:
    """A session; with `bindings` it has a checkpoint of as many variables."""

    def change(draft: Draft) -> Details:
        session = Session(f"id-of-{image}-{name}", name, image_id(image), "incarnation-1", 7, 8, bindings=bindings)
        if bindings:
            session = session._replace(checkpoint=draft.put(checkpoint_of(session)), checkpoint_at=9)
        draft.sessions(image_id(image))[name] = session._replace(**fields)  # type: ignore[arg-type]
        return SessionDetails(Kind.SESSION_CREATE, image, name)

    return change


def checkpoint_of(session: Session, text: str = "a value") -> Checkpoint:
    variables = tuple(CheckpointBinding(f"x{n}", "String", text, f"'{text}'") for n in range(session.bindings))
    return Checkpoint(session.session_id, session.image_id, session.incarnation, 9, variables)


def change_session(image: str, name: str, kind: Kind = Kind.SESSION_CHANGE, **fields: object) -> Change:
    def change(draft: Draft) -> Details:
        sessions = draft.sessions(image_id(image))
        sessions[name] = sessions[name]._replace(**fields)  # type: ignore[arg-type]
        return SessionDetails(kind, image, name)

    return change


def close_session(image: str, name: str) -> Change:
    return change_session(image, name, Kind.SESSION_CLOSE, state=SessionState.CLOSED)


def remove_session(image: str, name: str) -> Change:
    def change(draft: Draft) -> Details:
        del draft.sessions(image_id(image))[name]
        return CleanupDetails(Kind.CLEANUP, (Removal(image, name, "expired"),))

    return change


def switch(image: str, session: str | None = None, scope: str = "default") -> Change:
    """A move of context. Where contexts are each person's own it is an operation too, as one with a checkpoint is: so
    the numbers of a log are the same in every place."""

    def change(draft: Draft) -> Details:
        draft.counts = draft._backend.is_shared
        left = draft.contexts.get(scope)
        target = Target(image, session)
        draft.contexts[scope] = left.switched_to(target, draft.now) if left else Context(target, draft.now)
        return SwitchDetails(Kind.SWITCH, scope, str(left.target) if left else None, str(target))

    return change


def entry(source: str, printed: str = "7", time: int = 3) -> Entry:
    return Entry(time, source, "returned", printed, "SmallInteger", None, 1, "incarnation-1")


def evaluated(source: str, time: int = 4) -> AuditEntry:
    return AuditEntry(time, ACTOR, "evaluate", "alpha", "work", "admin", "returned", source)


def probed(name: str) -> ProbeRecord:
    probe = Probe(name, 5, ProbeOutcome.ANSWERED, latency_ms=0.5)
    return ProbeRecord(
        ConnectionStatus.CONNECTED, ConnectionHealth.HEALTHY, 5, "", 0, 0, None, 0.5, 0.25, 5, probe, probe
    )  # fmt: skip


def records(store: Store) -> dict[str, object]:
    """All that a store says but numbers and times of operations: what a test compares."""
    state = store.read()
    contexts = {scope: (str(c.target), tuple(map(str, c.trail))) for scope, c in state.contexts.items()}
    return {
        "images": dict(state.images),
        "contexts": {} if store._backend.is_shared else contexts,  # each person's own there: no undo touches them
        "sessions": {each: store.sessions(state, each) for each in state.shards},
        "histories": {
            f"{image_id}/{session_id}": tuple(entries)
            for image_id, session_id in histories_of(store)
            if (entries := store.history(image_id, session_id))
        },
        "probes": store.probes(),
        "evaluations": [each.source for each in store.audit() if each.action == "evaluate"],
    }


def filled(store: Store) -> None:
    """Something of everything: two images, sessions with checkpoints, contexts, history, audit, probes."""
    store.commit(add_image("alpha", metadata={"env": "test"}))
    store.commit(add_image("beta"))
    store.commit(create_session("alpha", "work", bindings=2))
    store.commit(create_session("alpha", "play"))
    store.commit(create_session("beta", "other", bindings=1))
    store.commit(switch("alpha", "work"))
    store.append_history(image_id("alpha"), "id-of-alpha-work", entry("3 + 4"), entry("6 * 7", "42"))
    store.append_audit(evaluated("3 + 4"))
    store.update_probes(lambda probes: probes.update(alpha=probed("alpha")))


class Steps(list[tuple[str, str]]):
    """Records the steps of a disk, as (step, file name)."""

    def __init__(self, *, reads: bool = False) -> None:
        super().__init__()
        self._reads = reads

    def __call__(self, step: str, path: str) -> None:
        if self._reads or step != "read":
            self.append((step, os.path.basename(path)))


class QuickDisk(Disk):
    """Takes every step but does not wait for the disk: tests make many stores and pull no plugs."""

    def _flush(self, handle: int, path: str) -> None:
        pass


class TroubledDisk(QuickDisk):
    """A disk on which something happens at the step `at` (counted from 0, reads aside); a write gets half through."""

    def __init__(self, at: int) -> None:
        self._count = itertools.count()
        self._at = at
        self._due = False
        super().__init__(self._watch)

    def trouble(self, path: str) -> None:
        raise NotImplementedError

    def _watch(self, step: str, path: str) -> None:
        if step == "read":
            return
        self._due = next(self._count) == self._at
        if self._due and step != "write":
            self.trouble(path)

    def _write_all(self, handle: int, data: bytes, path: str) -> None:
        self._step("write", path)
        if self._due:
            os.write(handle, data[: len(data) // 2])
            self.trouble(path)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]


class DyingDisk(TroubledDisk):
    """The process is killed."""

    def trouble(self, path: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class FailingDisk(TroubledDisk):
    """The system says no, once."""

    def __init__(self, at: int, error: int) -> None:
        super().__init__(at)
        self._error = error

    def trouble(self, path: str) -> None:
        raise OSError(self._error, os.strerror(self._error), path)


class UnreadableDisk(QuickDisk):
    """One file cannot be read. Root may read anything, so that a mode alone would not do it."""

    def __init__(self, path: str) -> None:
        def watch(step: str, each: str) -> None:
            if step == "read" and each == path:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

        super().__init__(watch)


def in_child(work: Callable[[], object], meanwhile: Callable[[], object] | None = None) -> int:
    """Run `work` in a forked child and wait for it; return the signal that ended it, 0 if it came to its end. Do
    `meanwhile` here for as long as it runs."""
    pid = fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    ended, how = 0, 0
    while not ended:
        if meanwhile is not None:
            meanwhile()
        ended, how = os.waitpid(pid, 0 if meanwhile is None else os.WNOHANG)
    if os.WIFSIGNALED(how):
        return os.WTERMSIG(how)
    assert os.WEXITSTATUS(how) == 0, "the child failed in another way than the test meant"
    return 0


def place_of(store: Store, clock: Callable[[], int]) -> Place:
    """What the parts of a store work with, at another time."""
    place = store._place()
    place.clock = clock
    return place


def memory_of(store: Store) -> Memory | None:
    """What keeps a store in memory; None for one of files."""
    return store._backend.memory if isinstance(store._backend, MemoryBackend) else None


def team_of(store: Store) -> Server | None:
    """The database that keeps a store; None for another."""
    return store._backend.server if store._backend.is_shared else None  # type: ignore[attr-defined]


def in_team(server: Server, text: str, *values: object) -> list[tuple[object, ...]]:
    """What a statement says or changes in the schema of a team's store."""
    return server.connection().execute(text.replace("{schema}", server.address.schema), values).rows


def objects_of(store: Store) -> set[str]:
    """The SHA-256 of each object that is kept."""
    if (server := team_of(store)) is not None:
        return {str(sha256) for (sha256,) in in_team(server, "select sha256 from {schema}.objects")}
    if (memory := memory_of(store)) is not None:
        return set(memory.objects)
    return {path.stem for path in Path(store.home.objects).glob("*")} if Path(store.home.objects).exists() else set()


def histories_of(store: Store) -> list[tuple[str, str]]:
    """Whose histories are kept, as image id and session id."""
    if (server := team_of(store)) is not None:
        found = in_team(server, "select distinct image_id, session_id from {schema}.history order by 1, 2")
        return [(str(image_id), str(session_id)) for image_id, session_id in found]
    if (memory := memory_of(store)) is not None:
        return sorted(memory.histories)
    paths = sorted(Path(store.home.histories).glob("*/*"))
    return [(path.parent.name, path.name) for path in paths if path.suffix != ".new"]


def audit_lines(store: Store) -> list[bytes]:
    """The lines of the audit log as they are kept."""
    return [line for _, lines in store._backend.read_audit() for line in lines]


def damage_operation(store: Store, number: int) -> None:
    """Let an operation be unreadable."""
    if (server := team_of(store)) is not None:
        in_team(server, "update {schema}.operations set content = $1 where number = $2", b"\x00", number)
    elif (memory := memory_of(store)) is not None:
        memory.operations[number] = b"\x00"
    else:
        Path(store.home.operation(number)).write_bytes(b"\x00")


def lose_object(store: Store, sha256: str) -> None:
    """Let an object be gone."""
    if (server := team_of(store)) is not None:
        in_team(server, "delete from {schema}.objects where sha256 = $1", sha256)
    elif (memory := memory_of(store)) is not None:
        del memory.objects[sha256]
    else:
        Path(store.home.object(sha256)).unlink()


def log_numbers(store: Store) -> list[int]:
    return [operation.number for operation in store.operations()]
