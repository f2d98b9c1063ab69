"""What libpq is asked by its C interface: values both ways, what a server refuses, and waiting that can be stopped."""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import contextmanager, suppress
from threading import Thread, Timer
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from farm import refusing_address
from forking import fork
from needs import missing
from team_server import TeamServer, team_server

from stui_cli.store.postgresql import libpq
from stui_cli.store.postgresql.connecting import patience_of, without_host
from stui_cli.store.postgresql.database import DatabaseConnection
from stui_cli.store.postgresql.libpq import ServerError, parameters_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def server() -> TeamServer:
    return team_server()


def connected(server: TeamServer) -> DatabaseConnection:
    return DatabaseConnection(parameters_of(server.url().partition("&schema")[0]))


@pytest.fixture
def connection(server: TeamServer) -> Iterator[DatabaseConnection]:
    made = connected(server)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "wörter, 'zitiert' und $1"),
        ("text", ""),
        ("varchar", "x" * 300_000),
        ("bytea", bytes(range(256)) * 20_000),
        ("bytea", b""),
        ("bigint", -(2**63)),
        ("integer", 2**31 - 1),
        ("smallint", -1),
        ("boolean", True),
        ("boolean", False),
        ("text", None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_comes_back_as_it_went(connection: DatabaseConnection, kind: str, value: object) -> None:
    assert connection.execute(f"select $1::{kind}, 1", (value,)).rows == [(value, 1)]


@pytest.mark.parametrize(
    ("kind", "values"),
    [("text", []), ("bytea", []), ("bigint", []), ("text", ["a", ""]), ("bytea", [b"\0", b""]), ("bigint", [1, -1])],
    ids=repr,
)
def test_lists_are_arrays(connection: DatabaseConnection, kind: str, values: list[object]) -> None:
    query = f"select each from unnest($1::{kind}[]) with ordinality as given (each, place) order by place"
    assert [each for (each,) in connection.execute(query, (values,)).rows] == values


@pytest.mark.parametrize("text", ["a\0b", "\udc80"], ids=ascii)
def test_what_no_text_of_a_database_can_be_is_refused_and_not_cut(connection: DatabaseConnection, text: str) -> None:
    with pytest.raises(ServerError) as caught:
        connection.execute("select $1::text", (text,))
    assert caught.value.sqlstate == "22021"
    assert connection.execute("select 1").rows == [(1,)]


def test_how_many_rows_a_statement_touched(connection: DatabaseConnection) -> None:
    connection.script("create temporary table counted (n bigint); insert into counted values (1), (2), (3)")
    assert connection.execute("update counted set n = n + 1 where n > $1", (1,)).affected == 2
    assert connection.execute("delete from counted").affected == 3
    assert connection.execute("select n from counted") == ([], 0)


def test_what_is_refused_has_the_words_and_the_state_of_the_server(connection: DatabaseConnection) -> None:
    with pytest.raises(ServerError, match=r'^relation "nowhere" does not exist$') as caught:
        connection.execute("select * from nowhere")
    assert (caught.value.sqlstate, caught.value.is_lost) == ("42P01", False)
    with pytest.raises(ServerError, match="division by zero"):
        connection.script("select 1; select 1 / 0; select 2")
    assert connection.execute("select 1").rows == [(1,)]


@pytest.mark.parametrize(
    ("query", "said"),
    [("select now()", r"has a type that .* has \(pg_type 1184\)"), ("select 'xx'::char", r"pg_type 1042")],
)
def test_a_type_that_no_table_of_a_store_has_is_no_crash(connection: DatabaseConnection, query: str, said: str) -> None:
    with pytest.raises(ServerError, match=said) as caught:
        connection.execute(query)
    assert not caught.value.is_lost
    assert connection.execute("select 1").rows == [(1,)]


def test_a_transaction_whose_statement_was_refused_is_not_taken_for_committed(connection: DatabaseConnection) -> None:
    connection.begin(durable=True)
    with pytest.raises(ServerError):
        connection.execute("select 1 / 0")
    with pytest.raises(ServerError, match="given up"):
        connection.commit()
    connection.rollback()
    assert connection.execute("select 1").rows == [(1,)]


def test_notices_are_not_printed(connection: DatabaseConnection, capfd: pytest.CaptureFixture[str]) -> None:
    connection.script("do $$ begin raise warning 'look at this'; end $$")
    assert capfd.readouterr() == ("", "")


def test_nor_those_of_the_beginning(server: TeamServer, capfd: pytest.CaptureFixture[str]) -> None:
    """A database whose collations are of another version tells so each time, from PostgreSQL 15 on."""
    icu = "select current_setting('server_version_num')::int >= 150000 and exists "
    if server.sql(f"{icu} (select from pg_collation where collprovider = 'i')") != [(True,)]:
        missing("needs a PostgreSQL of version 15 or newer, with ICU")
    server.sql("create database told template template0 locale_provider icu icu_locale 'en'")
    server.sql("update pg_database set datcollversion = '0' where datname = 'told'")
    there = DatabaseConnection(parameters_of(server.url(database="told").partition("&schema")[0]))
    assert there.execute("select 1").rows == [(1,)]
    there.close()
    assert capfd.readouterr() == ("", "")


def test_a_connection_that_the_server_ended_is_lost(server: TeamServer, connection: DatabaseConnection) -> None:
    ((pid,),) = connection.execute("select pg_backend_pid()").rows
    server.sql(f"select pg_terminate_backend({pid})")
    with pytest.raises(ServerError) as caught:
        connection.execute("select 1")
    assert caught.value.is_lost
    assert connection.is_closed
    for work in (lambda: connection.execute("select 1"), connection.commit, lambda: connection.heard(0)):
        with pytest.raises(ServerError) as caught:
            work()
        assert caught.value.is_lost
    connection.rollback()


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    timer = Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        yield
    finally:
        timer.join()


def test_ctrl_c_ends_a_statement_and_the_connection_with_it(server: TeamServer, connection: DatabaseConnection) -> None:
    ((pid,),) = connection.execute("select pg_backend_pid()").rows
    begun = monotonic()
    with pytest.raises(KeyboardInterrupt), interrupted_after(0.3):
        connection.execute("select pg_sleep(60)")
    assert monotonic() - begun < 30
    assert connection.is_closed
    server.sql(f"select pg_terminate_backend({pid})")


def test_ctrl_c_ends_the_wait_for_a_host_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        begun = monotonic()
        with pytest.raises(KeyboardInterrupt), interrupted_after(0.3):
            DatabaseConnection({"host": "127.0.0.1", "port": str(port), "connect_timeout": "60"})
        assert monotonic() - begun < 30


@pytest.mark.parametrize(
    ("given", "silent", "left"),
    [
        ({"host": "a,b", "port": "1,2"}, ("a", "1"), {"host": "b", "port": "2"}),
        ({"host": "a,b,a", "port": "1,2,3"}, ("a", "3"), {"host": "a,b", "port": "1,2"}),
        ({"host": "a,b", "port": "7"}, ("b", "7"), {"host": "a", "port": "7"}),
        ({"host": "a,b"}, ("a", "5432"), {"host": "b"}),
        ({"host": "a,b", "port": ",2"}, ("a", "5432"), {"host": "b", "port": "2"}),
        (
            {"host": "a,b", "hostaddr": "::1,::2", "port": "1,2"},
            ("b", "2"),
            {"host": "a", "hostaddr": "::1", "port": "1"},
        ),
        ({"hostaddr": "::1,::2"}, ("::1", "5432"), {"hostaddr": "::2"}),
        ({"host": "a", "port": "1"}, ("a", "1"), None),
        ({"service": "s"}, ("a", "1"), None),
        ({"host": "a,b"}, ("c", "1"), None),
    ],
    ids=str,
)
def test_the_hosts_without_a_silent_one(
    given: dict[str, str], silent: tuple[str, str], left: dict[str, str] | None
) -> None:
    more = {"user": "ada", "dbname": "a,b"}
    found = without_host({**given, **more}, *silent)
    assert found == (None if left is None else {**left, **more})


def test_how_long_each_host_is_waited_for() -> None:
    found = [patience_of({"connect_timeout": text}) for text in ("10", "1", "0", "-1", "")]
    assert found == [10, 2, None, None, None]
    assert patience_of({}) is None
    assert patience_of({"connect_timeout": "2147483647"}) == 2147483647
    with pytest.raises(ServerError, match="out of range"):
        patience_of({"connect_timeout": "99999999999"})
    with pytest.raises(ServerError, match='invalid integer value "soon"'):
        patience_of({"connect_timeout": "soon"})


def test_a_host_that_says_nothing_is_given_up_and_the_next_one_asked(server: TeamServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ports = f"{silent.getsockname()[1]},{server.port}"
        there = DatabaseConnection(
            {
                "host": "127.0.0.1,127.0.0.1",
                "port": ports,
                "user": "owner",
                "dbname": "postgres",
                "connect_timeout": "1",
            }
        )
    assert there.execute("select 1").rows == [(1,)]
    there.close()


@pytest.fixture
def closing() -> Iterator[int]:
    """The port of who takes each connection and closes it, as the proxy of a server that is down does."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                listener.accept()[0].close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_host_that_closes_what_it_took_is_left_for_the_next_one(server: TeamServer, closing: int) -> None:
    several = {"host": "127.0.0.1,127.0.0.1", "user": "owner", "dbname": "postgres"}
    there = DatabaseConnection({**several, "port": f"{closing},{server.port}"})
    assert there.execute("select 1").rows == [(1,)]
    there.close()
    with refusing_address() as address:
        nobody = address.rpartition(":")[2]
        with pytest.raises(ServerError) as refused:
            DatabaseConnection({**several, "port": f"{closing},{nobody}"})
    assert f"port {closing} failed: the server closed the connection" in str(refused.value)
    assert f"port {nobody} failed: Connection refused" in str(refused.value)


def test_a_server_that_closes_what_it_took_is_told_in_the_words_of_libpq(closing: int) -> None:
    with pytest.raises(ServerError, match="server closed the connection unexpectedly"):
        DatabaseConnection({"host": "127.0.0.1", "port": str(closing), "sslmode": "disable"})


def test_a_host_may_be_waited_for_as_long_as_libpq_can_say(server: TeamServer) -> None:
    there = DatabaseConnection({**parameters_of(server.conninfo), "connect_timeout": "2147483647"})
    assert there.execute("select 1").rows == [(1,)]
    there.close()


@pytest.mark.parametrize(
    "ask", [lambda each: each.execute("select 1"), lambda each: each.heard(20)], ids=["a statement", "a notice"]
)
def test_a_connection_that_cannot_be_read_is_lost_whatever_libpq_thinks_of_it(
    connection: DatabaseConnection, ask: Callable[[DatabaseConnection], object]
) -> None:
    """Of a read that failed as no other does, as of one that timed out, libpq says nothing but that it failed."""
    with open(os.devnull, "rb") as file:
        os.dup2(file.fileno(), libpq.pq.PQsocket(connection._pointer), inheritable=False)
    with pytest.raises(ServerError) as caught:
        ask(connection)
    assert caught.value.is_lost
    assert connection.is_closed


def test_a_notice_is_heard_when_it_comes_and_not_twice(server: TeamServer, connection: DatabaseConnection) -> None:
    connection.execute("listen something")
    assert not connection.heard(0)
    server.sql("notify something")
    assert connection.heard(20)
    server.sql("notify something, '1'; notify something, '2'")
    connection.execute("select 1")  # takes the notice in
    assert connection.heard(20)
    assert not connection.heard(0)


def test_a_process_that_was_forked_leaves_the_connection_alone(connection: DatabaseConnection) -> None:
    child = fork()
    if child == 0:
        connection.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert connection.execute("select 1").rows == [(1,)]


def test_a_connection_that_is_closed_ends_the_session(server: TeamServer) -> None:
    there = connected(server)
    ((pid,),) = there.execute("select pg_backend_pid()").rows
    there.close()
    there.close()
    end = monotonic() + 20
    while server.sql(f"select from pg_stat_activity where pid = {pid}") and monotonic() < end:
        pass
    assert not server.sql(f"select from pg_stat_activity where pid = {pid}")


def test_without_psycopg_the_systems_own_library_is_asked_and_without_that_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = list(libpq._candidates())
    assert names[-1].startswith("libpq.")
    assert "psycopg_" in names[0]
    monkeypatch.setattr(sys, "path", [])
    assert list(libpq._candidates()) == names[-1:]
    monkeypatch.setattr(libpq, "_candidates", lambda: iter(["libm.so.6", "no such library"]))
    with pytest.raises(ImportError, match="there is no libpq"):
        libpq._library()
