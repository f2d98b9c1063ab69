"""Sessions: made, found, listed, counted, closed, swept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stui_cli.model.times import now_ms
from stui_cli.playground.agent.jobs import AgentSession
from stui_cli.playground.agent.kept import KeptValues
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.running import JobHabits
from stui_cli.playground.agent.values import VERSION
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.workspaces import (
    Cleaned,
    CleanupImageSessions,
    ClientShare,
    KeptSession,
    LiveSession,
    SessionStats,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.playground.agent.peers import Peer

_LONGEST_ID = 200


class SessionHabits(JobHabits):
    """Keeps the sessions of different clients apart: they are found by client and id together."""

    def may_use(self, peer: Peer, session: AgentSession) -> bool:
        """Whether a session is the client's own, or the client an admin."""
        return peer.role == "admin" or session.client_id == peer.client_id

    def visible(self, peer: Peer) -> list[AgentSession]:
        """The sessions that this client may see."""
        return [session for session in list(self.sessions.values()) if self.may_use(peer, session)]

    def session(self, peer: Peer, session_id: str) -> AgentSession:
        """The session meant. Raises Refusal."""
        own = self.sessions.get((peer.client_id, session_id))
        found = own or next((s for s in self.visible(peer) if s.session_id == session_id), None)
        if found is None:
            raise Refusal(ErrorCode.SESSION_NOT_FOUND, f"this image knows no session {session_id}")
        return found

    def metadata_of(self, session: AgentSession) -> LiveSession:
        """A session as it is told."""
        return LiveSession(
            session.session_id, session.name, session.description, session.client_id,
            "active" if self.is_active(session) else "idle", session.created_at, session.last_activity,
            len(session.bindings), self.image_id, self.settings.name, VERSION,
        )  # fmt: skip

    def is_active(self, session: AgentSession) -> bool:
        """Whether it is used, or was of late."""
        return session.is_busy or now_ms() - session.last_activity < self.settings.active_for_s * 1000

    def is_orphaned(self, session: AgentSession) -> bool:
        """Whether it was not used for long."""
        return not session.is_busy and now_ms() - session.last_activity > self.settings.orphan_after_s * 1000

    def create(self, peer: Peer, session_id: str, name: str, description: str | None) -> AgentSession:
        """Make a session; a known one of this client gets the new name. Raises Refusal."""
        if not 0 < len(session_id) <= _LONGEST_ID:
            raise Refusal(ErrorCode.INVALID_REQUEST, f"session_id: 1 to {_LONGEST_ID} characters were expected")
        with self.lock:
            session = self.sessions.get((peer.client_id, session_id))
            if session is None:
                self._check_room(peer)
                kept = KeptValues(self.settings.results_per_session)
                session = AgentSession(session_id, peer.client_id, name, description, kept=kept)
                self.partings.drop((peer.client_id, session_id))
                self.sessions[peer.client_id, session_id] = session
        session.name = name
        session.description = description if description is not None else session.description
        session.touch()
        return session

    def _check_room(self, peer: Peer) -> None:
        most = self.settings.sessions_per_client
        if sum(client == peer.client_id for client, _ in self.sessions) >= most:
            raise Refusal(ErrorCode.LIMIT_EXCEEDED, f"a client may have {most} sessions")

    def close(self, session: AgentSession) -> None:
        """End it: nobody finds it any more, and what runs in it is interrupted."""
        with self.lock:
            if self.sessions.get((session.client_id, session.session_id)) is session:
                del self.sessions[session.client_id, session.session_id]
        self.stop_session(session)

    def stats(self, peer: Peer) -> SessionStats:
        """What this client may see, counted."""
        seen = self.visible(peer)
        clients = list(dict.fromkeys(session.client_id for session in seen))
        shares = tuple(ClientShare(c, sum(s.client_id == c for s in seen)) for c in clients)
        active = sum(self.is_active(session) for session in seen)
        return SessionStats(
            self.image_id,
            len(seen),
            active,
            len(seen) - active,
            sum(self.is_orphaned(session) for session in seen),
            sum(len(session.bindings) for session in seen),
            None,
            max((session.last_activity for session in seen), default=None),
            shares,
        )

    def cleanup(self, peer: Peer, asked: CleanupImageSessions) -> Cleaned:
        """Close what is asked for, and say of everything else why it was kept."""
        ids: Sequence[str] = asked.session_ids or ()
        if asked.session_ids is None:
            ids = [session.session_id for session in self.visible(peer)]
        cleaned: list[str] = []
        kept: list[KeptSession] = []
        for session_id in ids:
            reason = self._swept(peer, session_id, asked)
            if reason is None:
                cleaned.append(session_id)
            else:
                kept.append(KeptSession(session_id, reason))
        return Cleaned(tuple(cleaned), tuple(kept))

    def _swept(self, peer: Peer, session_id: str, asked: CleanupImageSessions) -> str | None:
        """Close it, or the reason why not."""
        try:
            session = self.session(peer, session_id)
        except Refusal:
            return "not_found"
        if not asked.force:
            if session.is_busy:
                return "running"
            if asked.preserve_active and self.is_active(session):
                return "active"
        self.close(session)
        return None

    def await_rest(self, session: AgentSession, seconds: float) -> bool:
        """Wait until nothing runs in it; return whether that is so."""
        until = time.monotonic() + seconds
        while session.running is not None and time.monotonic() < until:
            time.sleep(0.005)
        return session.running is None
