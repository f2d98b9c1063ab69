"""What a plug-in of Nagios says of an image: pure decisions over its record (Nagios plug-in development guidelines)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, assert_never

from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.status import ConnectionHealth, ConnectionStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.ranges import Range


class CheckState(IntEnum):
    """The exit codes of a plug-in."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


# Of several states the gravest is told. That one image is critical is worse than that another cannot be judged.
_GRAVITY = (CheckState.OK, CheckState.UNKNOWN, CheckState.WARNING, CheckState.CRITICAL)


@dataclass(frozen=True)
class Thresholds:
    """The latencies with which an image is in a warning or critical state."""

    warning: Range | None = None
    critical: Range | None = None


@dataclass(frozen=True)
class Checked:
    """One image's state, and why; the reason is empty where all is well."""

    image: str
    state: CheckState
    reason: str
    latency_ms: float | None


def check_image(image: Image, record: ProbeRecord | None, thresholds: Thresholds) -> Checked:
    """The state of one image. A time-out is critical, at the first time already: who runs a plug-in has it decide
    how often to try. A parked image is well."""
    if image.parked:
        return Checked(image.name, CheckState.OK, "", None)
    if record is None:
        return Checked(image.name, CheckState.UNKNOWN, "never probed", None)
    latency = record.last.latency_ms
    if record.status is not ConnectionStatus.CONNECTED:
        state = _of_failure(record)
        return Checked(image.name, state, f"{record.status}: {record.reason}" if record.reason else record.status, None)
    if latency is not None and thresholds.critical is not None and thresholds.critical.alerts(latency):
        reason = f"{latency:.0f} ms, critical {thresholds.critical.words}"
        return Checked(image.name, CheckState.CRITICAL, reason, latency)
    state = _of_health(record.health)
    slow = latency is not None and thresholds.warning is not None and thresholds.warning.alerts(latency)
    if slow and state is CheckState.OK:
        assert thresholds.warning is not None
        reason = f"{latency:.0f} ms, warning {thresholds.warning.words}"
        return Checked(image.name, CheckState.WARNING, reason, latency)
    return Checked(image.name, state, record.reason, latency)


def gravest(checks: Iterable[Checked]) -> CheckState:
    """The state of all together; of none it is unknown, for a plug-in that checks nothing is set up wrongly."""
    return max((check.state for check in checks), key=gravity, default=CheckState.UNKNOWN)


def gravity(state: CheckState) -> int:
    """How grave a state is, beside the others."""
    return _GRAVITY.index(state)


def _of_failure(record: ProbeRecord) -> CheckState:
    match record.last.outcome:
        case ProbeOutcome.NO_ROUTE:  # of this machine's network, not of the image
            return CheckState.UNKNOWN
        case (
            ProbeOutcome.REFUSED
            | ProbeOutcome.TIMED_OUT
            | ProbeOutcome.BROKEN
            | ProbeOutcome.WRONG_IMAGE
            | ProbeOutcome.NOT_PERMITTED
            | ProbeOutcome.WRONG_PROTOCOL
            | ProbeOutcome.ANSWERED  # told by somebody to be away
        ):
            return CheckState.CRITICAL
        case _:
            assert_never(record.last.outcome)


def _of_health(health: ConnectionHealth) -> CheckState:
    match health:
        case ConnectionHealth.HEALTHY:
            return CheckState.OK
        case ConnectionHealth.WARNING:
            return CheckState.WARNING
        case ConnectionHealth.CRITICAL:
            return CheckState.CRITICAL
        case ConnectionHealth.UNKNOWN:
            return CheckState.UNKNOWN
        case _:
            assert_never(health)
