"""Removing what a survey found left behind, and exactly that (DESIGN section 9).

Live sessions are ended in their images first, then all records go in one operation, so that one undo brings them back.
A live session that has a record is checkpointed before it is ended, and that checkpoint is committed before, by one
operation of its own for the whole run: killed at any point, a sweep leaves either a live session or its variables as
text, and an undo of the sweep finds the fresh checkpoint. Where its agent can, the session is then ended by a request
that tells its variables once more: what somebody did in it between the two is kept as well. A record goes only once its
live session is gone: what an image could not do now, and what a kill prevented, is found and done by the next sweep
that meets the image.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stui_cli.image.contact import contact
from stui_cli.image.fan_out import fan_out
from stui_cli.model.audit import AuditEntry
from stui_cli.model.errors import NotFound, PartlyDone, StuiError
from stui_cli.model.operations import CleanupDetails, Kind, Removal
from stui_cli.model.state import image_of_id
from stui_cli.model.status import ConnectionStatus
from stui_cli.protocol.greeting import CLOSING_CHECKPOINT
from stui_cli.protocol.workspaces import (
    Cleaned,
    CleanupImageSessions,
    Closed,
    CloseSession,
    ListImageSessions,
    LiveSession,
)
from stui_cli.work.sessions.checkpoint import checkpoint_from, checkpoint_of, keep_checkpoints

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stui_cli.image.client import Client
    from stui_cli.model.images import Image
    from stui_cli.model.orphans import Rules
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Checkpoint, Session
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft
    from stui_cli.work.sweeping.survey import Finding, Survey
    from stui_cli.work.workbench import Workbench


@dataclass(frozen=True)
class Swept:
    """What went, what was left because it changed since it was judged, and what failed; a finding is in `gone` only
    if it is gone from both sides."""

    gone: tuple[Finding, ...]
    changed: tuple[str, ...]
    failures: tuple[StuiError, ...]


@dataclass
class _Ending:
    """One image in which live sessions are to be ended, and how far that is: `ended` by us, or `absent` by now."""

    image: Image
    findings: list[Finding]
    client: Client | None = None
    checkpoints: list[tuple[Session, Checkpoint]] = field(default_factory=list)
    last: list[tuple[Session, Checkpoint]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)
    failures: list[StuiError] = field(default_factory=list)


def remove_orphans(bench: Workbench, survey: Survey, rules: Rules) -> Swept:
    """Remove exactly the orphans of a survey.

    What changed since it was judged is left alone; an image that does not do its part keeps its sessions' records,
    and the rest goes on.
    """
    orphans = survey.orphans
    state = bench.store.read()
    endings = _endings(state, orphans)
    with ExitStack() as conversations:
        fan_out(endings, lambda ending: _prepare(bench, state, ending, conversations))
        with bench.allowance.standing_still():
            _keep_checkpoints(bench, endings)
        fan_out(endings, lambda ending: _end(bench, ending, rules))
    _keep_what_came_after(bench, endings)
    ended = {(ending.image.name, session_id) for ending in endings for session_id in ending.ended | ending.absent}
    going = [f for f in orphans if f.live is None or (f.image, f.session_id) in ended]
    gone, changed = _remove_records(bench, going)
    _tell_audit(bench, endings)
    changed = [*(text for ending in endings for text in ending.changed), *changed]
    return Swept(tuple(gone), tuple(changed), tuple(failure for ending in endings for failure in ending.failures))


def _endings(state: State, orphans: Iterable[Finding]) -> list[_Ending]:
    """The work in images; one that was removed, or replaced under its name, since it was asked is left out."""
    endings: dict[str, _Ending] = {}
    for finding in orphans:
        image = state.images.get(finding.image or "")
        if finding.live is None or image is None or image.image_id != finding.image_id:
            continue
        endings.setdefault(image.name, _Ending(image, [])).findings.append(finding)
    return list(endings.values())


def _prepare(bench: Workbench, state: State, ending: _Ending, conversations: ExitStack) -> None:
    """Contact the image, see that its sessions are still as they were judged, and take their checkpoints."""
    image, deadline = ending.image, bench.deadline
    try:
        client = conversations.enter_context(contact(image, state.client_id, deadline, bench.sightings))
        listed = client.call_list(ListImageSessions(client.greeting.image_id), LiveSession, deadline)
        now = {live.session_id: live for live in listed}
        for finding in list(ending.findings):
            live = now.get(finding.session_id)
            if live is None:  # another sweep was quicker
                ending.absent.add(finding.session_id)
            elif finding.live is None or live.last_activity != finding.live.last_activity:
                ending.changed.append(f"{finding.label} was used meanwhile and stays")
            else:
                if finding.session is not None:
                    session = _here(finding.session, client)
                    taken = checkpoint_of(bench, client, image, session, deadline)
                    ending.checkpoints.append((session, taken))
                continue
            ending.findings.remove(finding)
    except StuiError as error:
        ending.failures.append(error.about(image.name))
        ending.checkpoints.clear()
        return
    ending.client = client


def _here(session: Session, client: Client) -> Session:
    """A session in the incarnation that answers: one that came back with a saved image lives on in another."""
    return session._replace(incarnation=client.greeting.incarnation)


def _keep_checkpoints(bench: Workbench, endings: Sequence[_Ending]) -> None:
    taken = [(e.image.name, *pair) for e in endings if e.client is not None for pair in e.checkpoints]
    keep_checkpoints(bench, taken, "taken before a sweep")


def _keep_what_came_after(bench: Workbench, endings: Sequence[_Ending]) -> None:
    """Record the checkpoints that ended sessions left, where they tell something else than those before."""
    known = {checkpoint.session_id: checkpoint.bindings for e in endings for _, checkpoint in e.checkpoints}
    taken = [
        (e.image.name, session, checkpoint)
        for e in endings
        for session, checkpoint in e.last
        if checkpoint.bindings != known.get(checkpoint.session_id)
    ]
    keep_checkpoints(bench, taken, "taken by a sweep, as the last word of what was used meanwhile")


def _end(bench: Workbench, ending: _Ending, rules: Rules) -> None:
    """End what is still to be ended. What goes by no force of ours is left to the image's own judgement."""
    client = ending.client
    if client is None:
        return
    in_one_step = rules.takes_live and CLOSING_CHECKPOINT in (client.greeting.abilities or ())
    rest = []
    for finding in ending.findings:
        if in_one_step and finding.ours and finding.session is not None:
            _close(bench, client, ending, finding, finding.session, interrupt=rules.force)
        else:
            rest.append(finding)
    _clean_up(bench, client, ending, rest, rules)


def _close(
    bench: Workbench, client: Client, ending: _Ending, finding: Finding, session: Session, *, interrupt: bool
) -> None:
    """End a session, and take what it has by then."""
    request = CloseSession(finding.session_id, True, None if interrupt else False)
    try:
        closed = client.call(request, Closed, bench.deadline)
    except NotFound:  # another sweep was quicker
        ending.absent.add(finding.session_id)
        return
    except StuiError as error:
        ending.failures.append(error.about(ending.image.name))
        return
    if not closed.closed:
        ending.failures.append(PartlyDone(f"{finding.label} stays: running", image=ending.image.name))
        return
    ending.ended.add(finding.session_id)
    if closed.checkpoint is not None:
        here = _here(session, client)
        ending.last.append((here, checkpoint_from(bench, here, closed.checkpoint)))


def _clean_up(bench: Workbench, client: Client, ending: _Ending, findings: Sequence[Finding], rules: Rules) -> None:
    """End several sessions by one request; what they have is gone, or was kept before."""
    labels = {finding.session_id: finding.label for finding in findings}
    for ours in (True, False):
        ids = tuple(finding.session_id for finding in findings if finding.ours is ours)
        if not ids:
            continue
        force = rules.force and (ours or not rules.preserve_active)
        preserve = rules.preserve_active and not (ours and rules.force)
        request = CleanupImageSessions(client.greeting.image_id, ids, force, preserve)
        try:
            cleaned = client.call(request, Cleaned, bench.deadline)
        except StuiError as error:
            ending.failures.append(error.about(ending.image.name))
            continue
        ending.ended.update(cleaned.cleaned)
        for kept in cleaned.kept:
            if kept.is_unknown and ours:  # another sweep was quicker
                ending.absent.add(kept.session_id)
                continue
            label = labels.get(kept.session_id, kept.session_id)
            ending.failures.append(PartlyDone(f"{label} stays: {kept.words}", image=ending.image.name))


def _remove_records(bench: Workbench, findings: Sequence[Finding]) -> tuple[list[Finding], list[str]]:
    """Take the records out of the store, in one operation that names the strays too; what has none is gone already."""
    gone: list[Finding] = []
    changed: list[str] = []

    def change(draft: Draft) -> CleanupDetails:
        gone.clear()
        changed.clear()
        records = bench.store.probes(draft.state)
        for finding in findings:
            if finding.session is None:
                gone.append(finding)
                continue
            sessions = draft.sessions(finding.image_id)
            record = next((s for s in sessions.values() if s.session_id == finding.session_id), None)
            if record is None:  # another sweep was quicker
                continue
            standing = records.get(finding.image or "")
            if not _holds(draft, finding, finding.session, record, standing):
                changed.append(f"{finding.label} changed meanwhile and stays")
                continue
            del sessions[record.name]
            gone.append(finding)
        return CleanupDetails(Kind.CLEANUP, tuple(Removal(*_named(f.label), f.word) for f in gone))

    if findings:
        bench.store.commit(change)
    return gone, changed


def _named(label: str) -> tuple[str, str]:
    """The image and the session of a finding's label."""
    image, _, session = label.partition("/")
    return image, session


def _holds(draft: Draft, finding: Finding, judged: Session, record: Session, standing: ProbeRecord | None) -> bool:
    """Whether a record, the registration of its image and the `standing` of that are still what was judged. Of a
    session that lived, what using and checkpointing it changes does not count: the image itself was asked again."""
    image = image_of_id(draft.state, finding.image_id)
    if ((None, None) if image is None else (image.name, image.address)) != (finding.image, finding.address):
        return False
    if image is not None and finding.reason is not None and finding.reason.by_probes:
        lives = standing is not None and (standing.status is ConnectionStatus.CONNECTED or standing.stopped)
        if image.parked or lives:
            return False
    if finding.live is not None:
        return (record.incarnation, record.state) == (judged.incarnation, judged.state)
    return record == judged


def _tell_audit(bench: Workbench, endings: Sequence[_Ending]) -> None:
    """Every live session that was ended is an act on its image, whoever's it was."""
    entries = [
        AuditEntry(
            bench.clock(),
            bench.store.actor,
            str(Kind.CLEANUP),
            ending.image.name,
            finding.label.partition("/")[2],
            role=ending.client.role if ending.client is not None else None,
            outcome=f"ended ({finding.word})",
        )
        for ending in endings
        for finding in ending.findings
        if finding.session_id in ending.ended
    ]
    if entries:
        bench.store.append_audit(*entries)
