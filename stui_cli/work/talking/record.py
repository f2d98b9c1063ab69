"""Evaluations into history and audit log: together, and not later than a moment after they happened.

What a moment has, in order (one lock, one append, one sync for all of it):

    about to be sent   a line "began", if the last writing is half a second ago; so there is one of every evaluation
                       that runs for longer than that, while a thousand quick ones share a few. Of what is sent together
                       there is one each, in one writing
    answered           its value is told first; then, and before the next one is sent, what is noted is written
    the end            the rest, waiting for the store's lock as long as any command does

These are side records (DESIGN section 7): where they cannot be written, one warning says so, and what was asked goes
on. Only who must record (`must`) is stopped, before anything is sent.

Each image's line of the audit log stands alone. Only of a source that is long and goes to many images the lines of the
first have the whole, those of the others its beginning and its hash: 1 MB for a thousand images would fill 2 GB.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from stui_cli.model.audit import BEGAN, AuditEntry
from stui_cli.model.digest import sha256_hex
from stui_cli.model.errors import StoreProblem
from stui_cli.named_tuples import NamedTuple
from stui_cli.store.problems import Locked
from stui_cli.work.talking.side_records import side_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Session
    from stui_cli.work.workbench import Workbench

# A line each costs a lock and a sync of the disk; a thousand expressions through one command share them.
MOMENT_S = 0.5

# While code waits to be sent, or runs, nobody waits longer for a store that another process holds.
_PATIENCE_S = 0.1

_WHAT = "what was evaluated"

# A source that goes to several images stands in each one's lines up to this length; of a longer one so much, in
# characters.
_WHOLE_UP_TO = 4_096
_BEGINNING = 200


class Noted(NamedTuple):
    """What is to be written of one target: entries of its session's history (image id, session id), audit lines."""

    histories: tuple[tuple[str, str, Sequence[Entry]], ...]
    lines: tuple[AuditEntry, ...]


class Recorder:
    """Collects what was evaluated in one target and writes it down every half second and at the end.

    `held`: nothing is written until `write_all`. `must`: what cannot be recorded is not to be sent. `count_bindings`
    asks the image how many variables the session has. `whole_at` is the target whose lines have a long source whole,
    None for this one.
    """

    def __init__(
        self,
        bench: Workbench,
        target: Target,
        session: Session | None,
        role: str,
        count_bindings: Callable[[], int | None],
    ) -> None:
        self._bench = warning_once(bench)
        self._target = target
        self._session = session
        self._role = role
        self._count_bindings = count_bindings
        self._entries: list[Entry] = []
        self._begun: list[AuditEntry] = []
        self._left_out: list[AuditEntry] = []
        self._written_at: float | None = None
        self.keep_history = True
        self.held = False
        self.must = False
        self.whole_at: Target | None = None

    def begin(self, at: int, source: str, action: str = "evaluate") -> AuditEntry:
        """Note that `source` is about to be sent, as the line that is returned. Raises StoreProblem only where it
        `must` be recorded and cannot."""
        (line,) = self.begin_all(at, (source,), action)
        return line

    def begin_all(self, at: int, sources: Sequence[str], action: str = "evaluate") -> list[AuditEntry]:
        """The same for several that are sent together."""
        lines = [self._line(at, action, BEGAN, source) for source in sources]
        self._begun += lines
        if not self.must or self.held:
            self.moment()
        elif self._is_due:
            try:
                with _refusing_to_send():
                    self._check()
                    self._store(None)
            finally:
                self._begun = []  # written, or not to be sent at all
        return lines

    def record(self, entry: Entry, begun: AuditEntry | None = None) -> None:
        """Note how one ended that began as `begun` says. It is written with the next moment, or at the end."""
        self._entries.append(entry)
        self._has_begun_unwritten(begun)

    def leave_out(self, begun: AuditEntry) -> None:
        """Note that what was sent never began: where it is written that it was about to, this is written, too."""
        if not self._has_begun_unwritten(begun):
            self._left_out.append(begun._replace(outcome="not_run"))

    def _has_begun_unwritten(self, begun: AuditEntry | None) -> bool:
        """Whether the line is not written yet; then it never is."""
        for index, line in enumerate(self._begun):
            if line is begun:
                del self._begun[index]
                return True
        return False

    def moment(self) -> None:
        """Write what is noted if the last writing is a moment ago: for while code runs, and after a value was told.
        Behind a locked store it is kept for the next time."""
        if self.held or not self._is_due or not (self._begun or self._entries or self._left_out):
            return
        kept = self._entries, self._begun, self._left_out
        with side_record(self._bench, _WHAT):
            try:
                self._store(_PATIENCE_S)
            except Locked:
                self._entries, self._begun, self._left_out = kept

    def count(self) -> None:
        """Note with the last evaluation how many variables the session has now."""
        if self._session is not None and self._entries and self._entries[-1].outcome != "unknown":
            self._entries[-1] = self._entries[-1]._replace(bindings=self._count_bindings())

    def write(self, patience: float | None = None) -> None:
        """Write what is noted, waiting for the store's lock as usual, or `patience` seconds at most. Where that fails a
        warning says so, and it is not tried again."""
        with side_record(self._bench, _WHAT):
            self._store(patience)

    def taken(self) -> Noted:
        """What is noted, which is noted no longer."""
        entries, self._entries = self._entries, []
        begun, self._begun = self._begun, []
        left_out, self._left_out = self._left_out, []
        lines = [self._line(entry.time, entry.kind, entry.outcome, entry.source) for entry in entries]
        kept: tuple[tuple[str, str, Sequence[Entry]], ...] = ()
        if entries and self._session is not None and self.keep_history:
            kept = ((self._session.image_id, self._session.session_id, entries),)
        return Noted(kept, (*lines, *left_out, *begun))

    @property
    def _is_due(self) -> bool:
        return self._written_at is None or time.monotonic() - self._written_at > MOMENT_S

    def _check(self) -> None:
        session = self._session if self.keep_history else None
        self._bench.store.check_recordable(session and session.image_id, session and session.session_id)

    def _store(self, patience: float | None) -> None:
        """Raises StoreProblem; what was noted is noted no longer then. A line "began" alone is not worth a sync."""
        self._written_at = time.monotonic()
        durable = self.must or bool(self._entries)
        noted = self.taken()
        if noted.lines:
            self._bench.store.record(noted.histories, noted.lines, patience=patience, durable=durable)

    def _line(self, at: int, action: str, outcome: str, source: str) -> AuditEntry:
        return audit_line(self._bench, self._target, at, action, outcome, source, self._role, self.whole_at)


def audit_line(
    bench: Workbench,
    target: Target,
    at: int,
    action: str,
    outcome: str,
    source: str,
    role: str | None,
    whole_at: Target | None = None,
) -> AuditEntry:
    """One line of the audit log about code for `target`; with the source, or its hash, as the user's settings want.
    With `whole_at`, whose lines have it whole, a long one is shortened."""
    if not bench.store.settings().keeps_sources:
        told = _hash(source)
    elif whole_at is None or len(source) <= _WHOLE_UP_TO:
        told = source
    else:
        told = f"{source[:_BEGINNING]}... ({len(source)} characters, {_hash(source)}, whole in the lines of {whole_at})"
    return AuditEntry(at, bench.store.actor, action, target.image, target.session, role, outcome, told)


def begin_everywhere(
    bench: Workbench, targets: Sequence[Target], source: str, *, must: bool, action: str = "evaluate"
) -> None:
    """Write in one go that `source` is about to be sent to all `targets`. Raises StoreProblem only where it `must`."""
    at = bench.clock()
    lines = [
        audit_line(bench, target, at, action, BEGAN, source, None, whole_at(target, targets)) for target in targets
    ]
    if must:
        with _refusing_to_send():
            bench.store.check_recordable()
            bench.store.record((), lines)
        return
    with side_record(bench, _WHAT), suppress(Locked):  # the end of it waits for the lock, and tells if in vain
        bench.store.record((), lines, patience=_PATIENCE_S, durable=False)


def whole_at(target: Target, targets: Sequence[Target]) -> Target | None:
    """The target whose lines have the source whole, if it is another than this one."""
    return None if target == targets[0] else targets[0]


def write_all(bench: Workbench, noted: Sequence[Noted]) -> None:
    """Write what was noted in several targets, under one lock and with one sync of the audit log; where that fails a
    warning says so."""
    lines = sorted((line for each in noted for line in each.lines), key=lambda line: line.time)
    if lines:
        with side_record(bench, _WHAT):
            bench.store.record([history for each in noted for history in each.histories], lines)


@contextmanager
def _refusing_to_send() -> Iterator[None]:
    try:
        yield
    except StoreProblem as problem:
        raise StoreProblem(
            f"{problem.what}; nothing was sent, since it could not be recorded (--must-record)", todo=problem.todo
        ) from problem


@lru_cache(maxsize=1)  # the same source in a thousand lines
def _hash(source: str) -> str:
    """What shows that a source was the same, and nothing of what it was."""
    return f"sha256:{sha256_hex(source.encode('utf-8', 'surrogatepass'))}"


def warning_once(bench: Workbench) -> Workbench:
    """The bench of what records: its first warning is the last, for a long run on a full disk is told of it once."""
    told: list[str] = []

    def announce_first(text: str) -> None:
        if not told:
            told.append(text)
            bench.announce(text)

    return bench.announcing(announce_first)
