"""Which sessions are left behind, and on what evidence: pure decisions over records and probes (DESIGN section 9).

Evidence comes from a contact or from the user; silence alone is none, and neither is a refused key, a lost network
or an image that was left alone on purpose. Evidence is told with points in time, not with spans up to now: what a
dry run shows is then to the letter what is removed a moment later.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from stui_cli.model.sessions import SessionState
from stui_cli.model.status import ConnectionStatus, ProbeOutcome
from stui_cli.model.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Collection

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Session

# ImageGone rests on at least so many contacts that failed in a row.
LEAST_PROBES = 3

# A session that the store does not know may be one that another command is just making.
STRAY_AGE_MS = 60_000


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

    @property
    def takes_live(self) -> bool:
        """Whether a session that lives in a connected image may go, if it is idle for long enough."""
        return self.force or not self.preserve_active


@dataclass(frozen=True)
class Orphan:
    """A session that may go. `since` (ms) is when what is said of it began."""

    reason: OrphanReason
    evidence: str
    since: int | None = None


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
    the image itself just named (None if it could not be asked).
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
        case ConnectionStatus.FAILED:
            return _of_failed(record)
        case ConnectionStatus.RECONNECTING:
            return Kept("its image did not answer just now", waiting=True)
        case ConnectionStatus.UNKNOWN:
            return Kept("nothing is known of its image")
        case _:
            assert_never(record.status)


def decide_stray(created_at: int, image_clock: int, *, ours: bool, rules: Rules) -> Verdict:
    """The verdict on a session that an image holds and the store does not know; both times by the image's clock."""
    if not ours and not rules.force:
        return Kept("it belongs to another client; an admin may take it with --force")
    if image_clock - created_at < STRAY_AGE_MS:
        return Kept("it was made only just now", waiting=True)
    whose = "this store" if ours else "its client"
    return Orphan(OrphanReason.STRAY, f"lives in the image since {rfc3339(created_at)}, unknown to {whose}", created_at)


def _of_connected(
    session: Session, record: ProbeRecord, live_ids: Collection[str] | None, rules: Rules, now: int
) -> Verdict:
    if live_ids is None:
        return Kept("its image could not be asked for its sessions")
    if session.state is SessionState.CLOSED:
        return _expired(session, rules, now) or Kept("closed; it can be restored")
    if session.session_id not in live_ids:
        answer = record.last_answer
        if answer is not None and answer.incarnation != session.incarnation:
            return Orphan(OrphanReason.SESSION_LOST, f"its image restarted (incarnation {answer.incarnation}) without it")
        return Orphan(OrphanReason.SESSION_LOST, "its image is up and does not know it")
    if rules.takes_live:
        return _expired(session, rules, now) or Kept("live in its image")
    return Kept("live in its image")


def _of_failed(record: ProbeRecord) -> Verdict:
    """Only another image at the address proves anything; a refused key or a foreign protocol may be our own fault."""
    if record.last.outcome is ProbeOutcome.WRONG_IMAGE:
        found = f"its address answers as image {record.last.image_id} since {rfc3339(record.since)}"
        return Orphan(OrphanReason.IMAGE_REPLACED, found, record.since)
    return Kept(f"its image refuses us, which proves nothing: {record.reason}")


def _of_disconnected(record: ProbeRecord, rules: Rules, now: int) -> Verdict:
    """Gone for long enough, seen often enough. An address that refused proves that nobody listens; one that is only
    silent may be asleep, so it counts only if the user says for how long that is believed."""
    since = rfc3339(record.since)
    refused = record.refusals > 0
    needed = rules.grace if refused else rules.unreachable_for
    what = "refused" if refused else "silent"
    if needed is None:
        return Kept(f"its image is silent since {since}, which may be sleep: --unreachable-for D, or remove the image")
    if now - record.since < needed:
        return Kept(f"its image is {what} since {since}; ImageGone from {rfc3339(record.since + needed)} on", waiting=True)
    if record.failures < LEAST_PROBES:
        return Kept(f"{what} since {since} by {record.failures} probes; {LEAST_PROBES} are needed", waiting=True)
    return Orphan(OrphanReason.IMAGE_GONE, f"{what} since {since}, over {LEAST_PROBES} probes or more", record.since)


def _expired(session: Session, rules: Rules, now: int) -> Orphan | None:
    if rules.older_than is None or now - session.last_activity < rules.older_than:
        return None
    return Orphan(OrphanReason.EXPIRED, f"idle since {rfc3339(session.last_activity)}", session.last_activity)
