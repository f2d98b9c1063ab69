"""probes.msgpack: the last contact with each image. Volatile: a file that is missing, torn or of another version
is an empty one, for the next `stui status` makes it again.

A record belongs to an image, not to a name. Its key is "id:" and the image's id where that is pinned, else "name:" and
the name that it is registered by; a name that is no longer registered, or is another image's by now, has no record.
An earlier stui wrote bare names, which no prefix can be mistaken for, since no name holds a colon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.model.probes import ProbeRecord
from stui_cli.store.encoding import PROBES
from stui_cli.store.envelope import seal, unseal
from stui_cli.store.problems import Damaged, Newer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.images import Image
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


def read_probes(home: Home, disk: Disk, images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
    """The records of `images` by the names that these have there. No record of another image is among them."""
    try:
        body = unseal(home.probes, disk.read(home.probes))
    except (OSError, Damaged, Newer):
        body = {}
    return records_in(body if isinstance(body, dict) else {}, images)


def write_probes(home: Home, disk: Disk, images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> None:
    """Replace the file by the records of `images`. Not synced: after a power cut the images are probed again anyway."""
    disk.replace(home.probes, seal(body_of(images, records)), durable=False)


def records_in(body: Mapping[str, Any], images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
    """The records of `images` that plain values hold."""
    return {name: record for name, image in images.items() if (record := _record(body, image)) is not None}


def body_of(images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> dict[str, object]:
    """The records of `images` as plain values."""
    return {_key(images[name]): PROBES.encode(record) for name, record in records.items() if name in images}


def _key(image: Image) -> str:
    return f"name:{image.name}" if image.image_id is None else f"id:{image.image_id}"


def _record(body: Mapping[str, Any], image: Image) -> ProbeRecord | None:
    """The record of `image`, None where there is none of it, or one that this version cannot read: a broken record must
    not hide the others."""
    for key in (_key(image), f"name:{image.name}", image.name):
        if (raw := body.get(key)) is None:
            continue
        try:
            record = PROBES.decode(ProbeRecord, raw)
        except ValueError:
            continue
        if key.startswith("id:") or _may_be_of(record, image, bare=key == image.name):
            return record
    return None


def _may_be_of(record: ProbeRecord, image: Image, *, bare: bool) -> bool:
    """Whether a record that is kept by name is one of `image`: not of one that had the name before, and not of the one
    that was met there if another is pinned by now. A bare name's may be of an image that never answered."""
    answer = record.last_answer
    if record.last.checked_at < image.added_at:
        return False
    if answer is None or answer.image_id is None:
        return bare or image.image_id is None
    return image.image_id is None or answer.image_id == image.image_id
