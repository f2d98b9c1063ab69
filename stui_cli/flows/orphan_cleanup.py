"""Finding the sessions that are left behind, and sweeping exactly those (DESIGN section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli.image.contact import contact
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import StuiError
from stui_cli.model.items import session_label
from stui_cli.model.operations import CleanupDetails, Kind
from stui_cli.model.orphans import Kept, Orphan, decide
from stui_cli.model.state import image_of_id
from stui_cli.model.status import ConnectionStatus
from stui_cli.protocol.workspaces import ListImageSessions, LiveSession

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.images import Image
    from stui_cli.model.orphans import Rules, Verdict
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Session
    from stui_cli.store.transaction import Draft


@dataclass(frozen=True)
class Finding:
    """The verdict on one session of the store; `image` is its image's registered name, if it has one."""

    session: Session
    image: str | None
    verdict: Verdict

    @property
    def label(self) -> str:
        return session_label(self.image, self.session)


def find_orphans(
    bench: Workbench, images: Sequence[Image] | None, records: Mapping[str, ProbeRecord], rules: Rules
) -> list[Finding]:
    """Judge every session of `images`, or of all images and of those that are no longer registered."""
    state = bench.store.read()
    wanted = None if images is None else {image.image_id for image in images}
    findings: list[Finding] = []
    for image_id in state.shards:
        if wanted is not None and image_id not in wanted:
            continue
        image = image_of_id(state, image_id)
        record = records.get(image.name) if image else None
        live = _live_ids(bench, image, record, state.client_id)
        for session in bench.store.sessions(state, image_id).values():
            verdict = decide(session, image, record, live, rules, bench.clock())
            findings.append(Finding(session, image.name if image else None, verdict))
    return findings


def remove_orphans(bench: Workbench, findings: Sequence[Finding]) -> list[Finding]:
    """Remove the records of exactly the orphans among `findings`, in one operation; answers what went.

    A session that changed since it was judged is left alone.
    """
    orphans = [finding for finding in findings if isinstance(finding.verdict, Orphan)]
    gone: list[Finding] = []

    def change(draft: Draft) -> CleanupDetails:
        gone.clear()
        for finding in orphans:
            sessions = draft.sessions(finding.session.image_id)
            if sessions.get(finding.session.name) == finding.session:
                del sessions[finding.session.name]
                gone.append(finding)
        for image_id in {finding.session.image_id for finding in gone}:
            if not draft.sessions(image_id) and image_of_id(draft.state, image_id) is None:
                draft.drop_sessions(image_id)
        return CleanupDetails(Kind.CLEANUP, tuple(f"{f.label} ({_reason(f)})" for f in gone))

    if orphans:
        bench.store.commit(change)
    return gone


def kept(findings: Sequence[Finding]) -> list[Finding]:
    """Those that stay."""
    return [finding for finding in findings if isinstance(finding.verdict, Kept)]


def _reason(finding: Finding) -> str:
    return finding.verdict.reason if isinstance(finding.verdict, Orphan) else ""


def _live_ids(
    bench: Workbench, image: Image | None, record: ProbeRecord | None, client_id: str
) -> Collection[str] | None:
    """The ids of the sessions that the image itself names; None if it cannot be asked now."""
    if image is None or record is None or record.status is not ConnectionStatus.CONNECTED:
        return None
    deadline = Deadline.after(bench.timeout)
    try:
        with contact(image, client_id, deadline) as client:
            request = ListImageSessions(image.image_id)
            return {live.session_id for live in client.call_list(request, LiveSession, deadline)}
    except StuiError:
        return None  # what could not be asked is no evidence; the record of its probe says why
