"""A team's store behind the seam of the store (backend.py): tables of one schema, see schema.py.

No lock is held: a commit compares the head and swaps it, in one serializable transaction, and is made again where
others were quicker. Contexts are each person's own: the states here have none, those that are read get this person's.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.model.state import State
from stui_cli.model.store_facts import Facts
from stui_cli.store.encoding import HISTORY, STATES
from stui_cli.store.envelope import pack, unpack
from stui_cli.store.operations import decode_operation, encode_operation, pack_state
from stui_cli.store.postgresql.connection import Server, retried
from stui_cli.store.postgresql.schema import VERSION
from stui_cli.store.problems import Away, Damaged, HeadMoved, Newer, NoOperation, Uncertain
from stui_cli.store.values import Pruned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from stui_cli.model.contexts import Context
    from stui_cli.model.history import Entry
    from stui_cli.model.images import Image
    from stui_cli.model.operations import Actor, Operation
    from stui_cli.store.audit_chain import Mark
    from stui_cli.store.damage import Damage, Repaired
    from stui_cli.store.operations import Logged
    from stui_cli.store.personal import TeamPersonal
    from stui_cli.store.postgresql.listening import Listener
    from stui_cli.store.team_address import TeamAddress
    from stui_cli.store.values import Needed

# A history that grew above its bound loses its oldest entries until it has this part of it, so that not every
# evaluation looks for what goes.
_KEPT = 0.75


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
        self._channel = f"stui_{address.schema}"
        self._listener: Listener | None = None
        self._fence = 0
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
            raise Damaged(self.where, "the row of its head is missing")
        version, number, self._fence, content = found
        if version > VERSION:
            raise Newer(self.where, f"schema {version}; this one knows {VERSION}")
        if content is None:
            return None
        state = self._state(content, number)
        self._contexts, self._images = self._personal.read_contexts(state.images), state.images
        return state._replace(contexts=self._contexts)

    def _state(self, content: bytes, number: int) -> State:
        try:
            return STATES.decode(State, unpack(content), number)
        except ValueError as error:
            raise Damaged(f"the head of {self.where}", str(error)) from error

    def swap_head(self, operation: Operation, state: State, expected: int, audit_mark: Mark | None) -> None:
        from uuid import uuid4

        from stui_cli.store.audit_chain import text_of

        packed = pack_state(state._replace(contexts={}))
        content = encode_operation(operation, packed, None if audit_mark is None else text_of(audit_mark))
        identity = str(uuid4())
        try:
            self._swap(identity, operation.number, content, packed, expected)
        except Away as error:
            if not self._was_made(identity, error):
                raise HeadMoved(expected, expected) from error  # it never will be: it is made again
        finally:
            self._objects.clear()
        self._keep_contexts_after(state)

    def _swap(self, identity: str, number: int, content: bytes, packed: bytes, expected: int) -> None:
        schema = self._schema
        with self.server.transaction() as cursor:
            if self._objects:
                cursor.execute(
                    f"insert into {schema}.objects (sha256, content) "
                    "select * from unnest(%s::text[], %s::bytea[]) on conflict do nothing",
                    (list(self._objects), list(self._objects.values())),
                )
            cursor.execute(
                f"update {schema}.head set number = %s, state = %s where number = %s and fence = %s",
                (number, packed, expected, self._fence),
            )
            if cursor.rowcount != 1:
                raise HeadMoved(expected, expected)
            # Who listens is told once it is committed, and not before.
            cursor.execute(
                f"insert into {schema}.operations (number, id, content) values (%s, %s, %s) "
                "returning pg_notify(%s, %s)",
                (number, identity, content, self._channel, str(number)),
            )

    def _was_made(self, identity: str, error: Away) -> bool:
        """Whether a commit was made whose answer was lost. One that was not is kept from being made any more, wherever
        it is on its way: the head is fenced first. Raises Uncertain where the server does not come back."""
        schema = self._schema

        def fence() -> bool:
            with self.server.transaction() as cursor:
                cursor.execute(f"update {schema}.head set fence = fence + 1")
                cursor.execute(f"select 1 from {schema}.operations where id = %s", (identity,))
                return cursor.fetchone() is not None

        try:
            self.server.reconnect()
            return bool(retried(fence))
        except Away as still:
            raise Uncertain(
                f"{self.where} went away while the change was made, and did not come back to tell whether it was: "
                f"{error.said}",
                f"when the server is there again look whether the change is: stui log list (its id is {identity})",
                self.where,
                still.said,
            ) from still

    def read_operation(self, number: int) -> Logged:
        return decode_operation(f"operation {number} of {self.where}", self.operation_content(number), number)

    def operation_content(self, number: int) -> bytes:
        query = f"select content from {self._schema}.operations where number = %s"
        found = self.server.row(query, (number,))
        if found is None:
            raise NoOperation(number)
        return bytes(found[0])

    def list_operations(self, head: int) -> Iterator[int]:
        query = f"select number from {self._schema}.operations where number <= %s order by number desc"
        for (number,) in self.server.rows(query, (head,)):
            yield number

    def read_object(self, sha256: str, kind: str) -> tuple[str, bytes]:
        where = f"object {sha256} of {self.where}"
        if sha256 in self._objects:
            return where, self._objects[sha256]
        found = self.server.row(f"select content from {self._schema}.objects where sha256 = %s", (sha256,))
        if found is None:
            raise Damaged(where, f"the {kind} is missing")
        return where, found[0]

    def write_objects(self, objects: Mapping[str, bytes]) -> None:
        self._objects.update(objects)

    def prune(self, head: int, going: Iterable[int], needed: Needed | None) -> Pruned:
        schema = self._schema
        if not self._may("delete", "operations"):
            return Pruned()  # an admin's command does it
        with self.server.transaction() as cursor:
            # Whoever commits meanwhile waits for this row, and is made again after it: what he refers to is there then.
            cursor.execute(f"update {schema}.head set number = number where number = %s", (head,))
            if cursor.rowcount != 1:
                return Pruned()  # what is needed may be more by now
            cursor.execute(f"delete from {schema}.operations where number = any(%s)", (sorted(going),))
            operations = cursor.rowcount
            if needed is None:
                return Pruned(operations)
            cursor.execute(
                f"delete from {schema}.objects where not exists "
                "(select from unnest(%s::text[]) as needed (sha256) where needed.sha256 = objects.sha256)",
                (list(needed.objects),),
            )
            objects = cursor.rowcount
            cursor.execute(
                f"with gone as (delete from {schema}.history where not exists (select from "
                "unnest(%s::text[], %s::text[]) as needed (image_id, session_id) where needed.image_id = "
                "history.image_id and needed.session_id = history.session_id) returning image_id, session_id) "
                "select count(*) from (select distinct image_id, session_id from gone) as each",
                ([key_of(image_id) for image_id, _ in needed.sessions], [key_of(each) for _, each in needed.sessions]),
            )
            (histories,) = cursor.fetchone() or (0,)
        return Pruned(operations, objects, histories)

    # What stands beside the state: never undone.

    def append_history(self, image_id: str, session_id: str, entries: Sequence[Entry], limit: int) -> None:
        schema, image_id, session_id = self._schema, key_of(image_id), key_of(session_id)

        def add() -> None:
            with self.server.transaction(durable=False) as cursor:
                cursor.execute(
                    f"insert into {schema}.history (image_id, session_id, content) "
                    "select %s, %s, content from unnest(%s::bytea[]) with ordinality as added (content, place) "
                    "order by place",
                    (image_id, session_id, [pack(HISTORY.encode(entry)) for entry in entries]),
                )
                cursor.execute(
                    f"with sized as (select number, sum(length(content)) over (order by number desc) as above, "
                    f"sum(length(content)) over () as whole from {schema}.history "
                    "where image_id = %(image_id)s and session_id = %(session_id)s) "
                    f"delete from {schema}.history where image_id = %(image_id)s and session_id = %(session_id)s and "
                    "number in (select number from sized where whole > %(limit)s and above > %(kept)s "
                    f"order by number limit greatest((select count(*) from sized) - %(new)s, 0))",
                    {
                        "image_id": image_id,
                        "session_id": session_id,
                        "limit": limit,
                        "kept": int(limit * _KEPT),
                        "new": len(entries),
                    },
                )

        if entries:
            retried(add)

    def read_history(self, image_id: str, session_id: str) -> list[Entry]:
        found = self.server.rows(
            f"select content from {self._schema}.history where image_id = %s and session_id = %s order by number",
            (key_of(image_id), key_of(session_id)),
        )
        return [entry for (content,) in found if (entry := _entry_of(content)) is not None]

    def last_evaluations(self, image_id: str, since: Mapping[str, int]) -> dict[str, Entry]:
        wanted = {key_of(session_id): session_id for session_id in since}
        found = self.server.rows(
            f"select distinct on (session_id) session_id, at, content from {self._schema}.history "
            "where image_id = %s and session_id = any(%s) order by session_id, number desc",
            (key_of(image_id), list(wanted)),
        )
        return {
            wanted[key]: entry
            for key, at, content in found
            if at >= since[wanted[key]] and (entry := _entry_of(content)) is not None
        }

    def read_audit(self) -> list[tuple[str, list[bytes]]]:
        lines = self.server.rows(f"select content from {self._schema}.audit order by line")
        return [(f"the audit log of {self.where}", [content for (content,) in lines])]

    def audit_end(self) -> tuple[bytes | None, Mark | None]:
        from stui_cli.store.audit_chain import Mark

        schema = self._schema
        found = self.server.row(
            f"select (select content from {schema}.audit order by line desc limit 1), "
            f"(select lines from {schema}.audit_mark), (select sha256 from {schema}.audit_mark)"
        )
        last, lines, sha256 = found or (None, None, None)
        return last, None if lines is None else Mark(lines, sha256)

    def audit_mark(self) -> Mark | None:
        from stui_cli.store.audit_chain import Mark

        found = self.server.row(f"select lines, sha256 from {self._schema}.audit_mark")
        return None if found is None else Mark(*found)

    def append_audit(self, lines: Sequence[bytes], mark: Mark, *, durable: bool) -> None:
        schema, first = self._schema, mark.lines - len(lines) + 1
        with self.server.transaction(durable=durable) as cursor:
            cursor.execute(
                f"insert into {schema}.audit (line, content) "
                "select %s + place - 1, content from unnest(%s::bytea[]) with ordinality as added (content, place)",
                (first, list(lines)),
            )
            cursor.execute(
                f"insert into {schema}.audit_mark (lines, sha256) values (%s, %s) on conflict (one) "
                "do update set lines = excluded.lines, sha256 = excluded.sha256",
                mark,
            )

    def check_recordable(self, image_id: str | None, session_id: str | None) -> None:
        del image_id, session_id
        from stui_cli.store.problems import Forbidden, Obstructed

        found = self.server.row("select pg_is_in_recovery()")
        if found is not None and found[0]:
            todo = "use the address of the server that takes changes: target_session_attrs=read-write finds it"
            raise Obstructed(f"{self.where} is a replica that can only be read", todo, self.where, "it is in recovery")
        if not self._may("insert", "history"):
            todo = "ask who looks after the database for the role of a member"
            raise Forbidden(f"{self.where} does not let you record evaluations", todo, self.where, "permission denied")

    def _may(self, what: str, table: str) -> bool:
        found = self.server.row("select has_table_privilege(%s, %s)", (f"{self._schema}.{table}", what))
        return bool(found and found[0])

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
            known = before if made_for == before.head else self._state_of(made_for)
            self._personal.write_names(known, after, session_names)

    def _state_of(self, number: int | None) -> State | None:
        """The state that an operation made, None where that is not known any more."""
        try:
            return None if number is None else self.read_operation(number).state()
        except (Damaged, Newer, NoOperation):
            return None

    def wait_for_news(self, seconds: float) -> bool:
        if self._listener is None:
            from stui_cli.store.postgresql.listening import Listener

            self._listener = Listener(self.server.address, self._channel)
        return self._listener.heard(seconds)

    # The place itself.

    def facts(self) -> Facts:
        from time import perf_counter

        from stui_cli.store.postgresql.setting_up import role_of

        schema = self._schema
        self.server.connection()
        begun = perf_counter()
        state = self.read_head()
        latency = (perf_counter() - begun) * 1000
        version, operations, size, server = self.server.row(
            f"select (select version from {schema}.about), (select count(*) from {schema}.operations), "
            "(select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname = %s and c.relkind = 'r')::bigint, current_setting('server_version')",
            (schema,),
        ) or (None, 0, 0, None)
        role = role_of(self.server)
        head = state.head if state else 0
        return Facts("postgresql", self.where, version, head, operations, size, round(latency, 3), server, role)

    def set_up(self) -> bool:
        from stui_cli.store.postgresql.setting_up import make_tables

        return make_tables(self.server)

    def set_up_sql(self) -> tuple[str, str]:
        from stui_cli.store.postgresql.schema import grants_sql, tables_sql

        return tables_sql(self._schema), grants_sql(self._schema)

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
        """Nothing: what a database lost is in its backups, and no state of one's own may stand in for a team's."""
        from stui_cli.store.damage import Repaired

        del actor, clock
        return Repaired(tuple(self.find_damage()), (), None)


def _entry_of(content: bytes) -> Entry | None:
    from stui_cli.model.history import Entry

    try:
        return HISTORY.decode(Entry, unpack(content))
    except ValueError:
        return None


def key_of(identifier: str) -> str:
    """What stands in a column for an id that an image gave itself: what no text of a database can be is hashed."""
    if "\0" not in identifier:
        try:
            identifier.encode()
        except UnicodeEncodeError:
            pass
        else:
            return identifier
    from stui_cli.model.digest import sha256_hex

    return "id." + sha256_hex(identifier.encode("utf-8", "surrogatepass"))
