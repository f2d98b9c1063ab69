"""probes.msgpack: the last contact with each image. Volatile: a file that is missing, torn or of another version
is an empty one, for the next `stui status` makes it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.model.probes import Probe, ProbeRecord, Vitals
from stui_cli.model.status import ConnectionHealth, ConnectionStatus, ProbeLevel, ProbeOutcome
from stui_cli.store.envelope import seal, unseal
from stui_cli.store.problems import Damaged, Newer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.store.disk import Disk
    from stui_cli.store.location import Home


def read_probes(home: Home, disk: Disk) -> dict[str, ProbeRecord]:
    """The record of each image by its registered name."""
    try:
        body = unseal(home.probes, disk.read(home.probes))
    except (OSError, Damaged, Newer):
        return {}
    if not isinstance(body, dict):
        return {}
    records = {}
    for name, raw in body.items():
        try:
            records[name] = _record_of(raw)
        except (KeyError, TypeError, ValueError):
            continue  # of another version; one broken record must not hide the others
    return records


def write_probes(home: Home, disk: Disk, records: Mapping[str, ProbeRecord]) -> None:
    """Replace the file. Not synced: after a power cut the images are probed again anyway."""
    disk.replace(home.probes, seal({name: _fields(record) for name, record in records.items()}), durable=False)


def _fields(value: object) -> Any:
    """A record as maps of plain values; enum members are texts already."""
    if isinstance(value, ProbeRecord | Probe | Vitals):
        return {key: _fields(each) for key, each in value._asdict().items()}
    return value


def _record_of(raw: dict[str, Any]) -> ProbeRecord:
    return ProbeRecord(
        **{
            **raw,
            "status": ConnectionStatus(raw["status"]),
            "health": ConnectionHealth(raw["health"]),
            "last": _probe_of(raw["last"]),
            "last_answer": None if raw["last_answer"] is None else _probe_of(raw["last_answer"]),
            "told_status": None if raw["told_status"] is None else ConnectionStatus(raw["told_status"]),
        }
    )


def _probe_of(raw: dict[str, Any]) -> Probe:
    vitals = None if raw["vitals"] is None else Vitals(**raw["vitals"])
    reached = None if raw["reached"] is None else ProbeLevel(raw["reached"])
    return Probe(**{**raw, "outcome": ProbeOutcome(raw["outcome"]), "vitals": vitals, "reached": reached})
