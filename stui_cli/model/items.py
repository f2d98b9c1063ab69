"""Images, sessions and the rest as items of a listing: exactly the keys of DESIGN section 10.

Keys are a contract with every script that reads `-o json`: more may be added, none renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.contexts import EffectiveTarget
    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe, ProbeRecord
    from stui_cli.model.sessions import Session, SessionMetadata
    from stui_cli.model.status import ConnectionStatus


def image_item(image: Image, record: ProbeRecord | None, now: int) -> dict[str, object]:
    """One image with what its probes say; `now` in ms gives age_s, the seconds since the last contact. What it said of
    itself (latency_ms to scheduled_ms) is as of measured_at; uptime_ms as of checked_at, by which it was still up."""
    # A context is told without them.
    from stui_cli.model.health import is_blocked
    from stui_cli.model.status import ConnectionHealth, ConnectionStatus

    last = record.last if record else None
    answer = record.last_answer if record else None
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
        "since": rfc3339(record.since) if record and record.parked == image.parked else None,
        "checked_at": rfc3339(last.checked_at) if last else None,
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
        "last_seen": rfc3339(record.last_seen) if record else None,
        "last_activity": rfc3339(_last_activity(answer)),
        "parked": image.parked,
        "reached": last.reached if last else None,
        "blocked": record is not None and not image.parked and is_blocked(record),
        "measured_at": rfc3339(record.measured_at) if record and live else None,
    }


def session_item(metadata: SessionMetadata) -> dict[str, object]:
    """One session of the store with the image it lives in."""
    session = metadata.session
    return {
        "name": session.name,
        "session_id": session.session_id,
        "image": metadata.image,
        # Sessions of an image that is not registered are named by its id, and so they are listed.
        "owner": metadata.image or metadata.image_id,
        "image_id": metadata.image_id,
        "image_address": metadata.image_address,
        "image_name": metadata.image_name,
        "image_version": metadata.image_version,
        "image_metadata": dict(metadata.image_metadata),
        "connection_status": metadata.connection_status,
        "state": session.state,
        "description": session.description,
        "created_at": rfc3339(session.created_at),
        "last_activity": rfc3339(session.last_activity),
        "bindings": session.bindings,
        "current": metadata.current,
    }


def context_item(effective: EffectiveTarget) -> dict[str, object]:
    """The effective target with what gave it."""
    return {
        "name": str(effective.target),
        "image": effective.target.image,
        "session": effective.target.session,
        "source": effective.source,
        "path": effective.path,
    }


def measured_before(item: Mapping[str, object]) -> bool:
    """Whether what an image's item says of latency, memory and the like is older than the last contact with it."""
    return item["measured_at"] is not None and item["measured_at"] != item["checked_at"]


def session_label(image: str | None, session: Session) -> str:
    """`image/session`: by the registered name, else the last one, else the image's id."""
    return f"{image or session.registered_as or session.image_id}/{session.name}"


def _last_activity(answer: Probe | None) -> int | None:
    """When the image's sessions were used last, in ms by our clock if its own is known to be off."""
    from stui_cli.model.health import CLOCK_LIMIT_MS

    vitals = answer.vitals if answer else None
    if answer is None or vitals is None or vitals.last_activity is None:
        return None
    off = vitals.clock_ms - answer.checked_at
    return vitals.last_activity - (off if abs(off) > CLOCK_LIMIT_MS else 0)


def _status(image: Image, record: ProbeRecord | None) -> ConnectionStatus:
    from stui_cli.model.status import ConnectionStatus

    if image.parked:
        return ConnectionStatus.DISCONNECTED
    return record.status if record and not record.parked else ConnectionStatus.UNKNOWN


def _reason(image: Image, record: ProbeRecord | None) -> str | None:
    if image.parked:
        return "disconnected on purpose"
    if record and record.parked:
        return "not probed since it is connected again"
    return (record.reason or None) if record else "never probed"
