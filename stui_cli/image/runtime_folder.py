"""The private folder of this user for what lives as long as its processes: runtime files of agents, sockets of ssh."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.model.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping


def runtime_directory(environ: Mapping[str, str]) -> Path:
    """Where agents of this user write: $XDG_RUNTIME_DIR/stui, else a private folder in the temporary one.

    The variable counts only for a folder that is there and this user's: after `su` it may be somebody else's, and in
    cron one that nobody made.
    """
    base = environ.get("XDG_RUNTIME_DIR")
    if base and Path(base).is_absolute() and _is_own_folder(Path(base)):
        return Path(base) / "stui"
    user = os.getuid() if hasattr(os, "getuid") else environ.get("USERNAME", "user")
    return Path(environ.get("TMPDIR") or "/tmp") / f"stui-{user}"  # noqa: S108  made private below  # nosec B108


def _is_own_folder(path: Path) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())


def private_directory(path: Path) -> Path:
    """Make `path` with mode 0700, or check that it is a folder of this user that nobody else can enter.

    Raises Refused otherwise: in a shared temporary folder a neighbour may have made it first.
    """
    try:
        for missing in reversed([folder for folder in (path, *path.parents) if not os.path.lexists(folder)]):
            missing.mkdir(mode=0o700, exist_ok=True)  # parents=True would make those above by the umask
        found = path.lstat()
        _check_private(path, found)
        if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
            path.chmod(0o700)
    except OSError as error:
        from shlex import quote

        raise Refused(
            f"{path} cannot be made: {error.strerror or error}",
            todo=f"look what is in its place: ls -ld {quote(str(path))}; or set {_elsewhere(path)}",
        ) from error
    return path


def _check_private(path: Path, found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        from shlex import quote

        raise Refused(
            f"{path} is a link to {path.readlink()}, where a private folder has to be",
            todo=f"remove the link: rm {quote(str(path))}; or set {_elsewhere(path)}",
        )
    if not stat.S_ISDIR(found.st_mode):
        raise Refused(f"{path} is no folder", todo=f"move it away, or set {_elsewhere(path)}")
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        raise Refused(f"{path} belongs to somebody else", todo=f"set {_elsewhere(path)}")


def _elsewhere(path: Path) -> str:
    variable = "XDG_RUNTIME_DIR" if path.name.startswith("stui") else "STUI_HOME"
    return f"{variable} to a private folder of yours"
