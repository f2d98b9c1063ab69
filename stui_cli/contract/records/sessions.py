"""Sessions, contexts and what was swept, as records."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stui_cli.contract.records.record import ASIDE, Record, Records
from stui_cli.model.contexts import ContextSource
from stui_cli.model.errors import StuiError
from stui_cli.model.orphans import OrphanReason, Rules
from stui_cli.model.sessions import SessionState
from stui_cli.model.status import ConnectionStatus
from stui_cli.model.times import Moment


@dataclass(frozen=True, kw_only=True)
class SessionRecord(Record):
    """A session of the store with the image that it lives in."""

    name: str  # its name in its image
    session_id: str  # its UUID
    image: str | None  # the registered name of its image; None where that is not registered any more
    owner: str  # that name, or the image id
    image_id: str  # the id of its image
    image_address: str | None  # where that listens
    image_name: str | None  # what that calls itself
    image_version: str | None  # of its Smalltalk
    image_metadata: Mapping[str, str]  # its labels
    connection_status: ConnectionStatus  # how that stands
    state: SessionState  # active, parked, lost or closed
    description: str | None  # what it is for
    created_at: Moment  # when it was made
    last_activity: Moment  # when it was used last
    bindings: int  # how many variables it has, as last counted
    current: bool  # whether commands here mean it


@dataclass(frozen=True, kw_only=True)
class VariableRecord(Record):
    """A variable of a session."""

    name: str  # how it is called
    class_name: str  # of its value
    print: str  # its value as text
    store: str | None  # source that makes the value again; None where only the text could be kept


@dataclass(frozen=True, kw_only=True)
class CheckpointRecord(Record):
    """The last checkpoint of a session."""

    taken_at: Moment  # when it was taken
    incarnation: str  # of the image in which it was taken
    bindings: int  # how many variables it has


@dataclass(frozen=True, kw_only=True)
class HistoryRecord(Record):
    """A recorded evaluation of a session."""

    number: int  # from 1, the oldest that is kept
    time: Moment  # when it was sent
    image: str  # where it ran
    session: str  # in which session
    source: str  # what was evaluated
    kind: str  # evaluate, inspect or load
    outcome: str  # returned, raised, not_run or unknown
    print: str | None  # the value as text
    class_name: str | None  # of the value
    error: str | None  # what went wrong
    result: str | None  # the value or what went wrong
    elapsed_ms: int | None  # how long it ran; None while unknown
    incarnation: str  # of the image in which it ran


@dataclass(frozen=True, kw_only=True)
class SessionDescription(SessionRecord):
    """All that is known of one session."""

    incarnation: str  # of the image in which it was made or restored
    live: bool  # whether its image told the variables just now; else they are of the last checkpoint
    variables: tuple[VariableRecord, ...]  # what it has
    checkpoint: CheckpointRecord | None  # None where none was taken
    evaluations: int  # how many are recorded
    history: tuple[HistoryRecord, ...]  # the last of them


@dataclass(frozen=True, kw_only=True)
class LostVariable(Record):
    """A variable that could not be made again."""

    name: str  # how it was called
    class_name: str  # of its value
    print: str  # how its value looked
    reason: str  # why no text makes it again


@dataclass(frozen=True, kw_only=True)
class RestoredSession(SessionRecord):
    """A session that is live again."""

    restored: tuple[str, ...]  # the variables that came back
    lost: tuple[LostVariable, ...]  # those that did not
    replayed: int  # how many sources were run again
    failure: StuiError | None = field(default=None, compare=False, metadata=ASIDE)  # of the replay, or what strict asks


@dataclass(frozen=True, kw_only=True)
class RestoredSessions(Records):
    """What came of all sessions of an image."""

    sessions: tuple[RestoredSession, ...]  # those that are live again

    @property
    def records(self) -> tuple[RestoredSession, ...]:
        """The sessions."""
        return self.sessions


@dataclass(frozen=True, kw_only=True)
class ExportedSession(Record):
    """A session that was put into a file."""

    name: str  # IMAGE/SESSION
    file: str  # where it is
    session_id: str  # its UUID in the store
    image_id: str  # the image that it comes from
    bindings: int  # how many variables are in it
    history: int  # how many evaluations


@dataclass(frozen=True, kw_only=True)
class ShareRecord(Record):
    """How many of the sessions of an image are one client's."""

    client_id: str | None  # None where it is not ours to know
    total: int  # how many sessions


@dataclass(frozen=True, kw_only=True)
class StatsRecord(Record):
    """The sessions of one image, counted."""

    image: str  # its registered name
    image_id: str | None  # its UUID
    source: str  # who counted: image, or store where the image did not answer
    recorded: int  # how many our store has
    total: int  # how many sessions it has, of all clients
    active: int  # how many are in use
    idle: int | None  # how many are not; None where the store counted
    orphaned: int  # how many their clients have left, or the image does not know
    bindings: int  # variables of all of them
    memory_estimate: int | None  # bytes
    last_activity: Moment | None  # when one was used last
    clients: int | None  # how many clients have them; None where the store counted
    per_client: tuple[ShareRecord, ...]  # the share of each
    reason: str | None  # why the image did not count them


@dataclass(frozen=True, kw_only=True)
class ContextRecord(Record):
    """The image, and perhaps the session, that a command means."""

    name: str | None  # IMAGE or IMAGE/SESSION
    image: str | None  # its registered name
    session: str | None  # None for an image alone
    source: ContextSource | None  # option, environment, terminal, project, default or only
    path: str | None  # the option, variable, file or scope that gave the image
    session_source: ContextSource | None  # as source, for the session
    session_path: str | None  # as path, for the session


@dataclass(frozen=True, kw_only=True)
class SwitchRecord(ContextRecord):
    """A switch that was made."""

    previous: str | None  # where `switch -` goes
    effective: str | None  # what a command here means now


@dataclass(frozen=True, kw_only=True)
class OrphanRecord(Record):
    """A session with the verdict on it."""

    session: str  # IMAGE/SESSION
    image: str | None  # the registered name of its image
    reason: OrphanReason | None  # why it is left behind; None for one that stays
    evidence: str | None  # what shows it
    action: str | None  # remove, keep or wait
    since: Moment | None  # when what is said of it began
    probes: int | None  # how many contacts in a row said so
    found_image_id: str | None  # who answered instead
    incarnation: str | None  # the one that does not know it
    image_id: str  # the id of its image
    session_id: str  # its UUID


@dataclass(frozen=True, kw_only=True)
class CleanupPlan(Records):
    """What a cleanup would do: nothing is done yet."""

    orphans: tuple[OrphanRecord, ...]  # what would go
    kept: tuple[OrphanRecord, ...]  # what stays, and why
    names: tuple[str, ...] | None  # what was asked for; None is all
    rules: Rules  # by which it was judged
    agreed: tuple[Mapping[str, object], ...]  # what must still be so when it is carried out

    @property
    def records(self) -> tuple[OrphanRecord, ...]:
        """What would go, then what stays."""
        return (*self.orphans, *self.kept)


@dataclass(frozen=True, kw_only=True)
class Sweep(Records):
    """What a cleanup did."""

    removed: tuple[OrphanRecord, ...]  # what went
    kept: tuple[OrphanRecord, ...]  # what stays, and why

    @property
    def records(self) -> tuple[OrphanRecord, ...]:
        """What went, then what stays."""
        return (*self.removed, *self.kept)
