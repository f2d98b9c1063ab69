"""Which sessions are left behind, and on what evidence: pure decisions over records and probes (DESIGN section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from stui_cli.model.sessions import SessionState
from stui_cli.model.status import ConnectionStatus, ProbeOutcome

if TYPE_CHECKING:
    from collections.abc import Collection

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Session

# ImageGone rests on at least so many contacts that an address refused.
LEAST_PROBES = 3


class OrphanReason(StrEnum):
    """Why a session counts as left behind, a closed set."""

    IMAGE_UNREGISTERED = "ImageUnregistered"
    IMAGE_GONE = "ImageGone"
    IMAGE_REPLACED = "ImageReplaced"
    SESSION_LOST = "SessionLost"
    EXPIRED = "Expired"
    STRAY = "Stray"


@dataclass(frozen=True)
class Rules:
    """What the command line allows; durations in ms. `unreachable_for` None: time-outs never make an orphan."""

    grace: int
    older_than: int | None = None
    unreachable_for: int | None = None
    force: bool = False
    preserve_active: bool = True


@dataclass(frozen=True)
class Orphan:
    """A session that may go."""

    reason: OrphanReason
    evidence: str


@dataclass(frozen=True)
class Kept:
    """A session that stays. `waiting` if it would go later, so that a preview can say what is still missing."""

    why: str
    waiting: bool = False


Verdict = Orphan | Kept


def decide(
    session: Session,
    image: Image | None,
    record: ProbeRecord | None,
    live_ids: Collection[str] | None,
    rules: Rules,
    now: int,
) -> Verdict:
    """The verdict on one session of the store.

    `image` is the registered image of the session's id, `record` its standing, `live_ids` the session ids that
    the image itself just named (None if it could not be asked). Evidence comes from a contact or from the user;
    silence alone is none.
    """
    if image is None:
        known_as = session.registered_as or f"the image {session.image_id}"
        return Orphan(OrphanReason.IMAGE_UNREGISTERED, f"{known_as} is registered no more")
    if image.parked:
        return Kept("its image is disconnected on purpose")
    if record is None:
        return Kept("its image was never probed")
    match record.status:
        case ConnectionStatus.CONNECTED:
            return _of_connected(session, record, live_ids, rules, now)
        case ConnectionStatus.DISCONNECTED:
            return _of_disconnected(record, rules, now)
        case ConnectionStatus.FAILED if record.last.outcome is ProbeOutcome.WRONG_IMAGE:
            return Orphan(OrphanReason.IMAGE_REPLACED, f"its address answers as image {record.last.image_id}")
        case ConnectionStatus.FAILED:
            return Kept(f"its image refuses us, which proves nothing: {record.reason}")
        case ConnectionStatus.RECONNECTING:
            return Kept("its image did not answer just now", waiting=True)
        case ConnectionStatus.UNKNOWN:
            return Kept("nothing is known of its image")


def _of_connected(
    session: Session, record: ProbeRecord, live_ids: Collection[str] | None, rules: Rules, now: int
) -> Verdict:
    if live_ids is None:
        return Kept("its image could not be asked for its sessions")
    if session.state is SessionState.CLOSED:
        return _expired(session, rules, now) or Kept("closed; it can be restored")
    if session.session_id not in live_ids:
        restarted = record.last_answer and record.last_answer.incarnation != session.incarnation
        why = "its image restarted" if restarted else "its image is up"
        return Orphan(OrphanReason.SESSION_LOST, f"{why} and does not know it")
    if not rules.preserve_active or rules.force:
        return _expired(session, rules, now) or Kept("live in its image")
    return Kept("live in its image")


def _of_disconnected(record: ProbeRecord, rules: Rules, now: int) -> Verdict:
    gone_for = now - record.since
    if record.refusals == 0:
        if rules.unreachable_for is None:
            return Kept("its image is silent, which may be sleep: --unreachable-for D, or remove the image")
        if gone_for < rules.unreachable_for:
            return Kept(f"its image is silent for {_hours(gone_for)} only", waiting=True)
        return Orphan(OrphanReason.IMAGE_GONE, f"silent for {_hours(gone_for)} over {record.failures} probes")
    if gone_for < rules.grace:
        left = _hours(rules.grace - gone_for)
        return Kept(f"its image is gone for {_hours(gone_for)}; ImageGone in {left}", waiting=True)
    if record.failures < LEAST_PROBES:
        return Kept(f"its image was found gone by {record.failures} probes; {LEAST_PROBES} are needed", waiting=True)
    return Orphan(OrphanReason.IMAGE_GONE, f"refused for {_hours(gone_for)} over {record.failures} probes")


def _expired(session: Session, rules: Rules, now: int) -> Orphan | None:
    if rules.older_than is None or now - session.last_activity < rules.older_than:
        return None
    return Orphan(OrphanReason.EXPIRED, f"idle for {_hours(now - session.last_activity)}")


def _hours(ms: int) -> str:
    minutes = max(0, ms) // 60_000
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 48 * 60 else f"{minutes // 1440} d"
