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
    from collections.abc import Iterable, Iterator, Mapping

    from stui_cli.model.images import Image


def records_in(body: Mapping[str, Any], images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
    """The records of `images` that plain values hold."""
    return records_among(body.items(), images)


def body_of(images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> dict[str, object]:
    """The records of `images` as plain values."""
    return dict(items_of(images, records))


# A record as plain values takes five times the memory of the record: of ten thousand it is best to hold one at a time.


def records_among(items: Iterable[tuple[str, Any]], images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
    """The same of a body's items."""
    wanted = {key for image in images.values() for key in _keys(image)}
    ours = ((key, raw) for key, raw in items if key.__class__ is str and key in wanted)
    found = {key: record for key, raw in ours if (record := _read(raw)) is not None}
    return {name: record for name, image in images.items() if (record := _record(found, image)) is not None}


def items_of(images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> Iterator[tuple[str, object]]:
    """The items of a body."""
    return ((_keys(images[name])[0], _written(record)) for name, record in records.items() if name in images)


# Of an image that answered the last contact this is the last answer, too. Both are in the body, for every stui reads it
# so; they are made once, and held once.


def _written(record: ProbeRecord) -> object:
    if record.last is not record.last_answer:
        return PROBES.encode(record)
    written = PROBES.encode(record._replace(last_answer=None))
    written["last_answer"] = written["last"]
    return written


def _read(raw: Any) -> ProbeRecord | None:
    """None for one that this version cannot read: a broken record must not hide the others."""
    try:
        if not isinstance(raw, dict) or raw.get("last") != raw.get("last_answer"):
            return PROBES.decode(ProbeRecord, raw)
        record = PROBES.decode(ProbeRecord, raw | {"last_answer": None})
        return record._replace(last_answer=record.last)
    except ValueError:
        return None


def _keys(image: Image) -> tuple[str, str, str]:
    """Under which the record of `image` may stand: the first is the one that it is written under."""
    by_name = f"name:{image.name}"
    return by_name if image.image_id is None else f"id:{image.image_id}", by_name, image.name


def _record(found: Mapping[str, ProbeRecord], image: Image) -> ProbeRecord | None:
    """The record of `image`, None where there is none of it."""
    for key in _keys(image):
        record = found.get(key)
        if record is not None and (key.startswith("id:") or _may_be_of(record, image, bare=key == image.name)):
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
