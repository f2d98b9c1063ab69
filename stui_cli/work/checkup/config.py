"""The settings: config.toml, and the variables that are stronger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.model.errors import StuiError
from stui_cli.work.checkup.observation import Observation, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.work.workbench import Workbench


def look_at_settings(bench: Workbench) -> Iterator[Observation]:
    """Whether each variable and the file can be used, and each key of it means something."""
    from stui_cli.model.settings import SETTINGS, from_environment
    from stui_cli.store.files.settings import read_settings

    home = bench.store.home
    wanted = f"TOML with keys of these: {', '.join(SETTINGS)}"
    for row in SETTINGS.values():
        try:
            from_environment(row, bench.environ)
        except StuiError as error:
            yield Observation("config", str(row.variable), Verdict.FAILED, str(row.kind), error.what)
    try:
        found = read_settings(home)
    except StuiError as error:
        yield Observation("config", "readable", Verdict.FAILED, wanted, error.what)
        return
    for warning in found.warnings:
        yield Observation("config", "keys", Verdict.FAILED, wanted, warning)
    if not found.warnings:
        told = home.config if Path(home.config).exists() else f"{home.config} is not there, and need not be"
        yield Observation("config", "readable", Verdict.PASSED, None, told)
