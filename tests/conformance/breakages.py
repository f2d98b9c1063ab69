"""Agents that are broken in one way each, and the cases that must notice it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.server import Agent
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.fields import to_map
from stui_cli.protocol.inspection import Inspect
from stui_cli.protocol.serving import Malformed, Requested, ServerConnection, ServerEvent
from stui_cli.protocol.vitals import Pong
from stui_cli.protocol.workspaces import Bindings

if TYPE_CHECKING:
    from stui_cli.playground.agent.inspecting import Inspecting
    from stui_cli.playground.agent.jobs import AgentJob, AgentSession
    from stui_cli.playground.agent.peers import Peer
    from stui_cli.playground.agent.saying import SaidText
    from stui_cli.protocol.codec import Message
    from stui_cli.protocol.faults import RemoteProtocolError
    from stui_cli.protocol.greeting import Greeting, Hello
    from stui_cli.protocol.workspaces import ReplayFailure, SessionStats


class TrueIsOne(Agent):
    def ping(self, message: object) -> object:
        return super().ping(int(message) if isinstance(message, bool) else message)


class RoundsFloats(Agent):
    def ping(self, message: object) -> object:
        whole = isinstance(message, float) and message == message and abs(message) < 1e15
        return super().ping(int(message) if whole else message)


class BytesAreText(Agent):
    def ping(self, message: object) -> object:
        short = isinstance(message, bytes) and len(message) == 255
        return super().ping(message.decode("latin-1") if short and isinstance(message, bytes) else message)


class ClockInSeconds(Agent):
    def ping(self, message: object) -> object:
        pong = super().ping(message)
        assert isinstance(pong, Pong)
        return pong._replace(clock_ms=pong.clock_ms // 1000)


class LacksAKey(Agent):
    def connection_status(self) -> object:
        return {key: value for key, value in to_map(super().connection_status()).items() if key != "last_activity"}

    def on_the_wire(self, result: object) -> object:
        return result if isinstance(result, dict) else super().on_the_wire(result)


class UnknownIsInternal(Agent):
    def admit(self, peer: Peer, method: str) -> None:
        try:
            super().admit(peer, method)
        except Refusal as refusal:
            internal = refusal.code == ErrorCode.UNSUPPORTED_METHOD
            raise Refusal(ErrorCode.INTERNAL_ERROR, "oops") if internal else refusal from None


class HangsUpOnExtensions(Agent):
    def malformed(self, peer: Peer, number: int, why: str) -> None:
        if "extension" in why:
            peer.close()
        super().malformed(peer, number, why)


class HangsUpWithoutAWord(Agent):
    def refuse_bytes(self, peer: Peer, error: RemoteProtocolError) -> None:
        return


class StaysAfterGarbage(Agent):
    def refuse_bytes(self, peer: Peer, error: RemoteProtocolError) -> None:
        if error.code == ErrorCode.LIMIT_EXCEEDED:
            super().refuse_bytes(peer, error)
        while peer.socket.recv(65536):
            pass


class StrictConnection(ServerConnection):
    """Takes only what stui's own client would write."""

    def _event(self, message: Message) -> ServerEvent | None:
        event = super()._event(message)
        if isinstance(event, Requested) and event.method not in ("hello", "authenticate"):
            assert isinstance(message.value, list)
            _, number, method, params = message.value
            named = params[0] if params else {}
            odd = [number, method] if event.method == "ping" else [number, method, *named, *dict(named).values()]
            if named == [] or any(isinstance(each, (float, bytes)) for each in odd):
                return Malformed(event.id, "not as I would have written it")
        return event


class KnowsOneClientOnly(Agent):
    def fresh_connection(self) -> ServerConnection:
        return StrictConnection()


class TellsErrorsAsMaps(Agent):
    def speaks_text(self, hello: Hello) -> bool:
        return False


class GuessesParams(Agent):
    def parsed(self, shape: type, params: dict[str, object]) -> Any:
        try:
            return super().parsed(shape, params)
        except Refusal:
            if shape is not Inspect:
                raise
            return Inspect(None, 1, 1, 1, 1, expression="3")


class WithoutProof(Agent):
    def hello(self, peer: Peer, hello: Hello) -> Greeting:
        return super().hello(peer, hello)._replace(proof=bytes(32))


class OneNonce(Agent):
    def fresh_nonce(self) -> bytes:
        return b"sixteen bytes!!!"


class BelievesAnyProof(Agent):
    def same(self, expected: bytes, proof: bytes) -> bool:
        return True


class TriesForEver(Agent):
    def tries(self) -> int:
        return 1_000_000


class RolesForgotten(Agent):
    def lacks(self, has: str | None, needs: str | None) -> bool:
        return False


class AnyImageId(Agent):
    def check_image(self, image_id: str | None) -> None:
        return


class NoTimeLimit(Agent):
    def is_overdue(self, job: AgentJob, now: float) -> bool:
        return False


class NoInterrupt(Agent):
    def interrupt(self, peer: Peer, number: int) -> None:
        return


class InterruptsAnybody(Agent):
    def interrupt(self, peer: Peer, number: int) -> None:
        for job in self.all_jobs():
            if job.number == number:
                self.stop_job(job)


class OneThingAtATime(Agent):
    def begin(self, job: AgentJob) -> None:
        self.run(job)


class SharesVariables(Agent):
    def __init__(self, keys: dict[str, tuple[str, bytes]] | None = None) -> None:
        super().__init__(keys)
        self.everything: dict[str, Any] = {}

    def scope(self, session: AgentSession | None) -> tuple[dict[str, Any], dict[int, Any]]:
        kept: dict[int, Any] = {} if session is None else session.kept.values
        return self.everything, kept


class RunsAgain(Agent):
    def is_first(self, job: AgentJob, key: str) -> bool:
        return True


class SharesReceipts(Agent):
    def is_first(self, job: AgentJob, key: str) -> bool:
        known, job.peer.client_id = job.peer.client_id, "anybody"
        try:
            return super().is_first(job, key)
        finally:
            job.peer.client_id = known


class KeepsNothing(Agent):
    def keep(self, session: AgentSession | None, value: Any) -> int | None:
        return None


class PrintsWithoutLimit(Agent):
    def described(self, job: AgentJob, value: Any, limit: int) -> tuple[str, bool]:
        return super().described(job, value, 500)


class RaisesWhilePrinting(Agent):
    def described(self, job: AgentJob, value: Any, limit: int) -> tuple[str, bool]:
        return self.printed(job, value, limit)


class FloatsAsText(Agent):
    def float_of(self, value: Any) -> float | None:
        return None


class SaysItAtTheEnd(Agent):
    def say(self, job: AgentJob, text: str) -> None:
        return


class SaysItOnlyAtOnce(Agent):
    def heard(self, output: SaidText) -> str:
        return ""


class FirstPageOnly(Agent):
    def slots(self, look: Inspecting, value: Any, depth: int, start: int) -> Any:
        return super().slots(look, value, depth, 1)


class OneLevelOnly(Agent):
    def slots(self, look: Inspecting, value: Any, depth: int, start: int) -> Any:
        return super().slots(look, value, 1, start)


class EverybodysSessions(Agent):
    def may_use(self, peer: Peer, session: AgentSession) -> bool:
        return True


class ClosesNothing(Agent):
    def close(self, session: AgentSession) -> None:
        return

    def shut(self, session: AgentSession) -> None:
        return


class SweepsWhatRuns(Agent):
    def cleanup(self, peer: Peer, asked: Any) -> Any:
        return super().cleanup(peer, asked._replace(force=True))


class CountsNobody(Agent):
    def stats(self, peer: Peer) -> SessionStats:
        return super().stats(peer)._replace(per_client=())


class ReplaysOn(Agent):
    def replay(
        self, job: AgentJob, session: AgentSession, sources: tuple[str, ...]
    ) -> tuple[int, ReplayFailure | None]:
        failures = [super(ReplaysOn, self).replay(job, session, (source,))[1] for source in sources]
        return sum(failure is None for failure in failures), next((f for f in failures if f is not None), None)


class NeverCheckpoints(Agent):
    def checkpoint(self, job: AgentJob, session: AgentSession) -> Bindings:
        return Bindings(())


class SlowToAll(Agent):
    """Code that runs slows everything else."""

    def ping(self, message: object) -> object:
        if self.jobs:
            time.sleep(0.2)
        return super().ping(message)


# The cases that must fail, and no others may. Those whose run takes longest come first.
BREAKAGES: dict[type[Agent], tuple[str, ...]] = {
    NoTimeLimit: (
        "evaluate/an endless loop",
        "evaluate/an endless wait",
        "evaluate/a loop that defends itself",
        "evaluate/without a session, endless",
        "evaluate/once, although it was stopped",
    ),
    NoInterrupt: (
        "interrupt/stops an endless loop",
        "interrupt/stops what waits for its turn",
        "inspect/an expression that fails",
        "checkpoint_session/while code runs in it",
        "list_evaluations/what runs",
        "list_evaluations/its own alone",
    ),
    OneThingAtATime: (
        "ping/counts evaluations",
        "evaluate/answers out of order",
        "list_evaluations/its own alone",
    ),
    ClosesNothing: (
        "close_session/ends it",
        "close_session/while code runs in it",
        "close_session/with a checkpoint",
        "close_session/with a checkpoint, while code runs in it",
        "close_session/its name is free again",
        "get_image_session_stats/counts",
        "cleanup_image_sessions/those named",
        "cleanup_image_sessions/not what runs",
        "list_evaluations/what runs",
        "stop_evaluation/from another connection",
    ),
    NeverCheckpoints: (
        "close_session/with a checkpoint",
        "switch_image_context/leaving",
        "checkpoint_session/bindings as text",
        "restore_session/literals come back",
    ),
    SlowToAll: ("evaluate/others are answered meanwhile",),
    TrueIsOne: ("ping/echoes nil and booleans",),
    RoundsFloats: (
        "ping/echoes float32",
        "ping/echoes float64",
        "ping/echoes float64 at the edges",
    ),
    BytesAreText: ("ping/echoes bytes",),
    ClockInSeconds: (
        "ping/the vitals",
        "create_session/answers with its metadata",
        "get_image_connection_status/as the image sees it",
    ),
    LacksAKey: ("get_image_connection_status/as the image sees it",),
    UnknownIsInternal: ("framing/an unknown method",),
    HangsUpOnExtensions: ("framing/an extension type",),
    HangsUpWithoutAWord: ("framing/the limit is told",),
    KnowsOneClientOnly: (
        "framing/an empty array of params",
        "framing/text as bytes",
        "framing/an id that is a float",
        "evaluate/whole floats",
    ),
    TellsErrorsAsMaps: ("hello/errors as text",),
    StaysAfterGarbage: ("framing/no MessagePack",),
    GuessesParams: (
        "inspect/missing params",
        "inspect/mistyped params",
    ),
    WithoutProof: (
        "hello/proves that it holds the key",
        "hello/text where bytes are meant",
        "authenticate/the right proof",
        "authenticate/a short proof",
        "authenticate/a replayed proof",
    ),
    OneNonce: (
        "hello/a fresh nonce each time",
        "authenticate/a replayed proof",
    ),
    BelievesAnyProof: (
        "authenticate/a wrong proof",
        "authenticate/a short proof",
        "authenticate/a replayed proof",
        "authenticate/a reflected proof",
        "authenticate/a proof for another image",
        "authenticate/another key's proof",
        "authenticate/3 failed tries",
    ),
    TriesForEver: ("authenticate/3 failed tries",),
    RolesForgotten: (
        "evaluate/by an observer",
        "inspect/by an observer",
        "create_session/by an observer",
        "restore_session/by an observer",
        "checkpoint_session/by an observer",
        "close_session/by an observer",
        "cleanup_image_sessions/by an observer",
        "switch_image_context/by an observer",
        "list_evaluations/by an observer",
        "stop_evaluation/by an observer",
        "load_source/by an observer",
        "run_tests/by an observer",
        "browse/by an observer",
    ),
    AnyImageId: (
        "list_image_sessions/for another image",
        "get_image_session_stats/for another image",
        "get_image_connection_status/for another image",
        "cleanup_image_sessions/for another image",
    ),
    InterruptsAnybody: ("interrupt/from another connection",),
    SharesVariables: (
        "evaluate/sessions keep apart",
        "evaluate/variables with capitals",
        "evaluate/without a session",
        "evaluate/kept results",
        "evaluate/once, by another client",
        "create_session/another client's id",
        "list_image_sessions/one's own",
        "close_session/with a checkpoint",
        "get_image_session_stats/counts",
        "switch_image_context/leaving",
        "checkpoint_session/bindings as text",
        "restore_session/literals come back",
        "restore_session/what cannot come back",
        "restore_session/replay",
    ),
    RunsAgain: (
        "evaluate/once",
        "evaluate/once, from another connection",
        "evaluate/once, although it raised",
        "evaluate/once, although it was stopped",
        "evaluate/once, while it runs",
    ),
    SharesReceipts: ("evaluate/once, by another client",),
    KeepsNothing: (
        "evaluate/kept results",
        "inspect/by reference",
    ),
    PrintsWithoutLimit: (
        "evaluate/a value over the print limit",
        "inspect/long prints",
    ),
    RaisesWhilePrinting: ("evaluate/a printString that raises",),
    FloatsAsText: ("evaluate/floats",),
    SaysItAtTheEnd: ("output/as it appears",),
    SaysItOnlyAtOnce: (
        "output/in the answer",
        "output/as it appears",
        "output/of two at once",
        "output/beyond ASCII",
        "output/much of it",
    ),
    FirstPageOnly: ("inspect/page by page",),
    OneLevelOnly: ("inspect/level by level",),
    EverybodysSessions: (
        "list_image_sessions/not others'",
        "close_session/not others'",
        "cleanup_image_sessions/all that may go",
    ),
    SweepsWhatRuns: ("cleanup_image_sessions/not what runs",),
    CountsNobody: ("get_image_session_stats/counts",),
    ReplaysOn: ("restore_session/replay that fails",),
}
