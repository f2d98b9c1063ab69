"""Who probes for all of a team, and what he found: a lock of one session, and a row that only this session can write.

The lock is one of the session (pg_try_advisory_lock), and ends with it: whoever is killed, or whose connection is cut,
leads no more at that moment, for the server and for all who ask it. What is found is written by the session that holds
the lock and by no other: each write asks for its own process in the row and in pg_locks. So one that was cut off and
comes back, as another session, changes nothing before it has the lock again, however sure it is that it leads; and two
never lead, as the server gives the lock once.

    nobody leads     the lock is free            take_lead -> term + 1, backend = this session
    this one leads   held by `backend`           tell: a row is changed, or the lead was lost
    another leads    held by another `backend`   take_lead -> None; findings are his
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from zlib import compress, crc32, decompressobj
from zlib import error as NotCompressed

from stui_cli.model.errors import StoreProblem
from stui_cli.model.findings import Findings
from stui_cli.model.leads import Lead
from stui_cli.store.encoding import PROBES
from stui_cli.store.envelope import pack, unpack
from stui_cli.store.postgresql.connection import Server
from stui_cli.store.probe_bodies import body_of, records_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.store.personal import TeamPersonal

# The first half of the lock's key, "stui"; the second tells the schemas of one database apart.
_KEY = 0x73747569

# Findings of so many bytes are read: those of 50,000 images. Compressed they are a twelfth of it, which each monitor
# gets each round.
_LARGEST = 64 * 1024 * 1024

# A session that leads and fell silent is given up by the server after half a minute, where it would wait for hours;
# one that lives is never ended for having nothing to say.
_SETTINGS = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
    "tcp_user_timeout": "30000",
    "idle_session_timeout": "0",
}


class PostgresSharing:
    """Of the store behind `server`. Each method promises what Sharing says of it. `follow` gets the channel on which
    findings are told, and what knows whose notices are one's own."""

    def __init__(
        self, server: Server, personal: TeamPersonal, follow: Callable[[str, Callable[[], int | None]], None]
    ) -> None:
        self._server = server
        self._leading = Server(server.address)
        self._personal = personal
        self._follow = follow
        self._schema = schema = server.address.schema
        self._channel = f"{server.address.channel}_found"
        self._key = crc32(schema.encode()) & 0x7FFFFFFF
        self._term: int | None = None
        self._own_backend: int | None = None
        self._is_there = False

    def follow(self) -> None:
        self._follow(self._channel, lambda: self._own_backend)

    def check_may_lead(self) -> None:
        with self._server.transaction() as connection:
            connection.execute(f"update {self._schema}.lead set term = term where false")

    def take_lead(self, lead: Lead) -> int | None:
        self._term = self._own_backend = None
        taken = self._leading.row("select pg_try_advisory_lock($1::int, $2::int), pg_backend_pid()", (_KEY, self._key))
        try:
            if taken is not None and taken[0]:
                self._begin_term(lead, int(taken[1]))
        finally:
            if self._term is None:
                self._leading.close()  # and with it the lock
        return self._term

    def _begin_term(self, lead: Lead, backend: int) -> None:
        self._leading.rows(
            "select set_config(name, value, false) from unnest($1::text[], $2::text[]) as wanted (name, value) "
            "where exists (select from pg_settings where pg_settings.name = wanted.name)",
            (list(_SETTINGS), list(_SETTINGS.values())),
        )
        with self._leading.transaction() as connection:
            begun = connection.execute(
                f"update {self._schema}.lead set term = term + 1, backend = pg_backend_pid(), found = $1, "
                f"found_at = clock_timestamp(), found_by = session_user where {self._held('pg_backend_pid()')} "
                "returning term, pg_notify($2, '')",
                (_packed(lead, {}, {}), self._channel),
            ).rows
        if begun:
            self._term, self._own_backend = int(begun[0][0]), backend

    def tell(self, lead: Lead, images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> bool:
        told = False
        try:
            if self._term is not None:
                told = self._write(
                    "found = $3, found_at = clock_timestamp(), found_by = session_user",
                    _packed(lead, images, records),
                )
        finally:
            if not told:
                self._let_go()
        return told

    def give_up(self) -> None:
        if self._term is not None:
            with suppress(StoreProblem):
                self._write("backend = null, found = null", also="select pg_advisory_unlock_all()")
        self._let_go()

    def _write(self, what: str, *values: object, also: str = "") -> bool:
        """Change the row, as the session that leads and no other; who listens is told at the end, after `also`."""
        with self._leading.transaction(durable=False) as connection:
            changed = connection.execute(
                f"update {self._schema}.lead set {what} where term = $1 and backend = pg_backend_pid() "
                f"and {self._held('pg_backend_pid()')} returning pg_notify($2, '')",
                (self._term, self._channel, *values),
            ).affected
            if also:
                connection.execute(also)
        return bool(changed)

    def _held(self, process: str) -> str:
        """The condition that a process of the server holds the lock."""
        return (
            "exists (select from pg_locks where locktype = 'advisory' and objsubid = 2 and granted "
            f"and classid = {_KEY} and objid = {self._key} and pid = {process} "
            "and database = (select oid from pg_database where datname = current_database()))"
        )

    def _let_go(self) -> None:
        self._term = self._own_backend = None
        self._leading.close()

    def findings(self, images: Mapping[str, Image]) -> Findings | None:
        if not self._can_be_read():
            return None
        row = self._server.row(
            # Locks of the primary are not seen on a replica: there it is the age that tells whether he leads.
            f"select term, pg_is_in_recovery() or {self._held('backend')}, "
            "case when length(found) <= $1 then found end, "
            "(extract(epoch from clock_timestamp() - found_at) * 1000)::bigint "
            f"from {self._schema}.lead where backend is not null",
            (_LARGEST,),
        )
        if row is None or not row[1] or row[2] is None:
            return None
        try:
            body = unpack(decompressobj().decompress(row[2], _LARGEST))  # cut off where it is more
            lead, records = PROBES.decode(Lead, body["lead"]), body["records"]
        except (KeyError, TypeError, ValueError, NotCompressed):
            return None
        known = records_in(records, images) if isinstance(records, dict) else {}
        return Findings(lead, max(0, row[3] or 0), row[0], known)

    def heard(self, images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
        return self._personal.read_heard(images)

    def keep_heard(self, images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> None:
        self._personal.keep_heard(images, records)

    def _can_be_read(self) -> bool:
        """Whether there is such a table, which older stores lack, and this user may read it."""
        if not self._is_there:
            found = self._server.row(
                "select has_table_privilege(to_regclass($1)::oid, 'select')", (f"{self._schema}.lead",)
            )
            self._is_there = bool(found and found[0])
        return self._is_there


def _packed(lead: Lead, images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> bytes:
    return compress(pack({"lead": PROBES.encode(lead), "records": body_of(images, records)}), 1)
