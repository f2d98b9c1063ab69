"""What is kept of keys: who gave which to whom in the audit log, their names for Tab. Never the bytes of one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.model.audit import AuditEntry
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.names import write_key_names
from stui_cli.work.talking.side_records import side_record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.image.keys import Key
    from stui_cli.work.keys.place import KeyPlace
    from stui_cli.work.workbench import Workbench


def note(bench: Workbench, action: str, key: Key, place: KeyPlace, keys: Iterable[Key]) -> None:
    """Keep that a key was given, taken back or exchanged, and which `keys` there are now; a warning says where that
    cannot be kept."""
    keep_names(bench, place, keys)
    image = place.image.name if place.image is not None else None
    outcome = f"{key.key_id} ({key.role}) in {place.where}"
    with side_record(bench, "what was done with the key"):
        bench.store.append_audit(AuditEntry(bench.clock(), bench.store.actor, action, image, outcome=outcome))


def keep_names(bench: Workbench, place: KeyPlace, keys: Iterable[Key]) -> None:
    """Keep which keys an image has, for Tab. Where that fails nothing is said: it is a hint."""
    if place.image is not None:
        with suppress(OSError):
            write_key_names(bench.store.home, Disk(), place.image.name, [key.key_id for key in keys])
