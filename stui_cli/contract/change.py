"""A change of an image's standing as the command of `on_change` gets it on its input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.times import moment

if TYPE_CHECKING:
    from stui_cli.model.changes import Change
    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord


def change_item(change: Change, image: Image, record: ProbeRecord) -> dict[str, object]:
    """One change, with the schema that an envelope would carry."""
    return {
        "schema": "stui/v1",
        "kind": "change",
        "image": change.image,
        "image_id": image.image_id,
        "address": image.address,
        "metadata": dict(image.metadata),
        "before": change.before,
        "after": change.after,
        "health": record.health,
        "restarted": change.restarted,
        "reason": change.reason or None,
        "since": moment(change.since),
        "time": moment(record.last.checked_at),
        "last_seen": moment(record.last_seen),
        "seen_by": record.seen_by,
    }
