"""The seam of the store: what a place must do that keeps one, be it a folder of files or a team's database.

What a store *means* (draft and commit, undo, differences, retention, the audit chain) stands beside this module, speaks
to a place through these methods only, and knows neither path nor lock file. One suite of tests runs over every place
(tests/store). Nothing imports this module when stui runs: it is a type, and costs a start nothing.

What any place promises:
- Several may write at once. Where nobody is kept out, what follows something that was read is refused if another
  followed it first (Overtaken: HeadMoved, of the audit log too), and is made again on what is there then.
- Objects come first, the head last. `swap_head` is the only commit point: before it nothing happened, after it
  everything did, through a crash at any instant.
- A reader takes no lock and never sees half a change. It may meet NoOperation where an operation was pruned meanwhile.
- What is refused by the system underneath (a full disk, a lost connection) is Obstructed; what does not say what stui
  wrote is Damaged; what a newer stui wrote is Newer. `where` is a text for people: nothing is decided by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from stui_cli.model.contexts import Context
    from stui_cli.model.history import Entry
    from stui_cli.model.operations import Actor, Operation
    from stui_cli.model.state import State
    from stui_cli.model.store_facts import Facts, SetUp
    from stui_cli.store.audit_chain import Mark
    from stui_cli.store.damage import Damage, Repaired
    from stui_cli.store.operations import Logged
    from stui_cli.store.personal import Personal
    from stui_cli.store.sharing import Sharing
    from stui_cli.store.values import Needed, Pruned


class Backend(Protocol):
    """A place that keeps one store. Making one touches nothing."""

    @property
    def where(self) -> str:
        """What people call the place."""

    @property
    def is_shared(self) -> bool:
        """Whether it is on another machine, maybe, and others write to it: to read it takes time, and no lock of this
        person's may be held meanwhile."""

    @property
    def personal(self) -> Personal:
        """What each person keeps for himself, whatever place the store of the team has."""

    @property
    def sharing(self) -> Sharing | None:
        """What the monitors of a team tell each other; None where the store is one's own."""

    def exclusive(self, actor: Actor, timeout: float, announce: Callable[[str], None]) -> AbstractContextManager[None]:
        """Be a writer, for as long as the context is open: everything below that writes happens inside it. Not
        reentrant.

        A folder has a lock: there is one writer, and the folder is made if it is missing. Waits `timeout` seconds at
        most and announces who is waited for; raises Locked after that. A place of many machines keeps nobody out.
        """

    # The head, the operation log and the objects.

    def read_head(self) -> State | None:
        """The state as it is now; None before the first commit. Raises Damaged, Newer."""

    def swap_head(self, operation: Operation, state: State, expected: int, audit_mark: Mark | None) -> None:
        """Write `operation` with the `state` that it made, and make that the state, if the head still is operation
        `expected` (0 before the first); raises HeadMoved if it is not. The objects that it refers to are written
        already.
        """

    def read_operation(self, number: int) -> Logged:
        """An operation, with the state it made. Raises NoOperation, Damaged, Newer."""

    def operation_content(self, number: int) -> bytes:
        """An operation as it is kept, to be copied. Raises NoOperation, Damaged."""

    def list_operations(self, head: int) -> Iterator[int]:
        """The numbers of the log from `head` down, those that were pruned left out."""

    def read_object(self, sha256: str, kind: str) -> tuple[str, bytes]:
        """What people call an object, and its content as it was written. Raises Damaged if it cannot be read or is
        missing, naming it as a `kind`."""

    def write_objects(self, objects: Mapping[str, bytes]) -> None:
        """Keep new objects, by the SHA-256 of their content; those that are there already are left alone."""

    def prune(self, head: int, going: Iterable[int], needed: Needed | None) -> Pruned:
        """Remove these operations, and the objects and histories that are not `needed`; None: none of them goes.
        Stopped half way it has removed less. Also removes what killed processes left."""

    # What stands beside the state: never undone.

    def append_history(self, image_id: str, session_id: str, entries: Sequence[Entry], limit: int) -> None:
        """Add evaluations to a session's history; beyond `limit` bytes the oldest are forgotten. May lose the last
        seconds in a power cut."""

    def read_history(self, image_id: str, session_id: str) -> list[Entry]:
        """The evaluations of a session, oldest first. Raises Newer."""

    def last_evaluations(self, image_id: str, since: Mapping[str, int]) -> dict[str, Entry]:
        """The last evaluation of each session (by id) of an image whose history was written after `since` (ms by
        id)."""

    def read_audit(self) -> list[tuple[str, list[bytes]]]:
        """All lines of the audit log, the oldest first, in the parts that it is kept in, each with what people call
        it."""

    def audit_end(self) -> tuple[bytes | None, Mark | None]:
        """The last line of the audit log, to which the next one is chained, and the mark, both as of one instant."""

    def audit_mark(self) -> Mark | None:
        """How far the audit log was after the last durable append, kept apart from it; None where that is not known."""

    def append_audit(self, lines: Sequence[bytes], mark: Mark, *, durable: bool) -> None:
        """Add lines to the audit log, after which it is as far as `mark`: all of them or none. Without `durable` a
        power cut may take them, and the mark is left as it is. Raises Overtaken where others appended meanwhile."""

    def check_recordable(self, image_id: str | None, session_id: str | None) -> None:
        """Raise StoreProblem for what can be seen, without writing, to keep an evaluation from the audit log or the
        history of its session."""

    # What a person has of the state for himself.

    def keep_contexts(self, before: Mapping[str, Context], after: Mapping[str, Context]) -> bool:
        """Where contexts are each person's own: keep what changed of them, without an operation, and return True.
        False where they are a part of the state."""

    def write_names(self, before: State, after: State, session_names: Callable[[str], Iterable[str]]) -> None:
        """Bring the names for completion from one state to the one of the last `swap_head`. `session_names` returns the
        names of the sessions of an image id, as of `after`."""

    def wait_for_news(self, seconds: float) -> bool:
        """Wait for others to change the store, `seconds` at most; return whether they did. Of a place that is shared
        alone."""

    # The place itself.

    def facts(self) -> Facts:
        """What people ask of the place. Raises StoreProblem."""

    def set_up(self) -> SetUp:
        """Make what has to be there before the first commit, or bring what is there up to this stui. Raises
        StoreProblem."""

    def set_up_sql(self) -> tuple[str, str]:
        """The SQL by which a database gets what its tables lack, and that of who may do what; empty where none is
        needed. Touches nothing. Raises Newer."""

    # Upkeep: what can break, and how it is mended, is each place's own affair.

    def salvaged_state(self) -> State | None:
        """The newest state that can be read where `read_head` raises Damaged; None if there is none."""

    def find_damage(self) -> list[Damage]:
        """Everything that is wrong with what is kept, the worst first. Reads everything, changes nothing."""

    def repair(self, actor: Actor, clock: Callable[[], int]) -> Repaired:
        """Restore the newest sound state, as an operation; what is damaged is set aside, never deleted."""
