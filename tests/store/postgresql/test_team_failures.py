"""A server that is away, goes, comes back, or says no: what is told, with which exit code, and what is made."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event
from time import sleep
from typing import TYPE_CHECKING

import psycopg
import pytest
from cutting_proxy import CuttingProxy
from store_tools import ACTOR, Clock, Heard, add_image, entry, evaluated, filled, log_numbers, open_store

from stui_cli.model.errors import Exit, StoreProblem, UsageProblem
from stui_cli.store.files.location import Home
from stui_cli.store.postgresql.connecting import patience_of
from stui_cli.store.postgresql.connection import Server
from stui_cli.store.postgresql.schema import VERSION
from stui_cli.store.problems import Away, Obstructed, Uncertain
from stui_cli.store.store import Store
from stui_cli.store.team_address import TeamAddress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from team_server import Team


def at(url: str, folder: Path, **more: object) -> Store:
    home = Home(str(folder), str(folder), "--home", url)
    return Store(home, ACTOR, Clock(), announce=Heard(), **more)  # type: ignore[arg-type]


def test_a_server_that_is_away_is_unreachable_and_nothing_is_made(tmp_path: Path) -> None:
    store = at("postgresql://ada:geheim@127.0.0.1:1/team", tmp_path)
    for work in (store.read, lambda: store.commit(add_image("alpha")), store.facts):
        with pytest.raises(Away, match="cannot be reached") as caught:
            work()
        assert caught.value.exit_code == Exit.UNREACHABLE
        assert "geheim" not in f"{caught.value} {caught.value.todo}"


@pytest.mark.parametrize(
    ("variable", "more", "waited"), [("2", "", 2), ("60", "?connect_timeout=2", 2), ("", "?connect_timeout=2", 2)]
)
def test_how_long_a_silent_host_is_waited_for_is_libpqs_variables_word_where_the_address_has_none(
    monkeypatch: pytest.MonkeyPatch, variable: str, more: str, waited: int
) -> None:
    monkeypatch.setenv("PGCONNECT_TIMEOUT", variable)
    server = Server(TeamAddress(f"postgresql://127.0.0.1/team{more}"))
    assert patience_of(server.parameters()) == waited


def test_a_service_may_say_it_too_and_before_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = tmp_path / "services"
    services.write_text("[builds]\nconnect_timeout=3\ntcp_user_timeout=7000\nhost=127.0.0.1\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "60")

    def found(text: str) -> dict[str, str]:
        return Server(TeamAddress(f"postgresql:///{text}")).parameters()

    assert (patience_of(found("?service=builds")), found("?service=builds")["tcp_user_timeout"]) == (3, "7000")
    assert patience_of(found("?service=builds&connect_timeout=5")) == 5
    assert found("?service=builds")["keepalives_idle"] == "10"
    assert found("?service=nosuch")["connect_timeout"] == "10"
    monkeypatch.setenv("PGSERVICE", "builds")
    assert patience_of(found("")) == 3
    assert "password" not in found("")


@pytest.mark.parametrize("text", ["ada:ge/heim@127.0.0.1:1/team", "ada:ge:heim/@127.0.0.1:1/team"])
def test_a_password_that_libpq_takes_for_something_else_is_not_shown_either(text: str, tmp_path: Path) -> None:
    with pytest.raises((UsageProblem, StoreProblem)) as caught:
        at(f"postgresql://{text}", tmp_path).read()
    assert "percent-encoded" in caught.value.todo
    for part in ("heim", '"ge'):
        assert part not in f"{caught.value} {caught.value.todo}"


def test_an_address_that_is_none_is_a_matter_of_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="bogus"):
        at("postgresql://127.0.0.1/team?bogus=1", tmp_path).read()


def test_without_the_driver_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stui_cli.store.postgresql.backend", None)  # what imports it, imports the driver
    with pytest.raises(StoreProblem, match="a part of stui is missing") as caught:
        at("postgresql://127.0.0.1/team", tmp_path).read()
    assert "pip install 'psycopg[binary]'" in caught.value.todo


def test_a_database_without_tables_or_none_at_all_is_told(team: Team, tmp_path: Path) -> None:
    for url in (team.server.url("nothing_here"), team.server.url(database="no_such_database")):
        with pytest.raises(StoreProblem, match=r"holds no store of stui|does not exist") as caught:
            at(url, tmp_path).read()
        assert caught.value.exit_code == Exit.STORE


@pytest.mark.parametrize("schema", ["select", "pg_team"])
def test_a_schema_whose_name_the_server_keeps_for_itself_is_told(team: Team, tmp_path: Path, schema: str) -> None:
    store = at(team.server.url(schema), tmp_path / "p")
    with pytest.raises(Obstructed) as caught:
        store.set_up()
    assert caught.value.todo == "take another name for the schema of the store"


def test_a_server_that_can_only_be_read_is_told(team: Team, store: Store) -> None:
    filled(store)
    role = f"{team.schema}_reads"
    team.sql(f"create role {role} superuser login; alter role {role} set default_transaction_read_only = on")
    reading = at(team.server.url(team.schema, role), team.folder)
    assert set(reading.read().images) == {"alpha", "beta"}
    with pytest.raises(Obstructed, match="can only be read") as caught:
        reading.commit(add_image("gamma"))
    assert caught.value.exit_code == Exit.STORE
    team.sql(f"drop role {role}")


def test_a_server_that_takes_no_more_connections_is_told(team: Team, tmp_path: Path) -> None:
    role = f"{team.schema}_crowd"
    team.sql(f"create role {role} login connection limit 0")
    with pytest.raises(Away, match="too many connections") as caught:
        at(team.server.url(team.schema, role), tmp_path).read()
    assert caught.value.exit_code == Exit.UNREACHABLE
    team.sql(f"drop role {role}")


def test_a_connection_that_was_lost_is_made_again(team: Team, store: Store) -> None:
    filled(store)
    before = store.read()
    for work in (store.read, lambda: store.commit(add_image("gamma"))):
        team.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        work()
    assert set(store.read().images) == {*before.images, "gamma"}


def test_threads_that_lose_their_connection_take_none_from_each_other(team: Team, store: Store) -> None:
    filled(store)
    server = Server(TeamAddress(team.url))
    server.patience = 20
    ended = Event()

    def reads() -> int:
        count = 0
        while not count or not ended.is_set():
            assert server.row(f"select number from {team.schema}.head") == (6,)
            count += 1
        return count

    def changes() -> int:
        count = 0
        while not count or not ended.is_set():
            with suppress(Away), server.transaction() as connection:  # its own may be lost, too
                connection.execute(f"update {team.schema}.head set number = number")
                connection.execute(f"update {team.schema}.head set number = number")
            count += 1
        return count

    with ThreadPoolExecutor(3) as threads:
        reading, changing = [threads.submit(reads) for _ in range(2)], threads.submit(changes)
        for _ in range(20):
            team.sql(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stui' "
                "and query like '%{schema}.head%'"
            )
            sleep(0.01)
        ended.set()
        assert min(each.result(20) for each in (*reading, changing)) > 0
    server.close()


@pytest.fixture
def proxy(team: Team) -> Iterator[CuttingProxy]:
    made = CuttingProxy(team.server.port)
    yield made
    made.end()


@pytest.fixture
def through(team: Team, proxy: CuttingProxy) -> Store:
    url = f"postgresql://owner@127.0.0.1:{proxy.port}/postgres?schema={team.schema}"
    return at(url, team.folder, lock_timeout=5)


def test_a_server_that_is_too_old_is_told(team: Team, proxy: CuttingProxy, through: Store) -> None:
    """What a server says of itself as the connection is made; an older one there is not to be had for a test."""
    ((major,),) = team.sql("select split_part(current_setting('server_version'), '.', 1)")
    proxy.instead = {f"server_version\0{major}.".encode(): b"server_version\x0012."}
    for work in (through.read, lambda: through.commit(add_image("alpha")), through.set_up, through.facts):
        with pytest.raises(StoreProblem, match="is a PostgreSQL 12, which is too old") as caught:
            work()
        assert caught.value.todo == "use one of version 13 or newer"
        assert caught.value.exit_code == Exit.STORE


def test_a_transaction_that_the_server_ended_for_doing_nothing_is_lost_as_a_whole(
    team: Team, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stui_cli.store.postgresql.database._IDLE", "50ms")
    store.commit(add_image("alpha"))
    role = f"{team.schema}_slow"
    team.sql(f"create role {role} superuser login")
    server = Server(TeamAddress(team.server.url(team.schema, role)))

    def slowly() -> None:
        with server.transaction() as connection:
            connection.execute(f"delete from {team.schema}.operations")
            team.server.until(f"select 1 where not exists (select from pg_stat_activity where usename = '{role}')")

    with pytest.raises(Away, match="idle-in-transaction"):
        slowly()
    assert server.row(f"select count(*) from {team.schema}.operations") == (1,)
    server.close()
    team.sql(f"drop role {role}")


@contextmanager
def hanging(pid: int) -> Iterator[None]:
    """A process of the server that does nothing meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_server_that_takes_a_question_and_never_answers_is_given_up(team: Team, store: Store) -> None:
    filled(store)
    server = Server(TeamAddress(f"{team.url}&tcp_user_timeout=100"))

    def change() -> None:
        with server.transaction() as connection:
            ((pid,),) = connection.execute("select pg_backend_pid()").rows
            with hanging(int(pid)):
                connection.execute(f"delete from {team.schema}.operations")

    with pytest.raises(Away, match=r"was lost: the server said nothing for 0\.3 s") as caught:
        change()
    assert "pg_stat_activity" in caught.value.todo
    assert caught.value.exit_code == Exit.UNREACHABLE
    ((pid,),) = server.rows("select pg_backend_pid()")
    with hanging(pid):  # what changes nothing is asked once more, of another process
        assert server.row(f"select count(*) from {team.schema}.operations") == (6,)
    server.close()


def test_who_stops_in_the_middle_of_a_change_keeps_nobody_from_theirs(
    team: Team, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with Ctrl-Z, or where his machine lost its power."""
    monkeypatch.setattr("stui_cli.store.postgresql.database._IDLE", "100ms")
    filled(store)
    stopping = Server(TeamAddress(team.url))

    def change() -> None:
        with stopping.transaction() as connection:
            connection.execute(f"update {team.schema}.head set number = 99")
            assert store.commit(add_image("gamma")) is not None

    with pytest.raises(Away, match="idle-in-transaction"):
        change()
    assert store.read().head == 7
    stopping.close()


@pytest.fixture
def hurried(team: Team) -> Iterator[str]:
    """The address of one whose statements may take 1 s, and who may do nothing for 300 ms."""
    role = f"{team.schema}_hurried"
    team.sql(f"create role {role} superuser login; alter role {role} set statement_timeout = 1000")
    team.sql(f"alter role {role} set idle_session_timeout = 300")
    yield team.server.url(team.schema, role)
    team.sql(f"drop role {role}")


def test_what_takes_the_server_too_long_is_not_done_and_told(team: Team, store: Store, hurried: str) -> None:
    store.commit(add_image("alpha"))
    mine = at(hurried, team.folder)
    with psycopg.connect(team.server.conninfo) as holding:
        holding.execute(f"lock table {team.schema}.operations in share mode".encode())
        with pytest.raises(Obstructed, match="gave it up, and nothing was changed: canceling statement") as caught:
            mine.commit(add_image("beta"))
    assert "statement_timeout" in caught.value.todo
    assert caught.value.exit_code == Exit.STORE
    assert log_numbers(store) == [1]
    assert mine.commit(add_image("beta")) is not None


def test_a_connection_that_the_server_ended_out_of_boredom_is_made_again(team: Team, hurried: str) -> None:
    mine = at(hurried, team.folder)
    for work in (mine.read, lambda: mine.commit(add_image("alpha")), mine.facts):
        team.server.until("select 1 where not exists (select from pg_stat_activity where usename like '%_hurried')")
        work()
    team.server.until("select 1 where not exists (select from pg_stat_activity where usename like '%_hurried')")
    mine.append_history("image", "session", entry("3 + 4"))
    assert [each.source for each in mine.history("image", "session")] == ["3 + 4"]


@pytest.mark.parametrize("after", [True, False], ids=["made", "not made"])
def test_lines_of_the_audit_log_and_entries_whose_answer_was_lost_are_there_once(
    proxy: CuttingProxy, through: Store, store: Store, after: bool
) -> None:
    through.commit(add_image("alpha"))
    proxy.cut(b"COMMIT", after=after)
    through.append_audit(evaluated("3 + 4"), evaluated("5"))
    assert proxy.was_cut.is_set()
    proxy.cut(b"COMMIT", after=after)
    through.append_history("image", "session", entry("3 + 4"), entry("5"))
    assert proxy.was_cut.is_set()
    assert [each.source for each in store.audit() if each.action == "evaluate"] == ["3 + 4", "5"]
    assert [each.source for each in store.history("image", "session")] == ["3 + 4", "5"]
    assert store.verify_audit().line is None


@pytest.mark.parametrize("before", [None, b"BEGIN"], ids=["in the middle", "before"])
@pytest.mark.parametrize("kind", ["history", "audit"])
def test_what_is_still_on_its_way_when_its_answer_is_lost_is_there_once(
    team: Team, proxy: CuttingProxy, through: Store, store: Store, kind: str, before: bytes | None
) -> None:
    """Whoever adds it again waits for the first try, which is found to be there then; or it comes between two questions
    of his."""
    through.commit(add_image("alpha"))
    through.append_history("image", "session", entry("1"))
    arriving = Event()
    proxy.cut(b"COMMIT", after=True, held=arriving, before=before)
    waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%{schema}.%'"
    with ThreadPoolExecutor(1) as threads:
        if kind == "history":
            adding = threads.submit(through.append_history, "image", "session", entry("3 + 4"), entry("5"))
        else:
            adding = threads.submit(through.append_audit, evaluated("3 + 4"), evaluated("5"))
        assert proxy.was_cut.wait(20)
        while not adding.done() and not team.sql(waiting):
            sleep(0.005)
        arriving.set()
        adding.result(20)
    team.server.until("select 1 where not exists (select from pg_stat_activity where state like 'idle in trans%')")
    if kind == "history":
        assert [each.source for each in store.history("image", "session")] == ["1", "3 + 4", "5"]
    else:
        assert [each.source for each in store.audit() if each.action == "evaluate"] == ["3 + 4", "5"]
        assert store.verify_audit().line is None


def test_a_number_that_another_entry_has_got_after_a_crash_keeps_no_entry_out(
    team: Team, proxy: CuttingProxy, through: Store, store: Store
) -> None:
    """A server that crashed may give numbers again that it gave before to what was not committed."""
    store.append_history("image", "session", entry("1"))
    assert len(through.history("image", "session")) == 1
    proxy.cut(b"COMMIT", after=False)
    proxy.closed = True  # to whoever comes anew
    with ThreadPoolExecutor(1) as threads:
        adding = threads.submit(through.append_history, "image", "session", entry("3 + 4"), entry("5"))
        assert proxy.was_cut.wait(20)
        team.server.until("select 1 where not exists (select from pg_stat_activity where state like 'idle in trans%')")
        team.sql("alter table {schema}.history alter column number restart with 2")
        store.append_history("image", "session", entry("another"))
        proxy.closed = False
        adding.result(20)
    # The first of them had the number 2, the second has its number still.
    assert sorted(each.source for each in store.history("image", "session")) == ["1", "3 + 4", "5", "another"]


@pytest.mark.parametrize("after", [True, False], ids=["made", "not made"])
def test_an_init_whose_answer_was_lost_is_found_out(
    team: Team, proxy: CuttingProxy, through: Store, after: bool
) -> None:
    team.sql("drop schema {schema} cascade")
    proxy.cut(b"create schema", after=after)
    if after:
        assert through.set_up().after == VERSION
    else:
        with pytest.raises(Away, match=r"the connection .* was lost"):
            through.set_up()
    assert proxy.was_cut.is_set()
    assert through.set_up().before == (VERSION if after else None)
    assert through.commit(add_image("alpha")) is not None


@pytest.mark.parametrize("after", [True, False], ids=["after it was made", "before it was"])
def test_a_commit_whose_answer_was_lost_is_made_once(
    proxy: CuttingProxy, through: Store, store: Store, after: bool
) -> None:
    through.commit(add_image("alpha"))
    proxy.cut(b"COMMIT", after=after)
    committed = through.commit(add_image("beta"))
    assert proxy.was_cut.is_set()
    assert committed is not None
    assert committed.operation.number == 2
    assert log_numbers(store) == [2, 1]
    assert list(store.read().images) == ["alpha", "beta"]
    assert store.verify_audit().line is None
    assert [each.operation for each in store.audit()] == [1, 2]


@pytest.mark.parametrize("after", [True, False], ids=["made", "not made"])
def test_where_the_server_does_not_come_back_nothing_is_claimed(
    team: Team, proxy: CuttingProxy, store: Store, after: bool
) -> None:
    url = f"postgresql://owner@127.0.0.1:{proxy.port}/postgres?schema={team.schema}"
    through = at(url, team.folder, lock_timeout=0.2)
    through.commit(add_image("alpha"))
    proxy.cut(b"COMMIT", after=after)
    proxy.closed = True
    with pytest.raises(Uncertain, match="did not come back to tell whether it was") as caught:
        through.commit(add_image("beta"))
    assert caught.value.exit_code == Exit.STORE
    identity = caught.value.todo.rpartition(" ")[2].rstrip(")")
    found = team.sql(f"select count(*) from {{schema}}.operations where id = '{identity}'")
    assert found == [(int(after),)]
    assert list(open_store(team).read().images) == (["alpha", "beta"] if after else ["alpha"])


@pytest.mark.parametrize("sent", [b"COMMIT", b"insert into"], ids=["may be there", "is not there"])
def test_what_may_be_recorded_is_not_told_as_if_it_were_not(
    team: Team, proxy: CuttingProxy, store: Store, sent: bytes
) -> None:
    url = f"postgresql://owner@127.0.0.1:{proxy.port}/postgres?schema={team.schema}"
    for add in (
        lambda through: through.append_history("image", "session", entry("3 + 4")),
        lambda through: through.append_audit(evaluated("3 + 4")),
    ):
        through = at(url, team.folder, lock_timeout=0.1)
        proxy.closed = False
        through.read()
        proxy.cut(sent, after=True)
        proxy.closed = True
        with pytest.raises(
            Uncertain if sent == b"COMMIT" else Away, match=r"did not come back to tell|cannot be reached"
        ):
            add(through)
    there = ["3 + 4"] if sent == b"COMMIT" else []
    assert [each.source for each in store.history("image", "session")] == there
    assert [each.source for each in store.audit() if each.action == "evaluate"] == there


def test_an_audit_line_that_could_not_be_written_does_not_take_the_change_back(
    team: Team, proxy: CuttingProxy, store: Store
) -> None:
    heard = Heard()
    url = f"postgresql://owner@127.0.0.1:{proxy.port}/postgres?schema={team.schema}"
    home = Home(str(team.folder), str(team.folder), "--home", url)
    through = Store(home, ACTOR, Clock(), announce=heard, lock_timeout=0.1)
    through.commit(add_image("alpha"))
    proxy.cut(b"audit (line", after=False)
    proxy.closed = True
    committed = through.commit(add_image("beta"))
    assert committed is not None
    assert heard[0].startswith("warning: the change is made, but ")
    assert list(store.read().images) == ["alpha", "beta"]
    store.commit(add_image("gamma"))
    assert [each.operation for each in store.audit()] == [1, 2, 3]
    assert store.verify_audit().line is None
