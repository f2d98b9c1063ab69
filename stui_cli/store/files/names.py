"""names/images, names/labels and names/sessions: plain lines, so that Tab needs no stui and no parser.

`alpha` per line; `alpha`, a tab and `team=core`; `alpha/work`. The sessions of an image stand together, sorted, so that
changing them costs no more than copying the file; the images are in the order in which they got their first sessions.
Derived: whatever is wrong with them, the next commit or repair makes them again. For that names/made_for says which
operation they are of, and how long they are; the cache says of which they should be. What a killed process, or a full
disk, left behind is so found by the next commit, whatever that changes.

names/keys is beside them: it is of no operation, but what `stui keys` saw last.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.store.files.disk import exists, read_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stui_cli.model.state import State
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home

SessionNames = "Callable[[str], Iterable[str]]"


def read_names(home: Home, *, sessions: bool = False) -> list[str]:
    """The names of all images, or `image/session` of all sessions; [] where there is no such file."""
    try:
        path = os.path.join(home.names, "sessions" if sessions else "images")
        return read_plain(path).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def read_labels(home: Home) -> list[tuple[str, str]]:
    """Pairs of an image's name and `key=value`, a label of it; [] where there is no such file."""
    try:
        lines = read_plain(os.path.join(home.names, "labels")).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [(image, label) for image, tab, label in (line.partition("\t") for line in lines) if tab]


def read_key_names(home: Home) -> list[str]:
    """`image/key` of the keys that `stui keys` saw last; [] where there is no such file."""
    try:
        return read_plain(os.path.join(home.names, "keys")).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def write_key_names(home: Home, disk: Disk, image: str, keys: Iterable[str]) -> None:
    """Keep which keys an image has. No state says so, and key files change without stui: it is a hint, for Tab alone.
    Two that write at once leave one of the two. Raises OSError."""
    path = os.path.join(home.names, "keys")
    text = _with_block(_content(path), f"{image}/".encode(), _lines(f"{image}/{key}" for key in keys))
    disk.make_folder(home.names)
    _replace(disk, path, text)


def expected_names(state: State, session_names: Callable[[str], Iterable[str]]) -> tuple[list[str], list[str]]:
    """What both files should say, in whatever order."""
    pairs = ((name, image.image_id) for name, image in state.images.items() if image.image_id in state.shards)
    return list(state.images), [f"{name}/{each}" for name, image_id in pairs for each in session_names(image_id or "")]


def write_names(
    home: Home,
    disk: Disk,
    before: State | None,
    after: State,
    session_names: Callable[[str], Iterable[str]],
    number: int,
    team: bytes = b"",
) -> None:
    """Bring both files from `before` to `after`, which is of operation `number` (of the store of a `team`); without
    `before` make them anew.

    `session_names` returns the names of the sessions of an image id.
    """
    from stui_cli.store.files.publishing import names_mark

    old = {} if before is None else {name: image.image_id for name, image in before.images.items()}
    new = {name: image.image_id for name, image in after.images.items()}
    disk.make_folder(home.names)
    if before is None or old.keys() != new.keys() or not exists(os.path.join(home.names, "images")):
        _replace(disk, os.path.join(home.names, "images"), _lines(new))
    _replace(disk, os.path.join(home.names, "labels"), _lines(_labels(after)))
    old_shards = {} if before is None else before.shards
    changed = [
        name
        for name in old.keys() | new.keys()
        if old.get(name) != new.get(name)
        or old_shards.get(old.get(name) or "") != after.shards.get(new.get(name) or "")
    ]
    text = b"" if before is None else _content(os.path.join(home.names, "sessions"))
    for name in sorted(changed):
        image_id = new.get(name)
        sessions = session_names(image_id) if image_id in after.shards and image_id is not None else ()
        text = _with_block(text, f"{name}/".encode(), _lines(f"{name}/{session}" for session in sessions))
    _replace(disk, os.path.join(home.names, "sessions"), text)
    _replace(disk, home.names_made_for, names_mark(home, number, team))


def _with_block(text: bytes, prefix: bytes, block: bytes) -> bytes:
    """`text` with the lines that begin with `prefix` replaced by `block`, where they stood or at the end."""
    start = 0 if text.startswith(prefix) else text.find(b"\n" + prefix) + 1
    if not text.startswith(prefix, start):
        return text + block
    end = start
    while text.startswith(prefix, end):
        end = text.index(b"\n", end) + 1 if b"\n" in text[end:] else len(text)
    return text[:start] + block + text[end:]


def _labels(state: State) -> Iterator[str]:
    """Every label of every image. One that no shell could complete to what it is, as it holds what no eye would see, is
    left out."""
    for name, image in state.images.items():
        yield from (f"{name}\t{key}={value}" for key, value in image.metadata.items() if f"{key}{value}".isprintable())


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in sorted(names)).encode("utf-8", "replace")


def _content(path: str) -> bytes:
    try:
        return read_plain(path)
    except OSError:
        return b""


def _replace(disk: Disk, path: str, data: bytes) -> None:
    if not exists(path) or _content(path) != data:
        disk.replace(path, data, durable=False)
