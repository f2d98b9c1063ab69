"""One expression in one image: the session's identity is checked, the code runs, history and audit record it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from stui_cli.flows.recording import Recorder
from stui_cli.flows.session_creation import known_session
from stui_cli.flows.workbench import Workbench, known_image
from stui_cli.image.contact import contact
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotFound, Refused, TooLate
from stui_cli.model.history import Entry
from stui_cli.protocol.evaluation import Evaluate, Evaluation, Inspect, Inspection

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.image.client import Client
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Session

T = TypeVar("T")

# The image stops the code at its limit and says so; the answer is given this long to arrive.
_GRACE_S = 2.0

# History is for finding one's way again; the whole of a huge value is not.
_PRINTED_IN_HISTORY = 2_000


@dataclass(frozen=True)
class Limits:
    """`time_s` for the code to run, `print_limit` in characters of the printed value."""

    time_s: float
    print_limit: int


class Workplace:
    """An open conversation about one target, for any number of evaluations."""

    def __init__(self, bench: Workbench, client: Client, target: Target, session: Session | None) -> None:
        self._bench = bench
        self._client = client
        self._session = session
        self.target = target
        self.recorder = Recorder(bench, target, session, client.role)

    @property
    def session_id(self) -> str | None:
        return self._session.session_id if self._session else None

    @property
    def incarnation(self) -> str:
        return self._client.greeting.incarnation

    def __enter__(self) -> Workplace:
        return self

    def __exit__(self, *exit_details: object) -> None:
        self._client.__exit__(None, None, None)
        self.recorder.write()

    def evaluate(
        self,
        source: str,
        limits: Limits,
        on_output: Callable[[str], None] | None = None,
        once: str | None = None,
    ) -> Evaluation:
        """Run `source`. Raises TooLate if the code was stopped at its limit, StuiError for the rest; code that
        raises or does not compile is an Evaluation like any other. Whatever comes of it is recorded, an
        interrupted one as unknown."""
        request = Evaluate(self.session_id, source, round(limits.time_s * 1000), limits.print_limit, once)
        started = self._bench.clock()
        try:
            evaluation = self._run(request, Evaluation, limits.time_s, on_output)
        except BaseException as error:
            self._record(started, source, "unknown", None, str(error) or type(error).__name__)
            raise
        self._record(started, source, evaluation.outcome, evaluation, None)
        return evaluation

    def _record(
        self, started: int, source: str, outcome: str, evaluation: Evaluation | None, failure: str | None
    ) -> None:
        value = evaluation.value if evaluation else None
        problem = evaluation.error if evaluation else None
        self.recorder.record(
            Entry(
                time=started,
                source=source,
                outcome=outcome,
                printed=value.print[:_PRINTED_IN_HISTORY] if value else None,
                class_name=value.class_name if value else None,
                error=f"{problem.class_name}: {problem.message}" if problem else failure,
                elapsed_ms=evaluation.elapsed_ms if evaluation else None,
                incarnation=self.incarnation,
            )
        )

    def inspect(self, request: Inspect, time_s: float) -> Inspection:
        """Ask for the slots of an object; failures as for `evaluate`, and CodeFailed for a wrong expression."""
        return self._run(request, Inspection, time_s, None)

    def _run(
        self, request: Evaluate | Inspect, shape: type[T], time_s: float, on_output: Callable[[str], None] | None
    ) -> T:
        try:
            return self._client.call(request, shape, Deadline.after(time_s + _GRACE_S), on_output)
        except NotFound as error:
            if self._session is not None and error.answer == "SessionNotFound":
                raise _lost(self.target) from error
            raise
        except TooLate as error:
            if error.answer is None:
                raise TooLate(
                    f"{self.target}: no answer after {time_s:g} s: the outcome is unknown, it may still run",
                    todo="see `stui ping`; then look at the session before running it again",
                    image=self.target.image,
                ) from error
            raise TooLate(
                f"{self.target}: stopped after {time_s:g} s; what it did until then stays done",
                todo="allow more with --time-limit S",
                image=self.target.image,
            ) from error


def open_workplace(bench: Workbench, target: Target) -> Workplace:
    """Contact the target's image and check that its session lives in the incarnation that answers.

    Raises Refused if the image restarted since: yesterday's objects are gone, and code must not silently run
    beside an empty workspace of the same name.
    """
    state = bench.store.read()
    image = known_image(state, target.image)
    session = known_session(bench, state, image, target.session) if target.session else None
    if session is not None and session.state == "closed":
        raise Refused(f"{target} is closed", todo=f"bring it back: stui sessions restore {target}", image=image.name)
    client = contact(image, state.client_id, Deadline.after(bench.timeout))
    if session is not None and session.incarnation != client.greeting.incarnation:
        client.__exit__(None, None, None)
        raise _lost(target)
    return Workplace(bench, client, target, session)


def _lost(target: Target) -> Refused:
    return Refused(
        f"{target.image} restarted since {target} was made: the session's objects are gone",
        todo=f"make it again from its last checkpoint: stui sessions restore {target}",
        image=target.image,
    )
