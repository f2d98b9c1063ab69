"""A file that somebody asked for by its name, to be carried elsewhere: written whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.model.errors import Refused
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.problems import as_store_problems

if TYPE_CHECKING:
    from pathlib import Path


def write_exported_file(path: Path, data: bytes, *, overwrite: bool) -> None:
    """Write the file with mode 0600. Raises Refused for one that is there, StoreProblem if it cannot be written."""
    with as_store_problems(str(path), "name another file: -f FILE"):
        if not overwrite and path.exists():
            raise Refused(f"{path} is there already", todo="choose another name, or --force")
        Disk().replace(str(path), data)


def publish(path: str | os.PathLike[str], data: bytes) -> None:
    """Put `data` at `path` in one step, readable by everybody: for a file that another program collects.

    Raises OSError naming the file.
    """
    disk = Disk()
    # Named by process, since two of them may publish at once; hidden, since collectors take all that they see.
    folder, name = os.path.split(path)
    prepared = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        disk.replace(prepared, data, durable=False)
        disk.change_mode(prepared, 0o644)
        disk.move_over(prepared, os.fspath(path))
    except BaseException:
        with suppress(OSError):
            disk.remove(prepared)
        raise
