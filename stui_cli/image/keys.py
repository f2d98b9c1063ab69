"""Key files: one line per key, `KEY_ID ROLE HEX`. Mode 0600 or refused; the bytes never leave this module's callers."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from stui_cli.model.errors import NotPermitted

KEY_BYTES = 32


@dataclass(frozen=True)
class Key:
    """A shared key; `secret` is kept out of every representation."""

    key_id: str
    role: str
    secret: bytes = field(repr=False)


def read_key(path: str, key_id: str | None) -> Key:
    """The key `key_id` of a file, or its first. Raises NotPermitted for a file that others can read, or that
    has no such key."""
    try:
        with Path(path).open(encoding="ascii") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except FileNotFoundError as error:
        raise NotPermitted(
            f"the key file {path} is not there",
            todo="relaunch the image, or `stui images set NAME --key-file FILE`",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise NotPermitted(f"the key file {path} cannot be read: {error}", todo="check its owner and mode") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise NotPermitted(
            f"the key file {path} can be read by others (mode {stat.S_IMODE(mode):04o}), so its keys count as known",
            todo=f"put fresh keys into it, then: chmod 600 {path}",
        )
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and not line.startswith("#") and key_id in (None, words[0]):
            try:
                return Key(words[0], words[1], bytes.fromhex(words[2]))
            except ValueError:
                continue
    wanted = "usable key" if key_id is None else f"key {key_id!r}"
    raise NotPermitted(f"the key file {path} holds no {wanted}", todo="its lines are: KEY_ID ROLE 64-HEX-DIGITS")


def fresh_key_file(path: Path) -> None:
    """Write a new file with one key per role, the owner's (admin) first. An existing file is kept: its keys may
    be in use elsewhere."""
    lines = [f"{role} {role} {os.urandom(KEY_BYTES).hex()}" for role in ("admin", "developer", "observer")]
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("# stui keys: KEY_ID ROLE KEY. Who holds a key may run code in the image.\n")
        file.write("\n".join(lines) + "\n")
