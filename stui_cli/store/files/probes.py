"""probes.msgpack: the last contact with each image. Volatile: a file that is missing, torn or of another version
is an empty one, for the next `stui status` makes it again. What stands in it is in ../probe_bodies.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.envelope import pack_map, seal_packed, unpacked_items, unseal_packed
from stui_cli.store.probe_bodies import items_of, records_among
from stui_cli.store.problems import Damaged, Newer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


def read_probes(home: Home, disk: Disk, images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
    """The records of `images` by the names that these have there. No record of another image is among them."""
    try:
        return records_among(unpacked_items(unseal_packed(home.probes, disk.read(home.probes))), images)
    except (OSError, ValueError, Damaged, Newer):
        return {}


def write_probes(home: Home, disk: Disk, images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> None:
    """Replace the file by the records of `images`. Not synced: after a power cut the images are probed again anyway."""
    count = sum(name in images for name in records)
    disk.replace(home.probes, seal_packed(pack_map(items_of(images, records), count)), durable=False)
