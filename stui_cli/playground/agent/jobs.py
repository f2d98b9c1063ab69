"""Work that runs user code, and the sessions in which it runs: a job has a thread, a time limit, and one answer."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from stui_cli.model.times import now_ms
from stui_cli.playground.agent.kept import KeptValues
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.protocol.code import RunningEvaluation
from stui_cli.protocol.faults import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stui_cli.playground.agent.saying import SaidText
    from stui_cli.playground.machine import Machine

# Characters of a source that are told to who waits for it.
TOLD = 200
# The variable that holds the last result is no binding of the user.
IT = "it"


class Asker(Protocol):
    """The connection that asked for a job."""

    client_id: str
    jobs: dict[int, AgentJob]

    @property
    def gone(self) -> bool: ...

    def reply(self, number: int, result: object) -> None: ...

    def notify(self, method: str, params: Mapping[str, object]) -> None: ...


@dataclass(eq=False)
class AgentSession:
    """Its jobs run one after the other, in the order in which they came, whatever the connection."""

    session_id: str
    client_id: str
    name: str
    description: str | None
    created_at: int = field(default_factory=now_ms)
    last_activity: int = field(default_factory=now_ms)
    variables: dict[str, Any] = field(default_factory=dict)
    kept: KeptValues = field(default_factory=lambda: KeptValues(100))
    queue: deque[AgentJob] = field(default_factory=deque)
    running: AgentJob | None = None
    worker: threading.Thread | None = None
    shut: bool = False

    @property
    def bindings(self) -> dict[str, Any]:
        """The user's variables."""
        return {name: value for name, value in list(self.variables.items()) if name != IT}

    @property
    def is_busy(self) -> bool:
        """Whether something runs in it, or waits."""
        return self.running is not None or bool(self.queue)

    def touch(self) -> None:
        """It is used now."""
        self.last_activity = now_ms()


@dataclass(eq=False)
class AgentJob:
    """`work` gets the job and returns the result of the request, or raises Refusal.

    A job waits, runs, and is answered: by its own thread when it is done, or by the watch if it had to be stopped and
    does not end. `patience_s` is how long it waits behind another of its session before it is told Busy, None for its
    time limit. It `outlives` its client if it goes on to its end though nobody would get the answer.
    """

    peer: Asker
    number: int
    limit_ms: int
    work: Callable[[AgentJob], object]
    source: str = ""
    session: AgentSession | None = None
    method: str = "evaluate"
    output: SaidText | None = None
    machine: Machine | None = None
    patience_s: float | None = None
    outlives: bool = False
    evaluation_id: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    reason: ErrorCode = ErrorCode.INTERRUPTED
    answers: list[tuple[Asker, int]] = field(default_factory=list)
    then: Callable[[object], None] | None = None
    queued_at: float = field(default_factory=time.monotonic)
    started_at: float | None = None
    stopped_at: float | None = None
    alone_since: float | None = None
    told_queued: bool = False
    answered: bool = False

    @property
    def elapsed_ms(self) -> int:
        """How long it runs already."""
        return 0 if self.started_at is None else round((time.monotonic() - self.started_at) * 1000)

    @property
    def busy(self) -> dict[str, object]:
        """What it is to others who have to wait for it."""
        return {"busy_ms": self.elapsed_ms, "source": self.source[:TOLD]}

    @property
    def is_attended(self) -> bool:
        """Whether anybody is still connected who would get the answer."""
        return not self.peer.gone or any(not peer.gone for peer, _ in list(self.answers))

    @property
    def told(self) -> RunningEvaluation:
        """What it is to who asks what runs here."""
        return RunningEvaluation(
            self.evaluation_id,
            self.session.session_id if self.session else None,
            self.peer.client_id,
            self.source[:TOLD],
            None if self.started_at is None else now_ms() - self.elapsed_ms,
            self.elapsed_ms,
            self.is_attended,
            self.method,
        )

    def interrupt(self, reason: ErrorCode = ErrorCode.INTERRUPTED) -> None:
        """Ask it to stop; the first reason counts."""
        if self.stopped_at is None:
            self.reason = reason
            self.stopped_at = time.monotonic()
            self.stop.set()

    def refusal(self) -> Refusal:
        """What a job that was stopped is answered."""
        details = {
            "started": self.started_at is not None,
            "elapsed_ms": self.elapsed_ms,
            "output": self.output.text if self.output else "",
            "output_truncated": bool(self.output and self.output.is_cut),
        }
        match self.reason:
            case ErrorCode.TIMEOUT:
                told = f"the time limit of {self.limit_ms} ms was reached"
            case _ if self.alone_since is not None and not self.is_attended:
                told = "nobody was connected any more who would get the answer"
            case _:
                told = "the evaluation was interrupted"
        return Refusal(self.reason, told, details)
