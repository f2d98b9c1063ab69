"""What each request does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.playground.agent.handshake import HandshakeHabits
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.saving import SavingHabits
from stui_cli.playground.agent.vitals import VitalHabits
from stui_cli.protocol.code import Browse, ListEvaluations, LoadSource, RunTests, StopEvaluation
from stui_cli.protocol.evaluation import Evaluate
from stui_cli.protocol.faults import ErrorCode, Mistyped
from stui_cli.protocol.fields import method_of, parse
from stui_cli.protocol.greeting import Authenticate, Hello
from stui_cli.protocol.inspection import Inspect
from stui_cli.protocol.limits import WireLimits
from stui_cli.protocol.requests import TABLE, Row
from stui_cli.protocol.serving import ServerConnection
from stui_cli.protocol.vitals import GetImageConnectionStatus, Ping
from stui_cli.protocol.workspaces import (
    CheckpointSession,
    CleanupImageSessions,
    CloseSession,
    CreateSession,
    GetImageSessionStats,
    ListImageSessions,
    RestoreSession,
    SwitchImageContext,
)

if TYPE_CHECKING:
    from stui_cli.playground.agent.peers import Peer
    from stui_cli.protocol.faults import RemoteProtocolError

ROWS: dict[str, Row] = {method_of(row.request): row for row in TABLE}
_RANKS = {None: 0, "observer": 1, "developer": 2, "admin": 3}


class DispatchHabits(HandshakeHabits, SavingHabits, VitalHabits):
    """From a request to its answer."""

    def fresh_connection(self) -> ServerConnection:
        """The protocol of a new connection: of a stranger little is taken."""
        wire = self.settings.wire
        return ServerConnection(WireLimits(min(self.settings.stranger_message, wire.message), wire.depth))

    def refuse_bytes(self, peer: Peer, error: RemoteProtocolError) -> None:
        """What cannot be read: told in one last answer, then the end."""
        del error
        peer.dismiss()

    def malformed(self, peer: Peer, number: int, why: str) -> None:
        """A request that is wrong in itself."""
        peer.reply(number, Refusal(ErrorCode.INVALID_REQUEST, why))

    def request(self, peer: Peer, number: int, method: str, params: dict[str, object]) -> None:
        """Answer, or begin a job that does."""
        try:
            self.admit(peer, method)
            result = self.dispatch(peer, number, self.parsed(ROWS[method].request, params))
        except Refusal as refusal:
            peer.reply(number, refusal)
            if method == "authenticate" and peer.failures >= self.tries():
                peer.hang_up()
            return
        except Exception as error:  # noqa: BLE001  a mistake of ours is the answer to one request, not the connection's end
            result = self.internal_error(error)
        if result is not None:
            peer.reply(number, result)

    def parsed(self, shape: type, params: dict[str, object]) -> Any:
        """The request. Raises Refusal."""
        try:
            return parse(shape, params)
        except Mistyped as error:
            raise Refusal(ErrorCode.INVALID_REQUEST, str(error)) from error

    def admit(self, peer: Peer, method: str) -> None:
        """Raises Refusal for who may not ask this."""
        row = ROWS.get(method)
        if peer.role is None and (row is None or row.role is not None):
            told = "the first request is hello" if peer.hello is None else "authenticate first"
            raise Refusal(ErrorCode.NOT_AUTHENTICATED, told)
        if row is None:
            raise Refusal(ErrorCode.UNSUPPORTED_METHOD, f"there is no method {method}")
        if self.lacks(peer.role, row.role):
            raise Refusal(ErrorCode.PERMISSION_DENIED, f"{method} needs the role {row.role}")

    def lacks(self, has: str | None, needs: str | None) -> bool:
        """Whether a role is too weak."""
        return _RANKS[has] < _RANKS[needs]

    def dispatch(self, peer: Peer, number: int, request: Any) -> object:
        """The answer, or None for one that comes otherwise."""
        match request:
            case Hello():
                return self.hello(peer, request)
            case Authenticate(proof):
                return self.authenticate(peer, proof)
            case Ping(message):
                return self.ping(message)
            case GetImageConnectionStatus(image_id):
                self.check_image(image_id)
                return self.connection_status()
            case ListEvaluations():
                return self.evaluations(peer)
            case StopEvaluation(evaluation_id):
                return self.stop_evaluation(peer, evaluation_id)
            case Evaluate():
                self.evaluate(peer, number, request)
            case LoadSource():
                self.load(peer, number, request)
            case RunTests():
                self.run_tests(peer, number, request)
            case Browse():
                self.browse(peer, number, request)
            case Inspect():
                self.inspect(peer, number, request)
            case _:
                return self.dispatch_session(peer, number, request)
        return None

    def dispatch_session(self, peer: Peer, number: int, request: Any) -> object:
        """The same for the requests about sessions."""
        match request:
            case CreateSession(session_id, name, description):
                return self.metadata_of(self.create(peer, session_id, name, description))
            case RestoreSession():
                self.restore(peer, number, request)
            case CheckpointSession():
                self.take_checkpoint(peer, number, request)
            case CloseSession():
                return self.part(peer, number, request)
            case ListImageSessions(image_id, _):
                self.check_image(image_id)
                return [self.metadata_of(session) for session in self.visible(peer)]
            case GetImageSessionStats(image_id):
                self.check_image(image_id)
                return self.stats(peer)
            case CleanupImageSessions():
                self.check_image(request.image_id)
                return self.cleanup(peer, request)
            case SwitchImageContext():
                return self.switch(peer, number, request)
            case _:
                raise AssertionError(request)
        return None
