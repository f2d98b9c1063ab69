"""Tables of another version: older ones go on and are brought up, all of it or nothing; newer ones are left alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from store_tools import ACTOR, Clock, Heard, add_image, filled, log_numbers, open_store, records
from team_server import Team

from stui_cli.model.errors import Exit
from stui_cli.model.store_facts import SetUp
from stui_cli.store.files.location import Home
from stui_cli.store.postgresql.schema import VERSION, grants_sql, tables_sql
from stui_cli.store.problems import Damaged, Forbidden, Newer
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from stui_cli.model.operations import Details
    from stui_cli.store.transaction import Draft

# As the first stui with such a store made them.
FIRST = (Path(__file__).parent / "data" / "schema-1.sql").read_text("utf-8")
# What the tables look like: the name of the schema left out.
SHAPE = (
    "select table_name, column_name, data_type, is_nullable, is_identity, replace(column_default, '{schema}', '') "
    "from information_schema.columns where table_schema = '{schema}' order by 1, 2"
)


def as_first(folder: Path) -> Team:
    team = Team(folder, made=False)
    team.sql(FIRST)
    return team


@pytest.fixture
def older(folder: Path) -> Team:
    """A store whose tables an older stui made, with something of everything in it."""
    team = as_first(folder)
    filled(open_store(team))
    return team


def version_of(team: Team) -> object:
    return team.sql("select version from {schema}.about")[0][0]


def statements(sql: str) -> list[str]:
    """What stands alone in it, one by one."""
    return [found[0] for found in re.finditer(r"do (\$\w*\$).*?\1;\n|[^;]+;\n", sql, re.DOTALL)]


def test_older_tables_are_read_and_written_and_become_those_of_a_new_store(older: Team, tmp_path: Path) -> None:
    store = open_store(older)
    store.commit(add_image("gamma"))
    assert store.undo().operation is not None
    assert store.damage() == []
    assert store.facts().schema == 1
    before = records(store)
    assert store.set_up() == SetUp(1, VERSION)
    assert version_of(older) == VERSION
    again = open_store(older)
    assert records(again) == before
    assert again.commit(add_image("delta")) is not None
    assert again.verify_audit().line is None
    assert again.set_up() == SetUp(VERSION, VERSION)
    assert older.sql(SHAPE) == Team(tmp_path / "new").sql(SHAPE)


def test_the_sql_that_is_printed_is_what_is_still_needed(older: Team) -> None:
    store = open_store(older)
    tables, grants = store.set_up_sql()
    assert "create table if not exists" not in tables.partition("do $step$")[0]
    assert version_of(older) == 1, "it is for others to run"
    older.sql(tables)
    older.sql(tables)  # again: nothing
    assert version_of(older) == VERSION
    assert store.set_up_sql() == ("", grants)


def test_a_step_that_is_stopped_anywhere_leaves_the_tables_as_they_were(older: Team) -> None:
    shape, content = older.sql(SHAPE), records(open_store(older))
    whole = statements(tables_sql(older.schema, 1))
    assert len(whole) == 4 + VERSION - 1
    for count in range(1, len(whole)):
        with psycopg.connect(older.server.conninfo, autocommit=True) as connection:
            for statement in whole[:count]:
                connection.execute(statement.encode())
            connection.close()  # without a word, as one that is killed
        assert (version_of(older), older.sql(SHAPE)) == (1, shape), whole[count - 1]
    assert records(open_store(older)) == content
    assert open_store(older).set_up() == SetUp(1, VERSION)


WAITING = (
    "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%tables of the store {schema}%'"
)


def test_an_init_that_is_killed_in_the_middle_has_done_nothing(older: Team) -> None:
    environ = {**os.environ, "STUI_HOME": older.url}
    with psycopg.connect(older.server.conninfo) as holding:
        holding.execute(f"lock table {older.schema}.head in share mode".encode())
        for end in ("client", "server"):
            init = subprocess.Popen(
                [sys.executable, "-m", "stui_cli", "store", "init"], env=environ, stderr=subprocess.PIPE, text=True
            )
            older.server.until(
                WAITING.replace("{schema}", older.schema)
            )  # the tables are changed, the head is not yet fenced
            if end == "client":
                init.send_signal(signal.SIGKILL)
            older.sql("select pg_terminate_backend(pid) from (" + WAITING + ") as them")
            _, said = init.communicate(timeout=60)
            assert init.returncode == (-signal.SIGKILL if end == "client" else Exit.UNREACHABLE), said
            assert version_of(older) == 1
    assert open_store(older).set_up() == SetUp(1, VERSION)


def test_of_two_at_once_one_waits_and_both_find_it_done(older: Team) -> None:
    with ThreadPoolExecutor(2) as threads:
        with psycopg.connect(older.server.conninfo) as holding:
            holding.execute(f"lock table {older.schema}.head in share mode".encode())
            two = [threads.submit(open_store(older).set_up) for _ in range(2)]
            older.server.until(
                "select 1 from pg_stat_activity where wait_event_type = 'Lock' "
                f"and query like '%{older.schema}%' having count(*) = 2"
            )
        assert [each.result(30).after for each in two] == [VERSION, VERSION]
    assert version_of(older) == VERSION


def test_a_change_that_read_older_tables_is_made_anew_on_the_newer_ones(older: Team) -> None:
    runs = []

    def change(draft: Draft) -> Details:
        runs.append(len(draft.images))
        if len(runs) == 1:
            open_store(older).set_up()
        return add_image("gamma")(draft)

    store = open_store(older)
    numbers = log_numbers(store)
    store.commit(change)
    assert runs == [2, 2]
    assert len(log_numbers(store)) == len(numbers) + 1


def test_an_older_stui_writes_nothing_into_newer_tables_and_says_which_it_needs(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))

    def change(draft: Draft) -> Details:
        team.sql(f"update {{schema}}.about set version = {VERSION + 1}, stui = '9.9.0'")
        team.sql("update {schema}.head set fence = fence + 1")
        return add_image("beta")(draft)

    with pytest.raises(Newer):
        store.commit(change)
    assert team.sql("select number from {schema}.head") == [(1,)]
    for work in (store.read, lambda: store.commit(add_image("beta")), store.set_up, store.set_up_sql):
        with pytest.raises(Newer) as caught:
            work()
        assert f"(schema {VERSION + 1}; this one knows {VERSION}); nothing was changed" in caught.value.what
        assert caught.value.todo.startswith("upgrade stui: 9.9.0 or newer, or use another store")
        assert caught.value.exit_code == Exit.STORE
    assert [each.kind for each in store.damage()] == ["newer"]


def test_a_table_that_is_gone_is_told_as_damage(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))
    team.sql("drop table {schema}.operations")
    with pytest.raises(Damaged, match="operations"):
        list(store.operations())


def test_who_does_not_own_the_tables_is_told_who_brings_them_up(older: Team, tmp_path: Path) -> None:
    older.sql(grants_sql(older.schema))
    user = f"{older.schema}_ada"
    older.sql(f"create role {user} login in role {{schema}}_member")
    home = Home(str(tmp_path / "own"), str(tmp_path / "own"), "--home", older.server.url(older.schema, user))
    member = Store(home, ACTOR, Clock(), announce=Heard())
    assert member.commit(add_image("gamma")) is not None, "older tables are enough for it"
    with pytest.raises(Forbidden, match="owner of table") as caught:
        member.set_up()
    assert caught.value.todo == "who owns the database and the tables runs: stui store init"
    assert version_of(older) == 1
    for role in (user, "{schema}_admin", "{schema}_member", "{schema}_reader"):
        older.sql(f"drop owned by {role}; drop role {role}")
