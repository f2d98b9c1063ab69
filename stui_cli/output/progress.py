"""How far something is that takes long: one line on stderr that rewrites itself, only where a person looks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.output.screen import Screen

_CLEARED = "\r\x1b[K"

# Of a terminal whose size nobody tells.
_NARROW = 80
_LOW = 24

_ERASED_BELOW = "\x1b[J"

# Quicker than that nobody reads, and it would cost more than what it tells of.
_REDRAWN_AFTER_S = 0.1


class Meter:
    """One line about what goes on; a context manager. What is printed meanwhile comes after `clear`."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._shown = False
        self._may_show = screen.err.isatty() and not screen.quiet

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *exit_details: object) -> None:
        self.clear()

    def tell(self, text: str) -> None:
        """Show `text` in place of what was told before; foreign text is made harmless, and cut to one line."""
        if self._may_show:
            from stui_cli.output.cleaning import clean

            self._screen.err.write(f"{_CLEARED}{clean(text)[: (self._screen.width or _NARROW) - 1]}")
            self._screen.err.flush()
            self._shown = True

    def clear(self) -> None:
        """Take the line away, until something is told again."""
        if self._shown:
            self._screen.err.write(_CLEARED)
            self._screen.err.flush()
        self._shown = False


class Board:
    """A line for each of many that are under way, below one for all; a context manager. Told by many threads."""

    def __init__(self, screen: Screen, names: Sequence[str]) -> None:
        from threading import Lock

        self._screen = screen
        self._lines = dict.fromkeys(names, "")
        self._heading = ""
        self._drawn = 0
        self._drawn_at = 0.0
        self._lock = Lock()
        self._may_show = screen.err.isatty() and not screen.quiet

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *exit_details: object) -> None:
        self.clear()

    def tell(self, name: str, text: str | None, heading: str) -> None:
        """Show `text` in the line of `name`, which is taken away for None; `heading` is true of all."""
        if not self._may_show:
            return
        with self._lock:
            if text is None:
                self._lines.pop(name, None)
            else:
                self._lines[name] = text
            self._heading = heading
            if time.monotonic() - self._drawn_at > _REDRAWN_AFTER_S:
                self._draw()

    def clear(self) -> None:
        """Take all lines away, for good."""
        with self._lock:
            if self._may_show and self._drawn:
                self._screen.err.write(f"\x1b[{self._drawn}A\r{_ERASED_BELOW}")
                self._screen.err.flush()
            self._may_show = False

    def _draw(self) -> None:
        from stui_cli.output.cleaning import clean

        columns, rows = _size_of(self._screen)
        told = [f"  {name}: {text}" for name, text in self._lines.items() if text]
        lines = [self._heading, *told[: max(1, rows - 3)]]
        up = f"\x1b[{self._drawn}A\r" if self._drawn else ""
        body = "".join(f"{clean(line)[: columns - 1]}\x1b[K\n" for line in lines)
        self._screen.err.write(f"{up}{body}{_ERASED_BELOW}")
        self._screen.err.flush()
        self._drawn, self._drawn_at = len(lines), time.monotonic()


def _size_of(screen: Screen) -> tuple[int, int]:
    import os

    try:
        found = os.get_terminal_size(screen.err.fileno())
    except (OSError, ValueError):
        return _NARROW, _LOW
    return found.columns or _NARROW, found.lines or _LOW


class Progress:
    """Counts up to `total`; a context manager, so that the line goes before anything else is printed."""

    def __init__(self, screen: Screen, total: int, what: str) -> None:
        self._screen = screen
        self._total = total
        self._what = what
        self._done = 0
        self._shown = screen.err.isatty() and not screen.quiet and total > 1

    def __enter__(self) -> Progress:
        self._show()
        return self

    def __exit__(self, *exit_details: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the line away, for good: what comes now is the result."""
        if self._shown:
            self._screen.err.write(_CLEARED)
            self._screen.err.flush()
        self._shown = False

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        self._show()

    def _show(self) -> None:
        if self._shown:
            self._screen.err.write(f"{_CLEARED}{self._done} of {self._total} {self._what}")
            self._screen.err.flush()
