"""Finding what is left behind, with its evidence, on both sides: records in the store whose image or live state is
gone, and live sessions in images that the store does not know (DESIGN section 9). Nothing is changed here.

What an image could not do for an earlier sweep needs no list of its own: every survey starts from the facts, so a
session that could not be ended then is found again at the next contact, as a stray if its record went meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.image.contact import contact
from stui_cli.image.fan_out import fan_out
from stui_cli.image.probing import probe_all
from stui_cli.local.launching import running
from stui_cli.local.processes import Liveness
from stui_cli.local.runtime_files import agent_liveness, running_agents, runtime_directory
from stui_cli.model.errors import NotFound, StuiError
from stui_cli.model.names import nearest
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.orphans import Known, KnownStray, Orphan, Restorable, Rules, decide, decide_stray
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.sessions import SessionState, session_label
from stui_cli.model.state import image_of_id
from stui_cli.model.status import ConnectionStatus
from stui_cli.protocol.workspaces import ListImageSessions, LiveSession
from stui_cli.work.images.monitor import judged, probe_images
from stui_cli.work.talking.moves import keep_moves
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.orphans import OrphanReason, Verdict
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Session
    from stui_cli.model.state import State
    from stui_cli.work.workbench import Workbench


@dataclass(frozen=True)
class Scope:
    """What a sweep looks at: registered images, and images that are not registered any more, by their ids.

    `labels` are the only sessions meant, as `image/session`, None for all.
    """

    images: tuple[Image, ...]
    strangers: tuple[str, ...] = ()
    labels: frozenset[str] | None = None


@dataclass(frozen=True)
class Finding:
    """The verdict on one session. `session` is its record, None for one that only its image holds; `live` is what
    its image said of it just now, None if it did not name it. `image` is the registered name of its image, if any, and
    `address` where that was registered then."""

    label: str  # IMAGE/SESSION
    image: str | None  # the registered name of its image
    image_id: str  # its UUID
    session_id: str  # that of the session
    session: Session | None  # its record; None where only the image has it
    live: LiveSession | None  # what its image said of it just now
    ours: bool  # whether it is one of this store's
    verdict: Verdict  # Orphan with its evidence, or Kept and why
    address: str | None = None  # where the image was registered then

    @property
    def reason(self) -> OrphanReason | None:
        return self.verdict.reason if isinstance(self.verdict, Orphan) else None

    @property
    def word(self) -> str:
        """The reason as people read it; empty for a session that stays."""
        return self.reason.word if self.reason is not None else ""


@dataclass(frozen=True)
class Survey:
    """All findings, and the images that answered a probe and then could not be asked."""

    findings: tuple[Finding, ...]
    failures: tuple[StuiError, ...] = ()

    @property
    def orphans(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.reason is not None]

    @property
    def kept(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.reason is None]


@dataclass(frozen=True)
class _Said:
    """What an image said of its sessions, by id, and in which incarnation."""

    incarnation: str
    sessions: Mapping[str, LiveSession]


def everything(state: State) -> Scope:
    """Every image, registered or not."""
    registered = {image.image_id for image in state.images.values()}
    return Scope(tuple(state.images.values()), tuple(i for i in state.shards if i not in registered))


def scope_named(bench: Workbench, state: State, names: Sequence[str]) -> Scope:
    """The scope that words mean: IMAGE, or IMAGE/SESSION; for an image that was removed the name that it had, or its
    id. Raises NotFound with the nearest names."""
    images: dict[str, Image] = {}
    strangers: dict[str, None] = {}
    labels: set[str] = set()
    whole = everything(state)
    for word in names:
        name, _, session = word.partition("/")
        former = [] if name in state.images else _strangers_called(bench, state, whole.strangers, name)
        if former:
            strangers.update(dict.fromkeys(former))
        else:
            images[name] = known_image(state, name)
        # A label may begin with an id where only that is known; both forms are what listings print.
        labels.add(f"{name}/{session}" if session else f"{name}/")
    return Scope(tuple(images.values()), tuple(strangers), frozenset(labels))


def _strangers_called(bench: Workbench, state: State, strangers: Iterable[str], name: str) -> list[str]:
    return [
        image_id
        for image_id in strangers
        if image_id == name or any(s.registered_as == name for s in bench.store.sessions(state, image_id).values())
    ]


def probed(bench: Workbench, images: Sequence[Image], *, dry: bool) -> dict[str, ProbeRecord]:
    """The standing of every image after a probe of `images`. A `dry` one is not written down, so nothing is told of
    it and no counter moves."""
    if not dry:
        return probe_images(bench, images)
    state = bench.store.read()
    records = bench.store.probes(state)
    asked = [image for image in images if not image.parked]
    probes = probe_all(asked, state.client_id, bench.timeout, bench.clock, sightings=bench.sightings)
    keep_moves(bench)
    judged(records, state, asked, probes)
    return records


def find_orphans(bench: Workbench, scope: Scope, records: Mapping[str, ProbeRecord], rules: Rules) -> Survey:
    """Judge the sessions of `scope`.

    The state is read before the images are asked: a session that another command makes meanwhile is then unknown to
    both, or too young to count as a stray. Raises NotFound for a session that was named and is not there, Damaged
    where what the store has cannot be read: its sessions would look like strays.
    """
    state = bench.store.read(strict=True)
    connected = [image for image in scope.images if _is_connected(image, records)]
    answers = dict(zip((i.name for i in connected), fan_out(connected, lambda i: _said(bench, state, i)), strict=True))
    seen = _sightings(bench, scope.images, records)
    findings: list[Finding] = []
    failures: list[StuiError] = []
    for image in scope.images:
        answer = answers.get(image.name)
        if isinstance(answer, StuiError):
            failures.append(answer)
        said = answer if isinstance(answer, _Said) else None
        findings += _of_image(bench, state, image, records.get(image.name), said, seen, rules)
    findings += _of_strangers(bench, state, scope.strangers, rules)
    if scope.labels is not None:
        findings = _only(findings, scope.labels)
    return Survey(tuple(findings), tuple(failures))


def _is_connected(image: Image, records: Mapping[str, ProbeRecord]) -> bool:
    record = records.get(image.name)
    pinned = image.image_id is not None  # one that never was holds nothing of ours
    return record is not None and record.status is ConnectionStatus.CONNECTED and pinned and not image.parked


def _said(bench: Workbench, state: State, image: Image) -> _Said | StuiError:
    deadline = bench.deadline
    try:
        with contact(image, state.client_id, deadline, bench.sightings) as client:
            greeting = client.greeting
            found = client.call_list(ListImageSessions(greeting.image_id), LiveSession, deadline)
    except StuiError as error:
        return error.about(image.name)
    return _Said(greeting.incarnation, {live.session_id: live for live in found})


def _sightings(bench: Workbench, images: Sequence[Image], records: Mapping[str, ProbeRecord]) -> dict[str, str]:
    """Where images were met alive, by their id: after a restart an agent may listen elsewhere, and another may have
    taken its old port; or its process lives where it is registered, and only its socket is gone. Looked for only if
    some image does not answer where it is registered."""
    lost = (ConnectionStatus.DISCONNECTED, ConnectionStatus.FAILED)
    if not any((record := records.get(i.name)) is not None and record.status in lost for i in images):
        return {}
    told = list(running_agents(runtime_directory(bench.environ)))
    seen = {agent.image_id: agent.address for agent in told}
    for image in images:
        last = record.last if (record := records.get(image.name)) else None
        if last is not None and last.outcome is ProbeOutcome.WRONG_IMAGE and last.image_id:
            seen.setdefault(last.image_id, image.address)
        if image.launch_directory and image.image_id:
            agent = running(image.image_id, Path(image.launch_directory), bench.environ)
            if agent is not None:
                told.append(agent)
                seen[image.image_id] = agent.address
    lives = {a.image_id for a in told if agent_liveness(a, any_incarnation=True) is Liveness.LIVES}
    return {
        i.image_id: seen[i.image_id]
        for i in images
        if i.image_id in seen and (seen[i.image_id] != i.address or i.image_id in lives)
    }


def _of_image(
    bench: Workbench,
    state: State,
    image: Image,
    record: ProbeRecord | None,
    said: _Said | None,
    seen: Mapping[str, str],
    rules: Rules,
) -> list[Finding]:
    known = bench.store.sessions(state, image.image_id, strict=True) if image.image_id else {}
    live = said.sessions if said is not None else None
    findings = []
    for session in known.values():
        here = live.get(session.session_id) if live is not None else None
        # Evaluations are no operations, so its image knows of the last one, by its own clock; else the history does.
        judged_as = session._replace(last_activity=here.last_activity if here else _last_use(bench, session))
        now = bench.clock() if here is None else _image_clock(bench, record)
        incarnation = said.incarnation if said is not None else None
        unknown = live is not None and here is None and session.state is not SessionState.CLOSED
        facts = Known(
            judged_as,
            image,
            record,
            live,
            incarnation,
            now,
            seen_at=seen.get(image.image_id or ""),
            restorable=_restorable(bench, session) if unknown else Restorable(),
        )
        findings.append(_finding(image, session, here, decide(facts, rules)))
    ids = {session.session_id for session in known.values()}
    strays = [each for each in (live or {}).values() if each.session_id not in ids]
    return findings + [_stray(bench, state, image, record, stray, rules) for stray in strays]


def _restorable(bench: Workbench, session: Session) -> Restorable:
    """What the store keeps of a session, counted; that one cannot be read takes no other's verdict along."""
    variables: int | None = 0
    evaluations: int | None
    if session.checkpoint is not None:
        try:
            variables = len(bench.store.checkpoint(session.checkpoint).bindings)
        except StuiError:
            variables = None
    try:
        evaluations = len(bench.store.history(session.image_id, session.session_id))
    except StuiError:
        evaluations = None
    return Restorable(variables, evaluations)


def _last_use(bench: Workbench, session: Session) -> int:
    """When a session was last used, as far as the store knows (ms)."""
    latest = bench.store.last_evaluations(session.image_id, {session.session_id: session.last_activity})
    found = latest.get(session.session_id)
    return session.last_activity if found is None else max(session.last_activity, found.time + (found.elapsed_ms or 0))


def _stray(
    bench: Workbench, state: State, image: Image, record: ProbeRecord | None, live: LiveSession, rules: Rules
) -> Finding:
    ours = live.client_id == state.client_id
    now = _image_clock(bench, record)
    facts = KnownStray(live.created_at, live.last_activity, live.state == "active", ours, now)
    label = f"{image.name}/{live.name}"
    verdict = decide_stray(facts, rules)
    image_id = image.image_id or ""
    return Finding(label, image.name, image_id, live.session_id, None, live, ours, verdict, image.address)


def _of_strangers(bench: Workbench, state: State, strangers: Sequence[str], rules: Rules) -> list[Finding]:
    found = [(i, bench.store.sessions(state, i, strict=True)) for i in strangers if image_of_id(state, i) is None]
    names = {s.registered_as for _, sessions in found for s in sessions.values() if s.registered_as}
    removed = _removals(bench, names)
    findings = []
    for _, sessions in found:
        for session in sessions.values():
            at = removed.get(session.registered_as or "")
            facts = Known(session, None, None, None, None, bench.clock(), removed_at=at)
            findings.append(_finding(None, session, None, decide(facts, rules)))
    return findings


def _removals(bench: Workbench, names: set[str]) -> dict[str, int]:
    """When each of the images last left the registry (ms), as far as the operation log knows it."""
    removed: dict[str, int] = {}
    if not names:
        return removed
    for operation in bench.store.operations():
        match operation.details:
            case ImageDetails(kind=Kind.IMAGE_REMOVE, image=image) if image in names:
                removed.setdefault(image, operation.time)
        if len(removed) == len(names):
            break
    return removed


def _finding(image: Image | None, session: Session, live: LiveSession | None, verdict: Verdict) -> Finding:
    name, address = (None, None) if image is None else (image.name, image.address)
    label = session_label(name, session)
    return Finding(label, name, session.image_id, session.session_id, session, live, True, verdict, address)


def _only(findings: list[Finding], labels: frozenset[str]) -> list[Finding]:
    """Those that are named, by image or by session."""

    def names_of(finding: Finding) -> tuple[str, ...]:
        owner, _, name = finding.label.partition("/")
        owners = dict.fromkeys((owner, finding.image_id))
        return tuple(f"{each}/{part}" for each in owners for part in ("", name))

    found = [finding for finding in findings if labels.intersection(names_of(finding))]
    met = {name for finding in found for name in names_of(finding)}
    for label in sorted(labels - met):
        if not label.endswith("/"):
            hint = nearest(label, [finding.label for finding in findings]) or "see `stui cleanup -n`"
            raise NotFound(f"there is no session {label}", todo=hint)
    return found


def _image_clock(bench: Workbench, record: ProbeRecord | None) -> int:
    """What the image's clock shows now, in ms: its sessions' ages are told by it."""
    answer = record.last_answer if record else None
    if answer is None or answer.vitals is None:
        return bench.clock()
    return answer.vitals.clock_ms + bench.clock() - answer.checked_at
