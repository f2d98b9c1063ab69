"""When this machine's network changed: images that it can no longer reach are unknown, not gone (DESIGN section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.addresses import parse_address
from stui_cli.model.health import after_network_change, is_elsewhere
from stui_cli.work.images.monitor import change_records, registered_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.work.workbench import Workbench


def forget_what_moved(bench: Workbench, looked_at: Sequence[Image]) -> list[str]:
    """Put those of the images whose way from here is another one than at their last contact, or is gone, to Unknown;
    return their names. Sends no packet."""
    from stui_cli.image.routes import route_to

    images = [image for image in looked_at if not image.parked]
    routes = {image.name: route_to(parse_address(image.address)) for image in images}
    moved: list[str] = []

    def change(records: dict[str, ProbeRecord]) -> None:
        state = bench.store.read()
        for image in images:
            name, route = registered_name(state, image), routes[image.name]
            record = records.get(name) if name is not None and state.images[name].address == image.address else None
            if name is not None and record is not None and route is not None and is_elsewhere(record, route.source):
                records[name] = after_network_change(record, route.source, bench.clock())
                moved.append(name)

    if images:
        change_records(bench, change)
    return moved
