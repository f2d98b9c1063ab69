"""How the image is: ping, and its own view of its connection."""

from __future__ import annotations

import os
import time

from stui_cli.local.proc import memory_used
from stui_cli.model.times import now_ms
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.running import JobHabits
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.vitals import Pong, ReportedConnection

_MEMORY_OLD_S = 0.1


class VitalHabits(JobHabits):
    """Signs of life."""

    _memory: int | None = None
    _memory_at = 0.0

    def ping(self, message: object) -> object:
        """Echo, with vitals."""
        return Pong(
            message,
            "ok",
            round((time.monotonic() - self.started) * 1000),
            now_ms(),
            os.getpid(),
            self.memory_used(),
            self.settings.memory_limit,
            len(self.sessions),
            len(self.jobs),
            self.scheduled_ms,
            self.image.changes != self.saved_changes,
            self.last_activity(),
        )

    def memory_used(self) -> int | None:
        """Bytes; a tenth of a second old at most."""
        now = time.monotonic()
        if now - self._memory_at > _MEMORY_OLD_S:
            self._memory, self._memory_at = memory_used(), now
        return self._memory

    def last_activity(self) -> int:
        """When a session was used last, or the image started."""
        return max((session.last_activity for session in list(self.sessions.values())), default=self.started_at)

    def connection_status(self) -> object:
        """ImageConnectionStatus, as the image sees it."""
        return ReportedConnection(
            self.image_id, self.address, "connected", now_ms(), "healthy", len(self.sessions), self.last_activity()
        )

    def check_image(self, image_id: str | None) -> None:
        """Whoever names an image means that one. Raises Refusal."""
        if image_id is not None and image_id != self.image_id:
            told = f"this is image {self.image_id}, not {image_id}"
            raise Refusal(ErrorCode.IMAGE_MISMATCH, told, {"image_id": self.image_id})
