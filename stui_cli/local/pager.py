"""The user's pager, as git and man use it: a long text is read page by page."""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import FrameType

# Leave what fits on one screen, obey colours, and keep the screen afterwards.
_LESS = "FRX"


def pager_of(environ: Mapping[str, str], configured: Sequence[str] = ()) -> list[str] | None:
    """The words of the pager's command: STUI_PAGER, else what config.toml says, else PAGER, else less. None where there
    is none, where it is cat, and on a terminal that cannot go back."""
    if environ.get("TERM", "dumb") == "dumb":
        return None
    words = _words(environ.get("STUI_PAGER"))
    if words is None:
        words = list(configured) or _words(environ.get("PAGER"))
    words = ["less"] if words is None else words
    return words if words and words != ["cat"] else None


def _words(given: str | None) -> list[str] | None:
    """None where nothing is given; none at all where it cannot be read."""
    try:
        return None if given is None else shlex.split(given)
    except ValueError:
        return []


def page(texts: Iterable[str], words: Sequence[str], environ: Mapping[str, str], encoding: str = "utf-8") -> bool:
    """Show `texts` in the pager as they come, until it is left; False if it cannot be started, and nothing was asked of
    them, nor shown. What ends this process meanwhile ends the pager first: it would go on at a terminal that a shell
    has back."""
    given = {"LESS": _LESS, "LV": "-c"}
    if encoding.lower() in ("utf-8", "utf8"):  # under LC_ALL=C less would show the bytes of each letter
        given["LESSCHARSET"] = "utf-8"
    program = shutil.which(words[0], path=environ.get("PATH"))
    if program is None:
        return False
    with _interrupts_left_to_it():
        try:
            child = subprocess.Popen([program, *words[1:]], stdin=subprocess.PIPE, env=given | dict(environ))
        except OSError:
            return False
        try:
            _feed(child, (text.encode(encoding, "backslashreplace") for text in texts))
            child.wait()
        except BaseException:
            child.terminate()
            child.wait()
            raise
    return True


def _feed(child: subprocess.Popen[bytes], parts: Iterable[bytes]) -> None:
    assert child.stdin is not None
    for part in parts:
        try:
            child.stdin.write(part)
            child.stdin.flush()
        except OSError:  # it was left before it had read everything
            break
    with suppress(OSError):
        child.stdin.close()


@contextmanager
def _interrupts_left_to_it() -> Iterator[None]:
    """Ctrl-C is the pager's while it runs. No SIG_IGN, which it would inherit."""

    def nothing(number: int, frame: FrameType | None) -> None:
        del number, frame

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, nothing)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
