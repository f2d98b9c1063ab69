"""Rounds of monitors of one team, one at a time: what each makes of what another found."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit
from team_server import Team

from stui_cli.api import open_manager
from stui_cli.commands.overview import View
from stui_cli.commands.watching import Watched
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.status import ConnectionStatus
from stui_cli.model.times import now_ms
from stui_cli.work.images.monitor import note_stopped
from stui_cli.work.images.team_rounds import TeamRounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from farm import Farm, FarmImage

    from stui_cli.model.probes import ProbeRecord
    from stui_cli.store.transaction import Draft

HOUR = 3_600_000


class Person:
    """One member of the team, with a monitor that makes a round when it is told to."""

    def __init__(self, team: Team, folder: Path, user: str, interval: float = 2.0, *, leads: bool = False) -> None:
        (folder / "run").mkdir(mode=0o700, exist_ok=True)  # without one, that of whoever runs the tests is meant
        environ = {"HOME": str(folder / user), "STUI_HOME": team.url, "USER": user, "LOGNAME": user}
        environ["XDG_RUNTIME_DIR"] = str(folder / "run")
        self.team = team
        self.manager = open_manager(environ=environ)
        self.said: list[str] = []
        self.bench = self.manager.bench.allowing(10).announcing(self.said.append)
        assert self.bench.store.sharing is not None
        self.rounds = TeamRounds(self.bench, self.bench.store.sharing, interval, leads=leads)

    def round(self) -> dict[str, ProbeRecord]:
        state = self.bench.store.read()
        return self.rounds.round(state, list(state.images.values()))

    def register(self, *farmed: FarmImage) -> None:
        def add(draft: Draft) -> ImageDetails:
            for each in farmed:
                draft.images[each.name] = Image(each.name, each.address, draft.now, image_id=each.image_id)
            return ImageDetails(Kind.IMAGE_ADD, farmed[0].name)

        self.bench.store.commit(add)


@pytest.fixture
def person(tmp_path: Path) -> Callable[..., Person]:
    team = Team(tmp_path / "unused")
    return lambda user, *more, **named: Person(team, tmp_path, user, *more, **named)


def told_by(records: dict[str, ProbeRecord]) -> dict[str, str | None]:
    """Whose word each is, by the name of the user."""
    return {name: record.seen_by and record.seen_by.rpartition("/")[2] for name, record in records.items()}


def test_what_does_not_answer_at_an_address_of_one_machine_is_probed_on_another(
    farm: Farm, person: Callable[..., Person]
) -> None:
    up, down = farm.add(Behaviour(name="up")), farm.add(Behaviour(name="down"))
    ada, bob, far = person("ada", leads=True), person("bob"), person("far")
    ada.register(up, down)
    down.close()
    assert told_by(ada.round()) == {"up": None, "down": None}
    assert told_by(bob.round()) == {"up": "ada", "down": "ada"}
    far.rounds._place = "another machine"
    found = far.round()
    assert told_by(found) == {"up": "ada", "down": None}
    assert found["down"].status is ConnectionStatus.DISCONNECTED


def test_whose_key_is_refused_tells_nobody(farm: Farm, person: Callable[..., Person]) -> None:
    keyed = farm.add(Behaviour(name="keyed", keys={"k": ("admin", b"x" * 32)}))
    ada, bob = person("ada", leads=True), person("bob")
    ada.register(keyed)
    assert ada.round()["keyed"].status is ConnectionStatus.FAILED
    assert told_by(bob.round()) == {"keyed": None}


def test_one_who_looks_more_seldom_than_a_round_is_no_leader_for_it(farm: Farm, person: Callable[..., Person]) -> None:
    ada, quick, slow = person("ada", 60.0, leads=True), person("quick", 2.0), person("slow", 60.0)
    ada.register(farm.add(Behaviour(name="alpha")))
    ada.round()
    assert (told_by(quick.round()), told_by(slow.round())) == ({"alpha": None}, {"alpha": "ada"})


def test_who_leads_by_another_clock_is_told_by_ones_own(farm: Farm, person: Callable[..., Person]) -> None:
    ada, bob = person("ada", leads=True), person("bob")
    ada.register(farm.add(Behaviour(name="alpha")))
    ada.bench.clock = lambda: now_ms() + HOUR
    ada.round()
    first = bob.round()["alpha"]
    assert abs(first.last.checked_at - now_ms()) < HOUR / 2
    assert first.seen_by is not None
    assert bob.round()["alpha"] == first, "told twice, it is of the same time"


def test_what_is_decided_here_counts_until_the_leader_has_looked_again(
    farm: Farm, person: Callable[..., Person]
) -> None:
    alpha = farm.add(Behaviour(name="alpha"))
    ada, bob = person("ada", leads=True), person("bob")
    ada.register(alpha)
    ada.round()
    assert told_by(bob.round()) == {"alpha": "ada"}
    note_stopped(bob.bench, bob.bench.store.read().images["alpha"])
    assert told_by(bob.round()) == {"alpha": None}
    ada.round()
    assert told_by(bob.round()) == {"alpha": "ada"}


def test_what_was_heard_is_no_evidence_of_ones_own_and_nothing_is_probed_twice(
    farm: Farm, person: Callable[..., Person]
) -> None:
    ada, bob = person("ada", leads=True), person("bob", 60.0)
    ada.register(farm.add(Behaviour(name="alpha")))
    ada.round()
    bob.round()
    assert bob.bench.store.probes() == {}
    ada.rounds.close()
    found = bob.round()["alpha"]
    assert found.seen_by is None
    assert bob.round()["alpha"] is found or bob.round()["alpha"] == found, "its next round is in a minute"


def test_one_that_may_lead_does_as_soon_as_nobody_does_and_tells_it_once(
    farm: Farm, person: Callable[..., Person]
) -> None:
    ada, bob = person("ada", leads=True), person("bob", leads=True)
    ada.register(farm.add(Behaviour(name="alpha")))
    ada.round()
    for _ in range(2):
        assert told_by(bob.round()) == {"alpha": "ada"}
    assert [line.partition(";")[0].rpartition("/")[2] for line in bob.said] == ["ada leads (term 1)"]
    ada.rounds.close()
    assert told_by(bob.round()) == {"alpha": None}
    assert bob.said[1:] == ["this monitor leads now (term 2): what it finds is told to the team"]
    assert told_by(ada.round()) == {"alpha": "bob"}


def test_of_two_monitors_of_one_person_the_late_one_brings_nothing_back(
    farm: Farm, person: Callable[..., Person]
) -> None:
    alpha = farm.add(Behaviour(name="alpha"))
    ada, bob, late = person("ada", leads=True), person("bob"), person("bob")
    ada.register(alpha)
    ada.round()
    state = late.bench.store.read()
    found = late.rounds._sharing.findings(state.images)
    assert found is not None
    older = late.rounds._true_here(list(state.images.values()), found)
    alpha.incarnation = "another"
    ada.round()
    assert bob.round()["alpha"].incarnation == "another"
    late.rounds._take_over(state, older)
    assert late.bench.store.heard()["alpha"].incarnation == "another"


def test_who_takes_over_the_lead_goes_on_from_what_was_found_before(
    farm: Farm, person: Callable[..., Person], tmp_path: Path
) -> None:
    alpha = farm.add(Behaviour(name="alpha"))
    ada, bob, eve = person("ada", leads=True), person("bob", leads=True), person("eve")
    told = tmp_path / "told"
    hook = f"sh -c 'cat >> {told}'"
    (tmp_path / "bob" / ".config" / "stui").mkdir(parents=True)
    (tmp_path / "bob" / ".config" / "stui" / "config.toml").write_text(f'on_change = "{hook}"\n')
    for each in (ada, bob, eve):  # so that no image is left alone for what it did a moment ago
        each.bench.clock = lambda: now_ms() + passed
    passed = 0
    ada.register(alpha)
    bob.round()  # alpha is connected, as far as bob has seen himself
    bob.rounds.close()
    alpha.behaviour = replace(alpha.behaviour, habit=Habit.HANGS_UP)
    statuses = []
    for _ in range(4):
        passed += 10_000
        statuses.append(ada.round()["alpha"].status)
        bob.round()
    assert statuses[0] is statuses[1] is ConnectionStatus.UNKNOWN
    assert statuses[2:] == [ConnectionStatus.DISCONNECTED] * 2
    before = bob.round()["alpha"]
    ada.rounds.close()
    for _ in range(4):
        passed += 10_000
        after = bob.round()["alpha"]
        assert (after.status, after.since, after.seen_by) == (ConnectionStatus.DISCONNECTED, before.since, None)
        followed = eve.round()["alpha"]
        assert (followed.status, followed.since, followed.seen_by is None) == (after.status, before.since, False)
    own = bob.bench.store.probes()["alpha"]
    assert own.failures == 4, "of what another found nothing counts as evidence of one's own"
    alpha.behaviour = replace(alpha.behaviour, habit=Habit.WELL)
    passed += 1_000_000
    assert bob.round()["alpha"].status is ConnectionStatus.CONNECTED
    events = [json.loads(line) for line in told.read_text().splitlines()]
    assert [(event["before"], event["after"]) for event in events] == [
        ("connected", "unknown"),
        ("unknown", "disconnected"),
        ("disconnected", "connected"),
    ]


def test_who_takes_over_the_lead_asks_what_another_met_since(farm: Farm, person: Callable[..., Person]) -> None:
    alpha = farm.add(Behaviour(name="alpha"))
    ada, bob, eve = person("ada", leads=True), person("bob", leads=True), person("eve")
    ada.register(alpha)
    alpha.behaviour = replace(alpha.behaviour, habit=Habit.HANGS_UP)
    for passed in (0, 10_000, 20_000, 30_000, 60_000):
        ada.bench.clock = lambda ahead=passed: now_ms() + ahead
        assert ada.round()["alpha"].seen_by is None
    ada.rounds.close()
    alpha.behaviour = replace(alpha.behaviour, habit=Habit.WELL)
    for each in (bob, eve):
        each.bench.clock = ada.bench.clock
    connected = bob.round()["alpha"]
    ada.round()
    bob.rounds.close()
    found = ada.round()["alpha"]
    assert (found.status, found.since, found.seen_by) == (ConnectionStatus.CONNECTED, connected.since, None)
    assert eve.round()["alpha"].status is ConnectionStatus.CONNECTED


def test_what_is_watched_grows_older_while_the_store_is_away(farm: Farm, person: Callable[..., Person]) -> None:
    ada, bob = person("ada", leads=True), person("bob")
    ada.register(farm.add(Behaviour(name="alpha")))
    ada.round()
    records = bob.round()
    watched = Watched(bob.bench, View((), {}))
    before = watched.result(records)
    assert watched.is_read
    bob.team.sql("alter schema {schema} rename to {schema}_away")
    bob.bench.clock = lambda: now_ms() + HOUR
    after = watched.result(records)
    assert not watched.is_read
    assert [item["age_s"] // 3600 for item in (*before.items, *after.items)] == [0, 1]
    assert [note.partition(" seen by ")[2].split()[1:] for note in (*before.notes, *after.notes)] == [
        ["1", "s", "ago"],
        ["1", "h", "ago"],
    ]
