"""contacts/: what evaluations, session commands and their like met since probes.msgpack was last written.

What a contact found is worth keeping, and must cost an evaluation next to nothing: no lock, no sync, no look at the
records of a thousand other images. So each image has a file of its own for its last answer, and one for the last
failure, so that neither hides that the other came between. A file is written over in place by one call; two that write
at once leave one of the two, and a torn file has a wrong checksum and counts as none. The next writer of
probes.msgpack takes all of them up into it and removes them; one that is lost in between is found again by the next
contact.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.named_tuples import NamedTuple
from stui_cli.store.envelope import seal, unseal
from stui_cli.store.files.location import plain_file_name
from stui_cli.store.problems import Damaged, Newer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe, ProbeRecord
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home

# The length of the content stands before it: what a longer one left behind it is not read.
_LENGTH_BYTES = 4

_FAILED = ".failed"


class Contact(NamedTuple):
    """One contact with the image that is registered with `image_id`, at `address`."""

    image_id: str
    address: str
    met: Probe


def write_contact(home: Home, disk: Disk, image_id: str, address: str, met: Mapping[str, object]) -> None:
    """Keep `met`, the fields of a probe as plain values. Raises OSError."""
    content = seal({"image_id": image_id, "address": address, "met": met})
    path = os.path.join(home.contacts, plain_file_name(image_id)) + ("" if met["outcome"] == "answered" else _FAILED)
    data = len(content).to_bytes(_LENGTH_BYTES, "big") + content
    try:
        disk.write_over(path, data)
    except FileNotFoundError:
        disk.make_folder(home.contacts)
        disk.write_over(path, data)


def read_contacts(home: Home, disk: Disk) -> dict[str, Contact]:
    """What was met, by file, the first first. What cannot be read is left out."""
    try:
        names = os.listdir(home.contacts)
    except OSError:
        return {}
    found = {name: each for name in names if (each := _read(os.path.join(home.contacts, name), disk)) is not None}
    return dict(sorted(found.items(), key=lambda item: item[1].met.checked_at))


def with_contacts(
    images: Mapping[str, Image], records: dict[str, ProbeRecord], contacts: Mapping[str, Contact]
) -> dict[str, ProbeRecord]:
    """`records`, brought up in place to what `contacts` met since."""
    if not contacts:
        return records
    from stui_cli.model.health import after_contact
    from stui_cli.model.probe_outcome import ProbeOutcome

    by_id = {image.image_id: name for name, image in images.items() if image.image_id is not None}
    for contact in contacts.values():
        name = by_id.get(contact.image_id)
        if name is None:
            continue
        answered = contact.met.outcome is ProbeOutcome.ANSWERED
        if answered or images[name].address == contact.address:  # a failure where it is not any more tells nothing
            records[name] = after_contact(records.get(name), contact.met._replace(image=name))
    return records


def forget_contacts(home: Home, disk: Disk, names: Iterable[str]) -> None:
    """Remove these files; one that cannot be removed only says again what is known."""
    for name in names:
        try:
            disk.remove(os.path.join(home.contacts, name))
        except OSError:
            return


def _read(path: str, disk: Disk) -> Contact | None:
    from stui_cli.model.probes import Probe
    from stui_cli.store.encoding import PROBES

    try:
        data = disk.read(path)
        end = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "big")
        raw = unseal(path, data[_LENGTH_BYTES:end])
        return Contact(str(raw["image_id"]), str(raw["address"]), PROBES.decode(Probe, raw["met"]))
    except (OSError, Damaged, Newer, KeyError, TypeError, ValueError):
        return None
