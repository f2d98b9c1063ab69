"""A listing that renews itself on a terminal: drawn over itself in one write, so that nothing flickers."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

from stui_cli.model.errors import OutputFailed
from stui_cli.output.render import render
from stui_cli.output.selection import selected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

    from stui_cli.model.results import Result
    from stui_cli.output.screen import Screen

# xterm's control sequences, which every terminal of today knows: the alternate screen (so that what was there
# before comes back), the cursor, erasing to the end of the line and of the screen.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J"
_LEAVE = "\x1b[?25h\x1b[?1049l"
_HOME = "\x1b[H"
_ERASE_LINE = "\x1b[K"
_ERASE_BELOW = "\x1b[J"

_USUAL_SIZE = (80, 24)


class LiveScreen:
    """The terminal while something is watched."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._shown: list[str] = []
        self._size = _USUAL_SIZE

    def size(self) -> tuple[int, int]:
        """Columns and lines of the terminal now."""
        try:
            found = os.get_terminal_size(self._screen.out.fileno())
        except (OSError, ValueError):
            return _USUAL_SIZE
        return (found.columns or _USUAL_SIZE[0], found.lines or _USUAL_SIZE[1])

    @property
    def was_resized(self) -> bool:
        """Whether the terminal has another size than when it was drawn."""
        return self.size() != self._size

    def draw(self, heading: str, result: Result) -> None:
        """Show `result` below `heading`, as much of it as there is room for; the notes stay in sight, and take half
        of the lines at most."""
        self._size = columns, lines = self.size()
        result, left_out = selected(result, self._screen.selection)
        body = _rendered(result, self._screen.but(width=columns, on_terminal=True))
        notes = _wrapped((*result.notes, *filter(None, [left_out]), *result.warnings), columns)[-max(1, lines // 2) :]
        room = max(1, lines - 1 - len(notes))
        if len(body) > room:
            hidden = len(body) - room + 1
            body = [
                *body[: room - 1],
                f"... {hidden} more lines; a taller window or --sort health shows what matters"[:columns],
            ]
        frame = [heading[:columns], *body, *notes]
        drawn = "".join(f"{line}{_ERASE_LINE}\r\n" for line in frame[:-1]) + frame[-1] + _ERASE_LINE
        self._write(_HOME + drawn + _ERASE_BELOW)

    def enter(self) -> None:
        self._write(_ENTER)

    def leave(self) -> None:
        self._write(_LEAVE)

    def _write(self, text: str) -> None:
        out = self._screen.out
        out.write(text.encode(out.encoding, "backslashreplace").decode(out.encoding))
        out.flush()


@contextmanager
def live(screen: Screen) -> Iterator[LiveScreen]:
    """The terminal for a listing that renews itself; given back as it was, whatever happens, and meanwhile to the
    shell when the user stops the command (Ctrl-Z)."""
    made = LiveScreen(screen)
    made.enter()
    try:
        with _given_back_while_stopped(made):
            yield made
    finally:
        with suppress(OSError, OutputFailed):  # the terminal may be gone, and that is why it ends
            made.leave()


@contextmanager
def _given_back_while_stopped(made: LiveScreen) -> Iterator[None]:
    if not hasattr(signal, "SIGTSTP"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        made.leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        # Here again after `fg`.
        signal.signal(signal.SIGTSTP, stop)
        made.enter()

    before = signal.signal(signal.SIGTSTP, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, before)


def _wrapped(notes: Iterable[str], columns: int) -> list[str]:
    """Notes in lines of the terminal: the reason why something waits stands at its end."""
    from textwrap import wrap

    return [line for note in notes for line in wrap(note, columns)]


def _rendered(result: Result, screen: Screen) -> list[str]:
    """The lines that `render` would print, without what it would say beside them."""
    out = TextIOWrapper(BytesIO(), encoding=screen.out.encoding, errors="backslashreplace", newline="\n")
    aside = TextIOWrapper(BytesIO(), encoding="utf-8", errors="backslashreplace")
    render(result._replace(notes=(), warnings=()), screen.but(out=out, err=aside))
    out.seek(0)
    return out.read().splitlines() or [result.empty]
