"""Failures that a user can act on; each says what happened, to what, and what to do next.

The families follow whose fault it is: the caller's words, the store, the image's answer, the wire, the
network, time. A bug of ours is none of these: it stays an ordinary exception and is logged by the boundary
in `stui_cli.main`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from stui_cli.model.exits import Exit

if TYPE_CHECKING:
    from stui_cli.model.probe_outcome import ProbeOutcome


class StuiError(Exception):
    """A failure with an exit code.

    `reason` says what happened, and `what` says it with the name of whom it happened to in front, where the reason does
    not name it; `todo` is the next step, a command where there is one; `image` is the registered name of the image
    concerned, if any. `answer` is the image's own error code where the failure is an answer of the image (DESIGN
    section 4), `details` what it told besides, which is foreign data.
    """

    exit_code: ClassVar[Exit] = Exit.FAILED
    code: ClassVar[str] = "failed"

    def __init__(self, what: str, *, todo: str = "", image: str | None = None) -> None:
        super().__init__(what)
        self.reason = what
        self.todo = todo
        self.image = image
        self.answer: str | None = None
        self.details: object = None
        self._subject: str | None = None

    def __str__(self) -> str:
        return self.what

    @property
    def what(self) -> str:
        return self.reason if self._subject is None else f"{self._subject}: {self.reason}"

    def about(self, image: str, subject: str | None = None) -> Self:
        """Let it be a failure of `image`, and the reason be told with that name in front, or with `subject`: a session
        of it. One that names its image already stays as it is."""
        if self.image is None:
            self.image, self._subject = image, subject or image
        return self


class UsageProblem(StuiError):
    """The command line cannot be meant so, or a question had to be asked where nobody can answer."""

    exit_code = Exit.USAGE
    code = "usage"


class NotFound(StuiError):
    """A named image, session, operation or reference does not exist."""

    exit_code = Exit.NOT_FOUND
    code = "not_found"


class NotPermitted(StuiError):
    """The image did not accept our key, or the key's role does not allow the request."""

    exit_code = Exit.NOT_PERMITTED
    code = "not_permitted"


class KeyNotTaken(NotPermitted):
    """Who answers does not hold our key, or refused our proof of it: it was asked, which other refusals do not say."""


class Unreachable(StuiError):
    """No contact was made; nothing ran. `outcome` says in which way, for the status machine.

    REFUSED counts as evidence that an image is gone, so it has to be said; without a word it is BROKEN.
    """

    exit_code = Exit.UNREACHABLE
    code = "unreachable"

    def __init__(
        self,
        what: str,
        *,
        todo: str = "",
        image: str | None = None,
        outcome: ProbeOutcome | None = None,
    ) -> None:
        from stui_cli.model.probe_outcome import ProbeOutcome  # 0.1 ms at every start: an enumeration

        super().__init__(what, todo=todo, image=image)
        self.outcome = outcome or ProbeOutcome.BROKEN


class TooLate(StuiError):
    """The deadline passed after the request had left: its outcome is unknown."""

    exit_code = Exit.TIMED_OUT
    code = "timed_out"


class ConnectionLost(TooLate):
    """The connection broke after the request had left: its outcome is unknown too."""

    code = "connection_lost"


class CodeFailed(StuiError):
    """The user's expression raised in the image, or did not compile."""

    exit_code = Exit.CODE_FAILED
    code = "code_failed"


class PartlyDone(StuiError):
    """Some of several images or items were done and others were not."""

    exit_code = Exit.PARTLY_DONE
    code = "partly_done"


class Interrupted(StuiError):
    """Ctrl-C ended it, which a program that reads the answer is told as a failure."""

    exit_code = Exit.INTERRUPTED
    code = "interrupted"


class Refused(StuiError):
    """Doing it would be wrong: a name is taken, the image is another one, it restarted meanwhile."""

    exit_code = Exit.REFUSED
    code = "refused"


class Busy(Refused):
    """The session had other work until the time was over; nothing ran. `busy_ms` is since when it has it, and `source`
    begins that work, each None where the image did not tell it."""

    code = "busy"

    def __init__(
        self,
        what: str,
        *,
        todo: str = "",
        image: str | None = None,
        busy_ms: int | None = None,
        source: str | None = None,
    ) -> None:
        super().__init__(what, todo=todo, image=image)
        self.busy_ms = busy_ms
        self.source = source


class StoreProblem(StuiError):
    """The store is locked, damaged, unwritable, or written by a newer stui."""

    exit_code = Exit.STORE
    code = "store"


class ProtocolBroken(StuiError):
    """The peer does not speak stui protocol 1, or stopped doing so; its connection is dead."""

    code = "protocol"


class ImageRefused(StuiError):
    """The image answered the request with an error that has no exit code of its own."""

    code = "image_error"


class OutputFailed(StuiError):
    """What the command found could not be written to stdout: a full disk behind it, as a rule."""

    code = "output"


class AnswerLost(OutputFailed):
    """The same of code that ran: it is done, and what it answered could not be written."""

    exit_code = Exit.PARTLY_DONE
