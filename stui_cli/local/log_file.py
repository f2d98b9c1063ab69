"""The log of an image that was launched here: its last lines, and those that come."""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Of a log no more than this is read at once, in bytes: what an image prints has no bounds, and may have no line ends.
MOST_BYTES = 1024 * 1024
# What has no end yet is shown as a line of its own when it has this size, or when nothing came for so long.
_LONGEST_LINE = 64 * 1024
_QUIET_S = 1.0
_LOOK_S = 0.1


class LogPart(NamedTuple):
    """Lines of a log. `cut`: there are more before, which were asked for and are not here."""

    lines: list[str]
    cut: bool = False


def last_lines(path: Path, count: int) -> LogPart:
    """The last `count` lines, of the last `MOST_BYTES`. Raises NotFound, Refused."""
    with _Log(path) as log:
        return log.tail(count)


def followed(path: Path, count: int) -> Iterator[LogPart]:
    """The same, then what is added, as it comes, without an end: also over a new start of the image, which may begin
    the log anew."""
    with _Log(path) as log:
        yield log.tail(count)
        while True:
            lines = log.added()
            if lines:
                yield LogPart(lines)
            else:
                time.sleep(_LOOK_S)


class _Log:
    """An open log, read up to `_position`; `_rest` is the beginning of a line whose end was not written yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._position = 0
        self._rest = b""
        self._heard = time.monotonic()

    def __enter__(self) -> _Log:
        self._descriptor = _opened(self._path)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def tail(self, count: int) -> LogPart:
        size = os.fstat(self._descriptor).st_size
        begin = max(0, size - MOST_BYTES)
        data = self._read(begin, size - begin)
        lines = data.splitlines()
        if begin and len(lines) <= count:
            return LogPart([_text(line) for line in lines[1:] or lines], cut=True)
        return LogPart([_text(line) for line in lines[max(0, len(lines) - count) :]])

    def added(self) -> list[str]:
        """The lines that were added since; empty if there are none."""
        self._look_for_another()
        data = self._read(self._position, MOST_BYTES)
        if not data:
            return self._without_an_end() if time.monotonic() - self._heard >= _QUIET_S else []
        self._heard = time.monotonic()
        *whole, last = (self._rest + data).splitlines(keepends=True)
        # A carriage return may be half of an end.
        ended = last.endswith(b"\n")
        self._rest = b"" if ended else last
        lines = [_text(line.rstrip(b"\r\n")) for line in (*whole, *([last] if ended else ()))]
        return lines + (self._without_an_end() if len(self._rest) > _LONGEST_LINE else [])

    def _without_an_end(self) -> list[str]:
        rest, self._rest = self._rest, b""
        return [_text(rest.rstrip(b"\r"))] if rest else []

    def _read(self, begin: int, size: int) -> bytes:
        data = os.pread(self._descriptor, size, begin)
        self._position = begin + len(data)
        return data

    def _look_for_another(self) -> None:
        """Begin anew where the log was: cut, or another file has its name. What is gone for now may come again."""
        here = os.fstat(self._descriptor)
        if here.st_size < self._position:
            self._position, self._rest = 0, b""
        with suppress(OSError, NotFound, Refused):
            there = self._path.stat()
            if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino) and here.st_size == self._position:
                other = _opened(self._path)
                os.close(self._descriptor)
                self._descriptor, self._position = other, 0


def _opened(path: Path) -> int:
    """A descriptor of the log. Whatever the image put in its place must not keep us waiting."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NotFound(
            f"there is no log at {path}{'' if path.parent.is_dir() else ': its folder is not here'}",
            todo="it begins with the next start: stui images launch NAME; a playground in a terminal prints there",
        ) from error
    except OSError as error:
        raise Refused(f"the log {path} cannot be read: {error.strerror}", todo="check its owner and mode") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Refused(f"{path} is no file, so it is no log", todo="look at what is there, and remove it")
    return descriptor


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace")
