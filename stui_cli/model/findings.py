"""What one monitor of a team finds for all: who leads, how old it is, and which of it is true for others.

What a probe says of an image is everybody's: it answered, it refused, it was silent. What it says of the one who asked
stays with him: which key he proved, by which way he went, and whatever failed for such a reason. An address of one
machine alone (loopback, a unix socket) is another place on every other, so that only an image that answered there,
which proves itself by its id, is told of beyond it; and what ssh could not reach may be for want of one's own keys.

    what the last probe met                 told to others    where the address is one of a machine, or ssh's
    ------------------------------------    --------------    ------------------------------------------------
    answered                                yes               yes
    refused, silent, broken, another image  yes               on the same machine only; for ssh never
    key refused, wrong protocol, no route   no                no
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from stui_cli.model.addresses import is_local
from stui_cli.model.health import judge
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.leads import Lead
    from stui_cli.model.probes import Probe, ProbeRecord

_OF_THE_IMAGE = frozenset({ProbeOutcome.REFUSED, ProbeOutcome.TIMED_OUT, ProbeOutcome.BROKEN, ProbeOutcome.WRONG_IMAGE})

_TIMES = ("since", "failing_since", "refusing_since", "replaced_since", "incarnation_since", "last_seen")

# Nothing that was measured is longer, in ms: what a member of a team writes is foreign data.
_LONGEST_MS = 1e9


class Findings(NamedTuple):
    """What a leader found, by the names of the images. `age` is how long ago he told it, in ms by the database's clock,
    `term` counts who led before him."""

    lead: Lead
    age: int
    term: int
    records: Mapping[str, ProbeRecord]


def may_be_told(image: Image, record: ProbeRecord, *, same_place: bool) -> bool:
    """Whether what is recorded of an image by one person is true for another. `same_place` says that addresses of one
    machine mean the same to both."""
    if image.parked or record.parked:
        return False
    if record.last.outcome is ProbeOutcome.ANSWERED:
        return True
    if record.moved or record.last.outcome not in _OF_THE_IMAGE or image.address.startswith("ssh:"):
        return False
    return same_place or not is_local(image.address)


def without_own(record: ProbeRecord) -> ProbeRecord:
    """A record without what is of the one who probed."""
    answer = record.last_answer
    return record._replace(
        last=record.last._replace(source_address=None, role=None),
        last_answer=None if answer is None else answer._replace(source_address=None, role=None),
        network=None,
        moved=False,
        told_status=None,
        told_incarnation=None,
        stopped=False,
    )


def believable(image: Image, record: ProbeRecord, told_at: int) -> bool:
    """Whether a record that another wrote can be one of `image`: it is of no later time than it was told, which would
    make it the newest for ever, and holds no number that is none."""
    probes = [probe for probe in (record.last, record.last_answer) if probe is not None]
    times = [getattr(record, name) for name in _TIMES]
    times += [at for probe in probes for at in (probe.checked_at, probe.measured_at)]
    if any(at is not None and not 0 <= at <= told_at for at in times):
        return False
    if not all(_measured(probe.latency_ms) for probe in probes):
        return False
    met = record.last.image_id if record.last.outcome is ProbeOutcome.ANSWERED else None
    return None in (met, image.image_id) or met == image.image_id


def moved_by(record: ProbeRecord, ms: int) -> ProbeRecord:
    """A record with its times by another clock, which is `ms` ahead."""

    def later(at: int | None) -> int | None:
        return None if at is None else at + ms

    def of(probe: Probe) -> Probe:
        return probe._replace(checked_at=probe.checked_at + ms, measured_at=later(probe.measured_at))

    answer = record.last_answer
    return record._replace(
        since=record.since + ms,
        failing_since=later(record.failing_since),
        refusing_since=later(record.refusing_since),
        replaced_since=later(record.replaced_since),
        incarnation_since=later(record.incarnation_since),
        last_seen=later(record.last_seen),
        last=of(record.last),
        last_answer=None if answer is None else of(answer),
    )


def newest(own: ProbeRecord | None, heard: ProbeRecord | None) -> ProbeRecord | None:
    """How an image is, by what was found here and by what another found: the later counts. What was decided here
    meanwhile (it was stopped, or got another address) is as good as a probe."""
    if own is None or heard is None:
        return own or heard
    return heard if heard.last.checked_at > max(own.last.checked_at, own.since) else own


def standing(own: ProbeRecord | None, heard: ProbeRecord | None) -> ProbeRecord | None:
    """How an image is for one person: `newest`, but of what was met here how it goes on from what was heard before."""
    if own is None or heard is None:
        return own or heard
    return heard if heard.last.checked_at >= max(own.last.checked_at, own.since) else own


def gone_on(heard: ProbeRecord, own: ProbeRecord) -> ProbeRecord:
    """How an image is after a contact from here, which is the last of `own`, where it was as `heard` before.

    What another found is no evidence of one's own, so that `own` counts from the first contact that was made here. But
    an image is not silent for the first time because another asks it, nor is it connected since then.
    """
    if own.parked or own.stopped or own.moved:
        return own
    if max(own.last.checked_at, own.since) <= heard.last.checked_at:
        return heard
    if own.last.checked_at <= heard.last.checked_at:  # it was decided here, without a contact
        return own
    told = own.told_status, own.told_incarnation
    after = judge(heard, own.last)
    return after._replace(network=own.network, told_status=told[0], told_incarnation=told[1], seen_by=None)


def _measured(ms: float | None) -> bool:
    return ms is None or (isfinite(ms) and 0 <= ms < _LONGEST_MS)
