"""What an image says instead of a result, as a failure with an exit code and advice.

Its words are foreign: they are quoted as far as a person reads them, and codes of tomorrow are plain refusals. Advice
calls the image NAME, since nothing here knows how it is registered.
"""

from __future__ import annotations

from stui_cli.image.greetings import word_for_advice
from stui_cli.model.errors import (
    Busy,
    ImageRefused,
    KeyNotTaken,
    NotFound,
    NotPermitted,
    Refused,
    StuiError,
    TooLate,
)
from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.faults import ErrorCode, WireError

# Of what an image says in an error, so much comes into our message; 16 MiB of it would help nobody.
_LONGEST_QUOTE = 1_000


class Queue(NamedTuple):
    """What a request of ours waits behind: for how long that was running then (ms), and how its source begins."""

    busy_ms: int
    source: str


def never_began(details: object) -> bool:
    """Whether an error answer's details say that nothing of the request ran."""
    match details:
        case {"started": False}:
            return True
        case _:
            return False


def busy_failure(error: WireError, where: str, queued: Queue | None) -> Busy:
    """The answer to a request that waited behind other work until its time was over, or until we took it back."""
    details = error.details if isinstance(error.details, dict) else {}
    busy_ms, source = details.get("busy_ms"), details.get("source")
    busy = Busy(
        f"{where} had other work until the time was over; nothing of this ran",
        todo="wait for it, or allow more with --time-limit",
        busy_ms=busy_ms if isinstance(busy_ms, int) else queued and queued.busy_ms,
        source=source if isinstance(source, str) else queued and queued.source,
    )
    busy.answer, busy.details = error.code, error.details
    return busy


def agent_too_old(where: str, method: str, dialect: str) -> StuiError:
    """The agent does not know this request, whether it says so beforehand or is asked."""
    failure = ImageRefused(
        f"{where}: its agent is too old for this, it does not know {method}",
        todo=f"file in the agent again: `stui images agent {word_for_advice(dialect)}` names its files; "
        "or launch the image anew",
    )
    failure.answer = ErrorCode.UNSUPPORTED_METHOD
    return failure


def refusal_as_failure(error: WireError, where: str) -> StuiError:
    """The image's error answer as a failure with an exit code. Codes of tomorrow are plain refusals."""
    failure: StuiError
    what = f"{where} answered {as_quoted(error.code)}: {as_quoted(error.message)}"
    match error.code:
        case ErrorCode.NOT_AUTHENTICATED:
            failure = KeyNotTaken(what, todo="check the key: stui images show NAME")
        case ErrorCode.PERMISSION_DENIED:
            failure = NotPermitted(what, todo="ask for a key with a stronger role (observer, developer, admin)")
        case ErrorCode.SESSION_NOT_FOUND:
            failure = NotFound(what, todo="see `stui sessions list`")
        case ErrorCode.OBJECT_NOT_FOUND:
            failure = NotFound(what, todo="only the last results of a session are kept: see `stui help source`")
        case ErrorCode.IMAGE_MISMATCH:
            failure = Refused(what, todo="see `stui images show NAME`")
        case ErrorCode.TIMEOUT:
            failure = TooLate(what, todo="allow more with --time-limit")
        case _:
            failure = ImageRefused(what)
    failure.answer = error.code
    failure.details = error.details
    return failure


def as_quoted(text: str) -> str:
    """What of a text of an image comes into our message."""
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "..."
