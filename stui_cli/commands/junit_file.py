"""The file of `stui test --junit`, which CI servers read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.model.errors import StuiError, UsageProblem
from stui_cli.model.results import OutputMode
from stui_cli.work.code.suites import items_of, troubles_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.results import Result
    from stui_cli.output.screen import Screen
    from stui_cli.work.code.suites import SuiteRun

# In place of a file.
STANDARD_OUTPUT = "-"


_TODO = "name a file in a folder of yours: --junit FILE"


def refuse_unwritable(path: str, screen: Screen) -> None:
    """Raises UsageProblem, before any test runs, where the file `path` could not be made, or where standard output is
    for other rows. That a disk is full shows only when it is written."""
    if path == STANDARD_OUTPUT:
        if screen.mode is not OutputMode.AUTO or screen.selection.picks:
            raise UsageProblem(
                "--junit - and -o or --columns want the same standard output", todo="name a file: --junit results.xml"
            )
        return
    try:
        _refuse_place(path)
    except OSError as error:  # no such place can be looked at
        raise UsageProblem(f"--junit {path}: {error.strerror}", todo=_TODO) from error


def _refuse_place(path: str) -> None:
    from pathlib import Path

    folder, name = os.path.split(path)
    if not name or (Path(path).exists() and not Path(path).is_file()):
        raise UsageProblem(f"--junit {path!r} is no plain file", todo="name a file: --junit results.xml, or --junit -")
    if not Path(folder).is_dir():
        from shlex import quote

        raise UsageProblem(f"--junit {path}: there is no folder {folder}", todo=f"make it: mkdir -p {quote(folder)}")
    if not os.access(folder or os.curdir, os.W_OK | os.X_OK):
        raise UsageProblem(f"--junit {path}: no file can be made in that folder", todo=_TODO)


def junit_of(runs: Sequence[SuiteRun]) -> bytes:
    """What CI servers read."""
    from stui_cli.output.junit import Suites, junit_document

    suites = []
    for run in runs:
        troubles = {f"{number} {each.code}": each.what for number, each in enumerate(troubles_of(run), 1)}
        suites.append(Suites(run.image, run.began_at, items_of(run), troubles))
    return junit_document(suites)


def with_junit(result: Result, path: str, runs: Sequence[SuiteRun]) -> Result:
    """Write the file `path` in one step, or let the document be all that is on standard output. What came of the tests
    is told all the same where it cannot be written."""
    from stui_cli.store.files.exported_file import publish

    document = junit_of(runs)
    if path == STANDARD_OUTPUT:
        # ASCII is right in every locale, and nothing is left in it that a terminal would obey.
        text = document.decode().encode("ascii", "xmlcharrefreplace").decode()
        return result._replace(text=text, notes=(result.text or "").splitlines())
    try:
        publish(path, document)
    except OSError as failure:
        error = StuiError(f"{path} cannot be written: {failure.strerror}", todo=_TODO)
        return result._replace(errors=[*result.errors, error], exit_code=result.exit_code or error.exit_code)
    return result
