"""Why code did not come to its end, told of the target that a person knows. It is imported where something fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.image.refusals import never_began
from stui_cli.model.errors import Busy, ConnectionLost, ImageRefused, NotFound, Refused, StuiError, TooLate
from stui_cli.protocol.faults import ErrorCode

if TYPE_CHECKING:
    from stui_cli.image.refusals import Queue
    from stui_cli.model.names import Target

# So much of another's source is told with it.
_SOURCE_TOLD = 80


def explained(error: StuiError, target: Target, time_s: float) -> StuiError:
    """The failure of code that had `time_s` seconds, in the words of its target."""
    match error:
        case NotFound() if target.session and error.answer == "SessionNotFound":
            return session_lost(target, f"{target.image} does not know {target} any more")
        case NotFound() if error.answer == ErrorCode.OBJECT_NOT_FOUND:
            return NotFound(
                f"{target} keeps no result of that number",
                todo="only the last results of a session are kept: see `stui help source`",
                image=target.image,
            )
        case ConnectionLost() if error.answer is not None:  # the image says why
            return _named(error, target)
        case ConnectionLost():
            return _named(
                ConnectionLost(
                    "the connection broke before the answer came: the outcome is unknown",
                    todo=f"see how the image is: stui status {target.image}",
                ),
                target,
            )
        case Busy():
            since = "" if error.busy_ms is None else f" since {_seconds(error.busy_ms)}"
            return Busy(
                f"{target} is busy{since}{_with(error.source)}; nothing of this ran",
                todo="wait for it, or allow more: --time-limit S; to stop it, interrupt the command that runs it",
                image=target.image,
                busy_ms=error.busy_ms,
                source=error.source,
            )
        case TooLate() if error.answer is None:
            return _named(
                TooLate(
                    f"no answer after {time_s:g} s: the outcome is unknown, it may still run",
                    todo=f"see `stui ping {target.image}`; then look at the session before running it again",
                ),
                target,
            )
        case TooLate():
            return _named(
                TooLate(
                    f"stopped after {time_s:g} s; what it did until then stays done",
                    todo="allow more with --time-limit S",
                ),
                target,
            )
        case ImageRefused() if error.answer == ErrorCode.LIMIT_EXCEEDED and never_began(error.details):
            return Refused(
                f"{target} ran nothing of it: {error.what}",
                todo="give it less at once: split the source, or send fewer at a time",
                image=target.image,
            )
        case ImageRefused() if error.answer == ErrorCode.INTERRUPTED and not never_began(error.details):
            return _named(
                ImageRefused(
                    "interrupted from elsewhere; what it did until then stays done",
                    todo="another command stopped it, or closed its session: stui audit, stui log",
                ),
                target,
            )
        case _:
            return _named(error, target)


def waiting_behind(target: Target, queue: Queue) -> str:
    """What a piece of code waits for, while it does."""
    return f"waiting: {target} was busy already for {_seconds(queue.busy_ms)}{_with(queue.source)}"


def session_lost(target: Target, reason: str) -> Refused:
    """The failure of a session whose objects are gone."""
    return Refused(
        f"{reason}: the session's objects are gone",
        todo=f"make it again from its last checkpoint: stui sessions restore {target}",
        image=target.image,
    )


def _named(error: StuiError, target: Target) -> StuiError:
    """`error` told with the name of the target in front."""
    return error.about(target.image, str(target))


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.0f} s"


def _with(source: str | None) -> str:
    """The work that is waited for, by the beginning of its source, in one line."""
    words = " ".join((source or "").split())
    if not words:
        return ""
    return f" with: {words if len(words) <= _SOURCE_TOLD else words[:_SOURCE_TOLD] + '...'}"
