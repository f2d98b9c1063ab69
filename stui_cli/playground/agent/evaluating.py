"""Evaluating: run a source in its scope, and tell what came of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stui_cli.playground.agent.jobs import IT, TOLD, AgentJob
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.saying import SaidText
from stui_cli.playground.agent.values import class_of, print_of
from stui_cli.playground.agent.workspaces import SessionHabits
from stui_cli.playground.machine import Machine, Workspace
from stui_cli.playground.reading import NotCompiled
from stui_cli.playground.signals import EndedItself, Raised, Stopped
from stui_cli.protocol.evaluation import Evaluate, Evaluation, Problem, Value
from stui_cli.protocol.faults import ErrorCode

if TYPE_CHECKING:
    from stui_cli.playground.agent.jobs import AgentSession
    from stui_cli.playground.agent.peers import Peer

_LONGEST_KEY = 200
_MOST_PRINT = 1024 * 1024
# The longest time limit.
MOST_MS = 24 * 3_600 * 1000
ENDED_ITSELF = "the evaluation ended its own process"
_DO_IT = re.compile(r"\bDoIt line (\d+)\Z")
# A comment, a string, a character, what may be a reference, a word, a sign.
_WORDS = re.compile(r"\"[^\"]*\"|'(?:[^']|'')*'|\$.|@(\d+)|\w+:?|\S", re.DOTALL)
# Behind what ends so an @ is the message that makes a point.
_END_OF_RECEIVER = re.compile(r"[\w)\]}']\Z|\A\$.\Z", re.DOTALL)


def bounded(value: int, name: str, low: int, high: int) -> int:
    """`value`, if it lies between the bounds. Raises Refusal."""
    if not low <= value <= high:
        raise Refusal(ErrorCode.INVALID_REQUEST, f"{name} must be from {low} to {high}")
    return value


def plain(text: str) -> str:
    """`text` as it can be sent: a half of a surrogate pair is no character."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


class EvaluationHabits(SessionHabits):
    """Runs what a client sends."""

    def evaluate(self, peer: Peer, number: int, asked: Evaluate) -> None:
        """Begin, unless the key says that it ran already. Raises Refusal."""
        session = None if asked.session_id is None else self.session(peer, asked.session_id)
        bounded(asked.time_limit_ms, "time_limit_ms", 1, MOST_MS)
        bounded(asked.print_limit, "print_limit", 0, _MOST_PRINT)
        self._check_length(asked)
        job = AgentJob(
            peer,
            number,
            asked.time_limit_ms,
            lambda job: self.evaluated(job, session, asked),
            asked.source[:TOLD],
            session,
            output=SaidText(self.settings.output_limit),
        )
        if asked.once is None or self.is_first(job, asked.once):
            self.submit(job)

    def _check_length(self, asked: Evaluate) -> None:
        if len(asked.source) > self.settings.source_limit:
            raise Refusal(ErrorCode.LIMIT_EXCEEDED, f"source may have {self.settings.source_limit} characters")
        if asked.once is not None and len(asked.once) > _LONGEST_KEY:
            raise Refusal(ErrorCode.INVALID_REQUEST, f"once: at most {_LONGEST_KEY} characters were expected")

    # Receipts.

    def is_first(self, job: AgentJob, key: str) -> bool:
        """Whether `job` is to run; otherwise it is answered as the first under its key was, or will be."""
        name = (job.peer.client_id, key)
        with self.lock:
            earlier = self.receipts.get(name)
            if isinstance(earlier, AgentJob):
                earlier.answers.append((job.peer, job.number))
                return False
            if earlier is None:
                self.receipts.open(name, job)
                job.then = lambda result: self._settle(name, job, result)
                return True
        job.peer.reply(job.number, earlier)
        return False

    def _settle(self, name: tuple[str, str], job: AgentJob, result: object) -> None:
        """Of what never began nothing is kept: under its key it may still run, once."""
        with self.lock:
            if job.started_at is None:
                self.receipts.drop(name)
            else:
                self.receipts.settle(name, result, self._size_of(result))
            waiting = list(job.answers)
        for peer, number in waiting:
            peer.reply(number, result)

    def _size_of(self, result: object) -> int:
        if not isinstance(result, Evaluation):
            return 0
        return len(result.output) + (len(result.value.print) if result.value else 0)

    # The run itself.

    def scope(self, session: AgentSession | None) -> tuple[dict[str, Any], dict[int, Any]]:
        """The variables and kept results that a source sees."""
        return ({}, {}) if session is None else (session.variables, session.kept.values)

    def evaluated(self, job: AgentJob, session: AgentSession | None, asked: Evaluate) -> Evaluation:
        """Run it. Raises Stopped, and Refusal for a kept result that there is not."""
        outcome, value, problem = "returned", None, None
        self.check_references(session, asked.source)
        try:
            found = self.compute(job, session, asked.source)
        except NotCompiled as error:
            outcome, problem = "not_run", self.uncompiled(error)
        except Raised as error:
            outcome, problem = "raised", self.raised(error)
        except EndedItself:
            outcome, problem = "raised", Problem("ProcessTerminated", ENDED_ITSELF, None, None, ())
        else:
            ref = self.keep(session, found)
            if session is not None:
                session.variables[IT] = found
            value = self.valued(job, found, asked.print_limit, ref)
        output = job.output or SaidText(0)
        return Evaluation(outcome, value, problem, self.heard(output), job.elapsed_ms, output.is_cut)

    def compute(self, job: AgentJob, session: AgentSession | None, source: str) -> Any:
        """The value of a source. Raises NotCompiled, Raised or Stopped."""
        return self.image.run(source, self.machine(job, session))

    def machine(self, job: AgentJob, session: AgentSession | None) -> Machine:
        """What runs and prints for a job."""

        def say(text: str) -> None:
            if job.output is not None:
                job.output.add(plain(text))
                if now := job.output.unsent():
                    self.say(job, now)

        if job.machine is None:
            job.machine = Machine(self.image, Workspace(*self.scope(session)), say, job.stop)
        return job.machine

    def check_references(self, session: AgentSession | None, source: str) -> None:
        """Raises Refusal for a kept result that there is not."""
        before = ""
        for found in _WORDS.finditer(source):
            if found[0].startswith('"'):
                continue
            is_message, before = _END_OF_RECEIVER.search(before), found[0]
            if found[1] is None or is_message:
                continue
            if session is None:
                raise Refusal(ErrorCode.OBJECT_NOT_FOUND, "results are kept in a session only")
            session.kept.at(int(found[1]))

    def uncompiled(self, error: NotCompiled) -> Problem:
        """Why a source did not compile."""
        return Problem("SyntaxError", plain(error.message), error.line, error.column, ())

    def raised(self, error: Raised) -> Problem:
        """What a source raised; its line is the innermost of the source itself."""
        stack = tuple(plain(frame) for frame in error.stack)
        lines = (_DO_IT.search(frame) for frame in stack)
        line = next((int(found[1]) for found in lines if found), None)
        return Problem(error.kind, plain(error.message), line, None, stack)

    # Telling of values.

    def keep(self, session: AgentSession | None, value: Any) -> int | None:
        """The number under which the session keeps a result."""
        return None if session is None else session.kept.keep(value)

    def heard(self, output: SaidText) -> str:
        """What was said, in the answer."""
        return output.text

    def described(self, job: AgentJob, value: Any, limit: int) -> tuple[str, bool]:
        """The print of a value, and whether it was cut; there always is one. Raises Stopped where it took too long."""
        try:
            text, cut = self.printed(job, value, limit)
        except Raised as error:
            return self.safe_print(value, f"raised {error.kind}"), False
        return plain(text), cut

    def printed(self, job: AgentJob, value: Any, limit: int) -> tuple[str, bool]:
        """The same. Raises Raised, too."""
        return print_of(self.machine(job, job.session), value, limit)

    def safe_print(self, value: Any, why: str) -> str:
        """What can always be told."""
        name = class_of(self.image, value)
        return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name} (its printString {why})"

    def valued(self, job: AgentJob, value: Any, limit: int, ref: int | None) -> Value:
        """A value as it is told: code that has returned has returned, even if its value cannot be printed in time."""
        try:
            text, cut = self.described(job, value, limit)
        except Stopped:
            if job.reason != ErrorCode.TIMEOUT:
                raise
            text, cut = self.safe_print(value, "took too long"), False
        return Value(text, class_of(self.image, value), cut, ref, self.float_of(value))

    def float_of(self, value: Any) -> float | None:
        """The exact value of a float."""
        return value if isinstance(value, float) else None
