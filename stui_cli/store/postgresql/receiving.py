"""A schema that takes a copy of a store: its head stays as it was made until the copy is whole."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.store.chunks import pack_state
from stui_cli.store.encoding import HISTORY
from stui_cli.store.envelope import pack
from stui_cli.store.postgresql.history import key_of
from stui_cli.store.problems import HeadMoved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.operations import Actor
    from stui_cli.model.state import State
    from stui_cli.store.postgresql.backend import PostgresBackend


class PostgresReceiver:
    """The schema of `backend`, whose tables are there and empty. Each method promises what Receiver says of it."""

    def __init__(self, backend: PostgresBackend, actor: Actor, announce: Callable[[str], None]) -> None:
        self.backend = backend
        self._server = backend.server
        self._schema = backend.server.address.schema
        self._actor = actor
        self._announce = announce

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Nobody is kept out: two that copy the same put the same there."""
        with self.backend.exclusive(self._actor, 10.0, self._announce):
            yield

    def head_there(self) -> State | None:
        return self.backend.read_head()

    def objects_there(self) -> set[str]:
        return {sha256 for (sha256,) in self._server.rows(f"select sha256 from {self._schema}.objects")}

    def operations_there(self) -> set[int]:
        return {number for (number,) in self._server.rows(f"select number from {self._schema}.operations")}

    def take_objects(self, objects: Mapping[str, bytes]) -> None:
        with self._server.transaction() as connection:
            connection.execute(
                f"insert into {self._schema}.objects (sha256, content) "
                "select * from unnest($1::text[], $2::bytea[]) on conflict do nothing",
                (list(objects), list(objects.values())),
            )

    def take_operations(self, operations: Mapping[int, bytes]) -> None:
        with self._server.transaction() as connection:
            connection.execute(
                f"insert into {self._schema}.operations (number, id, content) "
                "select number, gen_random_uuid(), content from unnest($1::bigint[], $2::bytea[]) "
                "as added (number, content) on conflict do nothing",
                (list(operations), list(operations.values())),
            )

    def take_history(self, image_id: str, session_id: str, entries: Sequence[Entry]) -> None:
        keys = (key_of(image_id), key_of(session_id))
        with self._server.transaction() as connection:
            connection.execute(
                f"delete from {self._schema}.history where image_id = $1 and session_id = $2",
                keys,
            )
            connection.execute(
                f"insert into {self._schema}.history (image_id, session_id, at, content) "
                "select $1, $2, at, content from unnest($3::bigint[], $4::bytea[]) with ordinality "
                "as added (at, content, place) order by place",
                (*keys, [entry.time for entry in entries], [pack(HISTORY.encode(entry)) for entry in entries]),
            )

    def take_head(self, state: State) -> None:
        packed = pack_state(state._replace(contexts={})).whole
        with self._server.transaction() as connection:
            swapped = connection.execute(
                f"update {self._schema}.head set number = $1, state = $2 where number = 0 and state is null",
                (state.head, packed),
            )
            if not swapped.affected:
                raise HeadMoved(0)
        self.backend.personal.keep_contexts({}, state.contexts, state.images)
