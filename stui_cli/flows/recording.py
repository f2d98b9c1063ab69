"""Evaluations into history and audit log: together, and not later than a moment after they happened."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stui_cli.model.audit import AuditEntry
from stui_cli.model.digest import sha256_hex
from stui_cli.store.settings import keeps_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.history import Entry
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Session

# A line each costs a lock and a sync of the disk; a thousand expressions through one command share them.
_MOMENT_S = 0.5


class Recorder:
    """Collects what was evaluated in one target and writes it down every half second and at the end.

    `held`: nothing is written until `write_all`. `count_bindings` asks the image how many variables the session has.
    """

    def __init__(
        self,
        bench: Workbench,
        target: Target,
        session: Session | None,
        role: str,
        count_bindings: Callable[[], int | None],
    ) -> None:
        self._bench = bench
        self._target = target
        self._session = session
        self._role = role
        self._count_bindings = count_bindings
        self._entries: list[Entry] = []
        self._written_at = time.monotonic()
        self.keep_history = True
        self.held = False

    def record(self, entry: Entry) -> None:
        """Note one evaluation."""
        self._entries.append(entry)
        if not self.held and time.monotonic() - self._written_at > _MOMENT_S:
            self.write()

    def count(self) -> None:
        """Note with the last evaluation how many variables the session has now."""
        if self._session is not None and self._entries and self._entries[-1].outcome != "unknown":
            self._entries[-1] = self._entries[-1]._replace(bindings=self._count_bindings())

    def write(self) -> None:
        """Write what is noted. Raises StoreProblem; what could not be written is not tried again."""
        self._written_at = time.monotonic()
        write_all(self._bench, (self,))

    def taken(self) -> list[AuditEntry]:
        """Write the history of what is noted; answers its audit lines, and notes it no longer."""
        entries, self._entries = self._entries, []
        store = self._bench.store
        if entries and self._session is not None and self.keep_history:
            store.append_history(self._session.image_id, self._session.session_id, *entries)
        template = AuditEntry(
            time=0,
            actor=store.actor,
            action="evaluate",
            image=self._target.image,
            session=self._target.session,
            role=self._role,
        )
        if not entries:
            return []
        told = _text if keeps_sources(store.home) else _hash
        return [template._replace(time=e.time, outcome=e.outcome, source=told(e.source)) for e in entries]


def _text(source: str) -> str:
    return source


def _hash(source: str) -> str:
    """What shows that a source was the same, and nothing of what it was."""
    return f"sha256:{sha256_hex(source.encode('utf-8', 'surrogatepass'))}"


def write_all(bench: Workbench, recorders: Sequence[Recorder]) -> None:
    """Write what several recorders have noted, with one sync of the audit log. Raises StoreProblem."""
    lines = [line for recorder in recorders for line in recorder.taken()]
    if lines:
        bench.store.append_audit(*sorted(lines, key=lambda line: line.time))
