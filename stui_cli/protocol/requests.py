"""The closed union of requests, and the one table of them: what is answered, and which role may ask.

The conformance checks, the manual page and a server in Python are made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from stui_cli.protocol.code import (
    Browse,
    Browsed,
    ListEvaluations,
    LoadSource,
    Piece,
    RunningEvaluation,
    RunTests,
    StopEvaluation,
    StoppedEvaluation,
    Totals,
)
from stui_cli.protocol.evaluation import Evaluate, Evaluation
from stui_cli.protocol.greeting import Authenticate, Authenticated, Greeting, Hello
from stui_cli.protocol.inspection import Inspect, Inspection
from stui_cli.protocol.vitals import GetImageConnectionStatus, Ping, Pong, ReportedConnection
from stui_cli.protocol.workspaces import (
    Bindings,
    CheckpointSession,
    Cleaned,
    CleanupImageSessions,
    Closed,
    CloseSession,
    CreateSession,
    GetImageSessionStats,
    ListImageSessions,
    LiveSession,
    Restored,
    RestoreSession,
    SessionStats,
    Switched,
    SwitchImageContext,
)

Request = (
    Hello
    | Authenticate
    | Ping
    | Evaluate
    | Inspect
    | CreateSession
    | RestoreSession
    | CheckpointSession
    | CloseSession
    | ListImageSessions
    | GetImageSessionStats
    | CleanupImageSessions
    | SwitchImageContext
    | GetImageConnectionStatus
    | ListEvaluations
    | StopEvaluation
    | LoadSource
    | RunTests
    | Browse
)


@dataclass(frozen=True)
class Row:
    """One request. `many` where the answer is an array of `answer`; `role` is the weakest that may ask. `later` of one
    that not every agent has: one that has it names it in the `methods` of its greeting."""

    request: type
    answer: type
    role: str | None
    summary: str
    many: bool = False
    later: bool = False


TABLE = (
    Row(Hello, Greeting, None, "who is there; first request of every conversation"),
    Row(Authenticate, Authenticated, None, "prove the key that hello named"),
    Row(Ping, Pong, "observer", "a sign of life with vitals; echoes any value"),
    Row(Evaluate, Evaluation, "developer", "run source text"),
    Row(Inspect, Inspection, "developer", "look into an object, page by page"),
    Row(CreateSession, LiveSession, "developer", "make a session, or give a known one a new name"),
    Row(RestoreSession, Restored, "developer", "make a session again from its checkpoint"),
    Row(CheckpointSession, Bindings, "developer", "a session's variables as text"),
    Row(CloseSession, Closed, "developer", "end a session's live state"),
    Row(ListImageSessions, LiveSession, "observer", "the sessions that this client may see", many=True),
    Row(GetImageSessionStats, SessionStats, "observer", "sessions counted"),
    Row(CleanupImageSessions, Cleaned, "developer", "end several sessions, each kept one with its reason"),
    Row(SwitchImageContext, Switched, "developer", "leave or enter a session"),
    Row(GetImageConnectionStatus, ReportedConnection, "observer", "how the image sees its own connection"),
    Row(ListEvaluations, RunningEvaluation, "developer", "what runs, or waits for its turn", many=True, later=True),
    Row(StopEvaluation, StoppedEvaluation, "developer", "stop one of them", later=True),
    Row(LoadSource, Piece, "developer", "load a file of source, piece by piece", many=True, later=True),
    Row(RunTests, Totals, "developer", "run tests; each is told by a test notification", later=True),
    Row(Browse, Browsed, "developer", "packages, classes, methods and their text", later=True),
)
