"""Loading a file of source piece by piece: what each came to is told, so that an error leaves no doubt."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stui_cli.playground.agent.browsing import BrowsingHabits
from stui_cli.playground.agent.evaluating import MOST_MS, bounded, plain
from stui_cli.playground.agent.jobs import TOLD, AgentJob
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.saying import SaidText
from stui_cli.playground.chunks import CommentText, MethodSource, Statement, pieces
from stui_cli.playground.classes import Behavior
from stui_cli.playground.reading import NotCompiled
from stui_cli.playground.signals import Raised, Stopped
from stui_cli.protocol.code import LoadSource, Piece
from stui_cli.protocol.evaluation import Problem
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.fields import to_map

if TYPE_CHECKING:
    from stui_cli.playground.agent.peers import Peer
    from stui_cli.protocol.evaluation import Value

_FORMATS = ("auto", "chunks", "statements")
_NOT_READ = ("brackets", "tonel")
_PRINT_LIMIT = 10_000
_PROGRESS_S = 0.1
_DEFINITION = re.compile(r"\s*[A-Za-z_][\w.]*\s+subclass:\s*#(\w+)")

_Part = Statement | MethodSource | CommentText


@dataclass
class Loading:
    """One load on its way."""

    job: AgentJob
    asked: LoadSource
    parts: list[_Part]
    done: list[Piece] = field(default_factory=list)
    told_at: float = 0.0


def parts_of(text: str, form: str) -> list[_Part]:
    """The pieces of a text in its format."""
    if form == "chunks" or (form == "auto" and "!" in text):
        return list(pieces(text))
    return [Statement(text, 1)] if text.strip() else []


class LoadingHabits(BrowsingHabits):
    """Files in what a client sends."""

    def load(self, peer: Peer, number: int, asked: LoadSource) -> None:
        """Begin. Raises Refusal."""
        if asked.format in _NOT_READ:
            raise Refusal(
                ErrorCode.INVALID_REQUEST, f"format: a playground reads chunks and statements, not {asked.format}"
            )
        if asked.format not in _FORMATS:
            raise Refusal(ErrorCode.INVALID_REQUEST, "format: auto, chunks or statements was expected")
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
        loading = Loading(job, asked, parts_of(asked.text, asked.format))
        try:
            for part in loading.parts:
                self._tell_progress(loading, part)
                piece = self._loaded(job, part)
                loading.done.append(piece)
                if asked.stop_at_error and piece.outcome != "returned":
                    break
        except Stopped:
            refusal = job.refusal()
            done = [to_map(piece) for piece in loading.done]
            raise Refusal(refusal.code, str(refusal), {**(refusal.details or {}), "pieces": done}) from None
        return loading.done

    def _tell_progress(self, loading: Loading, part: _Part) -> None:
        now = time.monotonic()
        if now - loading.told_at < _PROGRESS_S:
            return
        loading.told_at = now
        doing = _kind_and_name(part)[1]
        told = {"id": loading.job.number, "done": len(loading.done), "total": len(loading.parts), "doing": doing}
        loading.job.peer.notify("progress", told)

    def _loaded(self, job: AgentJob, part: _Part) -> Piece:
        kind, name = _kind_and_name(part)
        output = job.output or SaidText(0)
        mark = output.mark()
        outcome, value, error = "returned", None, None
        try:
            value = self._install(job, part)
        except NotCompiled as problem:
            outcome, error = "not_run", _moved(self.uncompiled(problem), part.line)
        except Raised as problem:
            outcome, error = "raised", _moved(self.raised(problem), part.line)
        except Refusal as refusal:
            outcome, error = "not_run", Problem(refusal.code.value, str(refusal), part.line, None, ())
        return Piece(kind, name, part.line, outcome, value, error, plain(output.since(mark)))

    def _install(self, job: AgentJob, part: _Part) -> Value | None:
        """Do what a piece says; return the value of statements. Raises NotCompiled, Raised, Refusal or Stopped."""
        match part:
            case Statement(text, _):
                self.check_references(job.session, text)
                value = self.compute(job, job.session, text)
                return None if _DEFINITION.match(text) else self.valued(job, value, _PRINT_LIMIT, None)
            case MethodSource(class_name, class_side, category, text, _):
                behavior = self._global_class(class_name)
                self.image.compile_method(text, behavior.cls if class_side else behavior, category)
            case CommentText(class_name, text, _):
                self._global_class(class_name).comment = text
                self.image.changes += 1
        return None

    def _global_class(self, name: str) -> Behavior:
        found = self.image.globals.get(name)
        if not isinstance(found, Behavior):
            raise Refusal(ErrorCode.OBJECT_NOT_FOUND, f"this image knows no class {name}")
        return found


def _kind_and_name(part: _Part) -> tuple[str, str | None]:
    match part:
        case Statement(text, _):
            found = _DEFINITION.match(text)
            return ("statements", None) if found is None else ("class", found[1])
        case CommentText(class_name, _, _):
            return "comment", class_name
        case MethodSource(class_name, class_side, _, text, _):
            side = " class" if class_side else ""
            return "method", f"{class_name}{side}>>{_selector_in(text)}"


def _selector_in(source: str) -> str:
    """The selector of a method's text, as far as its first line shows it."""
    words = source.split("\n", 1)[0].split()
    keywords = [word for word in words[::2] if word.endswith(":")]
    return "".join(keywords) if keywords and keywords[0] == words[0] else (words or ["?"])[0]


def _moved(problem: Problem, line: int) -> Problem:
    """With the line of the whole text."""
    return problem if problem.line is None else problem._replace(line=problem.line + line - 1)
