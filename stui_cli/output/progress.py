"""How far something is that takes long: on stderr, where a person looks, in lines that rewrite themselves.

Nothing is shown of what is over within a second. What is shown has the same form everywhere: what is done, how many of
how many are, and for how long it goes on. It is taken away before anything else is printed.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from stui_cli.output import units
from stui_cli.output.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.output.screen import Screen

_ERASED_LINE = "\x1b[K"
_ERASED_BELOW = "\x1b[J"

# Of a terminal whose size nobody tells.
_NARROW = 80
_LOW = 24

# What is over sooner needs no telling.
_SHOWN_AFTER_S = 1.0

# Quicker than that nobody reads, and it would cost more than what it tells of.
_REDRAWN_AFTER_S = 0.1

# How often the time is told anew where nothing else is new.
_TICK_S = 0.5

# Once it is loaded ssh may ask for a password, where and when it likes: nothing is written then by itself.
_SSH = "stui_cli.image.openssh"


class Drawing:
    """Lines that are drawn over themselves, from the first second on, by whoever tells something new and by a clock; a
    context manager. Told by many threads."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._guard = threading.RLock()
        self._begun = self._drawn_at = time.monotonic()
        self._drawn = 0
        self._held = False
        self._over = threading.Event()
        self.may_show = screen.err.isatty() and not screen.quiet

    def __enter__(self) -> Drawing:
        if self.may_show:
            threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, *exit_details: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the lines away, for good: what comes now is the result."""
        with self._guard:
            self._over.set()
            self._erase()

    def make_room(self, text: str = "\n") -> None:
        """Take the lines away for a `text` that is printed among them; until its last line has ended none is drawn."""
        with self._guard:
            self._erase()
            self._held = not text.endswith("\n")

    def _tick(self) -> None:
        pause = _SHOWN_AFTER_S
        while not self._over.wait(pause):
            pause = _TICK_S
            if _SSH not in sys.modules:
                self._draw()

    def _draw(self) -> None:
        now = time.monotonic()
        with self._guard:
            if not self.may_show or self._held or self._over.is_set() or now - self._begun < _SHOWN_AFTER_S:
                return
            if self._drawn and now - self._drawn_at < _REDRAWN_AFTER_S:
                return
            columns, rows = _size_of(self._screen)
            lines = [f"{clean(line)[: columns - 1]}{_ERASED_LINE}" for line in self._lines(rows)]
            body = "\n".join(lines)
            up = f"\x1b[{self._drawn - 1}A" if self._drawn > 1 else ""
            self._screen.err.write(f"{up}\r{body}{_ERASED_BELOW}")
            self._screen.err.flush()
            self._drawn, self._drawn_at = len(lines), now

    def _erase(self) -> None:
        if self._drawn:
            up = f"\x1b[{self._drawn - 1}A" if self._drawn > 1 else ""
            self._screen.err.write(f"{up}\r{_ERASED_BELOW}")
            self._screen.err.flush()
        self._drawn = 0

    def _lines(self, rows: int) -> list[str]:
        """What to draw on a terminal of so many rows."""
        raise NotImplementedError

    def _elapsed(self) -> str:
        return units.duration(int(time.monotonic() - self._begun) * 1000)


class Progress(Drawing):
    """One line: `what`, how many of `total` are done, and what is done now."""

    def __init__(self, screen: Screen, what: str, total: int = 0) -> None:
        super().__init__(screen)
        self._what = what
        self._total = total
        self._done = 0
        self._doing = ""

    def __enter__(self) -> Progress:
        super().__enter__()
        return self

    def step(self, doing: str = "") -> None:
        """One more is done, and now `doing`."""
        with self._guard:
            self._done += 1
            self._doing = doing
        self._draw()

    def tell(self, doing: str, done: int | None = None) -> None:
        """What is done now, and how many have been."""
        with self._guard:
            self._doing = doing
            self._done = self._done if done is None else done
        self._draw()

    def _lines(self, rows: int) -> list[str]:
        del rows
        count = f" {self._done} of {self._total}" if self._total > 1 else ""
        doing = f": {self._doing}" if self._doing else ""
        return [f"{self._what}{count} ({self._elapsed()}){doing}"]


class Board(Drawing):
    """A line for each of many that are under way, below one for all."""

    def __init__(self, screen: Screen, names: Sequence[str]) -> None:
        super().__init__(screen)
        self._rows = dict.fromkeys(names, "")
        self._heading = ""

    def __enter__(self) -> Board:
        super().__enter__()
        return self

    def tell(self, name: str, text: str | None, heading: str) -> None:
        """Show `text` in the line of `name`, which is taken away for None; `heading` is true of all."""
        with self._guard:
            if text is None:
                self._rows.pop(name, None)
            else:
                self._rows[name] = text
            self._heading = heading
        self._draw()

    def _lines(self, rows: int) -> list[str]:
        told = [f"  {name}: {text}" for name, text in self._rows.items() if text]
        return [f"{self._heading or 'testing'} ({self._elapsed()})", *told[: max(1, rows - 3)]]


def _size_of(screen: Screen) -> tuple[int, int]:
    import os

    try:
        found = os.get_terminal_size(screen.err.fileno())
    except (OSError, ValueError):
        return _NARROW, _LOW
    return found.columns or _NARROW, found.lines or _LOW
