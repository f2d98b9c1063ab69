"""A file of one session, of whatever name the user gives it: written whole or not at all, and read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import UsageProblem
from stui_cli.store.files.exported_file import write_exported_file
from stui_cli.store.session_files import LARGEST, decoded, encoded

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.model.sessions import SessionFile


def write_session_file(path: Path, session: SessionFile, *, overwrite: bool) -> None:
    """Write the file with mode 0600, whole or not at all. Raises Refused for one that is there, StoreProblem if it
    cannot be written."""
    write_exported_file(path, encoded(session, _format(path)), overwrite=overwrite)


def read_session_file(path: Path) -> SessionFile:
    """The session in a file. Raises UsageProblem for anything else, StoreProblem for a newer stui's file."""
    form = _format(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageProblem(
            f"{path} cannot be read: {error.strerror}", todo="name a file of stui sessions export"
        ) from error
    return decoded(data, form, str(path))


def _format(path: Path) -> str:
    match path.suffix.lower():
        case ".toml":
            return "toml"
        case ".msgpack" | ".mpk":
            return "msgpack"
        case _:
            raise UsageProblem(f"{path}: the suffix tells the format", todo="name it .toml or .msgpack")
