"""All subjects, in the order in which they matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.work.checkup.config import look_at_settings
from stui_cli.work.checkup.disk import look_at_disk
from stui_cli.work.checkup.images import look_at_images
from stui_cli.work.checkup.programs import look_for_programs
from stui_cli.work.checkup.runtime_folder import look_at_runtime_folder
from stui_cli.work.checkup.store import look_at_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.work.checkup.observation import Observation
    from stui_cli.work.workbench import Workbench

CHECKS: tuple[Callable[[Workbench], Iterator[Observation]], ...] = (
    look_at_store,
    look_at_settings,
    look_at_disk,
    look_at_images,
    look_for_programs,
    look_at_runtime_folder,
)


def look_around(bench: Workbench) -> list[Observation]:
    """What was found on this machine. Nothing is changed."""
    return [seen for check in CHECKS for seen in check(bench)]
