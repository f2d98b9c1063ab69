"""Changes of an image's standing: what a person is told once (DESIGN section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.status import ConnectionStatus
from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from stui_cli.model.probes import ProbeRecord


class Change(NamedTuple):
    """One image stands otherwise than before. `restarted`: another incarnation of it answers. No dataclass, as in
    commands/overview.py."""

    image: str
    before: ConnectionStatus
    after: ConnectionStatus
    restarted: bool
    since: int
    reason: str

    def __str__(self) -> str:
        if self.before is self.after:
            return f"{self.image} restarted"
        words = f"{self.image} {self.before} -> {self.after}"
        if self.restarted:
            words += ", restarted"
        return f"{words} ({self.reason})" if self.reason else words


def change_between(image: str, before: ProbeRecord | None, after: ProbeRecord) -> Change | None:
    """What changed from one record of an image to the next; None if nothing, if it is the first, or if the user
    left the image alone or took it up again."""
    if before is None or before.parked or after.parked:
        return None
    return _change(image, before.status, before.incarnation, after)


def change_since_told(image: str, record: ProbeRecord) -> Change | None:
    """What changed since a person was last told of the image."""
    if record.told_status is None:
        return None
    return _change(image, record.told_status, record.told_incarnation, record)


def record_once_told(record: ProbeRecord) -> ProbeRecord:
    """The record once a person knows it."""
    return record._replace(told_status=record.status, told_incarnation=record.incarnation)


def _change(image: str, status: ConnectionStatus, incarnation: str | None, after: ProbeRecord) -> Change | None:
    restarted = (
        after.status is ConnectionStatus.CONNECTED
        and incarnation is not None
        and after.incarnation is not None
        and after.incarnation != incarnation
    )
    if after.status is status and not restarted:
        return None
    return Change(image, status, after.status, restarted, after.since, after.reason)
