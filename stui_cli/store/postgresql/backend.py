"""A team's store behind the seam of the store (backend.py): tables of one schema, see schema.py.

No lock is held: a commit compares the head and swaps it, in one serializable transaction, and is made again where
others were quicker. Contexts are each person's own: the states here have none, those that are read get this person's.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from stui_cli.model.state import State
from stui_cli.store.encoding import STATES
from stui_cli.store.envelope import unpack
from stui_cli.store.postgresql.connection import Server
from stui_cli.store.postgresql.schema import VERSION
from stui_cli.store.problems import Damaged, Newer, NoOperation, Obstructed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from stui_cli.model.contexts import Context
    from stui_cli.model.history import Entry
    from stui_cli.model.images import Image
    from stui_cli.model.operations import Actor, Operation
    from stui_cli.model.store_facts import Facts, SetUp
    from stui_cli.store.audit_chain import Mark
    from stui_cli.store.damage import Damage, Repaired
    from stui_cli.store.operations import Logged
    from stui_cli.store.personal import TeamPersonal
    from stui_cli.store.postgresql.leading import PostgresSharing
    from stui_cli.store.postgresql.listening import Listener
    from stui_cli.store.team_address import TeamAddress
    from stui_cli.store.values import Needed, Pruned


# So many operations are offered at Tab of those that others made since the last command.
_READ_FOR_TAB = 10


class PostgresBackend:
    """The store at `address`, for one command. Each method promises what Backend says of it.

    `personal` is what this person has beside it, `announce` gets what a person should know while it happens.
    """

    def __init__(self, address: TeamAddress, personal: TeamPersonal, announce: Callable[[str], None]) -> None:
        self.server = Server(address)
        self._personal = personal
        self._announce = announce
        self._schema = address.schema
        self._objects: dict[str, bytes] = {}  # written with the head that refers to them
        self._listener: Listener | None = None
        self._sharing: PostgresSharing | None = None
        self._fence = 0
        self._read: tuple[bytes, State] | None = None  # the head as it was last read, without contexts
        self._contexts: Mapping[str, Context] = {}
        self._images: Mapping[str, Image] = {}

    @property
    def where(self) -> str:
        return self.server.address.shown

    @property
    def is_shared(self) -> bool:
        return True

    @property
    def personal(self) -> TeamPersonal:
        return self._personal

    @property
    def sharing(self) -> PostgresSharing:
        if self._sharing is None:
            from stui_cli.store.postgresql.leading import PostgresSharing

            self._sharing = PostgresSharing(self.server, self._personal, self._follow)
        return self._sharing

    @contextmanager
    def exclusive(self, actor: Actor, timeout: float, announce: Callable[[str], None]) -> Iterator[None]:
        """Keep nobody out. Where the server goes meanwhile, it may take so long to come back."""
        self._personal.acting(actor, timeout, announce)
        self.server.patience = timeout
        try:
            self.server.connection()
            yield
        finally:
            self.server.patience = 0.0
            self._objects.clear()

    # The head, the operation log and the objects.

    def read_head(self) -> State | None:
        schema = self._schema
        found = self.server.row(f"select version, number, fence, state from {schema}.about, {schema}.head")
        if found is None:
            raise self._damaged(self.where, "the row of its head is missing")
        version, number, self._fence, content = found
        if version > VERSION:
            from stui_cli.store.postgresql.reasons import newer

            raise newer(self.server, version)
        if content is None:
            return None
        state = self._state(content, number)
        self._contexts, self._images = self._personal.read_contexts(state.images), state.images
        return state._replace(contexts=self._contexts)

    def _state(self, content: bytes, number: int) -> State:
        """What the head says. What it said before is not decoded again: its number would not do, for a database that
        was brought back from a backup counts anew."""
        if self._read is not None and self._read[0] == content and self._read[1].head == number:
            return self._read[1]
        try:
            state = STATES.decode(State, unpack(content), number)
        except ValueError as error:
            raise self._damaged(f"the head of {self.where}", str(error)) from error
        self._read = content, state
        return state

    @staticmethod
    def _damaged(where: str, wrong: str) -> Damaged:
        from stui_cli.store.postgresql.reasons import damaged

        return damaged(where, wrong)

    def swap_head(self, operation: Operation, state: State, expected: int, audit_mark: Mark | None) -> None:
        from stui_cli.store.audit_chain import text_of
        from stui_cli.store.chunks import pack_state
        from stui_cli.store.operations import encode_operation
        from stui_cli.store.postgresql.publishing import Publication, publish

        packed = pack_state(state._replace(contexts={}))
        content = encode_operation(operation, packed, None if audit_mark is None else text_of(audit_mark))
        try:
            publish(
                self.server,
                Publication(operation.number, content, packed.whole, self._objects, expected, self._fence),
            )
        finally:
            self._objects.clear()
        self._keep_contexts_after(state)

    def read_operation(self, number: int) -> Logged:
        from stui_cli.store.operations import decode_operation  # the model of operations takes 4 ms to import

        return decode_operation(f"operation {number} of {self.where}", self.operation_content(number), number)

    def operation_content(self, number: int) -> bytes:
        query = f"select content from {self._schema}.operations where number = $1"
        found = self.server.row(query, (number,))
        if found is None:
            raise NoOperation(number)
        return bytes(found[0])

    def list_operations(self, head: int) -> Iterator[int]:
        query = f"select number from {self._schema}.operations where number <= $1 order by number desc"
        for (number,) in self.server.rows(query, (head,)):
            yield number

    def read_object(self, sha256: str, kind: str) -> tuple[str, bytes]:
        where = f"object {sha256} of {self.where}"
        if sha256 in self._objects:
            return where, self._objects[sha256]
        found = self.server.row(f"select content from {self._schema}.objects where sha256 = $1", (sha256,))
        if found is None:
            raise self._damaged(where, f"the {kind} is missing")
        return where, found[0]

    def write_objects(self, objects: Mapping[str, bytes]) -> None:
        self._objects.update(objects)

    def prune(self, head: int, going: Iterable[int], needed: Needed | None) -> Pruned:
        from stui_cli.store.postgresql.pruning import prune

        return prune(self.server, head, going, needed)

    # What stands beside the state: never undone.

    def append_history(self, image_id: str, session_id: str, entries: Sequence[Entry], limit: int) -> None:
        from stui_cli.store.postgresql.history import append

        append(self.server, image_id, session_id, entries, limit)

    def read_history(self, image_id: str, session_id: str) -> list[Entry]:
        from stui_cli.store.postgresql.history import read

        return read(self.server, image_id, session_id)

    def last_evaluations(self, image_id: str, since: Mapping[str, int]) -> dict[str, Entry]:
        from stui_cli.store.postgresql.history import last_evaluations

        return last_evaluations(self.server, image_id, since)

    def read_audit(self) -> list[tuple[str, list[bytes]]]:
        from stui_cli.store.postgresql.audit_table import read_lines

        return read_lines(self.server)

    def audit_end(self) -> tuple[bytes | None, Mark | None]:
        from stui_cli.store.postgresql.audit_table import end

        return end(self.server)

    def audit_mark(self) -> Mark | None:
        from stui_cli.store.postgresql.audit_table import read_mark

        return read_mark(self.server)

    def append_audit(self, lines: Sequence[bytes], mark: Mark, *, durable: bool) -> None:
        from stui_cli.store.postgresql.audit_table import append_lines

        append_lines(self.server, lines, mark, durable=durable)

    def check_recordable(self, image_id: str | None, session_id: str | None) -> None:
        del image_id, session_id
        from stui_cli.store.postgresql.place import check_recordable

        check_recordable(self.server)

    # What a person has of the state for himself.

    def keep_contexts(self, before: Mapping[str, Context], after: Mapping[str, Context]) -> bool:
        self._personal.keep_contexts(before, after, self._images)
        return True

    def _keep_contexts_after(self, state: State) -> None:
        from stui_cli.model.errors import StoreProblem

        if state.contexts == self._contexts:
            return
        try:
            self._personal.keep_contexts(self._contexts, state.contexts, state.images)
        except StoreProblem as error:
            self._announce(f"warning: the change is made, but where you are could not be kept: {error.what}")

    def write_names(self, before: State, after: State, session_names: Callable[[str], Iterable[str]]) -> None:
        made_for = self._personal.names_head()
        if made_for is None or made_for < after.head:
            with self._personal.names_held() as held:
                made_for = self._personal.names_head()  # another command may just have seen to it
                if held and (made_for is None or made_for < after.head):
                    known = before if made_for == before.head else self._state_of(made_for)
                    self._personal.write_names(known, after, session_names)
        self._personal.write_recent_names(after, self._newer_operations)

    def _newer_operations(self, known: int) -> Iterator[Operation]:
        """The last operations after one, the newest first. Each is read with its whole state: a few do for Tab."""
        query = f"select number from {self._schema}.operations where number > $1 order by number desc limit $2"
        for (number,) in self.server.rows(query, (known, _READ_FOR_TAB)):
            with suppress(Damaged, Newer, NoOperation):
                yield self.read_operation(number).operation

    def _state_of(self, number: int | None) -> State | None:
        """The state that an operation made, None where that is not known any more."""
        try:
            return None if number is None else self.read_operation(number).state()
        except (Damaged, Newer, NoOperation):
            return None

    def wait_for_news(self, seconds: float) -> bool:
        return self._ear().heard(seconds)

    def _ear(self) -> Listener:
        if self._listener is None:
            from stui_cli.store.postgresql.listening import Listener

            self._listener = Listener(self.server.address)
        return self._listener

    def _follow(self, channel: str, own_backend: Callable[[], int | None]) -> None:
        self._ear().also(channel, own_backend)

    # The place itself.

    def facts(self) -> Facts:
        from stui_cli.store.postgresql.place import facts

        return facts(self.server, self)

    def set_up(self) -> SetUp:
        from stui_cli.store.postgresql.setting_up import make_tables

        return make_tables(self.server)

    def set_up_sql(self) -> tuple[str, str]:
        from stui_cli.store.postgresql.reasons import newer, version_there
        from stui_cli.store.postgresql.schema import grants_sql, tables_sql

        there = 0
        try:
            there = version_there(self.server) or 0
        except Obstructed as error:
            self._announce(f"warning: {error.what}; this is the SQL for a database that holds no store yet")
        if there > VERSION:
            raise newer(self.server, there)
        return tables_sql(self._schema, there), grants_sql(self._schema)

    # Upkeep.

    def salvaged_state(self) -> State | None:
        query = f"select number from {self._schema}.operations order by number desc"
        for (number,) in self.server.rows(query):
            try:
                return self.read_operation(number).state()._replace(contexts={})
            except (Damaged, Newer, NoOperation):
                continue
        return None

    def find_damage(self) -> list[Damage]:
        from stui_cli.store.postgresql.damage import find_damage

        return find_damage(self)

    def repair(self, actor: Actor, clock: Callable[[], int]) -> Repaired:
        from stui_cli.store.postgresql.damage import repaired

        del actor, clock
        return repaired(self)
