"""`stui images list`: what is registered, with what the last probes said. Contacts nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.commands.listings import IMAGE_COLUMNS
from stui_cli.invocation import Invocation, command
from stui_cli.model.items import image_item
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.manager import SessionManager
    from stui_cli.model.probes import ProbeRecord


def list_images(manager: SessionManager, records: Mapping[str, ProbeRecord]) -> Result:
    """Every registered image, in the order in which they were added."""
    now = manager.bench.clock()
    items = [image_item(image, records.get(name), now) for name, image in manager.read().images.items()]
    empty = "no image is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
    return Result("image", items, IMAGE_COLUMNS, empty=empty)


@command("image", name="list")
def cli(invocation: Invocation) -> int:
    """List the registered images with what the last probes said of them. Contacts no image."""
    records = invocation.manager.store.probes()
    code = invocation.show(list_images(invocation.manager, records))
    invocation.tell_changes(records)
    return code
