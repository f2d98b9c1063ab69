"""The settings: config.toml, and the variables that are stronger."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.model.errors import StuiError
from stui_cli.work.checkup.observation import passed, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

_EDIT = "stui config edit"


def look_at_settings(around: Around) -> Iterator[Observation]:
    """Whether each variable and the file can be used, and each key of it means something."""
    from stui_cli.store.files.settings import read_settings

    yield from _variables(around)
    config = around.bench.store.home.config
    wanted = "TOML with the keys that `stui config` lists"
    try:
        found = read_settings(around.bench.store.home)
    except StuiError as error:
        yield problem("config", "readable", _why(around, error.what), _mend(around, config), wanted)
        return
    for text in found.warnings:
        yield problem("config", "keys", around.places.told(text), _EDIT, wanted)
    if found.warnings:
        return
    if not Path(config).exists():
        yield passed("config", "readable", "config.toml is not there, and need not be")
        return
    yield passed("config", "readable", f"config.toml sets {', '.join(found.values) or 'nothing'}")
    yield from _mode(around, config)


def _variables(around: Around) -> Iterator[Observation]:
    from stui_cli.model.settings import SETTINGS, from_environment

    for row in SETTINGS.values():
        try:
            from_environment(row, around.environ)
        except StuiError as error:
            yield problem("config", str(row.variable), _why(around, error.what), f"unset {row.variable}", str(row.kind))


def _why(around: Around, what: str) -> str:
    """Without the value where that may be a command, or a path."""
    from stui_cli.model.settings import SETTINGS, CommandValue, PathValue, TeamStoreValue

    kinds = CommandValue | PathValue | TeamStoreValue
    private = any(isinstance(row.kind, kinds) and row.key in what for row in SETTINGS.values())
    return around.places.without_values(what) if private else around.places.told(what)


def _mend(around: Around, config: str) -> str:
    """What opens a file that is damaged, or gives back one that everybody may write."""
    try:
        open_to_all = bool(Path(config).stat().st_mode & stat.S_IWOTH)
    except OSError:
        open_to_all = False
    return f"chmod go-w {around.places.quoted(config)}" if open_to_all else _EDIT


def _mode(around: Around, config: str) -> Iterator[Observation]:
    """Whoever may write the file may have commands run as this user."""
    if os.name == "posix" and (mode := stat.S_IMODE(Path(config).stat().st_mode)) & stat.S_IWGRP:
        told = f"others of its group may write it (mode {mode:04o}), and so have commands run"
        todo = f"chmod go-w {around.places.quoted(config)}"
        yield warning("config", "mode", told, todo, "a file that this user alone may write")
