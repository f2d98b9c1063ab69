"""The variables of a session as text, and made again from it: checkpoints, closing, restoring, switching."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.playground.agent.evaluating import plain
from stui_cli.playground.agent.jobs import IT, AgentJob
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.saying import SaidText
from stui_cli.playground.agent.storing import stored
from stui_cli.playground.agent.testing import TestingHabits
from stui_cli.playground.agent.values import class_of
from stui_cli.playground.reading import NotCompiled
from stui_cli.playground.signals import Raised
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError
from stui_cli.protocol.workspaces import (
    Bindings,
    BindingText,
    BusyWith,
    CheckpointSession,
    Closed,
    CloseSession,
    LostBinding,
    ReplayFailure,
    Restored,
    RestoreSession,
    StoredBinding,
    Switched,
    SwitchImageContext,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.agent.jobs import AgentSession
    from stui_cli.playground.agent.peers import Peer

    Work = Callable[[AgentJob], object]

_LIMIT_MS = 30_000
# Who turns away from a session does not wait for what runs in it, but for a moment; what is interrupted gets another.
_PATIENCE_S, _ENDING_S = 1.0, 3.0
_PRINT_LIMIT = 200
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_NO_NAMES = {"self", "super", "thisContext", "true", "false", "nil", IT}


class CheckpointHabits(TestingHabits):
    """Keeps sessions as text."""

    def checkpoint(self, job: AgentJob, session: AgentSession) -> Bindings:
        """All variables; one that no text makes again is named all the same."""
        return Bindings(
            tuple(
                BindingText(
                    name,
                    class_of(self.image, value),
                    self.described(job, value, _PRINT_LIMIT)[0],
                    self.stored(job, value),
                )
                for name, value in session.bindings.items()
            )
        )

    def stored(self, job: AgentJob, value: object) -> str | None:
        """Source that makes the value again, None if there is none."""
        text = stored(self.machine(job, job.session), value)
        return text if text is None or plain(text) == text else None

    def take_checkpoint(self, peer: Peer, number: int, asked: CheckpointSession) -> None:
        """Begin. Raises Refusal."""
        session = self.session(peer, asked.session_id)
        self._submit_checkpoint(peer, number, session, lambda job: self.checkpoint(job, session))

    def _submit_checkpoint(self, peer: Peer, number: int, session: AgentSession, work: Work) -> None:
        self.submit(
            AgentJob(peer, number, _LIMIT_MS, work, "checkpoint", session, "checkpoint_session", patience_s=_PATIENCE_S)
        )

    # Leaving and entering.

    def switch(self, peer: Peer, number: int, asked: SwitchImageContext) -> Switched | None:
        """The same request goes to the image that is left and to the one that is entered."""
        leaving, entering = asked.from_image_id == self.image_id, asked.to_image_id == self.image_id
        if not leaving and not entering:
            raise Refusal(ErrorCode.IMAGE_MISMATCH, f"this is image {self.image_id}", {"image_id": self.image_id})
        session = self.session(peer, asked.session_id)
        if entering:
            session.touch()
        if not (leaving and asked.preserve_context):
            return Switched(None, self.metadata_of(session) if entering else None)

        def work(job: AgentJob) -> Switched:
            return Switched(self.checkpoint(job, session), self.metadata_of(session) if entering else None)

        self._submit_checkpoint(peer, number, session, work)
        return None

    # Closing.

    def part(self, peer: Peer, number: int, asked: CloseSession) -> Closed | None:
        """End a session; with its checkpoint, in one step, so that nothing is answered that is not in it."""
        if asked.checkpoint:
            return self._part_with_checkpoint(peer, number, asked)
        session = self.session(peer, asked.session_id)
        busy = self._busy(session)
        if busy is not None and asked.interrupt is False:
            return Closed(False, None, busy)
        self.close(session)
        return Closed(True, None, busy)

    def _busy(self, session: AgentSession) -> BusyWith | None:
        job = session.running
        return None if job is None else BusyWith(job.elapsed_ms, job.source)

    def _part_with_checkpoint(self, peer: Peer, number: int, asked: CloseSession) -> Closed | None:
        """Of a session that was closed so before, the answer is given again: its checkpoint is all that is left of it,
        and a connection may break just before it is there."""
        try:
            session = self.session(peer, asked.session_id)
        except Refusal:
            if not self._repeat_parting(peer, number, asked.session_id):
                raise
            return None
        busy = self._busy(session)
        if busy is not None and asked.interrupt is False:
            return Closed(False, None, busy)
        job = AgentJob(
            peer,
            number,
            _LIMIT_MS,
            lambda job: self.parted(job, session),
            "close",
            method="close_session",
            outlives=True,
        )
        name = (session.client_id, session.session_id)
        with self.lock:
            if self.sessions.get(name) is not session:
                self._repeat_parting(peer, number, asked.session_id)
                return None
            self.partings.open(name, job)
        job.then = lambda result: self._settle_parting(name, job, result)
        self.submit(job)
        return None

    def parted(self, job: AgentJob, session: AgentSession) -> Closed:
        """Closed, with the checkpoint unless something had to be interrupted for it."""
        self.shut(session)
        busy = None
        if not self.await_rest(session, _PATIENCE_S):
            busy = self._busy(session)
        self.close(session)
        if busy is not None:
            self.await_rest(session, _ENDING_S)
            return Closed(True, None, busy)
        closed = Closed(True, self.checkpoint(job, session), None)
        self._check_fits(session, closed)
        return closed

    def _check_fits(self, session: AgentSession, closed: Closed) -> None:
        """A checkpoint that is more than a message may hold would be lost: the session stays then."""
        from stui_cli.protocol.codec import encode

        try:
            encode([1, 0, None, self.on_the_wire(closed)], self.settings.wire)
        except LocalProtocolError as error:
            with self.lock:
                session.shut = False
                self.sessions[session.client_id, session.session_id] = session
            raise Refusal(
                ErrorCode.LIMIT_EXCEEDED, f"the checkpoint is larger than a message may be: {error}"
            ) from error

    def _repeat_parting(self, peer: Peer, number: int, session_id: str) -> bool:
        with self.lock:
            earlier = self.partings.get((peer.client_id, session_id))
            if isinstance(earlier, AgentJob):
                earlier.answers.append((peer, number))
                return True
        if earlier is None:
            return False
        peer.reply(number, earlier)
        return True

    def _settle_parting(self, name: tuple[str, str], job: AgentJob, result: object) -> None:
        with self.lock:
            if isinstance(result, Refusal):
                self.partings.drop(name)
            else:
                self.partings.settle(name, result, 0)
            waiting = list(job.answers)
        for peer, number in waiting:
            peer.reply(number, result)

    # Restoring.

    def restore(self, peer: Peer, number: int, asked: RestoreSession) -> None:
        """Begin. Raises Refusal."""
        session = self.create(peer, asked.session_id, asked.name, asked.description)
        output = SaidText(self.settings.output_limit)
        self.submit(
            AgentJob(
                peer,
                number,
                _LIMIT_MS,
                lambda job: self.restored(job, session, asked),
                "restore",
                session,
                "restore_session",
                output,
            )
        )

    def restored(self, job: AgentJob, session: AgentSession, asked: RestoreSession) -> Restored:
        """Make the bindings again, then run the sources."""
        restored: list[str] = []
        lost: list[LostBinding] = []
        for binding in asked.bindings:
            why = self._bind(job, session, binding)
            if why is None:
                restored.append(binding.name)
            else:
                lost.append(LostBinding(binding.name, why))
        replayed, failed = self.replay(job, session, asked.replay)
        return Restored(self.metadata_of(session), tuple(restored), tuple(lost), replayed, failed)

    def _bind(self, job: AgentJob, session: AgentSession, binding: StoredBinding) -> str | None:
        """Bind a variable; return why that could not be."""
        if not _NAME.match(binding.name) or binding.name in _NO_NAMES:
            return "this is no name of a variable"
        why, value = self._computed(job, session, binding.store)
        if why is None:
            session.variables[binding.name] = value
        return why

    def _computed(self, job: AgentJob, session: AgentSession, source: str) -> tuple[str | None, object]:
        """Why a source failed, else None; and its value."""
        try:
            self.check_references(session, source)
            return None, self.compute(job, session, source)
        except (NotCompiled, Raised, Refusal) as error:
            return plain(str(error)) or "it failed", None

    def replay(
        self, job: AgentJob, session: AgentSession, sources: tuple[str, ...]
    ) -> tuple[int, ReplayFailure | None]:
        """Run sources up to the first that fails; return how many ran, and the one that did not."""
        for index, source in enumerate(sources):
            why, value = self._computed(job, session, source)
            if why is not None:
                return index, ReplayFailure(index, why)
            self.keep(session, value)
            session.variables[IT] = value
        return len(sources), None
