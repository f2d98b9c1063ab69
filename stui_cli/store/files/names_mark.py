"""names/made_for: which operation the names for completion are of. Apart from names.py, since every command on a team's
store and every switch asks it, and needs no more of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.store.files.disk import read_plain

if TYPE_CHECKING:
    from stui_cli.store.files.location import Home


def names_are_of(home: Home, number: int) -> bool:
    """Whether the files of names are there as operation `number` made them."""
    try:
        return read_plain(home.names_made_for) == names_mark(home, number)
    except OSError:
        return False


def names_mark(home: Home, number: int, team: bytes = b"") -> bytes:
    """What names/made_for says of operation `number`: it, and how long the files are, and whose store of a team they
    are of. Raises OSError."""
    of_files = (os.stat(os.path.join(home.names, name)).st_size for name in ("images", "labels", "sessions"))
    images, labels, sessions = of_files
    return b"%d %d %d %d%b\n" % (number, images, labels, sessions, team and b" " + team)
