"""Who is not let in, and why: over a server that is set up to refuse. Each says what, to what, and what to do."""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack
from time import sleep
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest
from certificates import self_signed
from store_tools import ACTOR, Clock, Heard, add_image
from team_server import TeamServer

from stui_cli.model.errors import Exit, StuiError
from stui_cli.store.files.location import Home
from stui_cli.store.problems import Away
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# A busy machine takes its time to make a server.
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

# Whoever looks after the server let it be so.
_SETTING_UP = (
    "alter system set max_connections = 9",
    "create role ada login password 'geheim'",
    "create role nologin nologin",
    "create role crowd login connection limit 0",
    "create role outside login",
    "create role nobody_special login",
    "create database closed allow_connections false",
    "create database private",
    "revoke connect on database private from public",
)
_PG_HBA = """\
local all owner,nologin,crowd,nobody_here,nobody_special trust
local private outside trust
host all ada all scram-sha-256
hostssl all owner all trust
"""


@pytest.fixture(scope="module")
def server() -> Iterator[TeamServer]:
    """One of its own: what it refuses is of a whole server."""
    made = TeamServer()
    try:
        for statement in _SETTING_UP:
            made.sql(statement)
        made.stop()
        made.start()
        (made.data / "pg_hba.conf").write_text(_PG_HBA)
        made.sql("select pg_reload_conf()")
        made.until("select 1 from pg_hba_file_rules where database = '{private}'")
        yield made
    finally:
        made.end()


def at(url: str, folder: Path) -> Store:
    home = Home(str(folder), str(folder), "--home", url)
    return Store(home, ACTOR, Clock(), announce=Heard())


class Case(NamedTuple):
    """An address below the server's, with what is said of it."""

    url: str
    what: str
    todo: str
    code: Exit


BY_SOCKET, BY_TCP = "@/{database}?host={folder}&port={port}&", "@127.0.0.1:{port}/{database}?"

CASES = {
    "no such role": Case(f"nobody_here{BY_SOCKET}", "does not let this user in", "create role", Exit.NOT_PERMITTED),
    "a role that may not log in": Case(
        f"nologin{BY_SOCKET}", "does not let this user in", "create role ... login", Exit.NOT_PERMITTED
    ),
    "no such database": Case(
        f"owner{BY_SOCKET}".replace("{database}", "nowhere"), '"nowhere" does not exist', "createdb", Exit.STORE
    ),
    "a database that is closed": Case(
        f"owner{BY_SOCKET}".replace("{database}", "closed"), "not currently accepting connections", "check", Exit.STORE
    ),
    "a database of others": Case(
        f"outside{BY_SOCKET}".replace("{database}", "private"), "permission denied", "grant connect", Exit.NOT_PERMITTED
    ),
    "no more connections": Case(f"crowd{BY_SOCKET}", "takes no more connections", "max_connections", Exit.UNREACHABLE),
    "a wrong password": Case(f"ada:falsch{BY_TCP}", "password authentication failed", ".pgpass", Exit.NOT_PERMITTED),
    "no password": Case(f"ada{BY_TCP}", "no password supplied", ".pgpass", Exit.NOT_PERMITTED),
    "no line in pg_hba.conf": Case(f"ada{BY_SOCKET}", "no pg_hba.conf entry", "pg_hba.conf", Exit.NOT_PERMITTED),
    "no TLS where it must be": Case(
        f"owner{BY_TCP}", "does not let this user in without TLS", "sslmode=verify-full", Exit.NOT_PERMITTED
    ),
    "TLS where there is none": Case(
        f"owner{BY_TCP}sslmode=require&", "has no TLS, which the address asks for", "ssl = on", Exit.UNREACHABLE
    ),
    "no such host": Case(
        "owner@no-such-host.invalid/{database}?", "cannot be reached", "check the host", Exit.UNREACHABLE
    ),
    "no such service": Case(
        "owner@/{database}?service=nosuch&", "names a service that libpq does not know", "pg_service", Exit.USAGE
    ),
    "nobody there": Case(
        "owner@127.0.0.1:1/{database}?", "port 1 failed: Connection refused", "runs", Exit.UNREACHABLE
    ),
    "no socket there": Case(
        "owner@/{database}?host=/nowhere&", "No such file or directory", "see whether the server runs", Exit.UNREACHABLE
    ),
    "nobody at two places": Case(
        "owner@127.0.0.1:1,127.0.0.1:2/{database}?",
        'port 1 failed: Connection refused; connection to server at "127.0.0.1", port 2 failed: Connection refused',
        "see whether the server runs",
        Exit.UNREACHABLE,
    ),
    "no replica": Case(
        f"owner{BY_SOCKET}target_session_attrs=standby&",
        "has no server of the kind that target_session_attrs asks for",
        "promote",
        Exit.UNREACHABLE,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_refused_is_told(server: TeamServer, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    url = case.url.format(folder=server.folder, port=server.port, database="postgres")
    store = at(f"postgresql://{url}connect_timeout=10", tmp_path)
    for work in (store.read, lambda: store.commit(add_image("alpha")), store.facts, store.set_up):
        with pytest.raises(StuiError) as caught:
            work()
        assert case.what in caught.value.what
        assert case.todo in caught.value.todo
        assert caught.value.exit_code == case.code
        assert "Is the server running" not in caught.value.what
        assert "falsch" not in f"{caught.value.what} {caught.value.todo}"


def test_a_server_that_is_full_is_told_to_each(server: TeamServer, tmp_path: Path) -> None:
    with ExitStack() as crowd:
        first = crowd.enter_context(psycopg.connect(server.conninfo, autocommit=True))

        def join(there: int) -> None:
            """One more connection; one that was refused, or has ended, may keep its place for a moment."""
            query = "select count(*) from pg_stat_activity where backend_type = 'client backend'"
            while first.execute(query).fetchone() != (there,):
                sleep(0.01)
            crowd.enter_context(psycopg.connect(server.conninfo))

        for there in range(1, 6):
            join(there)
        with pytest.raises(Away, match=r"takes no more connections: .* remaining connection slots"):
            at(server.url("stui", "nobody_special"), tmp_path).read()
        for there in range(6, 9):  # these are for who looks after the server
            join(there)
        with pytest.raises(Away, match=r"takes no more connections: .* too many clients") as caught:
            at(server.url(), tmp_path).read()
    assert "max_connections" in caught.value.todo
    assert caught.value.exit_code == Exit.UNREACHABLE


# Of the server's words, in another language: what tells role and pg_hba.conf apart is in the words alone.
BY_STATE = {
    "no such role": "whom the database must know",
    "a role that may not log in": "whom the database must know",
    "no such database": "createdb",
    "a database that is closed": "check the address",
    "a database of others": "grant connect",
    "no more connections": "max_connections",
    "a wrong password": ".pgpass",
    "no line in pg_hba.conf": "pg_hba.conf",
    "no TLS where it must be": "pg_hba.conf",
}


def test_a_server_that_speaks_another_language_is_understood(server: TeamServer, tmp_path: Path) -> None:
    server.speak("de_DE.UTF-8")
    told = []
    for name, todo in BY_STATE.items():
        url = CASES[name].url.format(folder=server.folder, port=server.port, database="postgres")
        with pytest.raises(StuiError) as caught:
            at(f"postgresql://{url}connect_timeout=10", tmp_path).read()
        told.append(caught.value.what)
        assert todo in caught.value.todo
        assert caught.value.exit_code == CASES[name].code
        assert not re.search(r"\b(?=\w*\d)[0-9A-Z]{5}: |\.c:", caught.value.what)
    server.sql("alter system reset lc_messages")
    server.sql("select pg_reload_conf()")
    server.until("select 1 where current_setting('lc_messages') = 'C'")
    if "existiert nicht" not in told[0]:
        pytest.skip(f"the server has no German words: {told[0]}")


def test_a_certificate_is_asked_for_and_told_where_it_is_not_trusted(server: TeamServer, tmp_path: Path) -> None:
    folder = server.folder / "tls"
    folder.mkdir()
    pair = self_signed(folder, "localhost", "-addext", "subjectAltName=DNS:localhost")
    for path in (folder, *folder.iterdir()):  # who ends the server removes all that is its user's
        shutil.chown(path, *owner_of(server))
    server.sql(f"alter system set ssl_cert_file = '{pair.cert}'")
    server.sql(f"alter system set ssl_key_file = '{pair.key}'")
    server.sql("alter system set ssl = on")
    server.sql("select pg_reload_conf()")
    server.until("select 1 where current_setting('ssl') = 'on'")

    def said(words: str, host: str = "127.0.0.1") -> StuiError:
        with pytest.raises(StuiError) as caught:
            at(f"postgresql://owner@{host}:{server.port}/postgres?{words}", tmp_path).read()
        return caught.value

    for words, host in (
        (f"sslmode=verify-full&sslrootcert={tmp_path}/none.pem", "localhost"),
        (f"sslmode=verify-full&sslrootcert={pair.cert}", "127.0.0.1"),
    ):
        error = said(words, host)
        assert "is not trusted" in error.what
        assert "sslrootcert=FILE" in error.todo
        assert error.exit_code == Exit.NOT_PERMITTED
    trusted = f"sslmode=verify-full&sslrootcert={pair.cert}&hostaddr=127.0.0.1"
    assert "holds no store of stui" in said(trusted, "localhost").what


def owner_of(server: TeamServer) -> tuple[int, int]:
    found = server.data.stat()
    return found.st_uid, found.st_gid
