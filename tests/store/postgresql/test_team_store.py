"""What is a team's in its store, and what each keeps for himself; who may do what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING

import psycopg
import pytest
from store_tools import (
    ACTOR,
    Heard,
    add_image,
    create_session,
    entry,
    evaluated,
    filled,
    image_id,
    log_numbers,
    open_store,
    probed,
    rename_image,
)
from team_server import Team

from stui_cli.api import open_manager
from stui_cli.model.contexts import Context
from stui_cli.model.errors import Exit
from stui_cli.model.names import Target
from stui_cli.model.operations import Kind, SwitchDetails
from stui_cli.model.store_facts import SetUp
from stui_cli.store.files.location import Home
from stui_cli.store.postgresql.schema import VERSION, grants_sql
from stui_cli.store.problems import Forbidden, Newer
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from store_tools import Change

    from stui_cli.model.operations import Details
    from stui_cli.store.audit_chain import Mark
    from stui_cli.store.transaction import Draft


def move(image: str, session: str | None = None, scope: str = "default") -> Change:
    """As `stui switch` makes it where no checkpoint is to be kept."""

    def change(draft: Draft) -> Details:
        draft.contexts[scope] = Context(Target(image, session), draft.now)
        return SwitchDetails(Kind.SWITCH, scope, None, image)

    return change


def of_another(team: Team, folder: Path, user: str = "owner") -> Store:
    """The same store, as somebody else has it."""
    home = Home(str(folder), str(folder), "--home", team.server.url(team.schema, user))
    return Store(home, ACTOR, lambda: 1_700_000_000_000, announce=Heard())


def test_a_move_is_no_operation_of_the_team_and_nobody_else_sees_it(team: Team, store: Store, tmp_path: Path) -> None:
    store.commit(add_image("alpha"))
    committed = store.commit(move("alpha", scope="terminal:1"))
    assert committed is not None
    assert str(committed.state.contexts["terminal:1"].target) == "alpha"
    assert log_numbers(store) == [1]
    assert [each.operation for each in store.audit()] == [1]
    assert str(open_store(team).read().contexts["terminal:1"].target) == "alpha"
    assert of_another(team, tmp_path / "other").read().contexts == {}
    store.commit(add_image("beta"))
    ((state,),) = team.sql("select state from {schema}.head")
    assert b"terminal" not in bytes(state)  # type: ignore[call-overload]


def test_two_commands_of_one_person_keep_their_moves_side_by_side(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))

    def first(draft: Draft) -> Details:
        open_store(team).commit(move("alpha", scope="two"))
        return move("alpha", scope="one")(draft)

    store.commit(first)
    assert set(store.read().contexts) == {"one", "two"}


def test_a_context_follows_the_image_that_another_renamed(team: Team, store: Store, tmp_path: Path) -> None:
    store.commit(add_image("alpha"))
    store.commit(move("alpha", "work"))
    of_another(team, tmp_path / "other").commit(rename_image("alpha", "gamma"))
    assert store.read().contexts["default"].target == Target("gamma", "work")
    store.undo()
    assert store.read().contexts["default"].target == Target("alpha", "work")


def test_contexts_that_cannot_be_read_are_told_and_made_again(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))
    store.commit(move("alpha"))
    (team.folder / "contexts.msgpack").write_bytes(b"\x00")
    heard = Heard()
    again = open_store(team, announce=heard)
    assert again.read().contexts == {}
    assert "where you were is forgotten" in heard[0]
    again.commit(move("alpha"))
    assert set(open_store(team).read().contexts) == {"default"}


def test_contexts_of_another_store_in_the_same_folder_count_for_nothing(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))
    store.commit(move("alpha"))
    other = Team(team.folder)
    open_store(other).commit(add_image("alpha"))
    assert open_store(other).read().contexts == {}


def test_probes_stay_with_each(team: Team, store: Store, tmp_path: Path) -> None:
    store.commit(add_image("alpha"))
    store.update_probes(lambda probes: probes.update(alpha=probed("alpha")))
    assert set(open_store(team).probes()) == {"alpha"}
    assert of_another(team, tmp_path / "other").probes() == {}


def test_the_names_for_completion_follow_what_others_do(team: Team, store: Store, tmp_path: Path) -> None:
    other = of_another(team, tmp_path / "other")
    store.commit(add_image("alpha"))
    other.commit(create_session("alpha", "work"))
    names = team.folder / "names"
    assert (names / "sessions").read_text() == ""
    store.read()
    store.refresh_names()
    assert (names / "images").read_text() == "alpha\n"
    assert (names / "sessions").read_text() == "alpha/work\n"
    made = (names / "made_for").stat().st_mtime_ns
    store.refresh_names()
    assert (names / "made_for").stat().st_mtime_ns == made


def test_two_commands_of_one_person_that_end_at_once_do_not_write_the_names_over_each_other(
    team: Team, store: Store
) -> None:
    said = Heard()

    def commands(first: str) -> None:
        one = open_store(team, announce=said)
        for number in range(3):
            one.commit(add_image(f"{first}{number}"))

    with ThreadPoolExecutor() as pool:
        list(pool.map(commands, "abcd"))
    assert said == []
    images = store.read().images
    store.refresh_names()
    assert (team.folder / "names" / "images").read_text().split() == sorted(images)
    assert (team.folder / "names" / "contexts").read_text().startswith("head\t12\n")


def test_what_a_prompt_and_tab_read_follows_each_command_and_is_written_only_where_it_changed(
    team: Team, store: Store, tmp_path: Path
) -> None:
    other = of_another(team, tmp_path / "other")
    for name in ("alpha", "beta"):
        store.commit(add_image(name))
    store.commit(move("alpha"))
    contexts, operations = team.folder / "names" / "contexts", team.folder / "names" / "operations"

    def after_a_command() -> list[str]:
        store.read()
        store.refresh_names()
        return contexts.read_text().splitlines()

    head, of, *scopes = after_a_command()
    assert (head, of.split("\t")[:2], scopes) == ("head\t2", ["team", team.url], ["default\talpha"])
    assert [line.split("\t")[0] for line in operations.read_text().splitlines()] == ["2", "1"]
    written = contexts.stat().st_mtime_ns
    after_a_command()
    assert contexts.stat().st_mtime_ns == written
    store.commit(move("beta"))
    assert after_a_command()[2:] == ["default\tbeta"]
    other.commit(rename_image("beta", "gamma"))
    assert after_a_command()[2:] == ["default\tgamma"]
    assert [line.split("\t")[0] for line in operations.read_text().splitlines()] == ["3", "2", "1"]
    for number in range(12):
        other.commit(add_image(f"image-{number}"))
    after_a_command()
    offered = [line.split("\t")[0] for line in operations.read_text().splitlines()]
    assert offered == [*map(str, range(15, 5, -1)), "3", "2", "1"], "a few of many do"
    # A command that saw less may be the last to write: what it takes back is not offered twice after the next one.
    contexts.write_text(f"head\t14\n{of}\n")
    after_a_command()
    assert [line.split("\t")[0] for line in operations.read_text().splitlines()] == offered
    # As another store left it, or one that was killed: made anew.
    contexts.write_text("head\t15\nteam\tpostgresql:///another mark -\ndefault\tnowhere\n")
    assert after_a_command()[2:] == ["default\tgamma"]
    contexts.write_bytes(b"\xff\n")
    assert after_a_command()[0] == "head\t15"


def test_a_command_that_saw_less_and_ends_last_takes_nothing_back(team: Team, store: Store, tmp_path: Path) -> None:
    store.commit(add_image("alpha"))
    store.commit(move("alpha"))
    slow, contexts = open_store(team), team.folder / "names" / "contexts"
    slow.read()
    of_another(team, tmp_path / "other").commit(rename_image("alpha", "beta"))
    store.read()
    store.refresh_names()
    newest = contexts.read_text()
    assert newest.splitlines()[2:] == ["default\tbeta"]
    slow.refresh_names()
    assert contexts.read_text() == newest
    # But where one went meanwhile is shown, as far as it is known.
    store.commit(add_image("gamma"))
    store.commit(move("gamma"))
    slow.refresh_names()
    assert contexts.read_text().splitlines()[0] == "head\t1"
    store.read()
    store.refresh_names()
    assert contexts.read_text().splitlines()[2:] == ["default\tgamma"]


def test_ids_that_no_text_of_a_database_can_hold_are_kept_all_the_same(store: Store) -> None:
    for odd in ("a\0b", "\udcff"):
        store.append_history(odd, odd, entry(odd))
        assert [each.source for each in store.history(odd, odd)] == [odd]
        assert set(store.last_evaluations(odd, {odd: 0})) == {odd}


def test_the_tables_are_made_once_and_made_again_change_nothing(tmp_path: Path) -> None:
    store = open_store(Team(tmp_path / "fresh", made=False))
    assert store.set_up() == SetUp(None, VERSION)
    store.commit(add_image("alpha"))
    assert store.set_up() == SetUp(VERSION, VERSION)
    assert set(store.read().images) == {"alpha"}


def test_a_newer_schema_is_refused_and_left_alone(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))
    team.sql(f"update {{schema}}.about set version = {VERSION + 1}")
    for work in (store.read, lambda: store.commit(add_image("beta")), store.set_up):
        with pytest.raises(Newer):
            work()


def test_a_line_of_the_audit_log_that_another_was_quicker_with_is_written_once(
    team: Team, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.commit(add_image("alpha"))
    plain = store._backend.audit_end
    others = iter(["beta", "gamma"])

    def overtaken() -> tuple[bytes | None, Mark | None]:
        found = plain()
        for name in others:
            open_store(team).commit(add_image(name))
            break
        return found

    monkeypatch.setattr(store._backend, "audit_end", overtaken)
    store.commit(add_image("delta"))
    assert [each.operation for each in store.audit()] == [1, 2, 3, 4]
    assert store.verify_audit().line is None


def test_who_waits_is_woken_by_what_others_do(team: Team, store: Store, tmp_path: Path) -> None:
    store.commit(add_image("alpha"))
    ended, other = Event(), of_another(team, tmp_path / "other")
    begun = monotonic()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(store.pause, 50, ended)
        while not waiting.done():  # whatever is told before it listens is told to nobody
            other.commit(add_image(f"image-{len(other.read().images)}"))
            sleep(0.1)
        waiting.result()
        assert monotonic() - begun < 30
        ending = threads.submit(store.pause, 50, ended)
        ended.set()
        ending.result()
    assert monotonic() - begun < 30


def test_a_watch_begins_its_next_round_when_another_registers_an_image(team: Team, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "STUI_HOME": team.url}
    mine = open_manager(environ=environ)
    mine.store.commit(add_image("alpha", parked=True))
    with mine.start_connection_monitoring(interval=50) as monitoring:
        assert monitoring.wait(0, 20) >= 1
        seen = monitoring.rounds
        for number in range(100):
            of_another(team, tmp_path / "other").commit(add_image(f"image-{number}", parked=True))
            if monitoring.wait(seen, 0.2) > seen:
                break
        else:
            pytest.fail("nobody was woken")


# Roles. The database itself refuses; nothing of stui has a say.


@pytest.fixture
def people(team: Team) -> Iterator[Team]:
    """One person of each role, and one of none."""
    team.sql(grants_sql(team.schema))
    for role in ("reader", "member", "admin"):
        team.sql(f"create role {{schema}}_{role}_ada login; grant {{schema}}_{role} to {{schema}}_{role}_ada")
    team.sql("create role {schema}_stranger login")
    yield team
    for role in ("reader_ada", "member_ada", "admin_ada", "stranger", "admin", "member", "reader"):
        team.sql(f"drop owned by {{schema}}_{role}; drop role {{schema}}_{role}")


def _is_refused(team: Team, user: str, statement: str) -> bool:
    try:
        team.server.sql(statement.replace("{schema}", team.schema), user=f"{team.schema}_{user}")
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_what_each_role_may_do_is_the_databases_own_word(people: Team, store: Store, tmp_path: Path) -> None:
    filled(store)
    member = of_another(people, tmp_path / "member", f"{people.schema}_member_ada")
    member.commit(add_image("gamma"))
    member.append_history(image_id("alpha"), "id-of-alpha-work", entry("1"))
    member.append_audit(evaluated("1"))
    assert member.undo().operation is not None
    assert member.verify_audit().line is None
    assert member.prune().operations == 0

    reader = of_another(people, tmp_path / "reader", f"{people.schema}_reader_ada")
    assert set(reader.read().images) == {"alpha", "beta"}
    assert list(reader.audit())
    for write in (
        lambda: reader.commit(add_image("delta")),
        reader.undo,
        lambda: reader.append_audit(evaluated("2")),
        reader.check_recordable,
    ):
        with pytest.raises(Forbidden, match=r"does not permit this to you|does not let you record") as caught:
            write()
        assert caught.value.exit_code == Exit.NOT_PERMITTED
    with pytest.raises(Forbidden):
        of_another(people, tmp_path / "stranger", f"{people.schema}_stranger").read()
    roles = [of_another(people, tmp_path / r, f"{people.schema}_{r}_ada").facts().role for r in ("reader", "admin")]
    assert [*roles, member.facts().role, store.facts().role] == ["reader", "admin", "member", "owner"]

    for statement in (
        "update {schema}.audit set content = ''",
        "delete from {schema}.audit",
        "truncate {schema}.audit",
        "update {schema}.operations set content = ''",
        "delete from {schema}.operations",
        "update {schema}.objects set content = ''",
        "drop table {schema}.audit",
    ):
        for user in ("member_ada", "reader_ada"):
            assert _is_refused(people, user, statement), (user, statement)
    for statement in ("update {schema}.audit set content = ''", "delete from {schema}.audit"):
        assert _is_refused(people, "admin_ada", statement), statement
