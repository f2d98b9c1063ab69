"""Sweeping what is left behind: find it with its evidence, then remove exactly what was found (DESIGN section 9).

Both sides are swept: records in the store whose image or live state is gone, and live sessions in images that the
store does not know. What an image could not do now is not forgotten: its session is found again next time, as
what it is then, since every sweep starts from the facts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stui_cli.flows.preservation import checkpoint_of, with_checkpoint
from stui_cli.image.contact import contact
from stui_cli.image.fanout import fan_out
from stui_cli.image.probing import probe_all
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import PartlyDone, StuiError
from stui_cli.model.health import judge
from stui_cli.model.items import session_label
from stui_cli.model.operations import CleanupDetails, Kind, SessionDetails
from stui_cli.model.orphans import Orphan, Rules, decide, decide_stray
from stui_cli.model.state import image_of_id
from stui_cli.model.status import ConnectionStatus
from stui_cli.protocol.workspaces import Cleaned, CleanupImageSessions, ListImageSessions, LiveSession

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.images import Image
    from stui_cli.model.orphans import OrphanReason, Verdict
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Checkpoint, Session
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft


@dataclass(frozen=True)
class Finding:
    """The verdict on one session. `session` is its record, None for one that only its image holds; `live` tells
    that its image named it just now. `image` is the registered name of its image, if it has one."""

    label: str
    image: str | None
    image_id: str
    session_id: str
    session: Session | None
    live: bool
    verdict: Verdict

    @property
    def reason(self) -> OrphanReason | None:
        return self.verdict.reason if isinstance(self.verdict, Orphan) else None


@dataclass(frozen=True)
class Survey:
    """All findings, and the images that could not be asked."""

    findings: tuple[Finding, ...]
    failures: tuple[StuiError, ...] = ()

    @property
    def orphans(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.reason is not None]


@dataclass(frozen=True)
class Swept:
    """What went, and what failed; a finding is in `gone` only if it is gone from both sides."""

    gone: tuple[Finding, ...]
    failures: tuple[StuiError, ...]


def judged_records(bench: Workbench, images: Sequence[Image]) -> dict[str, ProbeRecord]:
    """The records of the images after a probe that is not written down: what a dry run goes by."""
    state = bench.store.read()
    records = bench.store.probes()
    for probe in probe_all([i for i in images if not i.parked], state.client_id, bench.timeout, bench.clock):
        records[probe.image] = judge(records.get(probe.image), probe)
    return records


def find_orphans(
    bench: Workbench, images: Sequence[Image] | None, records: Mapping[str, ProbeRecord], rules: Rules
) -> Survey:
    """Judge the sessions of `images`; of all images, registered or not, where it is None.

    The state is read before the images are asked: a session that another command makes meanwhile is then unknown to
    both, or too young to count as a stray.
    """
    state = bench.store.read()
    asked = list(state.images.values()) if images is None else list(images)
    connected = [image for image in asked if _connected(image, records)]
    answers = dict(zip((i.name for i in connected), fan_out(connected, lambda i: _live(bench, state, i)), strict=True))
    findings: list[Finding] = []
    failures: list[StuiError] = []
    for image in asked:
        answer = answers.get(image.name)
        if isinstance(answer, StuiError):
            failures.append(answer)
        live = answer if isinstance(answer, dict) else None
        findings += _of_image(bench, state, image, records.get(image.name), live, rules)
    if images is None:
        for image_id in state.shards:
            if image_of_id(state, image_id) is None:
                findings += _judged(bench, bench.store.sessions(state, image_id), None, None, None, rules)
    return Survey(tuple(findings), tuple(failures))


def remove_orphans(bench: Workbench, survey: Survey, rules: Rules) -> Swept:
    """Remove exactly the orphans of a survey, live ones in their images first, then all records in one operation.

    A record that changed since it was judged is left alone; an image that does not do its part keeps its sessions'
    records, and the rest goes on.
    """
    orphans = survey.orphans
    failures: list[StuiError] = []
    state = bench.store.read()
    by_image: dict[str, list[Finding]] = {}
    for finding in orphans:
        if finding.live and finding.image is not None and finding.image in state.images:
            by_image.setdefault(finding.image, []).append(finding)
    closed: set[str] = set()
    work = [(state.images[name], found) for name, found in by_image.items()]
    for result in fan_out(work, lambda pair: _close_live(bench, state, *pair, rules)):
        closed |= result.ids
        failures += result.failures
    records = [f for f in orphans if f.session is not None and (not f.live or f.session_id in closed)]
    removed = _remove_records(bench, records) if records else []
    strays = [f for f in orphans if f.session is None and f.session_id in closed]
    gone = {id(finding) for finding in (*removed, *strays)}
    return Swept(tuple(f for f in orphans if id(f) in gone), tuple(failures))


@dataclass(frozen=True)
class _Closed:
    ids: frozenset[str]
    failures: tuple[StuiError, ...] = ()


def _connected(image: Image, records: Mapping[str, ProbeRecord]) -> bool:
    record = records.get(image.name)
    pinned = image.image_id is not None  # one that never was holds nothing of ours
    return record is not None and record.status is ConnectionStatus.CONNECTED and pinned and not image.parked


def _live(bench: Workbench, state: State, image: Image) -> dict[str, LiveSession] | StuiError:
    """The sessions that the image itself names, by id; the failure if it cannot be asked."""
    deadline = Deadline.after(bench.timeout)
    try:
        with contact(image, state.client_id, deadline) as client:
            found = client.call_list(ListImageSessions(client.greeting.image_id), LiveSession, deadline)
    except StuiError as error:
        return error
    return {live.session_id: live for live in found}


def _of_image(
    bench: Workbench,
    state: State,
    image: Image,
    record: ProbeRecord | None,
    live: dict[str, LiveSession] | None,
    rules: Rules,
) -> list[Finding]:
    known = bench.store.sessions(state, image.image_id) if image.image_id else {}
    findings = _judged(bench, known, image, record, live, rules)
    ids = {session.session_id for session in known.values()}
    for stray in (live or {}).values():
        if stray.session_id not in ids:
            ours = stray.client_id in (None, state.client_id)
            verdict = decide_stray(stray.created_at, _image_clock(bench, record), ours=ours, rules=rules)
            label = f"{image.name}/{stray.name}"
            findings.append(Finding(label, image.name, stray.image_id, stray.session_id, None, True, verdict))
    return findings


def _judged(
    bench: Workbench,
    sessions: Mapping[str, Session],
    image: Image | None,
    record: ProbeRecord | None,
    live: Mapping[str, LiveSession] | None,
    rules: Rules,
) -> list[Finding]:
    name = image.name if image else None
    findings = []
    for session in sessions.values():
        judged, now = session, bench.clock()
        here = live.get(session.session_id) if live is not None else None
        if here is not None:
            # Evaluations are no operations, so only the image knows of the last one; by its own clock.
            judged, now = replace(session, last_activity=here.last_activity), _image_clock(bench, record)
        verdict = decide(judged, image, record, live, rules, now)
        label = session_label(name, session)
        findings.append(
            Finding(label, name, session.image_id, session.session_id, session, here is not None, verdict)
        )
    return findings


def _image_clock(bench: Workbench, record: ProbeRecord | None) -> int:
    """What the image's clock shows now, in ms: its sessions' ages are told by it."""
    answer = record.last_answer if record else None
    if answer is None or answer.vitals is None:
        return bench.clock()
    return answer.vitals.clock_ms + bench.clock() - answer.checked_at


def _close_live(bench: Workbench, state: State, image: Image, findings: Sequence[Finding], rules: Rules) -> _Closed:
    """End live sessions in one image. Each that has a record is checkpointed first, so that an undo of the sweep
    finds more than a name."""
    deadline = Deadline.after(bench.timeout)
    ids = tuple(finding.session_id for finding in findings)
    try:
        with contact(image, state.client_id, deadline) as client:
            checkpoints = [
                (finding.session, checkpoint_of(bench, client, image, finding.session))
                for finding in findings
                if finding.session is not None
            ]
            if checkpoints:
                _keep_checkpoints(bench, image, checkpoints)
            request = CleanupImageSessions(client.greeting.image_id, ids, rules.force, False)
            cleaned = client.call(request, Cleaned, deadline)
    except StuiError as error:
        return _Closed(frozenset(), (error,))
    labels = {finding.session_id: finding.label for finding in findings}
    failures = [
        PartlyDone(f"{labels.get(kept.session_id, kept.session_id)} stays: {kept.reason}", image=image.name)
        for kept in cleaned.kept
    ]
    return _Closed(frozenset(cleaned.cleaned), tuple(failures))


def _keep_checkpoints(bench: Workbench, image: Image, taken: Sequence[tuple[Session, Checkpoint]]) -> None:
    def change(draft: Draft) -> SessionDetails:
        for session, checkpoint in taken:
            sessions = draft.sessions(session.image_id)
            if (record := sessions.get(session.name)) is not None and record.session_id == session.session_id:
                sessions[session.name] = with_checkpoint(draft, record, checkpoint)
        names = ", ".join(session.name for session, _ in taken)
        return SessionDetails(Kind.SESSION_CHANGE, image.name, names, {"checkpoint": "taken before a cleanup"})

    bench.store.commit(change)


def _remove_records(bench: Workbench, findings: Sequence[Finding]) -> list[Finding]:
    gone: list[Finding] = []

    def change(draft: Draft) -> CleanupDetails:
        gone.clear()
        for finding in findings:
            sessions = draft.sessions(finding.image_id)
            record = next((s for s in sessions.values() if s.session_id == finding.session_id), None)
            if record is not None and finding.session is not None and _same(record, finding):
                del sessions[record.name]
                gone.append(finding)
        for image_id in {finding.image_id for finding in gone}:
            if not draft.sessions(image_id):
                draft.drop_sessions(image_id)
        return CleanupDetails(Kind.CLEANUP, tuple(f"{f.label} ({f.reason})" for f in gone))

    bench.store.commit(change)
    return gone


def _same(record: Session, finding: Finding) -> bool:
    """Whether a record is still what was judged. A checkpoint that the sweep itself took does not count."""
    judged = finding.session
    assert judged is not None
    if finding.live:
        return (record.incarnation, record.state) == (judged.incarnation, judged.state)
    return record == judged


def plan_of(survey: Survey) -> list[dict[str, object]]:
    """The orphans as a plan file holds them: enough to know each again, and to see that it did not change."""
    return [
        {
            "session": finding.label,
            "image": finding.image,
            "image_id": finding.image_id,
            "session_id": finding.session_id,
            "reason": str(finding.reason),
            "evidence": finding.verdict.evidence if isinstance(finding.verdict, Orphan) else "",
        }
        for finding in survey.orphans
    ]


def planned(survey: Survey, plan: Sequence[Mapping[str, object]]) -> tuple[Survey, list[str]]:
    """What of a plan still holds: the survey of exactly those, and why the others do not."""
    now = {(item["image_id"], item["session_id"]): item for item in plan_of(survey)}
    held: set[tuple[object, object]] = set()
    changed: list[str] = []
    for item in plan:
        key = (item.get("image_id"), item.get("session_id"))
        found = now.get(key)
        if found is None:
            changed.append(f"{item.get('session')} is no orphan any more")
        elif found != dict(item):
            fields = ", ".join(name for name in found if found[name] != item.get(name))
            changed.append(f"{item.get('session')} changed since the plan was made ({fields})")
        else:
            held.add(key)
    kept = tuple(f for f in survey.findings if f.reason is not None and (f.image_id, f.session_id) in held)
    return Survey(kept, survey.failures), changed
