"""A copy of a whole store, either way between files and a database: byte for byte, and gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from store_tools import (
    ACTOR,
    Clock,
    Heard,
    add_image,
    create_session,
    evaluated,
    filled,
    in_team,
    lose_object,
    open_store,
    records,
    team_of,
)
from team_server import Team

from stui_cli.model.errors import Refused, StoreProblem
from stui_cli.store.files.location import Home
from stui_cli.store.files.receiving import FileReceiver
from stui_cli.store.opening import copy_store
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.model.store_facts import Copied
    from stui_cli.store.store import Store

# What is made again from the rest, or is each person's own.
DERIVED = {"cache.msgpack", "lock", "probes.msgpack", "contexts.msgpack"}


def copied(source: Home, target: Home) -> Copied:
    return copy_store(source, target, ACTOR, Heard())


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a store that says something, with what it says."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name not in DERIVED)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.parent.name != "names"}


@pytest.fixture
def source(folder: Path) -> Store:
    """A store in files with something of everything."""
    store = open_store(folder, clock=Clock())
    filled(store)
    store.commit(create_session("beta", "large", bindings=300))
    store.undo()
    store.append_audit(*(evaluated(str(number)) for number in range(150)))
    return store


def test_there_and_back_is_the_same_to_the_byte(source: Store, folder: Path, tmp_path: Path) -> None:
    team = Team(tmp_path / "own")
    there = copied(source.home, team.home())
    assert (there.head, there.operations, there.lines) == (8, 8, len(list(source.audit())))
    assert there.objects > 3
    assert records(open_store(team))["sessions"] == records(source)["sessions"]
    assert open_store(team).read() == source.read()
    back = Home.find(tmp_path / "back", {})
    copied(team.home(), back)
    assert content(tmp_path / "back") == content(folder)
    again = open_store(tmp_path / "back")
    assert again.damage() == []
    assert again.verify_audit().line is None
    for store in (again, open_store(team)):
        assert store.commit(add_image("gamma")) is not None
        assert store.undo().operation is not None
        assert store.verify_audit().line is None


def test_a_copy_to_another_folder_is_the_same(source: Store, folder: Path, tmp_path: Path) -> None:
    copied(source.home, Home.find(tmp_path / "other", {}))
    assert content(tmp_path / "other") == content(folder)
    assert not (tmp_path / "other.copying").exists()


def test_what_is_copied_already_is_left_alone_and_another_store_is_refused(source: Store, tmp_path: Path) -> None:
    team, other = Team(tmp_path / "own"), tmp_path / "other"
    for target in (team.home(), Home.find(other, {})):
        copied(source.home, target)
        again = copied(source.home, target)
        assert (again.operations, again.objects, again.histories, again.lines) == (0, 0, 0, 0)
    source.commit(add_image("gamma"))
    for target in (team.home(), Home.find(other, {})):
        with pytest.raises(Refused, match="holds another store already"):
            copied(source.home, target)


@pytest.mark.parametrize("kind", ["files", "postgresql"])
def test_a_copy_that_was_stopped_is_no_store_and_goes_on(
    source: Store, folder: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stui_cli.store.postgresql.receiving import PostgresReceiver

    team = Team(tmp_path / "own")
    target = team.home() if kind == "postgresql" else Home.find(tmp_path / "other", {})
    receiver = PostgresReceiver if kind == "postgresql" else FileReceiver

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("take_operations", "take_history", "take_head"):
        with monkeypatch.context() as patch:
            patch.setattr(receiver, step, stopped)
            with pytest.raises(KeyboardInterrupt):
                copied(source.home, target)
        kept = team if kind == "postgresql" else tmp_path / "other"
        assert open_store(kept).read().images == {}
    done = copied(source.home, target)
    assert done.objects == 0, "they were there"
    assert open_store(kept).read().images == source.read().images
    if kind == "files":
        assert content(tmp_path / "other") == content(folder)


def test_what_is_not_whole_is_not_copied(source: Store, tmp_path: Path) -> None:
    sha256 = next(iter(source.read().shards.values()))
    lose_object(source, sha256)
    with pytest.raises(Damaged):
        copied(source.home, Home.find(tmp_path / "other", {}))
    assert not (tmp_path / "other").exists()


def test_what_the_other_place_kept_otherwise_is_told(source: Store, tmp_path: Path) -> None:
    team = Team(tmp_path / "own")
    sha256 = next(iter(source.read().shards.values()))
    server = team_of(open_store(team))
    assert server is not None
    in_team(server, "insert into {schema}.objects values ($1, $2)", sha256, b"something else")
    with pytest.raises(Damaged, match="does not fit its name"):
        copied(source.home, team.home())
    assert open_store(team).read().images == {}


def test_nothing_is_copied_from_nowhere_or_over_what_is_no_store(source: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreProblem, match="nothing to copy"):
        copied(Home.find(tmp_path / "nowhere", {}), Home.find(tmp_path / "other", {}))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("years of work")
    with pytest.raises(Refused, match="is there already and holds no store"):
        copied(source.home, Home.find(tmp_path / "taken", {}))
    assert (tmp_path / "taken" / "thesis.txt").read_text() == "years of work"
