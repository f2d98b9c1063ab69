"""Key files: one line per key, `KEY_ID ROLE HEX`. Mode 0600 or refused; the bytes never leave this module's callers."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from stui_cli.model.errors import NotPermitted

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32

_HEX_DIGITS = frozenset("0123456789ABCDEFabcdef")
_FORM = f"its lines are: KEY_ID ROLE {2 * KEY_BYTES}-HEX-DIGITS"
LARGEST = 256 * 1024
_MOST_NAMED = 8


class Key:
    """A shared key; `secret` is kept out of every representation."""

    # Written out: importing dataclasses costs 1 ms of an evaluation.
    __slots__ = ("key_id", "role", "secret")

    def __init__(self, key_id: str, role: str, secret: bytes) -> None:
        self.key_id = key_id
        self.role = role
        self.secret = secret

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self._all() == other._all()

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return f"Key({self.key_id!r}, {self.role!r})"

    def _all(self) -> tuple[str, str, bytes]:
        return self.key_id, self.role, self.secret


def is_key(text: str) -> bool:
    """Whether a text is the bytes of a key, in hexadecimal digits."""
    return len(text) == 2 * KEY_BYTES and _HEX_DIGITS.issuperset(text)


def read_key(path: str, key_id: str | None) -> Key:
    """The key `key_id` of a file, or its first. Raises NotPermitted for a file that others can read, or that
    has no such key."""
    try:
        mode, text = _read_bounded(path)
    except FileNotFoundError as error:
        raise NotPermitted(
            f"the key file {path} is not there",
            todo="name the right one: stui images set NAME --key-file FILE; or launch the image anew",
        ) from error
    except OSError as error:
        raise NotPermitted(
            f"the key file {path} cannot be read: {error.strerror}", todo="check its owner and mode"
        ) from error
    except ValueError as error:
        raise NotPermitted(f"the key file {path} is no key file", todo=_FORM) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        from shlex import quote

        raise NotPermitted(
            f"the key file {path} can be read by others (mode {stat.S_IMODE(mode):04o}), so its keys count as known",
            todo=f"put fresh keys into it, then: chmod 600 {quote(path)}",
        )
    others = []
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) == 3 and is_key(words[2]):
            if key_id in (None, words[0]):
                return Key(words[0], words[1], bytes.fromhex(words[2]))
            others.append(words[0])
    if others:
        raise NotPermitted(
            f"the key file {path} holds no usable key {key_id!r}",
            todo=f"it has {', '.join(others[:_MOST_NAMED])}; name one: stui images set NAME --key-id ID",
        )
    wanted = "usable key" if key_id is None else f"usable key {key_id!r}"
    raise NotPermitted(f"the key file {path} holds no {wanted}", todo=_FORM)


def _read_bounded(path: str) -> tuple[int, str]:
    """Mode and text of a plain file. Raises OSError, and ValueError for what cannot be a key file at all: a folder,
    a pipe that would be waited for, a device without end, bytes that are no ASCII."""
    with open(path, "rb", opener=_without_waiting) as file:
        mode = os.fstat(file.fileno()).st_mode
        data = file.read(LARGEST + 1) if stat.S_ISREG(mode) else b""
    if not stat.S_ISREG(mode) or len(data) > LARGEST:
        raise ValueError("no plain small file")
    return mode, data.decode("ascii")


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def fresh_key_file(path: Path) -> None:
    """Write a new file with one key per role, the owner's (admin) first. An existing file is kept: its keys may
    be in use elsewhere."""
    if path.exists():
        return
    lines = [f"{role} {role} {os.urandom(KEY_BYTES).hex()}" for role in ("admin", "developer", "observer")]
    text = "# stui keys: KEY_ID ROLE KEY. Who holds a key may run code in the image.\n" + "\n".join(lines) + "\n"
    # Put into place whole: a start that is killed here leaves no half file for the next one to keep.
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    draft.replace(path)
