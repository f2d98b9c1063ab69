"""Monitors of a team's store: one probes for all, the others tell what it found, and whose that is."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from farm import Behaviour
from shell import wait_until
from team_server import Team, TeamServer

from stui_cli.api import open_manager
from stui_cli.local import proc
from stui_cli.model.errors import Exit
from stui_cli.model.health import judge
from stui_cli.model.leads import Lead
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Stui
    from farm import Farm, FarmImage

    from stui_cli.store.transaction import Draft

ROOT = Path(__file__).resolve().parents[2]

# Rounds as quick as they may be, and what a monitor needs to notice anything on a busy machine, in seconds.
ROUND = "200ms"
LONG = 30


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "unused")


class Monitor:
    """A real `stui status --watch` of one person, on a machine of his own as far as files go."""

    def __init__(self, url: str, folder: Path, user: str, *words: str, form: str = "jsonl") -> None:
        self.home = folder / user
        self.events = self.home / "events"
        config = self.home / ".config" / "stui"
        config.mkdir(parents=True, exist_ok=True)
        hook = json.dumps(["sh", "-c", f"cat >> '{self.events}'"])
        (config / "config.toml").write_text(f"on_change = {hook}\n")
        environ = {"HOME": str(self.home), "STUI_HOME": url, "USER": user, "LOGNAME": user, "PATH": os.defpath}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "stui_cli", "status", f"--watch={ROUND}", "-o", form, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        self.said: list[str] = []
        self.printed: list[str] = []
        self._items: queue.Queue[dict[str, Any]] = queue.Queue()
        self._readers = [threading.Thread(target=work) for work in (self._read_items, self._read_words)]
        for reader in self._readers:
            reader.start()

    def _read_items(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.printed.append(line)
                if line.startswith("{"):
                    self._items.put(json.loads(line))

    def _read_words(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            self.said.extend(lines)

    def item(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next item that fits."""
        while True:
            try:
                found = self._items.get(timeout=LONG)
            except queue.Empty:
                pytest.fail(f"nothing fits; it said {self.said}")
            if fits(found):
                return found

    def says(self, words: str) -> str:
        """The line that has `words`, once it is said."""
        wait_until(lambda: any(words in line for line in self.said), words, LONG)
        return next(line for line in self.said if words in line)

    @property
    def told(self) -> list[dict[str, Any]]:
        """What its on_change was told."""
        return [json.loads(line) for line in self.events.read_text().splitlines()] if self.events.exists() else []

    def signal(self, which: signal.Signals) -> None:
        self._process.send_signal(which)

    def end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._process.wait(LONG)

    def close(self) -> None:
        self._process.kill()
        self._process.wait(LONG)
        for reader in self._readers:
            reader.join(LONG)


@pytest.fixture
def monitor(team: Team, tmp_path: Path) -> Iterator[Callable[..., Monitor]]:
    started: list[Monitor] = []

    def start(user: str, *words: str, **more: str) -> Monitor:
        started.append(Monitor(team.url, tmp_path, user, *words, **more))
        return started[-1]

    yield start
    for each in started:
        each.close()


def register(team: Team, folder: Path, *farmed: FarmImage) -> None:
    from stui_cli.model.images import Image

    def add(draft: Draft) -> ImageDetails:
        for each in farmed:
            draft.images[each.name] = Image(each.name, each.address, draft.now, image_id=each.image_id)
        return ImageDetails(Kind.IMAGE_ADD, farmed[0].name)

    open_manager(environ={"HOME": str(folder / "who adds"), "STUI_HOME": team.url}).store.commit(add)


def of(name: str, **wanted: object) -> Callable[[dict[str, Any]], bool]:
    return lambda item: item["name"] == name and all(item[key] == value for key, value in wanted.items())


def test_one_probes_for_all_and_each_change_is_told_once_to_each(
    farm: Farm, team: Team, monitor: Callable[..., Monitor], tmp_path: Path
) -> None:
    alpha, beta = farm.add(Behaviour(name="alpha")), farm.add(Behaviour(name="beta"))
    register(team, tmp_path, alpha, beta)
    # On a busy machine an image may be slow; a silence of it would be another change.
    leader = monitor("ada", "--lead", "--timeout=10s")
    assert "term 1" in leader.says("this monitor leads now")
    leader.item(of("alpha", status="connected", seen_by=None))
    ada = f"{os.uname().nodename}/ada"
    others = [monitor("bob", "--timeout=10s"), monitor("eve", "--timeout=10s")]
    for other in others:
        told = other.item(of("beta", status="connected", seen_by=ada))
        assert told["image_id"] == beta.image_id
        assert told["latency_ms"] is not None
        assert (told["role"], told["role_checked_at"]) == (None, None), "that is of the key of who probed"
    beta.incarnation = "another"
    for each in (leader, *others):
        each.item(of("beta", incarnation="another", seen_by=None if each is leader else ada))
    # Killed, it leads no more; what is met here then is no news.
    leader.end(signal.SIGKILL)
    for other in others:
        other.item(of("beta", incarnation="another", seen_by=None))
        assert not other.said
    alpha.incarnation = "the next"
    for other in others:
        other.item(of("alpha", incarnation="the next", seen_by=None))
    changes = [[(event["image"], event["restarted"], event["seen_by"]) for event in each.told] for each in others]
    assert changes == [[("beta", True, ada), ("alpha", True, None)]] * 2
    assert [(event["image"], event["seen_by"]) for event in leader.told] == [("beta", None)]


def test_a_second_one_stands_by_says_who_leads_and_takes_over(
    farm: Farm, team: Team, monitor: Callable[..., Monitor], tmp_path: Path
) -> None:
    register(team, tmp_path, farm.add(Behaviour(name="alpha")))
    here = os.uname().nodename
    first = monitor("ada", "--lead")
    first.says("this monitor leads now (term 1)")
    second = monitor("bob", "--lead")
    second.says(f"{here}/ada leads (term 1); this monitor stands by")
    second.item(of("alpha", seen_by=f"{here}/ada"))
    first.end(signal.SIGTERM)
    second.says("this monitor leads now (term 2)")
    second.item(of("alpha", seen_by=None))
    third = monitor("eve")
    third.item(of("alpha", seen_by=f"{here}/bob"))
    # Its connection is cut by the server: it knows no more whether it leads, says so, and takes the lead again.
    team.sql("select pg_terminate_backend(backend) from {schema}.lead")
    second.says("the lead was lost")
    second.says("this monitor leads now (term 3)")
    third.item(of("alpha", seen_by=f"{here}/bob"))


@pytest.mark.long
def test_one_that_is_cut_off_and_comes_back_changes_nothing_and_stands_by(
    farm: Farm, team: Team, monitor: Callable[..., Monitor], tmp_path: Path
) -> None:
    """As behind a network that is split: it does nothing and its session lives on, then that is given up, then it is
    back and believes that it leads."""
    register(team, tmp_path, farm.add(Behaviour(name="alpha")))
    here = os.uname().nodename
    old = monitor("ada", "--lead")
    old.says("this monitor leads now (term 1)")
    other, new = monitor("eve"), monitor("bob", "--lead")
    other.item(of("alpha", seen_by=f"{here}/ada"))
    new.says(f"{here}/ada leads")
    old.signal(signal.SIGSTOP)
    other.item(of("alpha", seen_by=None))  # what it told is too old by now, and it still holds the lock
    assert team.sql("select term from {schema}.lead") == [(1,)]
    team.sql("select pg_terminate_backend(backend, 10000) from {schema}.lead")
    new.says("this monitor leads now (term 2)")
    old.signal(signal.SIGCONT)
    old.says("the lead was lost")
    old.says(f"{here}/bob leads (term 2); this monitor stands by")
    old.item(of("alpha", seen_by=f"{here}/bob"))
    other.item(of("alpha", seen_by=f"{here}/bob"))
    assert team.sql("select term from {schema}.lead") == [(2,)]


@pytest.mark.long
def test_on_a_replica_it_is_shown_what_the_leader_found_and_nobody_leads(
    farm: Farm, stui: Stui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    primary = TeamServer()
    replica = TeamServer(follows=primary)
    team = Team(tmp_path / "unused", server=primary)
    register(team, tmp_path, farm.add(Behaviour(name="alpha")))
    leader = Monitor(team.url, tmp_path, "ada", "--lead")
    far = Monitor(replica.url(team.schema), tmp_path, "bob")
    try:
        far.item(of("alpha", status="connected", seen_by=f"{os.uname().nodename}/ada"))
        monkeypatch.setenv("STUI_HOME", replica.url(team.schema))
        said = stui("status", "--watch", "--lead")
        assert said.code == Exit.STORE
        assert "target_session_attrs=read-write" in said.err
        leader.end(signal.SIGKILL)  # of its lock nothing is known there, but that it tells nothing any more
        far.item(of("alpha", status="connected", seen_by=None))
    finally:
        for each in (leader, far, replica, primary):
            each.end() if isinstance(each, TeamServer) else each.close()


HOSTILE = "\x1b[31mred\n\x07\udcff\u202e"


def test_what_a_member_makes_up_is_looked_at_as_what_an_image_says(
    farm: Farm, team: Team, monitor: Callable[..., Monitor], tmp_path: Path
) -> None:
    alpha = farm.add(Behaviour(name="alpha"))
    register(team, tmp_path, alpha)
    manager = open_manager(environ={"HOME": str(tmp_path / "mallory"), "STUI_HOME": team.url})
    sharing, state = manager.store.sharing, manager.store.read()
    assert sharing is not None
    ages = time.time_ns() // 1_000_000
    lead = Lead(HOSTILE * 50, HOSTILE, proc.network(), 200, 200, ages)
    assert sharing.take_lead(lead) == 1
    answer = Probe("alpha", ages - 10, ProbeOutcome.ANSWERED, latency_ms=1.0, image_id=alpha.image_id)
    record = judge(None, answer._replace(image_version=HOSTILE, dialect=HOSTILE))._replace(reason=HOSTILE)
    watching = [monitor("bob", form="table"), monitor("eve", form="json"), monitor("ann", form="tsv")]
    until = time.monotonic() + LONG
    while not all(any("[31mred" in line for line in each.printed) for each in watching):
        assert time.monotonic() < until, [(each.printed, each.said) for each in watching]
        assert sharing.tell(lead._replace(told_at=time.time_ns() // 1_000_000), state.images, {"alpha": record})
        time.sleep(0.1)
    for each in watching:
        each.end(signal.SIGINT)
        assert not set("\x1b\x07\u202e") & set("".join((*each.printed, *each.said)))
        assert all(" seen by " in line for line in each.said), each.said


# Who may not lead, and where nobody can.


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--lead", "--watch"), "--lead is for the store of a team"),
        (("--lead",), "--lead is for a monitor, which goes on"),
    ],
)
def test_a_store_of_ones_own_has_no_leader(stui: Stui, words: tuple[str, ...], hint: str) -> None:
    said = stui("status", *words)
    assert (said.code, said.out) == (Exit.USAGE, "")
    assert hint in said.err


@pytest.fixture
def in_team(team: Team, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda user: monkeypatch.setenv("STUI_HOME", team.server.url(team.schema, user))


@contextmanager
def a_reader(team: Team) -> Iterator[str]:
    from stui_cli.store.postgresql.schema import grants_sql

    user = f"{team.schema}_ada"
    team.sql(grants_sql(team.schema))
    team.sql(f"create role {user} login in role {{schema}}_reader")
    yield user
    for role in (user, "{schema}_admin", "{schema}_member", "{schema}_reader"):
        team.sql(f"drop owned by {role}; drop role {role}")


def test_a_reader_may_not_lead_by_the_databases_own_word(
    stui: Stui, team: Team, in_team: Callable[[str], None]
) -> None:
    with a_reader(team) as user:
        in_team(user)
        said = stui("status", "--watch", "--lead")
    assert said.code == Exit.NOT_PERMITTED
    assert "does not permit this to you: permission denied for table lead" in said.err
    assert "member" in said.err


def test_tables_of_an_older_stui_have_no_lead_and_watching_goes_on(
    farm: Farm, stui: Stui, team: Team, in_team: Callable[[str], None], monitor: Callable[..., Monitor], tmp_path: Path
) -> None:
    register(team, tmp_path, farm.add(Behaviour(name="alpha")))
    team.sql("drop table {schema}.lead; update {schema}.about set version = 2")
    in_team("owner")
    said = stui("status", "--watch", "--lead")
    assert said.code == Exit.STORE
    assert "stui store init" in said.err
    watching = monitor("ada")
    watching.item(of("alpha", status="connected", seen_by=None))
    watching.item(of("alpha", status="connected", seen_by=None))
    assert not watching.said
