"""A copy of a whole store, either way between files and a database: byte for byte, and gone on with."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cutting_proxy import CuttingProxy
from needs import program
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

from stui_cli.model.errors import Exit, Refused, StoreProblem
from stui_cli.store.files.location import Home
from stui_cli.store.files.receiving import FileReceiver
from stui_cli.store.opening import copy_store
from stui_cli.store.problems import Away, Damaged

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


@pytest.mark.parametrize("step", ["objects", "operations", "history", "audit", "head", "COMMIT"])
def test_a_copy_whose_database_goes_away_meanwhile_is_gone_on_with(
    source: Store, folder: Path, tmp_path: Path, step: str
) -> None:
    team = Team(tmp_path / "own")
    proxy = CuttingProxy(team.server.port)
    url = f"postgresql://owner@127.0.0.1:{proxy.port}/postgres?schema={team.schema}"
    target = Home(str(tmp_path / "own"), str(tmp_path / "own"), "--home", url)
    words = {"COMMIT": "COMMIT", "head": f"update {team.schema}.head "}.get(step, f"insert into {team.schema}.{step} ")
    proxy.cut(words.encode(), after=True)
    if step == "audit":  # whose lines are found out at once
        copied(source.home, target)
    else:
        with pytest.raises(Away) as caught:
            copied(source.home, target)
        assert caught.value.exit_code == Exit.UNREACHABLE
        assert "repeat the command" in caught.value.todo
        assert open_store(team).read().images == {}
    assert proxy.was_cut.is_set()
    copied(source.home, target)
    copied(target, Home.find(tmp_path / "back", {}))
    proxy.end()
    assert content(tmp_path / "back") == content(folder)


FULL = """\
mount -t tmpfs -o size=24k none "$1" || exit 77
stui() { "$PYTHON" -m stui_cli "$@"; }
stui store copy "$2" "$1/copy"; echo "exit $?"
stui images --home "$1/copy" -o name; echo "exit $?"
mount -o remount,size=8m "$1"
stui store copy "$2" "$1/copy"; echo "exit $?"
stui images --home "$1/copy" -o name
for each in state.toml operations objects history; do diff -r "$2/$each" "$1/copy/$each" && echo same; done
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system as Linux does")
def test_a_copy_to_a_disk_that_is_full_goes_on_when_there_is_room(source: Store, folder: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    done = subprocess.run(
        [program("unshare"), "-rm", "sh", "-c", FULL, "copy", str(small), str(folder)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHON": sys.executable},
    )
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip(f"nobody may mount a small file system here: {done.stderr}")
    first, there, told, *rest = done.stdout.splitlines()
    assert (first, there) == ("exit 10", "exit 0"), done.stdout + done.stderr
    assert "the disk is full" in done.stderr
    assert "repeat the command" in done.stderr
    assert "up to operation 8" in told
    assert rest == ["exit 0", "alpha", "beta", *["same"] * 4], done.stdout + done.stderr
