"""How far something is that takes long: one line on stderr that rewrites itself, only where a person looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stui_cli.output.screen import Screen

_CLEARED = "\r\x1b[K"

# Of a terminal whose width nobody tells.
_NARROW = 80


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
