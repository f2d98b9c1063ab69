"""An image as an item, whatever command tells of it: every one of them has all of these keys, null where unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.health import CLOCK_LIMIT_MS, is_blocked
from stui_cli.model.images import tls_terms
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.results import Column, ItemKind, Show
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.model.times import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe, ProbeRecord

IMAGE: Final = ItemKind(
    "image",
    {
        "name": Show.TEXT,
        "image_id": Show.TEXT,
        "incarnation": Show.TEXT,
        "address": Show.TEXT,
        "dialect": Show.TEXT,
        "image_version": Show.TEXT,
        "image_name": Show.TEXT,
        "metadata": Show.LABELS,
        "status": Show.STATUS,
        "health": Show.HEALTH,
        "since": Show.AGE,
        "checked_at": Show.AGE,
        "age_s": Show.NUMBER,
        "latency_ms": Show.MILLISECONDS,
        "reason": Show.TEXT,
        "pid": Show.NUMBER,
        "uptime_ms": Show.DURATION,
        "memory_used": Show.BYTES,
        "memory_limit": Show.BYTES,
        "session_count": Show.NUMBER,
        "evaluating": Show.NUMBER,
        "scheduled_ms": Show.MILLISECONDS,
        "last_seen": Show.AGE,
        "last_activity": Show.AGE,
        "parked": Show.TEXT,
        "reached": Show.TEXT,
        "blocked": Show.TEXT,
        "measured_at": Show.AGE,
        "role": Show.TEXT,
        "role_checked_at": Show.AGE,
        "seen_by": Show.TEXT,
    },
)

# Somebody answered, and did not take our key, or is another.
_NOBODY_PROVED: Final = (ProbeOutcome.NOT_PERMITTED, ProbeOutcome.WRONG_IMAGE)

_A_SECOND: Final = 1_000

# What the registry knows.
LISTED: Final = (
    Column("name", "IMAGE"),
    Column("status", "STATUS", Show.STATUS),
    Column("health", "HEALTH", Show.HEALTH),
    Column("dialect", "DIALECT"),
    Column("image_version", "VERSION"),
    Column("address", "ADDRESS"),
    Column("metadata", "LABELS", Show.LABELS),
    Column("checked_at", "CHECKED", Show.AGE),
)

# How they are.
PROBED: Final = (
    Column("name", "IMAGE"),
    Column("status", "STATUS", Show.STATUS),
    Column("health", "HEALTH", Show.HEALTH),
    Column("reason", "REASON", least=30),
    Column("latency_ms", "LATENCY", Show.MILLISECONDS),
    Column("session_count", "SESSIONS", Show.NUMBER),
    Column("measured_at", "AS OF", Show.AGE),
    Column("uptime_ms", "UPTIME", Show.DURATION),
    Column("memory_used", "MEMORY", Show.BYTES),
    Column("dialect", "DIALECT"),
    Column("image_version", "VERSION"),
    Column("since", "SINCE", Show.AGE),
    Column("checked_at", "CHECKED", Show.AGE),
    Column("seen_by", "SEEN BY"),
)

# All of one.
DESCRIBED: Final = (
    Column("name", "name"),
    Column("address", "address"),
    Column("protected_by", "protected by"),
    Column("status", "status", Show.STATUS),
    Column("health", "health", Show.HEALTH),
    Column("reason", "reason"),
    Column("since", "since", Show.AGE),
    Column("checked_at", "checked", Show.AGE),
    Column("last_seen", "last seen", Show.AGE),
    Column("role", "you are"),
    Column("role_checked_at", "as was proved", Show.AGE),
    Column("image_id", "image id"),
    Column("incarnation", "incarnation"),
    Column("dialect", "dialect"),
    Column("image_version", "version"),
    Column("image_name", "image name"),
    Column("metadata", "labels", Show.LABELS),
    Column("pid", "pid", Show.NUMBER),
    Column("latency_ms", "latency", Show.MILLISECONDS),
    Column("measured_at", "as of", Show.AGE),
    Column("uptime_ms", "uptime", Show.DURATION),
    Column("memory_used", "memory", Show.BYTES),
    Column("last_activity", "last activity", Show.AGE),
    Column("session_count", "sessions", Show.NUMBER),
    Column("key_file", "key file"),
    Column("fingerprint", "fingerprint"),
    Column("ca_file", "CA file"),
    Column("cert", "our certificate"),
    Column("cert_key", "its key"),
    Column("log_file", "log file"),
    Column("known_defects", "known defects"),
)


# The keys that commands add to those of an image: show, save, stop and restart, and `status --group-by` of a label.
MORE_IN_FULL: Final = (
    "protected_by", "key_file", "socket_owner", "ca_file", "fingerprint", "cert", "cert_key", "log_file",
    "known_defects",
)  # fmt: skip
MORE_SAVED: Final = ("file", "bytes")
MORE_STOPPED: Final = ("stopped", "kept")
MORE_RESTARTED: Final = ("kept", "restored")
MORE_GROUPED: Final = ("group",)

# What commands that act tell in rows; JSON has all keys.
REMOVED: Final = (Column("name", "Name"),)
SAVED: Final = (*REMOVED, Column("file", "File"), Column("bytes", "Bytes", Show.NUMBER))
RESTARTED: Final = (
    *REMOVED,
    Column("pid", "Pid", Show.NUMBER),
    Column("kept", "Kept", Show.NUMBER),
    Column("restored", "Restored"),
)
STOPPED: Final = (
    *REMOVED,
    Column("pid", "Pid", Show.NUMBER),
    Column("stopped", "Stopped"),
    Column("kept", "Kept", Show.NUMBER),
)


def image_item(image: Image, record: ProbeRecord | None, now: int) -> dict[str, object]:
    """One image with what its probes say; `now` in ms gives age_s, the seconds since the last contact. What it said of
    itself (latency_ms to scheduled_ms) is as of measured_at; uptime_ms as of checked_at, by which it was still up."""
    last = record.last if record else None
    answer = record.last_answer if record else None
    role = _role(record)
    vitals = answer.vitals if answer else None
    # What a dead image, or one that nobody asks any more, said of itself is not how it is now.
    connected = record is not None and record.status is ConnectionStatus.CONNECTED and not image.parked
    live = vitals if connected else None
    return {
        "name": image.name,
        "image_id": image.image_id,
        "incarnation": answer.incarnation if answer else None,
        "address": image.address,
        "dialect": image.dialect,
        "image_version": image.image_version,
        "image_name": image.image_name,
        "metadata": dict(image.metadata),
        "status": _status(image, record),
        "health": record.health if record and not image.parked else ConnectionHealth.UNKNOWN,
        "since": moment(record.since) if record and record.parked == image.parked else None,
        "checked_at": moment(last.checked_at) if last else None,
        "age_s": max(0, (now - last.checked_at) // 1000) if last else None,
        "latency_ms": last.latency_ms if last and connected else None,
        "reason": _reason(image, record),
        "pid": vitals.pid if vitals and record and not record.stopped else None,
        "uptime_ms": live.uptime_ms if live else None,
        "memory_used": live.memory_used if live else None,
        "memory_limit": live.memory_limit if live else None,
        "session_count": live.session_count if live else None,
        "evaluating": live.evaluating if live else None,
        "scheduled_ms": live.scheduled_ms if live else None,
        "last_seen": moment(record.last_seen) if record else None,
        "last_activity": moment(_last_activity(answer)),
        "parked": image.parked,
        "reached": last.reached if last else None,
        "blocked": record is not None and not image.parked and is_blocked(record),
        "measured_at": moment(record.measured_at) if record and live else None,
        "role": role,
        "role_checked_at": moment(answer.checked_at) if answer and role else None,
        "seen_by": record.seen_by if record and not image.parked else None,
    }


def image_items(images: Iterable[Image], records: Mapping[str, ProbeRecord], now: int) -> list[dict[str, object]]:
    """Several images, each with its own of the `records`, which are by name."""
    return [image_item(image, records.get(image.name), now) for image in images]


def image_in_full(image: Image, record: ProbeRecord | None, now: int, session_used_at: int | None) -> dict[str, object]:
    """One image with what protects the way to it, where its keys and its log are, how a tls:// address is trusted, and
    the defects that its Smalltalk is known for.

    `session_used_at` (ms) is when one of its sessions was used last, as far as that is recorded: the image itself may
    have told of a later time, or of none.
    """
    from stui_cli.model.defects import known_defects
    from stui_cli.model.protection import protection_of

    item = image_item(image, record, now)
    used = [at for at in (item["last_activity"], moment(session_used_at)) if isinstance(at, Moment)]
    return item | {
        "last_activity": max(used, default=None),
        "protected_by": protection_of(image),
        "key_file": image.key_file,
        "socket_owner": image.socket_owner,
        **tls_terms(image)._asdict(),
        "log_file": f"{image.launch_directory}/image.log" if image.launch_directory else None,
        "known_defects": [defect.name for defect in known_defects(image.dialect, image.image_version)],
    }


def saved_item(image: Image, record: ProbeRecord | None, now: int, file: str, size: int) -> dict[str, object]:
    """An image that was saved to `file`, of `size` bytes."""
    return image_item(image, record, now) | {"file": file, "bytes": size}


def stopped_item(image: Image, record: ProbeRecord | None, now: int, pid: int | None, kept: int) -> dict[str, object]:
    """An image that was stopped: `pid` is the process that was ended, None if there was none, `kept` how many of its
    sessions are kept as text."""
    return image_item(image, record, now) | {"pid": pid, "stopped": pid is not None, "kept": kept}


def restarted_item(
    image: Image, record: ProbeRecord | None, now: int, pid: int, kept: int, restored: Iterable[str]
) -> dict[str, object]:
    """An image that was started again: `pid` is its process now, `kept` how many of its sessions were kept as text when
    the one before ended, `restored` the names of those that live again."""
    return image_item(image, record, now) | {"pid": pid, "kept": kept, "restored": list(restored)}


def measured_before(item: Mapping[str, object]) -> bool:
    """Whether what an image's item says of latency, memory and the like is older than the last contact with it, by a
    second at least: nobody needs to be told of less."""
    measured, checked = item["measured_at"], item["checked_at"]
    return isinstance(measured, Moment) and isinstance(checked, Moment) and checked.ms - measured.ms >= _A_SECOND


def _last_activity(answer: Probe | None) -> int | None:
    """When the image's sessions were used last, in ms by our clock if its own is known to be off."""
    vitals = answer.vitals if answer else None
    if answer is None or vitals is None or vitals.last_activity is None:
        return None
    off = vitals.clock_ms - answer.checked_at
    return vitals.last_activity - (off if abs(off) > CLOCK_LIMIT_MS else 0)


def _role(record: ProbeRecord | None) -> str | None:
    """What our key allowed when it was last proved, unless it was refused since."""
    if record is None or record.last_answer is None or record.last.outcome in _NOBODY_PROVED:
        return None
    return record.last_answer.role


def _status(image: Image, record: ProbeRecord | None) -> ConnectionStatus:
    if image.parked:
        return ConnectionStatus.DISCONNECTED
    return record.status if record and not record.parked else ConnectionStatus.UNKNOWN


def _reason(image: Image, record: ProbeRecord | None) -> str | None:
    if image.parked:
        return "parked"
    if record and record.parked:
        return "not probed since it is connected again"
    return (record.reason or None) if record else "never probed"
