"""Sweeping over farmed images: what was shown goes, from both sides, and what goes on meanwhile is respected."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tomli_w
from farm import Behaviour, Habit
from orphan_worlds import DAY, HOUR, MINUTE, World, taken
from shell import wait_until

from stui_cli.local.proc import start_of
from stui_cli.model.errors import NotFound, UsageProblem
from stui_cli.model.history import Entry
from stui_cli.model.operations import CleanupDetails
from stui_cli.model.orphans import Kept, Orphan, Rules
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, SessionState
from stui_cli.store.problems import Damaged
from stui_cli.work.sessions.checkpoint import keep_checkpoints
from stui_cli.work.sweeping.carry_out import Swept, remove_orphans
from stui_cli.work.sweeping.plan import plan_of, planned, read_plan, write_plan
from stui_cli.work.sweeping.survey import Survey, everything, find_orphans, probed, scope_named

if TYPE_CHECKING:
    from farm import Farm

    from stui_cli.model.sessions import Session

RULES = Rules(grace=DAY)
FORCED = Rules(grace=DAY, older_than=0, force=True)


@pytest.fixture
def world(farm: Farm, tmp_path: Path) -> World:
    return World(farm, tmp_path / "store")


def look(world: World, rules: Rules = RULES, *, dry: bool = False) -> Survey:
    scope = everything(world.state)
    return find_orphans(world.bench, scope, probed(world.bench, scope.images, dry=dry), rules)


def sweep(world: World, rules: Rules = RULES) -> Swept:
    return remove_orphans(world.bench, look(world, rules), rules)


def gone(swept: Swept) -> list[tuple[str, str]]:
    return sorted((f.label, str(f.reason)) for f in swept.gone)


def entry(at: int) -> Entry:
    return Entry(at, "x := 1", "returned", "1", "SmallInteger", None, 1, "earlier")


def with_a_checkpoint(world: World, session: Session) -> None:
    """Let the store keep one variable of a session."""
    binding = CheckpointBinding("x", "Integer", "1", "1")
    taken = Checkpoint(session.session_id, session.image_id, session.incarnation, world.now, (binding,))
    keep_checkpoints(world.bench, [("well", session, taken)], "for a test")


def test_each_reason_in_one_run_and_one_operation(world: World) -> None:
    well, dead, other = (world.image(name) for name in ("well", "dead", "other"))
    former = world.image("former")
    world.session(well, "alive")
    world.record(well, "lost", incarnation="earlier")
    world.record(well, "closed", state=SessionState.CLOSED, last_activity=world.now - 40 * DAY)
    world.live(well, "stray")
    world.record(former, "kept", registered_as="former")
    world.session(dead, "work")
    world.record(other, "work")
    dead.close()
    for _ in range(3):
        look(world)
        world.now += DAY // 2
    world.change_image("other", image_id="another-id")
    before = world.state.head
    world.store.undo()
    replaced = world.farm.add(Behaviour(name="new"))
    world.change_image("other", address=replaced.address)
    from stui_cli.work.images.register import remove_image

    remove_image(world.bench, world.state.images["former"])
    look(world)
    world.now += DAY
    before = world.state.head
    swept = sweep(world, Rules(grace=DAY, older_than=30 * DAY))
    assert gone(swept) == [
        ("dead/work", "image_gone"),
        ("former/kept", "image_unregistered"),
        ("other/work", "image_replaced"),
        ("well/closed", "expired"),
        ("well/lost", "session_lost"),
        ("well/stray", "stray"),
    ]
    assert world.state.head == before + 1
    assert world.labels() == {f"{well.image_id}/alive"}
    assert list(well.sessions) == ["well-alive"]
    details = world.store.operation(before + 1).details
    assert isinstance(details, CleanupDetails)
    assert len(details.removed) == 6
    assert gone(sweep(world, Rules(grace=DAY, older_than=30 * DAY))) == []

    reversal = world.store.undo()
    told = [lasting.what for lasting in reversal.lasting]
    assert "well/stray had no record and was ended inside its image; it cannot come back" in told
    assert any("only the record of dead/work is back" in what for what in told)


def test_a_dry_look_writes_nothing_and_names_what_then_goes(world: World) -> None:
    well = world.image("well")
    world.record(well, "lost", incarnation="earlier")
    world.live(well, "stray")
    probes = Path(world.store.home.probes)
    preview = look(world, dry=True)
    assert not probes.exists()
    assert [(f.label, f.verdict) for f in preview.orphans] == [(f.label, f.verdict) for f in sweep(world).gone]


def test_the_work_of_a_lost_session_waits_for_its_owner_and_is_told_when_it_goes(world: World) -> None:
    """An image that was stopped, launched again, and swept by the nightly job before anybody came back."""
    well = world.image("well")
    saved = world.record(well, "saved", incarnation="earlier")
    world.record(well, "used", incarnation="earlier")
    world.record(well, "empty", incarnation="earlier")
    world.store.append_history(well.image_id, "well-used", entry(world.now), entry(world.now))
    with_a_checkpoint(world, saved)
    waiting = {f.label: f.verdict for f in look(world, dry=True).kept}
    assert all(isinstance(verdict, Kept) and verdict.waiting for verdict in waiting.values())
    assert gone(sweep(world)) == [("well/empty", "session_lost")]
    world.now += DAY - 1
    assert not look(world).orphans
    world.now += 1
    evidence = {f.label: f.verdict.evidence for f in sweep(world).gone if isinstance(f.verdict, Orphan)}
    assert evidence["well/saved"].endswith("; with it goes a checkpoint of 1 variable")
    assert evidence["well/used"].endswith("; with it goes a history of 2 evaluations")
    assert not world.labels()


def test_what_an_image_lost_while_it_ran_waits_from_its_last_evaluation_on(world: World) -> None:
    well = world.image("well")
    world.record(well, "used", last_activity=world.now - 10 * DAY)
    world.store.append_history(well.image_id, "well-used", entry(world.now))
    look(world)
    world.now += DAY - 1
    assert not look(world).orphans
    world.now += DAY
    assert gone(sweep(world)) == [("well/used", "session_lost")]


def test_a_checkpoint_that_cannot_be_read_is_somebodys_work_all_the_same(world: World) -> None:
    well = world.image("well")
    saved = world.record(well, "saved", incarnation="earlier")
    with_a_checkpoint(world, saved)
    world.record(well, "empty", incarnation="earlier")
    (sha256,) = {s.checkpoint for s in world.store.sessions(world.state, well.image_id).values()} - {None}
    Path(world.store.home.object(sha256 or "")).write_bytes(b"torn")
    survey = look(world)
    assert [f.label for f in survey.orphans] == ["well/empty"]
    assert "a checkpoint that cannot be read" in next(getattr(f.verdict, "why", "") for f in survey.kept)


def test_one_dead_one_hanging_one_refusing_and_one_well_image(world: World) -> None:
    well, dead = world.image("well"), world.image("dead")
    hanging = world.image("hanging", habit=Habit.BLACK_HOLE)
    mute = world.image("mute", habit=Habit.HELLO_ONLY)
    refusing = world.image("refusing", keys={"k": ("developer", b"a key")})
    for farmed in (well, dead, hanging, mute, refusing):
        world.record(farmed, "work", incarnation="earlier")
    dead.close()
    world.timeout = 1
    survey = look(world)
    world.timeout = 20
    swept: list[Swept] = []
    assert taken(lambda: swept.append(remove_orphans(world.bench, survey, RULES))) < 15
    assert gone(swept[0]) == [("well/work", "session_lost")]
    why = {f.image: f.verdict.why for f in survey.kept if hasattr(f.verdict, "why")}
    assert set(why) == {"dead", "hanging", "mute", "refusing"}
    assert "refused since" in why["dead"]
    assert "proves nothing" in why["refusing"]


def test_an_image_that_hangs_only_when_it_is_asked_costs_no_more_than_the_run(world: World) -> None:
    well, late = world.image("well"), world.image("late")
    for farmed in (well, late):
        world.record(farmed, "lost", incarnation="earlier")
    scope = everything(world.state)
    records = probed(world.bench, scope.images, dry=False)
    slow = world.farm.add(replace(late.behaviour, image_id=late.image_id, delay_s=9))
    world.change_image("late", address=slow.address)
    scope = everything(world.state)
    survey: list[Survey] = []
    bench = world.bench.allowing(1)
    assert taken(lambda: survey.append(find_orphans(bench, scope, records, RULES))) < 7
    assert [f.label for f in survey[0].orphans] == ["well/lost"]
    assert [failure.image for failure in survey[0].failures] == ["late"]


def test_a_forced_sweep_ends_live_sessions_and_undo_finds_their_fresh_checkpoint(world: World) -> None:
    one, two = world.image("one"), world.image("two")
    for farmed in (one, two):
        world.session(farmed, "work")
        world.session(farmed, "play")
    before = world.state.head
    assert len(sweep(world, FORCED).gone) == 4
    assert not one.sessions
    assert not two.sessions
    assert world.state.head == before + 2  # one for all checkpoints, taken before anything was ended, and the sweep
    reversal = world.store.undo()
    back = world.store.sessions(world.state, one.image_id)["work"]
    assert back.checkpoint is not None
    assert world.store.checkpoint(back.checkpoint).bindings[0].store == "'one-work'"
    assert "stui sessions restore -i one work" in [lasting.todo for lasting in reversal.lasting]
    assert any("one/work was ended inside its image" in lasting.what for lasting in reversal.lasting)


def test_what_is_done_in_a_session_while_it_is_swept_is_kept(world: World) -> None:
    """Its agent ends it and tells its variables in one step."""
    well = world.image("well", abilities=("closing_checkpoint",))
    world.session(well, "work")
    head = world.state.head
    assert gone(sweep(world, FORCED)) == [("well/work", "expired")]
    assert well.methods()[-2:] == ["checkpoint_session", "close_session"]
    assert world.state.head == head + 3
    world.store.undo()
    back = world.store.sessions(world.state, well.image_id)["work"]
    assert {b.name for b in world.store.checkpoint(back.checkpoint or "").bindings} == {"x", "y"}


def test_without_force_what_runs_is_not_interrupted(world: World) -> None:
    well = world.image("well", abilities=("closing_checkpoint",))
    world.session(well, "busy")
    world.kept_live["well-busy"] = "running"
    swept = sweep(world, Rules(grace=DAY, older_than=MINUTE, preserve_active=False))
    assert (gone(swept), [failure.what for failure in swept.failures]) == ([], ["well/busy stays: running"])
    assert gone(sweep(world, FORCED)) == [("well/busy", "expired")]


def test_what_an_image_does_not_end_stays_on_both_sides_and_goes_next_time(world: World) -> None:
    well = world.image("well")
    world.session(well, "busy")
    world.session(well, "idle")
    rules = Rules(grace=DAY, older_than=MINUTE, preserve_active=False)
    world.kept_live["well-busy"] = "running"
    swept = sweep(world, rules)
    assert gone(swept) == [("well/idle", "expired")]
    assert [failure.what for failure in swept.failures] == ["well/busy stays: running"]
    assert world.labels() == {f"{well.image_id}/busy"}
    assert list(well.sessions) == ["well-busy"]
    world.kept_live.clear()
    assert gone(sweep(world, rules)) == [("well/busy", "expired")]


@pytest.mark.parametrize("unknown", ["not_found", "not found"])
def test_a_stray_that_another_sweep_ended_meanwhile_is_gone(world: World, unknown: str) -> None:
    """An older agent tells it in words, a newer one by a code."""
    world.live(world.image("well"), "stray")
    world.kept_live["well-stray"] = unknown
    swept = sweep(world)
    assert (gone(swept), swept.failures) == ([("well/stray", "stray")], ())


def test_what_an_agent_of_tomorrow_says_of_a_session_that_stays_is_told(world: World) -> None:
    world.live(world.image("well"), "stray")
    world.kept_live["well-stray"] = "being_saved"
    assert [failure.what for failure in sweep(world).failures] == ["well/stray stays: being saved"]


def test_an_image_that_goes_away_between_the_survey_and_the_sweep_keeps_its_records(world: World) -> None:
    well, away = world.image("well"), world.image("away")
    for farmed in (well, away):
        world.session(farmed, "work")
    survey = look(world, FORCED)
    away.close()
    swept = remove_orphans(world.bench, survey, FORCED)
    assert gone(swept) == [("well/work", "expired")]
    assert [failure.image for failure in swept.failures] == ["away"]
    assert world.labels() == {f"{away.image_id}/work"}


def test_a_session_used_between_the_survey_and_the_sweep_stays(world: World) -> None:
    well = world.image("well")
    world.session(well, "work")
    world.live(well, "stray")
    rules = Rules(grace=DAY, older_than=MINUTE, preserve_active=False)
    survey = look(world, rules)
    for session_id, (owner, live) in list(well.sessions.items()):
        well.sessions[session_id] = (owner, live._replace(last_activity=world.now))
    swept = remove_orphans(world.bench, survey, rules)
    assert not swept.gone
    assert sorted(swept.changed) == [
        "well/stray was used meanwhile and stays",
        "well/work was used meanwhile and stays",
    ]
    assert len(well.sessions) == 2


def test_a_record_that_changed_meanwhile_stays(world: World) -> None:
    well = world.image("well")
    lost = world.record(well, "lost", incarnation="earlier")
    survey = look(world)
    world.record(well, "lost", incarnation=well.incarnation)  # as `sessions restore` does
    swept = remove_orphans(world.bench, survey, RULES)
    assert (swept.gone, swept.changed) == ((), ("well/lost changed meanwhile and stays",))
    assert lost.session_id in {s.session_id for s in world.store.sessions(world.state, well.image_id).values()}


def test_an_image_that_is_registered_again_meanwhile_keeps_its_sessions(world: World) -> None:
    former = world.image("former", registered=False)
    world.record(former, "work")
    survey = look(world)
    world.register(former)
    assert [f.label for f in survey.orphans] == [f"{former.image_id}/work"]
    assert not remove_orphans(world.bench, survey, RULES).gone
    assert world.labels() == {f"{former.image_id}/work"}


def test_an_image_that_is_left_alone_on_purpose_meanwhile_keeps_its_sessions(world: World) -> None:
    dead = world.image("dead")
    world.session(dead, "work")
    dead.close()
    for _ in range(3):
        survey = look(world, Rules(grace=0))
    assert survey.orphans
    world.change_image("dead", parked=True)
    assert not remove_orphans(world.bench, survey, Rules(grace=0)).gone


@pytest.mark.parametrize("answers", [False, True])
def test_an_image_that_moved_or_came_back_meanwhile_keeps_its_sessions(world: World, answers: bool) -> None:
    dead = world.image("dead")
    world.session(dead, "work")
    dead.close()
    for _ in range(3):
        survey = look(world, Rules(grace=0))
    assert survey.orphans
    back = world.farm.add(Behaviour(name="dead", image_id=dead.image_id))
    if answers:  # where it was: another command has met it, and the entry is as it was judged
        world.change_image("dead", address=back.address)
        look(world)
        world.change_image("dead", address=dead.address)
    else:
        world.change_image("dead", address=back.address)
    swept = remove_orphans(world.bench, survey, Rules(grace=0))
    assert (swept.gone, swept.changed) == ((), ("dead/work changed meanwhile and stays",))


def test_an_image_that_runs_at_another_address_is_not_gone_nor_replaced(world: World) -> None:
    """Two images that swapped their ephemeral ports at a restart."""
    one, two = world.image("one"), world.image("two")
    for farmed in (one, two):
        world.session(farmed, "work")
    world.change_image("one", address=two.address)
    world.change_image("two", address=one.address)
    survey = look(world)
    assert not survey.orphans
    assert {f.verdict.why for f in survey.kept if hasattr(f.verdict, "why")} == {
        f"its image lives at {one.address}: stui images set one --address {one.address}",
        f"its image lives at {two.address}: stui images set two --address {two.address}",
    }


def test_an_image_whose_process_lives_is_not_gone_though_nobody_listens(world: World) -> None:
    """Its runtime file says that it listens just there; only its socket is gone."""
    deaf = world.image("deaf")
    world.record(deaf, "work", incarnation=deaf.incarnation)
    deaf.close()
    runtime = Path(world.bench.environ["XDG_RUNTIME_DIR"]) / "stui"
    runtime.mkdir(parents=True, mode=0o700)
    told = {"schema": 1, "name": "deaf", "address": deaf.address, "image_id": deaf.image_id, "incarnation": "i"}
    file = runtime / "deaf.toml"
    file.write_text(
        tomli_w.dumps(told | {"pid": os.getpid(), "process_start": int(start_of(os.getpid()) or 0), "dialect": "gst"})
    )
    for _ in range(3):
        survey = look(world, Rules(grace=0))
    assert not survey.orphans
    file.unlink()
    assert [f.label for f in look(world, Rules(grace=0)).orphans] == ["deaf/work"]


class TestStrays:
    def test_somebody_elses_only_by_force_and_not_in_use(self, world: World) -> None:
        well = world.image("well")
        world.record(well, "anchor", incarnation=well.incarnation)
        world.live(well, "theirs", owner="somebody", idle=HOUR)
        world.live(well, "at-work", owner="somebody", idle=MINUTE)
        world.live(well, "ours")
        world.live(well, "anchor")
        assert gone(sweep(world)) == [("well/ours", "stray")]
        assert gone(sweep(world, Rules(grace=DAY, force=True))) == [("well/theirs", "stray")]
        assert gone(sweep(world, Rules(grace=DAY, force=True, preserve_active=False))) == [("well/at-work", "stray")]
        assert list(well.sessions) == ["well-anchor"]

    def test_they_are_in_the_audit_log_although_no_record_changed(self, world: World) -> None:
        well = world.image("well")
        world.live(well, "stray")
        head = world.state.head
        assert gone(sweep(world)) == [("well/stray", "stray")]
        assert world.state.head == head
        entry = list(world.store.audit())[-1]
        assert (entry.action, entry.image, entry.session) == ("cleanup", "well", "stray")
        assert entry.outcome == "ended (Stray)"

    def test_what_was_removed_while_its_image_was_away_is_ended_when_it_is_back(self, world: World) -> None:
        """Nothing is lost by the way: what an image could not do is found again at the next contact."""
        away = world.image("away")
        world.session(away, "work")
        world.change_image("away", address="tcp://127.0.0.1:1")
        for _ in range(3):
            look(world)
            world.now += DAY
        assert gone(sweep(world)) == [("away/work", "image_gone")]
        assert list(away.sessions) == ["away-work"]
        world.change_image("away", address=away.address)
        assert gone(sweep(world)) == [("away/work", "stray")]
        assert not away.sessions


def test_a_damaged_store_makes_no_strays(world: World) -> None:
    """What was recorded and cannot be read looks exactly like what was never recorded."""
    well = world.image("well")
    world.session(well, "one")
    world.session(well, "two")
    sha256 = world.state.shards[well.image_id]
    Path(world.store.home.object(sha256)).write_bytes(b"torn")
    with pytest.raises(Damaged):
        look(world)
    assert len(well.sessions) == 2


class TestNames:
    def test_images_sessions_and_images_that_are_not_registered_any_more(self, world: World) -> None:
        well, former = world.image("well"), world.image("former", registered=False)
        world.record(well, "one", incarnation="earlier")
        world.record(well, "two", incarnation="earlier")
        world.record(former, "one", registered_as="former")

        def labels(*names: str) -> list[str]:
            scope = scope_named(world.bench, world.state, names)
            found = find_orphans(world.bench, scope, probed(world.bench, scope.images, dry=True), RULES)
            return sorted(finding.label for finding in found.orphans)

        assert labels("well") == ["well/one", "well/two"]
        assert labels("well/two", "former") == ["former/one", "well/two"]
        assert labels(f"{former.image_id}/one") == ["former/one"]
        for word, hint in (("wel", "well"), ("well/tow", "well/two")):
            with pytest.raises(NotFound) as found:
                labels(word)
            assert hint in found.value.todo


class TestPlans:
    def test_a_plan_is_applied_as_far_as_it_still_holds(self, world: World, tmp_path: Path) -> None:
        well = world.image("well")
        for name in ("one", "two", "three"):
            world.record(well, name, incarnation="earlier")
        path = tmp_path / "plan.json"
        write_plan(path, look(world, dry=True), RULES)
        world.record(well, "two", incarnation=well.incarnation)
        world.live(well, "two")
        world.record(well, "three", last_activity=world.now, incarnation="earlier")
        rules, items = read_plan(path)
        assert rules == RULES
        survey, changed = planned(look(world), items)
        assert [f.label for f in survey.orphans] == ["well/one"]
        assert changed == [
            "well/two is not left behind any more",
            "well/three changed since the plan was made (last_activity)",
        ]

    def test_further_probes_are_no_change(self, world: World) -> None:
        dead = world.image("dead")
        world.session(dead, "work")
        dead.close()
        for _ in range(3):
            look(world)
            world.now += DAY
        plan = plan_of(look(world))
        world.now += DAY
        survey, changed = planned(look(world), plan)
        assert (len(survey.orphans), changed) == (1, [])

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            '{"schema": "stui/cleanup-plan/v2", "rules": {}, "orphans": []}',
            '{"schema": "stui/cleanup-plan/v1", "rules": {"grace": "1"}, "orphans": []}',
            '{"schema": "stui/cleanup-plan/v1", "rules": {}, "orphans": [1]}',
            "[" * 100_000,
        ],
    )
    def test_what_is_no_plan(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "plan.json"
        path.write_text(text)
        with pytest.raises(UsageProblem, match="plan"):
            read_plan(path)

    def test_a_plan_that_cannot_be_written(self, world: World, tmp_path: Path) -> None:
        with pytest.raises(UsageProblem, match="cannot be written"):
            write_plan(tmp_path / "none" / "plan.json", look(world), RULES)


def test_the_seeds_flow_monitor_update_detect_trigger_notify(world: World, tmp_path: Path) -> None:
    """The user's own Connection Monitoring Flow, end to end, through the Python API."""
    import json

    from stui_cli.api import SessionManager

    told = tmp_path / "told"
    told.touch()

    def events() -> list[tuple[str, str, str]]:
        return [(e["image"], e["before"], e["after"]) for e in map(json.loads, told.read_text().splitlines())]

    well, dead = world.image("well"), world.image("dead")
    for farmed in (well, dead):
        world.session(farmed, "work")
    Path(world.store.home.config).write_text(f"on_change = ['sh', '-c', 'cat >>{told}']\n")
    # The dead one refuses at once; to the one that is well a busy machine gives its time.
    manager = SessionManager(world.store, environ=world.bench.environ, timeout=10, clock=world.clock)
    with manager.start_connection_monitoring(0.02) as monitoring:
        assert monitoring.wait(0, 20)
        assert manager.detect_disconnected_images() == []
        dead.close()
        rounds = 0
        while "dead" not in manager.detect_disconnected_images():
            world.now += 2_000
            rounds = monitoring.wait(rounds, 20)
        # The hook runs once it is recorded.
        wait_until(lambda: any(e[::2] == ("dead", "disconnected") for e in events()), "the event of the dead image", 30)
    assert [f.reason for f in manager.handle_image_disconnection("dead")] == [None]
    for _ in range(3):
        world.now += DAY
        found = manager.handle_image_disconnection("dead")
    assert {str(f.reason) for f in found} <= {"image_gone"}
    assert world.labels() == {f"{well.image_id}/work"}
    assert manager.cleanup_orphaned_sessions() == 0
    assert manager.store.undo().lasting[0].todo == "stui sessions restore -i dead work"


def test_undo_gives_each_session_its_old_place(world: World) -> None:
    from orphan_worlds import state_bytes

    well = world.image("well")
    world.record(well, "first", incarnation="earlier")
    world.session(well, "second")
    before = state_bytes(world)
    assert gone(sweep(world)) == [("well/first", "session_lost")]
    world.store.undo()
    assert list(world.store.sessions(world.state, well.image_id)) == ["first", "second"]
    assert state_bytes(world) == before
