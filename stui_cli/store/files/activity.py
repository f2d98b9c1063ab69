"""When sessions were last used: from their histories' files, since an evaluation makes no operation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.store.files.disk import open_plain
from stui_cli.store.files.lines import complete_lines
from stui_cli.store.files.location import plain_file_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.history import Entry
    from stui_cli.store.files.location import Home

# An evaluation of ordinary length is in here; a longer one is looked for in the whole file.
_TAIL = 8 * 1024


def last_evaluations(home: Home, image_id: str, since: Mapping[str, int]) -> dict[str, Entry]:
    """The last evaluation of each session of an image whose history was written after `since` (ms by session id).

    Looks at times first, all with one pass over the folder, and into those files only that are new.
    """
    found: dict[str, Entry] = {}
    try:
        files = os.scandir(os.path.dirname(home.history(image_id, "-")))
    except FileNotFoundError:
        return found
    wanted = {plain_file_name(session_id): session_id for session_id in since}
    with files:
        for file in files:
            session_id = wanted.get(file.name)
            if session_id is None:
                continue
            try:
                entry = _last(file.path) if file.stat().st_mtime_ns // 1_000_000 >= since[session_id] else None
            except OSError:
                continue  # pruned meanwhile, or what doctor names
            if entry is not None:
                found[session_id] = entry
    return found


def _last(path: str) -> Entry | None:
    from stui_cli.store.files.history import entry_of, fields_of  # json, 1 ms: only where a session was used meanwhile

    with open(open_plain(path), "rb") as file:
        size = file.seek(0, os.SEEK_END)
        for length in (min(size, _TAIL), size):
            file.seek(size - length)
            for line in reversed(complete_lines(file.read())):
                fields = fields_of(line)
                if fields is not None and "schema" not in fields:
                    return entry_of(fields)
    return None
