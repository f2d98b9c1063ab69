"""Whether what is evaluated could be recorded, as far as that can be seen without writing anything."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stui_cli.store.files.location import Home

# A line of the audit log and one of a history take a few KiB; with less than this the next one may not fit.
_LEAST_FREE = 64 * 1024


def check_recordable(home: Home, image_id: str | None, session_id: str | None) -> None:
    """Raise OSError for what would keep an evaluation from the audit log, or from the history of its session."""
    home.exists()
    places = [home.folder, home.lock, home.audit]
    if image_id is not None and session_id is not None:
        history = home.history(image_id, session_id)
        places += [home.histories, os.path.dirname(history), history]
    for place in places:
        if os.path.lexists(place) and not os.access(place, os.W_OK):
            raise OSError(_why(place), os.strerror(_why(place)), place)
    if hasattr(os, "statvfs") and _free(home.folder) < _LEAST_FREE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), home.folder)


def _why(place: str) -> int:
    """The system's own word for a place that cannot be written."""
    if hasattr(os, "statvfs") and os.statvfs(place).f_flag & os.ST_RDONLY:
        return errno.EROFS
    return errno.EACCES


def _free(folder: str) -> int:
    """Bytes that this user may still write there."""
    try:
        found = os.statvfs(folder)
    except FileNotFoundError:  # a store that is not there yet is made where its parents are
        return _LEAST_FREE
    # File systems that do not count their blocks say that they have none at all.
    return found.f_bavail * found.f_frsize if found.f_blocks else _LEAST_FREE
