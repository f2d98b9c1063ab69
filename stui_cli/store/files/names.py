"""names/images, names/labels and names/sessions: plain lines, so that Tab needs no stui and no parser.

`alpha` per line; `alpha`, a tab and `team=core`; `alpha/work`. The labels of an image stand together, sorted, and so do
its sessions, so that changing them costs no more than copying the file; the images are in the order in which they got
their first.
Derived: whatever is wrong with them, the next commit or repair makes them again. For that names/made_for says which
operation they are of, and how long they are; the cache says of which they should be. What a killed process, or a full
disk, left behind is so found by the next commit, whatever that changes.

names/keys is beside them: it is of no operation, but what `stui keys` saw last.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.model.state import State, differing
from stui_cli.store.files.disk import exists, read_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
    """Bring the files from `before` to `after`, which is of operation `number` (of the store of a `team`); without
    `before` make them anew. What did not change is not read, however much there is of it.

    `session_names` returns the names of the sessions of an image id.
    """
    from stui_cli.store.files.names_mark import names_mark

    disk.make_folder(home.names)
    known = State() if before is None else before
    touched = differing(known.images, after.images)
    if before is None or known.images.keys() != after.images.keys():
        _replace(disk, os.path.join(home.names, "images"), _lines(after.images))
    relabelled = [name for name in touched if _labels(known, name) != _labels(after, name)]
    _write_blocks(
        disk,
        os.path.join(home.names, "labels"),
        {f"{name}\t": _labels(after, name) for name in relabelled},
        anew=before is None,
    )
    moved = [name for name in touched if _id_of(known, name) != _id_of(after, name)]
    _write_blocks(
        disk,
        os.path.join(home.names, "sessions"),
        {
            f"{name}/": [f"{name}/{each}" for each in _sessions(after, name, session_names)]
            for name in sorted({*moved, *_with_other_sessions(known, after)})
        },
        anew=before is None,
    )
    _replace(disk, home.names_made_for, names_mark(home, number, team))


def _with_other_sessions(before: State, after: State) -> list[str]:
    """The names of the images whose sessions are not the same, after a change."""
    ids = set(differing(before.shards, after.shards))
    return [] if not ids else [name for name, image in after.images.items() if image.image_id in ids]


def _id_of(state: State, name: str) -> str | None:
    image = state.images.get(name)
    return None if image is None else image.image_id


def _sessions(state: State, name: str, session_names: Callable[[str], Iterable[str]]) -> Iterable[str]:
    image_id = _id_of(state, name)
    return session_names(image_id) if image_id is not None and image_id in state.shards else ()


def _write_blocks(disk: Disk, path: str, blocks: Mapping[str, Iterable[str]], *, anew: bool) -> None:
    """Replace the lines that begin as a block does by those of the block; with `anew` there are no others."""
    if not (anew or blocks):
        return
    before = _content(path)
    if anew:
        text = b"".join(map(_lines, blocks.values()))
    else:
        text = before
        for prefix, lines in blocks.items():
            text = _with_block(text, prefix.encode("utf-8", "replace"), _lines(lines))
    if text != before or not exists(path):
        disk.replace(path, text, durable=False)


def _with_block(text: bytes, prefix: bytes, block: bytes) -> bytes:
    """`text` with the lines that begin with `prefix` replaced by `block`, where they stood or at the end."""
    start = 0 if text.startswith(prefix) else text.find(b"\n" + prefix) + 1
    if not text.startswith(prefix, start):
        return text + block
    end = start
    while text.startswith(prefix, end):
        end = text.index(b"\n", end) + 1 if b"\n" in text[end:] else len(text)
    return text[:start] + block + text[end:]


def _labels(state: State, name: str) -> list[str]:
    """The lines of the labels of an image. One that no shell could complete to what it is, as it holds what no eye
    would see, is left out."""
    image = state.images.get(name)
    labels = {} if image is None else image.metadata
    return [f"{name}\t{key}={value}" for key, value in labels.items() if f"{key}{value}".isprintable()]


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
