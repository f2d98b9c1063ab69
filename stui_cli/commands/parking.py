"""What `stui images connect` and `stui images disconnect` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.commands.one_by_one import Several, one_by_one
from stui_cli.work.workbench import known_images

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench


def set_parked(bench: Workbench, names: tuple[str, ...], *, parked: bool) -> Several[Image]:
    """Leave images alone, or take them up again. Raises NotFound for an unknown name before any is changed."""
    from stui_cli.work.meant.entry import change_image

    known_images(bench.store.read(), names)
    return one_by_one(dict.fromkeys(names), lambda name: change_image(bench, name, lambda i: i._replace(parked=parked)))
