"""Evaluations into history and audit log: together, and not later than a moment after they happened."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from stui_cli.model.audit import AuditEntry

if TYPE_CHECKING:
    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.history import Entry
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Session

# A line each costs a lock and a sync of the disk; a thousand expressions through one command share them.
_MOMENT_S = 0.5


class Recorder:
    """Collects what was evaluated in one target and writes it down every half second and at the end."""

    def __init__(self, bench: Workbench, target: Target, session: Session | None, role: str) -> None:
        self._bench = bench
        self._target = target
        self._session = session
        self._role = role
        self._entries: list[Entry] = []
        self._written_at = time.monotonic()
        self.keep_history = True

    def record(self, entry: Entry) -> None:
        """Note one evaluation."""
        self._entries.append(entry)
        if time.monotonic() - self._written_at > _MOMENT_S:
            self.write()

    def write(self) -> None:
        """Write what is noted. Raises StoreProblem; what could not be written is not tried again."""
        entries, self._entries = self._entries, []
        self._written_at = time.monotonic()
        if not entries:
            return
        store = self._bench.store
        if self._session is not None and self.keep_history:
            store.append_history(self._session.image_id, self._session.session_id, *entries)
        template = AuditEntry(
            time=0,
            actor=store.actor,
            action="evaluate",
            image=self._target.image,
            session=self._target.session,
            role=self._role,
        )
        store.append_audit(*(replace(template, time=e.time, outcome=e.outcome, source=e.source) for e in entries))
