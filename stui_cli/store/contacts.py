"""contacts/: one small file for each image that an evaluation, a session command or their like met since
probes.msgpack was last written.

What a contact tells is worth keeping, and must cost an evaluation next to nothing: no lock, no sync, no look at the
records of a thousand other images. So each image has a file of its own, written over in place by one call; two that
write at once leave one of the two, and a torn file has a wrong checksum and counts as none. The next writer of
probes.msgpack takes all of them up into it and removes them; one that is lost in between is found again by the next
contact.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.model.status import ProbeOutcome
from stui_cli.store.envelope import seal, unseal
from stui_cli.store.location import plain_file_name
from stui_cli.store.problems import Damaged, Newer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.model.probes import Probe
    from stui_cli.store.disk import Disk
    from stui_cli.store.location import Home

# The length of the content stands before it: what a longer one left behind it is not read.
_LENGTH_BYTES = 4


def write_contact(home: Home, disk: Disk, met: Probe) -> None:
    """Keep `met`, the answer of an image that told its id. Raises OSError."""
    from stui_cli.store.probes import fields_of_probe

    assert met.image_id is not None
    content = seal(fields_of_probe(met))
    path = os.path.join(home.contacts, plain_file_name(met.image_id))
    data = len(content).to_bytes(_LENGTH_BYTES) + content
    try:
        disk.write_over(path, data)
    except FileNotFoundError:
        disk.make_folder(home.contacts)
        disk.write_over(path, data)


def read_contacts(home: Home, disk: Disk) -> dict[str, Probe]:
    """What was met, by file. What cannot be read is left out."""
    try:
        names = os.listdir(home.contacts)
    except OSError:
        return {}
    found = {}
    for name in names:
        if (met := _read(os.path.join(home.contacts, name), disk)) is not None:
            found[name] = met
    return found


def forget_contacts(home: Home, disk: Disk, names: Iterable[str]) -> None:
    """Remove these files; one that cannot be removed only says again what is known."""
    for name in names:
        try:
            disk.remove(os.path.join(home.contacts, name))
        except OSError:
            return


def _read(path: str, disk: Disk) -> Probe | None:
    from stui_cli.store.probes import probe_of

    try:
        data = disk.read(path)
        end = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES])
        met = probe_of(unseal(path, data[_LENGTH_BYTES:end]))
    except (OSError, Damaged, Newer, KeyError, TypeError, ValueError):
        return None
    return met if met.outcome is ProbeOutcome.ANSWERED and met.image_id is not None else None
