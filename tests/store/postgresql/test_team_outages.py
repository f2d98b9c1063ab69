"""A server that is killed, restarted, failed over, or a replica: real ones, two where it takes two."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from random import Random
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

import psycopg
import pytest
from cutting_proxy import CuttingProxy
from store_tools import (
    ACTOR,
    Clock,
    Heard,
    add_image,
    entry,
    evaluated,
    filled,
    image_id,
    log_numbers,
    open_store,
)
from team_server import Team, TeamServer

from stui_cli.model.errors import Exit
from stui_cli.store.damage import DamageKind
from stui_cli.store.files.location import Home
from stui_cli.store.opening import copy_store
from stui_cli.store.problems import Damaged, Obstructed, Uncertain
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# A busy machine takes its time to make a server.
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


class Pair:
    """A server and its replica, on which everything is before it is acknowledged."""

    def __init__(self) -> None:
        self.primary = TeamServer(durable=True)
        try:
            self.replica = TeamServer(follows=self.primary)
        except BaseException:
            self.primary.end()
            raise
        self.primary.acknowledge_with(self.replica)

    def url(self, schema: str, more: str = "&target_session_attrs=read-write") -> str:
        two = (self.primary, self.replica)
        hosts, ports = ",".join(str(each.folder) for each in two), ",".join(str(each.port) for each in two)
        return f"postgresql://owner@/postgres?host={hosts}&port={ports}&schema={schema}{more}"

    def end(self) -> None:
        self.replica.end()
        self.primary.end()


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.end()


@pytest.fixture(scope="module")
def standing_pair() -> Iterator[Pair]:
    """For tests that leave both as they are."""
    made = Pair()
    yield made
    made.end()


@pytest.fixture(scope="module")
def server() -> Iterator[TeamServer]:
    """To be killed and started again: no other test's."""
    made = TeamServer(durable=True)
    yield made
    made.end()


def at(url: str, folder: Path, lock_timeout: float = 30) -> Store:
    home = Home(str(folder), str(folder), "--home", url)
    return Store(home, ACTOR, Clock(), announce=Heard(), lock_timeout=lock_timeout)


def held_commit(team: Team) -> psycopg.Connection[tuple[object, ...]]:
    """A connection that keeps every commit in its middle, until it is closed or the server is killed."""
    held = psycopg.connect(team.server.conninfo)
    held.execute(f"lock table {team.schema}.operations in share mode".encode())
    return held


# What a database cannot make smaller.
NOISE = Random(1).randbytes(100_000).hex()
COMMITTING = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into {schema}.oper%'"


def test_a_server_that_is_killed_in_the_middle_of_a_commit_makes_it_once(server: TeamServer, folder: Path) -> None:
    team = Team(folder, server=server)
    store = at(team.url, folder)
    filled(store)
    numbers = log_numbers(store)
    with ThreadPoolExecutor(1) as threads, closing(held_commit(team)):
        committing = threads.submit(store.commit, add_image("gamma"))
        server.until(COMMITTING.replace("{schema}", team.schema))
        server.kill()
        server.start_again()
        assert committing.result(30) is not None
    assert log_numbers(store) == [numbers[0] + 1, *numbers]
    assert "gamma" in open_store(team).read().images
    assert store.verify_audit().line is None
    assert store.damage() == []


def test_what_is_recorded_after_a_restart_needs_no_second_try(server: TeamServer, folder: Path) -> None:
    team = Team(folder, server=server)
    store = at(team.url, folder)
    filled(store)
    before = store.history(image_id("alpha"), "id-of-alpha-work")
    server.stop()
    server.start()
    store.append_history(image_id("alpha"), "id-of-alpha-work", entry("after"))
    server.stop()
    server.start()
    store.append_audit(evaluated("after"))
    assert store.history(image_id("alpha"), "id-of-alpha-work") == [*before, entry("after")]
    assert [each.source for each in store.audit() if each.action == "evaluate"][-1] == "after"
    assert store.verify_audit().line is None


def test_a_replica_is_read_and_says_where_to_write(standing_pair: Pair, folder: Path, tmp_path: Path) -> None:
    primary, replica = standing_pair.primary, standing_pair.replica
    team = Team(folder, server=primary)
    filled(open_store(team))
    reading = at(replica.url(team.schema), tmp_path / "own")
    replica.until(f"select 1 from {team.schema}.head where number = 6")
    assert reading.read().images == open_store(team).read().images
    assert list(reading.audit())
    assert reading.damage() == []
    assert (reading.facts().mode, open_store(team).facts().mode) == ("replica", "read-write")
    ended, begun = Event(), monotonic()
    reading.pause(1, ended)  # where nobody can be heard it lasts its time
    assert 0.9 < monotonic() - begun < 15
    copy_store(reading.home, Home.find(tmp_path / "copy", {}), ACTOR, Heard())
    assert open_store(tmp_path / "copy").read().images == reading.read().images
    for write in (
        lambda: reading.commit(add_image("gamma")),
        reading.undo,
        lambda: reading.append_audit(evaluated("1")),
        lambda: reading.append_history(image_id("alpha"), "id-of-alpha-work", entry("1")),
        reading.check_recordable,
        reading.prune,
    ):
        with pytest.raises(Obstructed, match="is a replica that can only be read") as caught:
            write()
        assert f"{primary.folder} port {primary.port}" in caught.value.todo
        assert caught.value.exit_code == Exit.STORE


def test_a_failover_in_the_middle_of_a_commit_makes_it_once(pair: Pair, folder: Path) -> None:
    team = Team(folder, server=pair.primary)
    store = at(pair.url(team.schema), folder)
    filled(store)
    numbers = log_numbers(store)
    with ThreadPoolExecutor(1) as threads, closing(held_commit(team)):
        committing = threads.submit(store.commit, add_image("gamma"))
        pair.primary.until(COMMITTING.replace("{schema}", team.schema))
        pair.primary.stop("immediate")
        pair.replica.promote()
        assert committing.result(30) is not None
    assert log_numbers(store) == [numbers[0] + 1, *numbers]
    assert store.verify_audit().line is None
    assert store.damage() == []
    assert pair.replica.sql(f"select number from {team.schema}.head") == [(numbers[0] + 1,)]


def cut_off(primary: TeamServer, replica: TeamServer, team: Team, folder: Path, patience: float) -> Store:
    """A store whose next commit gets no answer, and cannot come back to the primary: its address takes any server."""
    proxy = CuttingProxy(primary.port)
    url = f"postgresql://owner@127.0.0.1:{proxy.port},127.0.0.1:{replica.port}/postgres?schema={team.schema}"
    store = at(url, folder, patience)
    store.read()
    proxy.cut(b"COMMIT", after=False)
    proxy.end()  # nobody listens there any more: libpq goes on to the next host
    return store


def test_a_commit_whose_answer_was_lost_is_asked_of_the_replica_that_takes_over(pair: Pair, folder: Path) -> None:
    team = Team(folder, server=pair.primary)
    filled(open_store(team))
    store = cut_off(pair.primary, pair.replica, team, folder, 30)
    with ThreadPoolExecutor(1) as threads:
        committing = threads.submit(store.commit, add_image("gamma"))
        pair.replica.until("select 1 from pg_stat_activity where application_name = 'stui'")
        pair.primary.stop("immediate")
        pair.replica.promote()
        committed = committing.result(30)
    assert committed is not None
    assert store.read().head == committed.operation.number == 7


def test_a_commit_of_which_a_replica_alone_could_tell_is_not_claimed(standing_pair: Pair, folder: Path) -> None:
    primary, replica = standing_pair.primary, standing_pair.replica
    team = Team(folder, server=primary)
    filled(open_store(team))
    store = cut_off(primary, replica, team, folder, 0.5)
    with pytest.raises(Uncertain, match="cannot tell now whether it was") as caught:
        store.commit(add_image("gamma"))
    assert caught.value.exit_code == Exit.STORE
    assert primary.sql(f"select number from {team.schema}.head") == [(6,)]


def test_a_server_whose_disk_is_full_changes_nothing_and_goes_on_when_there_is_room(folder: Path) -> None:
    server = TeamServer(durable=True, small=2_000_000)
    try:
        team = Team(folder, server=server)
        store = open_store(team)
        filled(store)
        fill(server)
        large = add_image("large", metadata={"note": NOISE})
        for write in (
            lambda: store.commit(large),
            lambda: store.append_audit(evaluated(NOISE)),
            lambda: store.append_history(image_id("alpha"), "id-of-alpha-work", entry(NOISE)),
        ):
            with pytest.raises(Obstructed, match="has no room left, and nothing was changed: could not ex") as caught:
                write()
            assert caught.value.exit_code == Exit.STORE
            assert "when there is room repeat the command" in caught.value.todo
        assert log_numbers(store) == [6, 5, 4, 3, 2, 1]
        assert "large" not in store.read().images
        assert store.damage() == []
        server.sql("drop table filler")
        assert store.commit(large) is not None
        assert store.damage() == []
        assert store.verify_audit().line is None
        assert [each.operation for each in store.audit() if each.operation] == [1, 2, 3, 4, 5, 6, 7]
    finally:
        server.end()


def fill(server: TeamServer) -> None:
    """Leave no room on the disk of the tables, to the last page."""
    server.sql("create table filler (content text)")
    for rows in (100, 10, 1):
        with suppress(psycopg.errors.DiskFull):
            while True:
                server.sql(
                    f"insert into filler select decode(repeat('ab', 500), 'hex') from generate_series(1, {rows})"
                )


def test_what_the_disk_of_a_server_spoilt_is_told_as_damage(server: TeamServer, folder: Path) -> None:
    team = Team(folder, server=server)
    store = open_store(team)
    filled(store)
    ((path,),) = server.sql(f"select pg_relation_filepath('{team.schema}.objects')")
    server.stop()
    with (server.data / str(path)).open("r+b") as table:
        table.write(b"\xff" * 8192)
    server.start()
    with pytest.raises(Damaged, match="invalid page in block 0") as caught:
        store.sessions(store.read(), image_id("alpha"), strict=True)
    assert "brings it back from a backup" in caught.value.todo
    assert caught.value.exit_code == Exit.STORE
    assert {each.kind for each in store.damage()} == {DamageKind.SHARD}
    assert set(store.read().images) == {"alpha", "beta"}, "what is sound is told all the same"
