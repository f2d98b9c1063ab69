"""An image that was pinged as an item: the image, and how long its answers took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.contract.image import IMAGE, image_item
from stui_cli.model.results import Column, ItemKind, Show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.status import ProbeLevel

PING: Final = ItemKind(
    IMAGE.name,
    {
        **IMAGE.keys,
        "level": Show.TEXT,
        "sent": Show.NUMBER,
        "received": Show.NUMBER,
        "min_ms": Show.MILLISECONDS,
        "avg_ms": Show.MILLISECONDS,
        "max_ms": Show.MILLISECONDS,
        "stddev_ms": Show.MILLISECONDS,
    },
)

# What a ping adds to an image.
MORE: Final = tuple(key for key in PING.keys if key not in IMAGE.keys)

# Where the lines of the single probes are not what is asked for.
LISTED: Final = (
    Column("name", "IMAGE"),
    Column("status", "STATUS", Show.STATUS),
    Column("sent", "SENT", Show.NUMBER),
    Column("received", "ANSWERED", Show.NUMBER),
    Column("min_ms", "LEAST", Show.MILLISECONDS),
    Column("avg_ms", "MEAN", Show.MILLISECONDS),
    Column("max_ms", "MOST", Show.MILLISECONDS),
    Column("reason", "REASON"),
)


def ping_item(
    image: Image,
    record: ProbeRecord | None,
    now: int,
    *,
    level: ProbeLevel,
    sent: int,
    latencies: Sequence[float],
    spread: tuple[float, float] | None,
) -> dict[str, object]:
    """One image with the `latencies` of its answers; `spread` is their mean and standard deviation, None of none."""
    mean, deviation = spread or (None, None)
    return image_item(image, record, now) | {
        "level": level,
        "sent": sent,
        "received": len(latencies),
        "min_ms": min(latencies, default=None),
        "avg_ms": mean and round(mean, 3),
        "max_ms": max(latencies, default=None),
        "stddev_ms": deviation and round(deviation, 3),
    }
