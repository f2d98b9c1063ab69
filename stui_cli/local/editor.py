"""The user's own editor, on a copy of a file (as `visudo` and `crontab -e` do it)."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.model.errors import StuiError, UsageProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

# Tried in this order where neither variable names one: Debian's choice of the system, then what POSIX has.
_USUAL = ("editor", "vi", "nano")

_TODO = "name one: export EDITOR=nano"
_UNSEEN = "change one key: stui config set KEY VALUE"


def draft_of(data: bytes, name: str) -> str:
    """The path of a new private copy, whose name ends like `name` so that editors know what it is."""
    given = Path(name)
    handle, path = tempfile.mkstemp(prefix=f"stui-{given.stem}-", suffix=given.suffix)
    with open(handle, "wb") as file:
        file.write(data)
    return path


def content_of(draft: str) -> bytes:
    """What a draft holds. Raises StuiError if the editor took it away."""
    try:
        with open(draft, "rb") as file:
            return file.read()
    except OSError as error:
        raise StuiError(f"the editor left no {draft}: {error.strerror}; nothing was changed", todo=_TODO) from error


def editor_of(environ: Mapping[str, str], *, at_terminal: bool) -> list[str]:
    """The words of the editor's command: VISUAL, else EDITOR, else a usual one, which needs a person at a terminal.
    Raises UsageProblem for none."""
    for variable in ("VISUAL", "EDITOR"):
        if given := environ.get(variable, "").strip():
            try:
                return shlex.split(given)
            except ValueError as error:
                raise UsageProblem(f"{variable} is {given!r}: {error}", todo=_TODO) from error
    if not at_terminal:
        raise UsageProblem("neither VISUAL nor EDITOR names an editor, and nobody is at a terminal here", todo=_UNSEEN)
    found = next((name for name in _USUAL if shutil.which(name, path=environ.get("PATH"))), None)
    if found is None:
        raise UsageProblem("neither VISUAL nor EDITOR names an editor, and none is installed", todo=_TODO)
    return [found]


def run_editor(words: list[str], path: str, environ: Mapping[str, str]) -> None:
    """Let a person edit `path`. Raises UsageProblem if the editor cannot be run, StuiError if it fails."""
    try:
        # PATH is looked through by `which`: Popen would use this process's own.
        program = shutil.which(words[0], path=environ.get("PATH")) or words[0]
        done = subprocess.run([program, *words[1:], path], env=dict(environ), check=False)
    except (OSError, ValueError) as error:
        raise UsageProblem(
            f"the editor {words[0]!r} cannot be run: {getattr(error, 'strerror', None) or error}", todo=_TODO
        ) from error
    if done.returncode:
        ended = f"exit {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
        raise StuiError(f"the editor {shlex.join(words)} failed ({ended}); nothing was changed", todo=_TODO)
