"""`stui store`, and every other command over the store of a team."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import psycopg
import pytest
from team_server import Team

from stui_cli.model.errors import Exit
from stui_cli.store.postgresql.schema import VERSION

if TYPE_CHECKING:
    from conftest import Stui

# Of `stui check`, to Nagios.
UNKNOWN = 3


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A database whose store is not made yet; STUI_HOME names it."""
    made = Team(tmp_path / "unused", made=False)
    monkeypatch.setenv("STUI_HOME", made.url)
    return made


def test_a_team_begins_with_init_and_works_as_any_store(stui: Stui, team: Team, home: Path) -> None:
    before = stui("images")
    assert before.code == Exit.STORE
    assert "holds no store of stui" in before.err
    assert "stui store init" in before.err

    printed = stui("store", "init", "--print")
    assert printed.code == 0
    assert "create table if not exists" in printed.out
    assert stui("images").code == Exit.STORE, "printing touches nothing"

    made = stui("store", "init")
    assert made.code == 0
    assert made.out.startswith("do $$ begin")
    assert made.out.rstrip() in printed.out
    assert "the tables are made" in made.err
    assert "the tables are there" in stui("store", "init").err

    assert stui("images", "add", "alpha", "tcp://127.0.0.1:4001", "--offline").code == 0
    assert stui("switch", "alpha").code == 0
    assert stui("context").out.startswith("alpha ")
    assert [item["name"] for item in stui("images", "-o", "json").items] == ["alpha"]
    assert [item["kind"] for item in stui("log", "--all", "-o", "json").items] == ["image.add"]
    assert stui("undo").code == 0
    assert stui("images", "-o", "json").items == []
    verified = stui("audit", "--verify")
    assert (verified.code, verified.out.partition(": ")[0]) == (0, f"the audit log of {team.url}")

    (item,) = stui("store", "show", "-o", "json").items
    assert (item["place"], item["kind"], item["head"], item["operations"], item["role"]) == (
        team.url,
        "postgresql",
        2,
        2,
        "owner",
    )
    assert item["latency_ms"] > 0
    assert str(item["folder"]).startswith(f"{home}/.local/state/stui/teams/")
    assert not (home / "stui").exists()


def test_a_store_in_a_folder_is_shown_and_needs_no_init(stui: Stui, home: Path) -> None:
    stui("images", "add", "alpha", "tcp://127.0.0.1:4001", "--offline")
    (item,) = stui("store", "-o", "json").items
    assert (item["place"], item["kind"], item["head"]) == (str(home / "stui"), "files", 1)
    assert item["size"] > 100
    assert (item["latency_ms"], item["server"], item["role"]) == (None, None, None)
    done = stui("store", "init")
    assert (done.code, done.out.strip()) == (0, "")
    assert "its first change makes it" in done.err


def test_config_toml_may_name_the_store_of_the_team(
    stui: Stui, team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stui("store", "init")
    stui("images", "add", "alpha", "tcp://127.0.0.1:4001", "--offline")
    monkeypatch.setenv("STUI_HOME", str(home / "own"))
    assert stui("config", "set", "store", team.url).code == 0
    assert [item["name"] for item in stui("images", "-o", "json").items] == ["alpha"]
    (item,) = stui("store", "-o", "json").items
    assert (item["place"], item["folder"]) == (team.url, str(home / "own"))
    assert (home / "own" / "names" / "images").read_text() == "alpha\n"
    assert stui("images", "--home", str(home / "another"), "-o", "json").items == []


def test_a_password_is_not_for_config_toml(stui: Stui) -> None:
    refused = stui("config", "set", "store", "postgresql://ada:geheim@db/team")
    assert refused.code == Exit.USAGE
    assert ".pgpass" in refused.err
    assert "geheim" not in refused.out + refused.err


def test_a_password_is_neither_shown_nor_kept(stui: Stui, team: Team, home: Path) -> None:
    stui("store", "init")
    url = team.url.replace("owner@", "owner:geheim@")
    said = [
        stui("--home", url, *words)
        for words in (
            ["images", "add", "alpha", "tcp://127.0.0.1:4001", "--offline", "-v"],
            ["images", "-v"],
            ["store", "show", "-o", "json"],
            ["log", "-o", "json"],
            ["audit", "-o", "json"],
            ["log", "show", "1"],
        )
    ]
    assert [each.code for each in said] == [0] * 6
    away = stui("--home", "postgresql://ada:geheim@127.0.0.1:1/team", "images", "-o", "json")
    assert away.code == Exit.UNREACHABLE
    for each in (*said, away):
        assert "geheim" not in each.out + each.err
    rows = [row for table in ("operations", "audit") for row in team.sql(f"select content from {{schema}}.{table}")]
    assert rows
    assert b"geheim" not in b"".join(bytes(content) for (content,) in rows)  # type: ignore[call-overload]
    assert not [path for path in home.rglob("*") if path.is_file() and b"geheim" in path.read_bytes()]


def test_older_tables_are_told_and_brought_up(stui: Stui, team: Team) -> None:
    team.sql((Path(__file__).parents[1] / "store" / "postgresql" / "data" / "schema-1.sql").read_text("utf-8"))
    assert stui("images", "add", "alpha", "tcp://127.0.0.1:4001", "--offline").code == 0
    shown = stui("store", "show")
    assert (shown.code, shown.err.strip()) == (
        0,
        f"its tables are of version 1; stui store init brings them up to {VERSION}",
    )
    (item,) = stui("store", "-o", "json").items
    assert (item["schema"], item["schema_known"], item["mode"]) == (1, VERSION, "read-write")
    (seen,) = (each for each in stui("doctor", "-o", "json").items if each["case"] == "server")
    assert (seen["verdict"], seen["todo"]) == ("warning", "stui store init")

    printed = stui("store", "init", "--print")
    assert "nothing was touched" in printed.err
    assert "do $step$" in printed.out
    assert "create table if not exists" not in printed.out, "those are there"
    (made,) = stui("store", "init", "-o", "json").items
    assert (made["created"], made["upgraded_from"], made["schema"]) == (False, 1, VERSION)
    (again,) = stui("store", "init", "-o", "json").items
    assert (again["created"], again["upgraded_from"], again["schema"]) == (False, None, VERSION)
    assert stui("store", "init", "--print").out == stui("store", "init").out
    assert stui("store", "show").err == ""
    (seen,) = (each for each in stui("doctor", "-o", "json").items if each["case"] == "server")
    assert seen["verdict"] == "passed"


def test_a_store_of_a_newer_stui_is_refused_by_every_kind_of_command(stui: Stui, team: Team) -> None:
    stui("store", "init")
    stui("images", "add", "alpha", "tcp://127.0.0.1:4001", "--offline")
    team.sql("update {schema}.about set version = 99, stui = '9.9.0'")
    for words in (["images"], ["switch", "alpha"], ["undo"], ["store", "show"], ["store", "init"], ["log"], ["status"]):
        refused = stui(*words)
        assert refused.code == Exit.STORE, words
        assert "was written by a newer stui (schema 99;" in refused.err
        assert "upgrade stui: 9.9.0 or newer" in refused.err
    assert stui("check").code == UNKNOWN
    report = stui("doctor", "-o", "json")
    assert report.code == Exit.PARTLY_DONE
    (seen,) = (each for each in report.items if each["case"] == "readable" and each["request"] == "store")
    assert "was written by a newer stui (schema 99;" in str(seen["got"])
    assert "upgrade stui: 9.9.0 or newer" in str(seen["todo"])
    assert team.sql("select count(*) from {schema}.operations") == [(1,)]


def test_a_server_that_is_away_is_told_by_every_kind_of_command(stui: Stui) -> None:
    away = ("--home", "postgresql://ada@127.0.0.1:1/team")
    for words in (["images"], ["context"], ["switch", "alpha"], ["eval", "3"], ["undo"], ["store", "show"], ["status"]):
        told = stui(*words, *away)
        assert told.code == Exit.UNREACHABLE, words
        assert "port 1 failed: Connection refused" in told.err
        assert "see whether the server runs and can be reached" in told.err
    check = stui("check", *away)
    assert (check.code, check.out.partition(" - ")[0]) == (UNKNOWN, "STUI UNKNOWN")
    assert stui("doctor", *away).code == Exit.PARTLY_DONE
    printed = stui("store", "init", "--print", *away)
    assert printed.code == 0
    assert "create table if not exists stui.objects" in printed.out
    assert "warning: postgresql://ada@127.0.0.1:1/team cannot be reached" in printed.err
    assert "this is the SQL for a database that holds no store yet" in printed.err


def test_what_a_database_lost_is_for_its_backup_and_no_repair_is_promised(stui: Stui, team: Team) -> None:
    stui("store", "init")
    stui("images", "add", "alpha", "tcp://127.0.0.1:4001", "--offline")
    team.sql("update {schema}.operations set content = '\\x00'")
    (seen,) = (each for each in stui("doctor", "-o", "json").items if each["case"] == "operation")
    assert (seen["verdict"], seen["expected"], seen["todo"]) == (
        "failed",
        "whoever looks after the database brings it back from a backup",
        "stui store show",
    )
    mended = stui("doctor", "--repair")
    assert mended.code == Exit.STORE
    assert "a database is not mended by --repair, and nothing was changed: operation 1 of " in mended.err
    assert "brings it back from a backup" in mended.err
    team.sql("update {schema}.head set state = '\\x00'")
    refused = stui("images", "rename", "alpha", "beta")
    assert refused.code == Exit.STORE
    assert "stui doctor explains it; whoever looks after the database brings it back" in refused.err


def test_a_monitor_does_not_wait_for_a_server_that_says_nothing(stui: Stui, team: Team) -> None:
    stui("store", "init")
    stui("images", "add", "alpha", "tcp://127.0.0.1:4001", "--offline")
    with psycopg.connect(team.server.conninfo) as holding:
        holding.execute(f"lock table {team.schema}.head in access exclusive mode".encode())
        begun = monotonic()
        checked = stui("check", "-t", "0.3")
        assert monotonic() - begun < 5
    assert checked.code == UNKNOWN
    assert "does not answer: it said nothing for 0.3 s" in checked.out
