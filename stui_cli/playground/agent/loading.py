"""Loading a file of source piece by piece: what each came to is told, so that an error leaves no doubt."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stui_cli.playground.agent.browsing import BrowsingHabits
from stui_cli.playground.agent.evaluating import MOST_MS, bounded, plain
from stui_cli.playground.agent.jobs import TOLD, AgentJob
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.saying import SaidText
from stui_cli.playground.installing import NotInstallable, class_named, install_class, install_method, placed
from stui_cli.playground.reading import NotCompiled
from stui_cli.playground.signals import Raised, Stopped
from stui_cli.playground.source.formats import FORMATS, format_of, read
from stui_cli.playground.source.parts import ClassBody, CommentText, MethodPart, Statement, Unread
from stui_cli.protocol.code import LoadSource, Piece
from stui_cli.protocol.evaluation import Problem
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.fields import to_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.agent.peers import Peer
    from stui_cli.playground.source.parts import Part, Place
    from stui_cli.protocol.evaluation import Value

_PRINT_LIMIT = 10_000
_PROGRESS_S = 0.1
_ABSENT = object()
_COMMENT = re.compile(r"\s*([A-Za-z_]\w*)\s+comment:\s*'")
_DEFINITION = re.compile(r"\s*[A-Za-z_][\w.]*\s+(?:variableS|s)ubclass:\s*#(\w+)")


@dataclass
class Loading:
    """One load on its way."""

    job: AgentJob
    asked: LoadSource
    parts: list[Part]
    done: list[Piece] = field(default_factory=list)
    told_at: float = 0.0


def parts_of(text: str, form: str, poll: Callable[[], None]) -> list[Part]:
    """The parts of a text in its format, which is one of FORMATS, or "auto" for what the text itself shows."""
    return read(text, FORMATS[form] if form in FORMATS else format_of(text, poll), poll)


class LoadingHabits(BrowsingHabits):
    """Files in what a client sends."""

    def load(self, peer: Peer, number: int, asked: LoadSource) -> None:
        """Begin. Raises Refusal."""
        if asked.format not in ("auto", *FORMATS):
            raise Refusal(ErrorCode.INVALID_REQUEST, f"format: one of auto, {', '.join(FORMATS)} was expected")
        bounded(asked.time_limit_ms, "time_limit_ms", 1, MOST_MS)
        if len(asked.text) > self.settings.source_limit:
            raise Refusal(ErrorCode.LIMIT_EXCEEDED, f"text may have {self.settings.source_limit} characters")
        session = None if asked.session_id is None else self.session(peer, asked.session_id)
        output = SaidText(self.settings.output_limit)
        told = asked.text[:TOLD]
        limit = asked.time_limit_ms
        job = AgentJob(peer, number, limit, lambda job: self.loaded(job, asked), told, session, "load_source", output)
        self.submit(job)

    def loaded(self, job: AgentJob, asked: LoadSource) -> list[Piece]:
        """All of it, or up to the first that fails. A load that is stopped tells what was done by then."""
        machine = self.machine(job, job.session)
        loading = Loading(job, asked, parts_of(asked.text, asked.format, machine.poll))
        hidden: dict[str, Any] = {}
        try:
            for part in loading.parts:
                self._tell_progress(loading, part)
                self._hide(machine.workspace.variables, part, hidden)
                piece = self._loaded(job, part)
                loading.done.append(piece)
                if asked.stop_at_error and piece.outcome != "returned":
                    break
        except Stopped:
            refusal = job.refusal()
            done = [to_map(piece) for piece in loading.done]
            raise Refusal(refusal.code, str(refusal), {**(refusal.details or {}), "pieces": done}) from None
        finally:
            self._show(machine.workspace.variables, hidden)
        return loading.done

    def _hide(self, variables: dict[str, Any], part: Part, hidden: dict[str, Any]) -> None:
        """Variables that the text declares are its own: one of the session with such a name is put back at the end."""
        for name in part.declared if isinstance(part, Statement) else ():
            hidden.setdefault(name, variables.get(name, _ABSENT))
            variables[name] = None

    def _show(self, variables: dict[str, Any], hidden: dict[str, Any]) -> None:
        for name, value in hidden.items():
            if value is _ABSENT:
                variables.pop(name, None)
            else:
                variables[name] = value

    def _tell_progress(self, loading: Loading, part: Part) -> None:
        now = time.monotonic()
        if now - loading.told_at < _PROGRESS_S:
            return
        loading.told_at = now
        doing = _kind_and_name(part)[1]
        told = {"id": loading.job.number, "done": len(loading.done), "total": len(loading.parts), "doing": doing}
        loading.job.peer.notify("progress", told)

    def _loaded(self, job: AgentJob, part: Part) -> Piece:
        kind, name = _kind_and_name(part)
        place = _place(part)
        output = job.output or SaidText(0)
        mark = output.mark()
        outcome, value, error = "returned", None, None
        try:
            value = self._install(job, part)
        except NotInstallable as problem:
            text = plain(str(problem))
            outcome, error = "not_run", Problem("SyntaxError", text, problem.place.line, problem.place.column, ())
        except Raised as problem:
            outcome, error = "raised", _moved(self.raised(problem), place.line)
        except Refusal as refusal:
            outcome, error = "not_run", Problem(refusal.code.value, str(refusal), place.line, None, ())
        return Piece(kind, name, place.line, outcome, value, error, plain(output.since(mark)))

    def _install(self, job: AgentJob, part: Part) -> Value | None:
        """Do what a part says; return the value of statements. Raises NotInstallable, Raised, Refusal or Stopped."""
        machine = self.machine(job, job.session)
        match part:
            case Statement():
                return self._run(job, part)
            case MethodPart():
                install_method(machine, part)
            case ClassBody():
                install_class(self.image, machine, part)
            case CommentText(class_name, text, place):
                class_named(self.image, class_name, place).comment = text
                self.image.changes += 1
            case Unread(_, _, why, _, place):
                raise NotInstallable(why, place)
        return None

    def _run(self, job: AgentJob, statement: Statement) -> Value | None:
        self.check_references(job.session, statement.text)
        try:
            value = self.compute(job, job.session, statement.text)
        except NotCompiled as problem:
            raise placed(problem, statement.place) from None
        return None if _DEFINITION.match(statement.text) else self.valued(job, value, _PRINT_LIMIT, None)


def _place(part: Part) -> Place:
    return part.begin if isinstance(part, Unread) else part.place


def _kind_and_name(part: Part) -> tuple[str, str | None]:
    match part:
        case Statement(text):
            if (found := _DEFINITION.match(text)) is not None:
                return "class", found[1]
            found = _COMMENT.match(text)
            return ("statements", None) if found is None else ("comment", found[1])
        case CommentText(class_name):
            return "comment", class_name
        case ClassBody(name):
            return "extension" if part.extends else "class", name
        case MethodPart(class_name, class_side, _, selector):
            return "method", f"{class_name}{' class' if class_side else ''}>>{selector}"
        case Unread(kind, name):
            return kind, name


def _moved(problem: Problem, line: int) -> Problem:
    """With the line of the whole text."""
    return problem if problem.line is None else problem._replace(line=problem.line + line - 1)
