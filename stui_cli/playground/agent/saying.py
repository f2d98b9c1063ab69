"""What an evaluation says to the Transcript: sent on as it appears, and kept for the answer."""

from __future__ import annotations

import threading
import time

# How often text that an evaluation says is sent on, in seconds.
STREAM_S = 0.02


class SaidText:
    """What one evaluation says, up to a limit in characters."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[str] = []
        self._unsent: list[str] = []
        self._size = 0
        self._dropped = 0
        self._lock = threading.Lock()
        self._sent_at = 0.0

    def add(self, text: str) -> None:
        """Keep it, as far as there is room."""
        taken = text[: self._limit - self._size]
        with self._lock:
            self._dropped += len(text) - len(taken)
            if taken:
                self._pieces.append(taken)
                self._unsent.append(taken)
                self._size += len(taken)

    def mark(self) -> int:
        """How much was said by now."""
        return len(self._pieces)

    def since(self, mark: int) -> str:
        """What was said since then."""
        return "".join(self._pieces[mark:])

    def unsent(self) -> str:
        """What was said since this was asked last; empty if that was a moment ago."""
        now = time.monotonic()
        if not self._unsent or now - self._sent_at < STREAM_S:
            return ""
        with self._lock:
            text, self._unsent, self._sent_at = "".join(self._unsent), [], now
        return text

    @property
    def is_cut(self) -> bool:
        """Whether its end was lost."""
        return self._dropped > 0

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._pieces) + (f"[output cut: {self._dropped} more]" if self._dropped else "")
