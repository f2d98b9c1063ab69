"""The lines of a key file, as an agent takes them: read, and changed so that every other byte stays as it is.

An agent takes the first line of each id, and what follows a # is a comment. So to take a key back is to take out every
line of its id: the one behind it would be the key then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.image.keys import KEY_BYTES, Key, is_key
from stui_cli.model.errors import NotPermitted
from stui_cli.model.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable


def keys_of(data: bytes, where: str) -> list[Key]:
    """The keys of a file in its order, the first of each id. Raises NotPermitted naming `where` and the line for what
    an agent does not take: then it takes none of the file."""
    found: dict[str, Key] = {}
    for number, line in enumerate(data.splitlines(), 1):
        words = _words(line)
        if words:
            key = _key(words)
            if key is None:
                raise NotPermitted(
                    f"line {number} of the key file {where} is no key, so its agent takes none of them",
                    todo=f"mend that line: KEY_ID ROLE {2 * KEY_BYTES}-HEX-DIGITS; a role is one of {', '.join(ROLES)}",
                )
            found.setdefault(key.key_id, key)
    return list(found.values())


def with_key(data: bytes, key: Key) -> bytes:
    """The file with one more key, the last."""
    end = b"\n" if data and not data.endswith((b"\n", b"\r")) else b""
    return data + end + line_of(key)


def without_key(data: bytes, key_id: str) -> bytes:
    """The file without any line of that id."""
    return _changed(data, key_id, _nothing)


def with_secret(data: bytes, key_id: str, secret: bytes) -> bytes:
    """The file with other bytes for that id, its role and what stands around them as before."""
    fresh = secret.hex().encode()
    return _changed(data, key_id, lambda line, words: _replaced(line, words[2], fresh))


def line_of(key: Key) -> bytes:
    """A key as a line of a key file."""
    return f"{key.key_id} {key.role} {key.secret.hex()}\n".encode("ascii")


def _changed(data: bytes, key_id: str, change: Callable[[bytes, list[bytes]], bytes]) -> bytes:
    lines = []
    for line in data.splitlines(keepends=True):
        words = _words(line)
        lines.append(change(line, words) if words and words[0] == key_id.encode() else line)
    return b"".join(lines)


def _nothing(line: bytes, words: list[bytes]) -> bytes:
    del line, words
    return b""


def _replaced(line: bytes, old: bytes, fresh: bytes) -> bytes:
    """The third word: an id may hold the same digits."""
    key, mark, comment = line.partition(b"#")
    before, _, after = key.rpartition(old)
    return before + fresh + after + mark + comment


def _words(line: bytes) -> list[bytes]:
    return line.partition(b"#")[0].split()


def _key(words: list[bytes]) -> Key | None:
    try:
        key_id, role, secret = (word.decode("ascii") for word in words)
    except ValueError:  # too few, too many, or no ASCII
        return None
    return Key(key_id, role, bytes.fromhex(secret)) if role in ROLES and is_key(secret) else None
