"""An image that was checked as an item: the image, and what a plug-in of Nagios says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.contract.image import IMAGE, image_item
from stui_cli.model.results import ItemKind, Show

if TYPE_CHECKING:
    from stui_cli.model.checks import CheckState
    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord

CHECK: Final = ItemKind("check", {**IMAGE.keys, "check": Show.TEXT})


def check_item(image: Image, record: ProbeRecord | None, now: int, state: CheckState) -> dict[str, object]:
    """One image with its state."""
    return image_item(image, record, now) | {"check": state.name.lower()}
