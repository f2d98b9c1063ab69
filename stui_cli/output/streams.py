"""The three standard streams, made whole at the start: none is closed, and what cannot be written is said once.

A process may begin with any of them closed (`stui images >&-`, a daemon, some crons). The next file or socket that is
opened would get that number, and what is meant for a person would go into it. So each is opened on /dev/null, the way
round that its use still fails, as the GNU coreutils do: what is printed to a closed stdout is not lost without a word,
and a closed stdin is not taken for an empty one. What is said on a stderr that is closed, full or gone goes nowhere,
and decides nothing: it is never data.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING

from stui_cli.model.errors import OutputFailed

if TYPE_CHECKING:
    from typing import TextIO


def open_standard_streams() -> None:
    """Call it first of all: before it any file may take the number of a closed stream."""
    for number, flags in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, flags)  # takes the lowest free number: those below are open
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  for the whole command
    sys.stdout = _stream(_Data, 1, sys.stdout, "strict")
    sys.stderr = _stream(_Talk, 2, sys.stderr, "backslashreplace")


# What is written itself is done by FileIO, and not in a method of ours: an interrupt that came between its end and the
# end of the method would have the buffer write the same again.


class _Data(TextIOWrapper):
    """Stdout. Raises OutputFailed where it cannot be written; a reader that is gone stays BrokenPipeError."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise output_failed(error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise output_failed(error) from error


class _Talk(TextIOWrapper):
    """Stderr. Whatever becomes of it, the command goes on."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def write_bytes(data: bytes) -> None:
    """Write to stdout what is no text of ours. Raises OutputFailed and BrokenPipeError."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_failed(error) from error


def output_failed(error: OSError) -> OutputFailed:
    """What a person reads where stdout takes nothing more."""
    return OutputFailed(
        f"the output cannot be written: {error.strerror or error}",
        todo="give it a standard output that takes it: a pipe, or a file with room",
    )


def reader_is_gone(stream: TextIO) -> bool:
    """Whether nobody can read any more what is written to `stream`, a pipe that was closed: for who writes seldom, and
    would learn it late. Not told of on Windows."""
    import select

    if not hasattr(select, "poll"):
        return False
    looked = select.poll()
    try:
        looked.register(stream.fileno(), 0)
        return any(seen & (select.POLLERR | select.POLLHUP) for _, seen in looked.poll(0))
    except (OSError, ValueError):
        return False


def _stream(kind: type[TextIOWrapper], number: int, before: object, errors: str) -> TextIOWrapper:
    """A text stream to the file `number` that is otherwise as Python had made it."""
    as_before = before if isinstance(before, TextIOWrapper) else None
    raw = FileIO(number, "w", closefd=False)
    return kind(
        BufferedWriter(raw),
        encoding=as_before.encoding if as_before else None,
        errors=(as_before.errors if as_before else None) or errors,
        line_buffering=errors != "strict" or raw.isatty(),
    )
