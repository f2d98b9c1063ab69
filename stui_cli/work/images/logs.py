"""What an image that was launched here has printed: where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.local.starting import LOG_FILE
from stui_cli.work.images.launched import launched_image

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.work.workbench import Workbench


def log_of(bench: Workbench, name: str) -> Path:
    """The log of the image `name`, whether it is there or not. Raises NotFound, and Refused if stui did not start
    it."""
    _, folder = launched_image(bench, name)
    return folder / LOG_FILE
