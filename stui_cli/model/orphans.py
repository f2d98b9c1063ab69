"""Which sessions are left behind, and on what evidence: pure decisions over records and probes (DESIGN section 9).

Evidence comes from a contact or from the user; silence alone is none, and neither is a refused key, a lost network
or an image that was parked, or stopped, on purpose. It names points in time, not spans up to now, and nothing that
a further contact counts up: what a dry run finds is then to the letter what is removed a moment later. How long ago
they were is told where people read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self, assert_never

from stui_cli.model.phrases import From, Phrase
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.sessions import SessionState
from stui_cli.model.status import ConnectionStatus
from stui_cli.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Collection

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Session

# IMAGE_GONE rests on at least so many contacts that failed in a row.
LEAST_PROBES = 3

# A session that the store does not know may be one that another command is just making.
STRAY_AGE_MS = 60_000


class OrphanReason(StrEnum):
    """Why a session counts as left behind, a closed set."""

    IMAGE_UNREGISTERED = "image_unregistered"
    IMAGE_GONE = "image_gone"
    IMAGE_REPLACED = "image_replaced"
    SESSION_LOST = "session_lost"
    EXPIRED = "expired"
    STRAY = "stray"

    @property
    def by_probes(self) -> bool:
        """Whether the probes of its image alone say so, and a contact may take it back."""
        return self in (OrphanReason.IMAGE_GONE, OrphanReason.IMAGE_REPLACED)

    @property
    def lives_on(self) -> bool:
        """Whether the session still lives in its image, so that a sweep has to end it there."""
        return self in (OrphanReason.EXPIRED, OrphanReason.STRAY)

    @property
    def has_record(self) -> bool:
        """Whether the store knows the session: what it does not know, an undo cannot bring back."""
        return self is not OrphanReason.STRAY

    @property
    def word(self) -> str:
        """`ImageGone`, as people read it and as the operation log has kept it from the first."""
        return self.value.title().replace("_", "")

    @classmethod
    def of_word(cls, word: str) -> Self | None:
        """The reason of a word; None for one that only a newer stui knows."""
        return next((reason for reason in cls if reason.word == word), None)


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
class Restorable:
    """What would bring a session back: the variables of its checkpoint, the evaluations of its history. None stands
    for one that is there and cannot be read."""

    variables: int | None = 0
    evaluations: int | None = 0

    def __str__(self) -> str:
        """What goes with the session; empty if nothing does."""
        kept = (("checkpoint", "variable", self.variables), ("history", "evaluation", self.evaluations))
        return " and ".join(_kept(*each) for each in kept if each[2] != 0)


@dataclass(frozen=True)
class Known:
    """What is known of one session of the store, `now` in ms.

    `image` is the registered image of the session's id, `record` its standing, `live_ids` the session ids that the
    image itself just named (None if it could not be asked), `incarnation` the one that did. `removed_at` is when the
    image left the registry, `seen_at` the address where it was met alive, or where its living process says that it
    listens. `restorable` is what the store keeps of it, looked at only if its image does not know it.
    """

    session: Session
    image: Image | None
    record: ProbeRecord | None
    live_ids: Collection[str] | None
    incarnation: str | None
    now: int
    removed_at: int | None = None
    seen_at: str | None = None
    restorable: Restorable = Restorable()


@dataclass(frozen=True)
class KnownStray:
    """What is known of a session that an image holds and the store does not know. Times in ms by the image's clock,
    `now` too; `active` is the image's own word, `ours` that it belongs to this store's client."""

    created_at: int
    last_activity: int
    active: bool
    ours: bool
    now: int


@dataclass(frozen=True)
class Orphan:
    """A session that may go. `since` (ms) is when what is said of it began, `probes` how many contacts in a row said
    so, `found_image_id` who answered instead, `incarnation` the one that does not know it."""

    reason: OrphanReason
    evidence: str
    since: int | None = None
    probes: int | None = None
    found_image_id: str | None = None
    incarnation: str | None = None


@dataclass(frozen=True)
class Kept:
    """A session that stays. `waiting` if it would go later, so that a preview can say what is still missing; `asked` is
    False if its image could not be."""

    why: str
    waiting: bool = False
    asked: bool = True


Verdict = Orphan | Kept


def decide(known: Known, rules: Rules) -> Verdict:
    """The verdict on one session of the store."""
    image, record = known.image, known.record
    if image is None:
        return _of_unregistered(known)
    if image.parked:
        return Kept("its image is parked")
    if record is None or record.parked:
        return Kept("its image was not probed", asked=False)
    if record.stopped:
        return Kept("its image was stopped on purpose, and is registered still")
    match record.status:
        case ConnectionStatus.CONNECTED:
            return _of_connected(known, record, rules)
        case ConnectionStatus.DISCONNECTED:
            return _proven(known, record) or _of_disconnected(record, rules, known.now)
        case ConnectionStatus.FAILED:
            return _proven(known, record) or _of_failed(record, rules, known.now)
        case ConnectionStatus.RECONNECTING:
            return Kept("its image did not answer just now", waiting=True, asked=False)
        case ConnectionStatus.UNKNOWN:
            return Kept(f"nothing is known of its image: {record.reason}", asked=False)
        case _:
            assert_never(record.status)


def decide_stray(stray: KnownStray, rules: Rules) -> Verdict:
    """The verdict on a session that an image holds and the store does not know.

    What is somebody else's goes only with `force`, and not while it is in use: an admin who forces means what is
    left behind, not the colleague at work. `preserve_active` off means that too.
    """
    idle = stray.now - stray.last_activity
    if not stray.ours and not rules.force:
        return Kept("it belongs to another client; an admin may take it with --force")
    if stray.now - stray.created_at < STRAY_AGE_MS:
        return Kept("it was made only just now", waiting=True)
    if stray.active and (not rules.takes_live if stray.ours else rules.preserve_active):
        return Kept("it is in use", waiting=True)
    if not stray.ours and rules.older_than is not None and idle < rules.older_than:
        return Kept("it was in use lately", waiting=True)
    whose = "this store" if stray.ours else "this store, and another client's"
    evidence = Phrase("lives in its image since ", moment(stray.created_at), f", unknown to {whose}")
    return Orphan(OrphanReason.STRAY, evidence, stray.created_at)


def _of_unregistered(known: Known) -> Verdict:
    session, since = known.session, known.removed_at
    what = session.registered_as or f"the image {session.image_id}"
    gone = f"{what} is registered no more"
    evidence = Phrase(gone, ", since ", moment(since)) if since is not None else gone
    return Orphan(OrphanReason.IMAGE_UNREGISTERED, evidence, since)


def _of_connected(known: Known, record: ProbeRecord, rules: Rules) -> Verdict:
    session = known.session
    if known.live_ids is None:
        return Kept("its image could not be asked for its sessions", asked=False)
    if session.state is SessionState.CLOSED:
        return _expired(known, rules) or Kept("closed; it can be restored")
    if session.session_id not in known.live_ids:
        return _lost(known, record, rules)
    if rules.takes_live:
        return _expired(known, rules) or Kept("live in its image")
    return Kept("live in its image")


def _lost(known: Known, record: ProbeRecord, rules: Rules) -> Verdict:
    """An image that restarted has lost the live state for good; what the store keeps of it is somebody's work, and
    waits for them to miss it."""
    here, answer = known.incarnation, record.last_answer
    seen = record.incarnation_since if answer is not None and answer.incarnation == here else None
    counted_from = known.now if seen is None else seen
    began = None
    found = f"its image restarted without it, as incarnation {here}"
    if here == known.session.incarnation:
        found = "its image is up and does not know it"
        # Nobody saw when it went; it was there when it was last used.
        counted_from = max(counted_from, known.session.last_activity)
    elif answer is not None and answer.vitals is not None and answer.incarnation == here:
        began = answer.checked_at - answer.vitals.uptime_ms
    kept = str(known.restorable)
    if kept and known.now - counted_from < rules.grace:
        waits = f"{found}; what can be restored, {kept}, waits: {OrphanReason.SESSION_LOST.word} "
        return Kept(Phrase(waits, From(moment(counted_from + rules.grace))), waiting=True)
    evidence = f"{found}; with it goes {kept}" if kept else found
    return Orphan(OrphanReason.SESSION_LOST, evidence, since=began, incarnation=here)


def _proven(known: Known, record: ProbeRecord) -> Kept | None:
    """Why a failure of the way to an image proves nothing of the image, if it does not."""
    if record.moved:
        why = "this machine's network changed since its image answered, so what fails from here proves nothing"
        return Kept(why, asked=False)
    if known.seen_at is not None and known.image is not None:
        if known.seen_at == known.image.address:
            if record.last.outcome is ProbeOutcome.TIMED_OUT:
                return None  # it sleeps, or is stopped: for how long that is believed is the user's to say
            return Kept(f"its process lives, though it is not met at {known.seen_at}", asked=False)
        todo = f"stui images set {known.image.name} --address {known.seen_at}"
        return Kept(f"its image lives at {known.seen_at}: {todo}", asked=False)
    return None


def _of_failed(record: ProbeRecord, rules: Rules, now: int) -> Verdict:
    """Only another image at the address proves anything; a refused key or a foreign protocol may be our own fault.

    An agent that was started by hand may come back under a new id, and the image with it: so that waits too.
    """
    last = record.last
    if last.outcome is not ProbeOutcome.WRONG_IMAGE:
        return Kept(f"its image refuses us, which proves nothing: {record.reason}", asked=False)
    since = record.replaced_since or last.checked_at
    found = Phrase(f"its address answers as image {last.image_id}, as another one does since ", moment(since))
    if now - since < rules.grace:
        then = From(moment(since + rules.grace))
        return Kept(Phrase(found, f"; {OrphanReason.IMAGE_REPLACED.word} ", then), waiting=True, asked=False)
    return Orphan(OrphanReason.IMAGE_REPLACED, found, since=since, probes=record.failures, found_image_id=last.image_id)


def _of_disconnected(record: ProbeRecord, rules: Rules, now: int) -> Verdict:
    """Gone for long enough, seen often enough. An address that refuses proves that nobody listens; one that is only
    silent may be asleep, so that counts only if the user says for how long it is believed."""
    refused_since = max(record.since, record.refusing_since or 0)
    if record.refusals and record.last.outcome is ProbeOutcome.REFUSED:
        refused = _gone("refused", refused_since, refused_since, record.refusals, rules.grace, now)
        if isinstance(refused, Orphan) or rules.unreachable_for is None:
            return refused
    silent_since = record.failing_since or record.since
    if rules.unreachable_for is None:
        todo = ", which may be sleep: --unreachable-for D, or remove the image"
        return Kept(Phrase("its image is silent since ", moment(silent_since), todo), asked=False)
    return _gone("silent", silent_since, record.since, record.failures, rules.unreachable_for, now)


def _gone(what: str, since: int, counted_from: int, probes: int, needed: int, now: int) -> Verdict:
    began = Phrase(f"{what} since ", moment(since))
    if now - counted_from < needed:
        then = From(moment(counted_from + needed))
        why = Phrase("its image: ", began, f"; {OrphanReason.IMAGE_GONE.word} ", then)
        return Kept(why, waiting=True, asked=False)
    if probes < LEAST_PROBES:
        needs = f", by {probes} of the {LEAST_PROBES} probes needed"
        return Kept(Phrase("its image: ", began, needs), waiting=True, asked=False)
    evidence = Phrase(began, f", over {LEAST_PROBES} probes or more")
    return Orphan(OrphanReason.IMAGE_GONE, evidence, since, probes)


def _expired(known: Known, rules: Rules) -> Orphan | None:
    used = known.session.last_activity
    if rules.older_than is None or known.now - used < rules.older_than:
        return None
    return Orphan(OrphanReason.EXPIRED, Phrase("idle since ", moment(used)), used)


def _kept(what: str, of: str, count: int | None) -> str:
    if count is None:
        return f"a {what} that cannot be read"
    return f"a {what} of {count} {of}{'s' * (count > 1)}"
