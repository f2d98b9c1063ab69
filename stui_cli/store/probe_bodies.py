"""The records of probes as plain values, each by the image that it is of: what is kept of them, and told to a team.

A record belongs to an image, not to a name. Its key is "id:" and the image's id where that is pinned, else "name:" and
the name that it is registered by; a name that is no longer registered, or is another image's by now, has no record.
An earlier stui wrote bare names, which no prefix can be mistaken for, since no name holds a colon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.model.probes import ProbeRecord
from stui_cli.store.encoding import PROBES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.images import Image


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
