"""Looking into objects: named slots, and a page of the indexed ones, to a depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stui_cli.playground.agent.evaluating import EvaluationHabits, bounded
from stui_cli.playground.agent.jobs import TOLD, AgentJob
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.values import class_of, element_count, elements, hash_of, named_slots
from stui_cli.playground.reading import NotCompiled
from stui_cli.playground.signals import Raised, Stopped
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.inspection import Inspect, Inspection, Slot

if TYPE_CHECKING:
    from stui_cli.playground.agent.peers import Peer

_LIMIT_MS = 30_000
_DEEPEST, _LARGEST_PAGE, _MOST_PRINT, _LAST = 8, 1_000, 1024 * 1024, 10**9
# Of all levels together.
_MOST_SLOTS = 5_000


@dataclass
class Inspecting:
    """One inspection on its way."""

    job: AgentJob
    asked: Inspect
    left: int = _MOST_SLOTS

    def count(self) -> None:
        """One slot more. Raises Refusal where that is too many, and Stopped."""
        if self.job.stop.is_set():
            raise Stopped
        self.left -= 1
        if self.left < 0:
            told = f"more than {_MOST_SLOTS} slots; ask for less depth or a smaller count"
            raise Refusal(ErrorCode.LIMIT_EXCEEDED, told)


class InspectionHabits(EvaluationHabits):
    """Tells of objects slot by slot. In a session each value that is shown is kept: the next look may start there."""

    def inspect(self, peer: Peer, number: int, asked: Inspect) -> None:
        """Begin. Raises Refusal."""
        given = [what for what in (asked.expression, asked.ref, asked.binding) if what is not None]
        if len(given) != 1:
            raise Refusal(ErrorCode.INVALID_REQUEST, "one of expression, ref and binding is needed")
        bounded(asked.depth, "depth", 0, _DEEPEST)
        bounded(asked.start, "start", 1, _LAST)
        bounded(asked.how_many, "count", 0, _LARGEST_PAGE)
        bounded(asked.print_limit, "print_limit", 0, _MOST_PRINT)
        session = None if asked.session_id is None else self.session(peer, asked.session_id)
        told = (asked.expression or "inspect")[:TOLD]
        self.submit(
            AgentJob(
                peer, number, _LIMIT_MS, lambda job: self.inspected(Inspecting(job, asked)), told, session, "inspect"
            )
        )

    def inspected(self, look: Inspecting) -> Inspection:
        """Look. Raises Refusal and Stopped."""
        asked = look.asked
        value = self.subject(look)
        text, _ = self.described(look.job, value, asked.print_limit)
        ref = self.glimpse(look, value)
        named, indexed = self.slots(look, value, max(asked.depth, 1), asked.start)
        return Inspection(class_of(self.image, value), text, hash_of(value), element_count(value), named, indexed, ref)

    def subject(self, look: Inspecting) -> Any:
        """The object to look into. Raises Refusal."""
        job, asked, session = look.job, look.asked, look.job.session
        if asked.expression is not None:
            self.check_references(session, asked.expression)
            try:
                return self.compute(job, session, asked.expression)
            except NotCompiled as error:
                raise Refusal(ErrorCode.INVALID_REQUEST, f"expression: {error}") from error
            except Raised as error:
                details = {"class": error.kind, "message": str(error)}
                raise Refusal(ErrorCode.INVALID_REQUEST, "the expression raised an error", details) from error
        if session is None:
            raise Refusal(ErrorCode.OBJECT_NOT_FOUND, "results and variables are kept in a session only")
        if asked.ref is not None:
            return session.kept.at(asked.ref)
        name = asked.binding or ""
        variables, _ = self.scope(session)
        if name not in variables:
            raise Refusal(ErrorCode.OBJECT_NOT_FOUND, f"the session has no binding {name}")
        return variables[name]

    def glimpse(self, look: Inspecting, value: Any) -> int | None:
        """The number under which the session keeps what was looked at."""
        return None if look.job.session is None else look.job.session.kept.glimpse(value)

    def slots(self, look: Inspecting, value: Any, depth: int, start: int) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
        """The named slots, and a page of the indexed ones."""
        parts = (named_slots(self.image, value), elements(self.image, value, start, look.asked.how_many))
        named, indexed = (tuple(self.slot(look, name, each, depth) for name, each in part) for part in parts)
        return named, indexed

    def slot(self, look: Inspecting, name: str, value: Any, depth: int) -> Slot:
        """One slot, with those below it where more depth was asked for."""
        look.count()
        text, _ = self.described(look.job, value, look.asked.print_limit)
        ref = self.glimpse(look, value)
        if depth < 2:
            return Slot(name, class_of(self.image, value), text, ref)
        named, indexed = self.slots(look, value, depth - 1, 1)
        return Slot(name, class_of(self.image, value), text, ref, named, indexed)
