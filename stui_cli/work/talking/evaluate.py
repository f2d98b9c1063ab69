"""One expression in one image: the session's identity is checked, the code runs, history and audit record it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import (
    NotFound,
    Refused,
    StuiError,
    TooLate,
)
from stui_cli.model.history import Entry
from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.evaluation import Evaluate, Evaluation, Value
from stui_cli.protocol.greeting import BATCHES
from stui_cli.work.talking.reach import reach
from stui_cli.work.talking.record import MOMENT_S, Recorder
from stui_cli.work.talking.running import NOTHING_HEARD, Heard, Running
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stui_cli.image.client import Client
    from stui_cli.image.exchange import Moment
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Session
    from stui_cli.model.state import State
    from stui_cli.protocol.inspection import Inspect, Inspection
    from stui_cli.protocol.workspaces import LiveSession
    from stui_cli.work.talking.ahead import Ahead, Sent

T = TypeVar("T")

# The image stops the code at its limit and says so; the answer is given this long to arrive.
_GRACE_S = 2.0

# History is for finding one's way again; the whole of a huge value, or of what an image says went wrong, is not.
_PRINTED_IN_HISTORY = 2_000
_CLASS_IN_HISTORY = 200

# After this long a person is told what is waited for.
_TOLD_AFTER_S = 1.0

# After an interrupt the record of it waits so long for the store's lock at most, and as long for what became of what
# was sent ahead.
_LEAVING_S = 1.0

# As long is waited for that where it is not to run any more.
_WITHDRAWING_S = 2.0

# What is recorded of code that was left behind by a signal.
_INTERRUPTED = "interrupted"

# And of what was sent before its turn, when that never came.
_UNHEARD = "nothing was heard of it"


class Limits(NamedTuple):
    """`time_s` for the code to run, `print_limit` in characters of the printed value."""

    time_s: float
    print_limit: int


class Workplace:
    """An open conversation about one target, for any number of evaluations; a context manager.

    `heard` is what the last evaluation printed and how long it took. `on_wait` is told, once for each and after a
    second, what an evaluation waits behind.
    """

    def __init__(self, bench: Workbench, client: Client, target: Target, session: Session | None) -> None:
        self._bench = bench
        self._client = client
        self._session = session
        self._running: Running | None = None
        self._ahead: Ahead | None = None
        self.heard = NOTHING_HEARD
        self.on_wait: Callable[[str], None] | None = None
        self.target = target
        self.recorder = Recorder(bench, target, session, client.role, self._count_bindings)

    @property
    def session_id(self) -> str | None:
        return self._session.session_id if self._session else None

    @property
    def image_id(self) -> str:
        return self._client.greeting.image_id

    @property
    def incarnation(self) -> str:
        return self._client.greeting.incarnation

    def __enter__(self) -> Workplace:
        return self

    def __exit__(self, kind: type[BaseException] | None, *details: object) -> None:
        leaves = kind is not None and not issubclass(kind, StuiError)
        try:
            self.end_turns(_LEAVING_S if leaves else _WITHDRAWING_S)
            if kind is None:  # who wants out, or whose image is gone, waits for no count
                self.recorder.count()
        except BaseException:  # an interrupt, perhaps the second one
            leaves = True
            raise
        finally:
            self.close()
            if not self.recorder.held:
                # Who interrupts does not want to wait for a store that another process holds.
                self.recorder.write(_LEAVING_S if leaves else None)

    def close(self) -> None:
        """End the conversation; what was recorded is still to be written."""
        self._client.__exit__(None, None, None)

    def interrupt(self) -> None:
        """Stop what runs here, from another thread, and record it as unknown: nobody waits for what it says."""
        self._client.interrupt()
        running, self._running = self._running, None
        if running is not None:
            self._record(running, "unknown", None, _INTERRUPTED)

    def in_turn(self, sources: Iterable[str], limits: Limits, *, stops: bool) -> Iterable[str]:
        """The sources for `evaluate`, one after the other; with `stops` none comes behind one that failed. What is at
        hand is sent before it is its turn, where the image can keep to that; what must be recorded is not, since that
        is looked at before each is sent."""
        able = BATCHES in (self._client.greeting.abilities or ())
        if self.recorder.must or not able or (isinstance(sources, list) and len(sources) < 2):
            return sources
        from stui_cli.work.talking.ahead import Ahead, RunForm  # one expression does without

        form = RunForm(self.session_id, limits.time_s, limits.print_limit, stops)
        self._ahead = Ahead(self._client, form, self._all_begun, self._leave_out)
        return self._ahead.turns(sources)

    def end_turns(self, patience_s: float = _WITHDRAWING_S) -> list[str]:
        """Let nothing run any more of what was sent before its turn, and record what did; answers those of which
        nothing is known, since the image does not say within `patience_s` seconds."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return []
        try:
            withdrawn = ahead.withdrawn(patience_s)
        except BaseException:  # who interrupts again waits for no image, but what is known by then is recorded
            self._record_withdrawn(ahead.withdrawn(0))
            raise
        return self._record_withdrawn(withdrawn)

    def _record_withdrawn(self, withdrawn: Sequence[Sent]) -> list[str]:
        """Record what came of them; answers those of which nothing is known."""
        unsure = []
        for sent in withdrawn:
            if not self._client.is_answered(sent.number):
                self._record(sent.running, "unknown", None, _UNHEARD)
                unsure.append(sent.running.source)
            elif self._client.was_left_out(sent.number):
                self._leave_out(sent.running)
            else:
                self._record_late(sent)
        return unsure

    def evaluate(
        self,
        source: str,
        limits: Limits,
        on_output: Callable[[str], None] | None = None,
        once: str | None = None,
    ) -> Evaluation:
        """Run `source`. Raises TooLate if the code was stopped at its limit, Busy if it never began, StuiError for the
        rest; code that raises or does not compile is an Evaluation like any other. Whatever comes of it is recorded,
        an interrupted one as unknown. What it printed until then stands in `heard`, also where it failed."""
        sent = self._ahead.taken() if self._ahead else None
        running = sent.running if sent else self._begun("evaluate", source)
        listener = running.listener(on_output)
        try:
            with self._recorded(running):
                if sent:
                    running.answer = self._collected(sent, limits.time_s, listener)
                else:
                    request = Evaluate(self.session_id, source, round(limits.time_s * 1000), limits.print_limit, once)
                    running.answer = self._run(request, Evaluation, limits.time_s, listener)
        except StuiError:
            _tell_the_rest(running, self.heard.output, on_output)
            raise
        evaluation = running.answer
        self.heard = Heard(evaluation.output, evaluation.elapsed_ms, bool(evaluation.output_truncated))
        _tell_the_rest(running, evaluation.output, on_output)
        return evaluation

    def perform(
        self,
        kind: str,
        source: str,
        time_s: float,
        send: Callable[[Client, Deadline, Sequence[Moment], Callable[[str], None]], T],
        summed_up: Callable[[T], Evaluation],
        on_output: Callable[[str], None] | None = None,
    ) -> T:
        """Do other work that runs code, under the same rules: `send` asks for it, and what comes of it is recorded as
        `summed_up` tells. Failures as for `evaluate`."""
        running = self._begun(kind, source)
        listener = running.listener(on_output)
        with self._recorded(running):
            found = self._asked(lambda deadline, moments: send(self._client, deadline, moments, listener), time_s)
            running.answer = summed_up(found)
        return found

    def inspect(self, request: Inspect, time_s: float) -> Inspection:
        """Ask for the slots of an object; failures as for `evaluate`, and CodeFailed for a wrong expression. An
        expression is code: it is recorded like an evaluation."""
        from stui_cli.protocol.inspection import Inspection  # an evaluation does without it

        if request.expression is None:
            return self._run(request, Inspection, time_s, None)
        running = self._begun("inspect", request.expression)
        with self._recorded(running):
            running.answer = found = self._run(request, Inspection, time_s, None)
        return found

    def _begun(self, kind: str, source: str) -> Running:
        """What is about to be sent; that it is, is recorded."""
        self.heard = NOTHING_HEARD
        at = self._bench.clock()
        return Running(kind, source, at, self.recorder.begin(at, source, kind))

    def _all_begun(self, sources: Sequence[str]) -> list[Running]:
        at = self._bench.clock()
        lines = self.recorder.begin_all(at, sources)
        return [Running("evaluate", source, at, line) for source, line in zip(sources, lines, strict=True)]

    def _leave_out(self, running: Running) -> None:
        self.recorder.leave_out(running.begun)

    def _collected(self, sent: Sent, time_s: float, listener: Callable[[str], None]) -> Evaluation:
        sent.running.has_its_turn()
        try:
            return self._asked(
                lambda deadline, moments: self._client.collect(
                    sent.number, sent.request, Evaluation, deadline, listener, moments
                ),
                time_s,
            )
        except TooLate as error:
            if error.answer is None and self._ahead is not None:
                self._ahead.stalled = True
            raise

    def _record_late(self, sent: Sent) -> None:
        """What ran though nobody waits for it any more."""
        running = sent.running
        with suppress(StuiError), self._recorded(running):
            running.answer = self._client.collect(sent.number, sent.request, Evaluation, Deadline.after(0))

    @contextmanager
    def _recorded(self, running: Running) -> Iterator[None]:
        """Of what runs inside it is recorded how it ended."""
        self.heard = NOTHING_HEARD
        self._running = running
        try:
            yield
        except BaseException as error:
            self.heard = running.heard(error)
            if self._running is running:
                self._record(running, running.outcome_after(error), None, _recorded_reason(running, error))
            raise
        else:
            if self._running is running:
                self._record(running, running.outcome, running.answer, None)
        finally:
            self._running = None
            self._bench.allowance.begin_anew()  # it ran for as long as it ran

    def _record(
        self, running: Running, outcome: str, answer: Evaluation | Inspection | None, failure: str | None
    ) -> None:
        value = answer.value if isinstance(answer, Evaluation) else answer
        problem = answer.error if isinstance(answer, Evaluation) else None
        error = f"{problem.class_name}: {problem.message}" if problem else failure
        self.recorder.record(
            Entry(
                time=running.at,
                source=running.source,
                outcome=outcome,
                printed=_printed(value)[:_PRINTED_IN_HISTORY] if value else None,
                class_name=value.class_name[:_CLASS_IN_HISTORY] if value else None,
                error=error[:_PRINTED_IN_HISTORY] if error else error,
                elapsed_ms=answer.elapsed_ms if isinstance(answer, Evaluation) else self.heard.elapsed_ms,
                incarnation=self.incarnation,
                kind=running.kind,
            ),
            running.begun,
        )

    @contextmanager
    def passing_session(self) -> Iterator[str]:
        """The id of the session; without one that of a session made for the moment, since an image keeps what it
        shows in one."""
        if self._session is not None:
            yield self._session.session_id
            return
        from stui_cli.model.ids import fresh_id
        from stui_cli.protocol.workspaces import Closed, CloseSession, CreateSession, LiveSession

        passing = fresh_id()
        self._client.call(CreateSession(passing, "passing"), LiveSession, self._bench.deadline)
        try:
            yield passing
        finally:
            with suppress(StuiError):  # what was seen is told; a session that stays behind is found by cleanup
                self._client.call(CloseSession(passing), Closed, self._bench.deadline)

    def enter(self) -> Session:
        """Enter the session: the image says that it knows it. Raises Refused if it does not any more."""
        assert self._session is not None
        try:
            self._live_session(self._session)
        except NotFound as error:
            from stui_cli.work.talking.failures import session_lost

            raise session_lost(self.target, f"{self.target.image} does not know {self.target} any more") from error
        return self._session

    def _live_session(self, session: Session) -> LiveSession:
        from stui_cli.work.talking.enter import live_session  # most evaluations are in no session

        return live_session(self._bench, self._client, session)

    def _count_bindings(self) -> int | None:
        """What the image says of the session after what ran; None if it cannot be asked, which is no failure: the
        evaluation is done."""
        assert self._session is not None
        try:
            return self._live_session(self._session).bindings
        except StuiError:
            return None

    def _run(
        self, request: Evaluate | Inspect, shape: type[T], time_s: float, on_output: Callable[[str], None] | None
    ) -> T:
        return self._asked(
            lambda deadline, moments: self._client.call(request, shape, deadline, on_output, moments), time_s
        )

    def _asked(self, send: Callable[[Deadline, Sequence[Moment]], T], time_s: float) -> T:
        moments = [(MOMENT_S, self.recorder.moment)]
        if self.on_wait is not None:
            moments.append((_TOLD_AFTER_S, self._tell_what_is_waited_for))
        try:
            return send(Deadline.after(time_s + _GRACE_S), moments)
        except StuiError as error:
            from stui_cli.work.talking.failures import explained

            told = explained(error, self.target, time_s)
            if told is error:
                raise
            told.answer, told.details = error.answer, error.details
            raise told from error

    def _tell_what_is_waited_for(self) -> None:
        # It may have begun by now, which the image does not tell: so nothing is said of now.
        queued = self._client.queued
        if queued is not None and self.on_wait is not None:
            from stui_cli.work.talking.failures import waiting_behind

            self.on_wait(waiting_behind(self.target, queued))


def _recorded_reason(running: Running, error: BaseException) -> str:
    if not isinstance(error, Exception):
        return _INTERRUPTED
    return (running.reason_after(error) if isinstance(error, StuiError) else str(error)) or type(error).__name__


def open_workplace(bench: Workbench, target: Target, state: State | None = None) -> Workplace:
    """Contact the target's image and check that its session lives in the incarnation that answers.

    Raises UsageProblem for a wrong config.toml. Raises Refused if the image restarted since: yesterday's objects are
    gone, and code must not silently run beside an empty workspace of the same name.
    """
    bench.store.settings()  # a config.toml that cannot be used is told before anything is sent
    state = state or bench.store.read()
    image = known_image(state, target.image)
    session = None
    if target.session:
        from stui_cli.work.meant.session import known_session

        session = known_session(bench, state, image, target.session)
    if session is not None and session.state == "closed":
        raise Refused(f"{target} is closed", todo=f"bring it back: stui sessions restore {target}", image=image.name)
    client = reach(bench, state, image)
    if session is not None and session.incarnation != client.greeting.incarnation:
        client.__exit__(None, None, None)
        from stui_cli.work.talking.failures import session_lost

        raise session_lost(target, f"{target.image} restarted since {target} was made")
    return Workplace(bench, client, target, session)


def printed(value: Value) -> str:
    """The value as text. GNU Smalltalk 3.2.5 cannot print most of its own floats: where the image's text of a float
    is no number, the exact value that comes with it is printed."""
    exact = value.float64
    if exact is None or exact - exact != 0:  # an infinity, or no number: the image has its own words for them
        return value.print
    try:
        float(value.print)
    except ValueError:
        return repr(exact).replace("e+", "e")
    return value.print


def _tell_the_rest(running: Running, output: str, on_output: Callable[[str], None] | None) -> None:
    """What did not arrive while it ran stands in the answer."""
    rest = output.removeprefix(running.output)
    if rest and on_output is not None:
        on_output(rest)


def _printed(value: Value | Inspection) -> str:
    return printed(value) if isinstance(value, Value) else value.print
