"""The keys that the agent accepts, read anew at each greeting: a key can be added or withdrawn while it runs."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.image.keys import KEY_BYTES

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 256 * 1024
_ROLES = ("observer", "developer", "admin")
_SECRET = re.compile(rf"[0-9A-Fa-f]{{{2 * KEY_BYTES}}}\Z")


class HeldKey(NamedTuple):
    """What one key lets its holder do."""

    role: str
    secret: bytes


class UnusableKeys(Exception):
    """The key file cannot be used. Says what is wrong, never what is inside."""


def read_keys(path: Path) -> dict[str, HeldKey]:
    """The keys of a file by their ids, in its order; at least one. Raises UnusableKeys."""
    keys = keys_in(path)
    if not keys:
        raise UnusableKeys(f"the key file {path} holds no key")
    return keys


def keys_in(path: Path) -> dict[str, HeldKey]:
    """The same, but that there may be none: the last one may have been withdrawn. Raises UnusableKeys."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_LARGEST + 1) if stat.S_ISREG(mode) else None
    except OSError as error:
        raise UnusableKeys(f"the key file {path} cannot be read: {error.strerror}") from error
    if data is None or len(data) > _LARGEST:
        raise UnusableKeys(f"{path} is no key file")
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise UnusableKeys(f"the key file {path} may be read by others; its mode must be 0600")
    keys: dict[str, HeldKey] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 3 or words[1] not in _ROLES or not _SECRET.match(words[2]):
            raise UnusableKeys(f"line {number} of the key file {path} is no key")
        keys.setdefault(words[0], HeldKey(words[1], bytes.fromhex(words[2])))
    return keys


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
