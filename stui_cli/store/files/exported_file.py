"""A file that somebody asked for by its name, to be carried elsewhere: written whole or not at all."""

from __future__ import annotations

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
