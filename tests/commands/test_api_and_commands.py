"""What the Python API answers is what the commands print; and it does what they do, from many threads as well."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from stui_cli.api import open_manager, to_json
from stui_cli.model.errors import CodeFailed, NotFound, Refused, StoreProblem, TooLate, Unreachable, UsageProblem
from stui_cli.model.sessions import SessionState
from stui_cli.work.meant import terminals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stui_cli.api import SessionManager
    from stui_cli.model.images import Image
    from tests.commands.conftest import Stui

# What is measured anew each time.
MEASURED = {"elapsed_ms", "age_s", "latency_ms", "uptime_ms", "memory_used", "checked_at", "measured_at", "last_seen"}
MEASURED |= {"since", "scheduled_ms", "min_ms", "max_ms", "avg_ms", "last_activity", "role_checked_at", "hash"}


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "terminal_key", lambda: None)


@pytest.fixture
def work(manager: SessionManager, two_images: tuple[Image, Image]) -> str:
    """A session with a variable, which is the current one."""
    manager.create_session("alpha", "work", "of the API")
    manager.evaluate("answer := 6 * 7", "alpha/work").checked()
    manager.switch_image_context("alpha/work")
    return "alpha/work"


SAME: dict[str, Callable[[SessionManager], Any]] = {
    "images list": lambda manager: manager.list_images(),
    "images show alpha": lambda manager: manager.show_image("alpha"),
    "status alpha beta": lambda manager: manager.status(["alpha", "beta"]),
    "ping alpha": lambda manager: manager.ping(["alpha"]),
    "sessions list": lambda manager: manager.list_sessions(),
    "sessions show alpha/work": lambda manager: manager.show_session("alpha/work"),
    "sessions restore alpha": lambda manager: manager.restore_sessions("alpha"),
    "sessions history": lambda manager: manager.session_history(),
    "sessions stats alpha": lambda manager: manager.get_image_session_stats("alpha"),
    "context": lambda manager: manager.context(),
    "cleanup -n": lambda manager: manager.plan_cleanup(),
    "log --all": lambda manager: manager.log(switches=True),
    "log show 1": lambda manager: manager.operation(1),
    "audit": lambda manager: manager.audit(),
    "audit --verify": lambda manager: manager.verify_audit(),
    "browse methods Boolean": lambda manager: manager.browse("methods", "Boolean"),
    "jobs": lambda manager: manager.jobs(),
    "inspect answer": lambda manager: manager.inspect("answer"),
    "eval answer": lambda manager: manager.evaluate("answer"),
    "eval --all 3/0": lambda manager: manager.evaluate_everywhere("3/0"),
}


def steady(item: object) -> object:
    """An item without what is measured, and a value's own number, which is another one each time."""
    match item:
        case dict():
            return {key: steady(value) for key, value in item.items() if key not in {*MEASURED, "ref", "variables"}}
        case list():
            return [steady(each) for each in item]
        case _:
            return item


@pytest.mark.usefixtures("work")
def test_the_json_of_each_answer_is_that_of_the_command(manager: SessionManager, stui: Stui) -> None:
    manager.status()  # so that what is recorded of images is there already
    for line, call in SAME.items():
        printed = stui(*line.split(), "-o", "json").items
        answered = json.loads(to_json(call(manager)))
        answered = answered if isinstance(answered, list) else [answered]
        assert steady(answered) == steady(printed), line


@pytest.mark.usefixtures("work")
def test_sessions_that_cannot_be_restored_are_failures_of_the_answer(manager: SessionManager) -> None:
    manager.create_session("alpha", "play")
    manager.create_session("alpha", "done")
    manager.close_session("alpha/done")
    found = manager.restore_sessions()
    assert ([each.name for each in found.sessions], found.failures) == (["work", "play"], ())
    manager.set_image("alpha", address="tcp://127.0.0.1:1")
    away = manager.restore_sessions("alpha")
    assert (away.sessions, [failure.exit_code for failure in away.failures]) == ((), [5])


def test_code_is_run_and_what_it_did_wrong_is_part_of_the_answer(manager: SessionManager, work: str) -> None:
    told: list[str] = []
    found = manager.evaluate("Transcript showCr: 'hello'; flush. answer + 1", work, on_output=told.append)
    assert (found.outcome, found.value and found.value.print, "".join(told)) == ("returned", "43", "hello\n")
    raised = manager.evaluate("nil foo", work)
    assert (raised.outcome, raised.error and raised.error.class_name) == ("raised", "MessageNotUnderstood")
    with pytest.raises(CodeFailed, match="alpha/work: raised") as failed:
        raised.checked()
    assert failed.value.exit_code == 7
    outcomes = [each.outcome for each in manager.evaluate_each(["1", "1 +", "2"], work)]
    assert outcomes == ["returned", "not_run"]
    assert [each.outcome for each in manager.evaluate_each(["nil foo", "2"], work, keep_going=True)] == [
        "raised",
        "returned",
    ]
    with pytest.raises(TooLate):
        manager.evaluate("[true] whileTrue", time_limit=0.2)
    with pytest.raises(UsageProblem, match="time limit"):
        manager.evaluate("1", work, time_limit=0)
    with pytest.raises(CodeFailed):
        manager.inspect("nil foo", work)
    assert manager.evaluate("answer", work, once="k").value == manager.evaluate("0", work, once="k").value
    assert [entry.outcome for entry in manager.session_history(work, 2)] == ["returned", "returned"]


def test_what_could_not_be_recorded_is_a_warning_of_the_answer(manager: SessionManager, work: str, home: Path) -> None:
    audit = home / "stui" / "audit.jsonl"
    audit.unlink()
    audit.mkdir()
    told = manager.evaluate("answer", work)
    assert told.value is not None
    assert "could not be recorded" in told.warnings[0]
    with pytest.raises(StoreProblem):
        manager.evaluate("answer", work, must_record=True)


def test_an_image_may_be_named_by_its_id_everywhere(manager: SessionManager, work: str) -> None:
    image_id = manager.show_image("alpha").image_id
    assert image_id is not None
    by_id = f"{image_id}/work"
    assert manager.evaluate("answer", by_id).image == "alpha"
    assert [each.image for each in manager.evaluate_everywhere("answer", [by_id, "beta"], session="work")] == [
        "alpha",
        "beta",
    ]
    assert manager.inspect("answer", by_id).print == "42"
    assert [each.name for each in (*manager.ping([image_id]), *manager.status([image_id]))] == ["alpha", "alpha"]
    assert manager.show_session(by_id).name == "work"
    assert [each.source for each in manager.session_history(by_id, 1)] == ["answer"]
    assert manager.jobs([image_id]) == manager.interrupt(image_id) == []
    assert manager.browse("comment", "Object", image_id)[0].image == "alpha"
    assert {each.image for each in manager.plan_cleanup([by_id]).records} == {"alpha"}
    assert len(manager.log(image=image_id)) == len(manager.log(image="alpha")) > 0
    assert manager.restore_session(by_id).name == "work"
    assert manager.close_session(by_id).name == "work"
    assert manager.rename_session(by_id, "job").name == "job"
    assert manager.create_session(image_id, "more").image == "alpha"


def test_a_session_through_its_life(manager: SessionManager, work: str, tmp_path: Path) -> None:
    file = tmp_path / "work.toml"
    assert manager.create_session("alpha", "work", attach=True).session_id == manager.show_session(work).session_id
    with pytest.raises(Refused):
        manager.create_session("alpha", "work")
    assert manager.rename_session(work, "job").owner == "alpha"
    assert manager.export_session("alpha/job", file).bindings == 1
    assert manager.close_session("alpha/job").state is SessionState.CLOSED
    assert manager.restore_session("alpha/job").restored == ("answer",)
    imported = manager.import_session(file, "beta", name="guest")
    assert (imported.image, imported.restored, imported.failure) == ("beta", ("answer",), None)
    assert manager.evaluate("answer", "beta/guest").value == manager.evaluate("answer", "alpha/job").value
    was = manager.remove_session("alpha/job")
    assert [each.name for each in manager.list_sessions()] == ["guest"]
    undone = manager.undo()
    assert (undone.taken_back[0].kind, undone.left) == ("session.remove", ())
    assert "sessions restore" in undone.warnings[0]
    assert {each.session_id for each in manager.list_sessions("alpha")} == {was.session_id}
    assert [each.name for each in manager.list_sessions("alp*/j*", states=["lost"])] == ["job"]
    assert manager.list_sessions(states=["closed", "parked"]) == []
    with pytest.raises(UsageProblem, match="'open' is no state"):
        manager.list_sessions(states=["open"])
    manager.redo()
    assert manager.list_sessions("alpha") == []
    number = manager.log(1)[0].number
    manager.set_image("alpha", labels={"role": "build"})
    assert manager.rollback(number).operation is not None
    assert manager.show_image("alpha").metadata == {}


def test_the_registry_is_changed_and_each_change_can_be_taken_back(
    manager: SessionManager, two_images: tuple[Image, Image]
) -> None:
    alpha = two_images[0]
    assert alpha.image_id is not None
    assert manager.set_image(alpha.image_id, labels={"role": "build"}).metadata == {"role": "build"}
    assert [each.name for each in manager.list_images(labels={"role": "build"})] == ["alpha"]
    assert [each.image for each in manager.evaluate_everywhere("1", labels={"role": "build"})] == ["alpha"]
    assert manager.rename_image("alpha", "first").name == "first"
    assert manager.disconnect_image("first").parked
    assert [each.image for each in manager.evaluate_everywhere("1")] == ["beta"]
    assert manager.connect_image("first").status == "connected"
    with pytest.raises(Refused, match="answers the image"):
        manager.trust_image("first", "another")
    assert manager.trust_image("first").image_id == alpha.image_id
    toml = manager.export_images(["first"])
    assert manager.remove_image("first").image_id == alpha.image_id
    assert [each.name for each in manager.import_images(toml)] == ["first"]
    with pytest.raises(Refused):
        manager.import_images(toml)
    with pytest.raises(UsageProblem, match="the key of a label"):
        manager.set_image("first", labels={"a=b": "c"})
    with pytest.raises(UsageProblem, match="nothing to change"):
        manager.set_image("first")
    manager.remove_image("first")
    registered = manager.register_image("again", alpha.address, key_file=alpha.key_file, key_id=alpha.key_id)
    assert (registered.name, registered.image_id) == ("again", alpha.image_id)


def test_an_image_that_is_dead_takes_no_others_answer_along(
    manager: SessionManager, two_images: tuple[Image, Image]
) -> None:
    manager.register_image("dead", "unix:///nowhere/at/all", offline=True)
    heard: list[str] = []
    answers = manager.evaluate_everywhere("3 + 4", ["dead", "alpha"], on_answer=lambda each: heard.append(each.image))
    assert [(each.image, each.outcome) for each in answers] == [("dead", "not_run"), ("alpha", "returned")]
    assert sorted(heard) == ["alpha", "dead"]
    assert isinstance(answers[0].failure, Unreachable)
    assert [each.failure is None for each in manager.ping(["alpha", "dead"])] == [True, False]
    with pytest.raises(Unreachable):
        manager.evaluate("1", "dead")
    with pytest.raises(NotFound):
        manager.evaluate_everywhere("1", ["alpha", "nobody"])


def test_a_cleanup_is_planned_and_exactly_that_is_carried_out(manager: SessionManager, work: str) -> None:
    manager.close_session(work)
    manager.create_session("beta", "stays")
    plan = manager.plan_cleanup(older_than=0)
    assert [(each.session, each.action) for each in plan.orphans] == [("alpha/work", "remove")]
    assert "beta/stays" in [each.session for each in plan.kept]
    assert {each.name for each in manager.list_sessions()} == {"work", "stays"}
    swept = manager.carry_out_cleanup(plan)
    assert ([each.session for each in swept.removed], swept.failures) == (["alpha/work"], ())
    assert manager.carry_out_cleanup(plan).warnings == ("alpha/work is not left behind any more",)
    manager.undo()
    assert {each.name for each in manager.list_sessions()} == {"work", "stays"}


def test_files_are_loaded_tested_and_compared(
    manager: SessionManager, two_images: tuple[Image, Image], tmp_path: Path
) -> None:
    source = tmp_path / "thing.st"
    source.write_text("Object subclass: ApiThing [ one [ ^1 ] ]\nEval [ nil foo ]\n", encoding="utf-8")
    loaded = manager.load([source], "alpha", keep_going=True)
    assert {piece.outcome for piece in loaded.pieces} == {"returned", "raised"}
    assert [failure.exit_code for failure in loaded.failures] == [7]
    assert [each.selector for each in manager.browse("methods", "ApiThing", "alpha")] == ["one"]
    unlike = manager.compare("classes", None, "alpha", "beta", pattern="ApiThing")
    assert [(each.name, each.only_in) for each in unlike] == [("ApiThing", "alpha")]
    with pytest.raises(UsageProblem, match="one file, not a list"):
        manager.load(str(source), "alpha")
    (suite,) = manager.test(["NoSuchTest"], ["alpha"])
    assert [type(failure) for failure in suite.failures] == [NotFound]
    manager.evaluate("Smalltalk at: #ApiThing put: nil", "alpha")


def test_many_threads_may_share_a_manager(manager: SessionManager, work: str) -> None:
    def act(number: int) -> str | None:
        manager.set_image("alpha", labels={f"k{number}": "v"})
        found = manager.evaluate(f"{number} * 2", "beta").value
        return found and found.print

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(act, range(24))) == [str(2 * number) for number in range(24)]
    assert set(manager.show_image("alpha").metadata) == {f"k{number}" for number in range(24)}


def test_a_manager_has_settings_of_its_own(home: Path, two_images: tuple[Image, Image]) -> None:
    elsewhere = open_manager(home / "elsewhere", clock=lambda: 1_000, timeout=1)
    elsewhere.register_image("alpha", two_images[0].address, offline=True)
    assert str(elsewhere.log()[0].time) == "1970-01-01T00:00:01.000Z"
    assert elsewhere.current_image_context == "alpha"
    assert open_manager(environ={"STUI_HOME": str(home / "none"), "STUI_IMAGE": "x"}).list_images() == []
    with pytest.raises(StoreProblem):
        open_manager(read_only=True).set_image("alpha", labels={"a": "b"})


def test_a_program_brings_in_neither_click_nor_rich_and_prints_nothing(two_images: tuple[Image, Image]) -> None:
    program = """
import sys
from stui_cli.api import StuiError, open_manager
manager = open_manager()
assert not {"socket", "ssl", "subprocess"} & set(sys.modules)
manager.create_session("alpha", "quiet")
manager.evaluate_everywhere("Transcript showCr: 'loud'. 3 zork")
manager.inspect("3", "alpha")
manager.plan_cleanup()
manager.undo()
try:
    manager.evaluate("1", "nobody")
except StuiError as error:
    assert error.exit_code == 3
assert not {"click", "rich", "lark"} & set(sys.modules), sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, start_new_session=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.long
def test_an_image_is_launched_saved_stopped_and_goes_on(manager: SessionManager) -> None:
    launched = manager.launch_image("toy", "playground")
    try:
        assert (launched.status, launched.dialect) == ("connected", "playground")
        with pytest.raises(Refused, match="runs"):
            manager.remove_image("toy")
        assert [each.registered for each in manager.discover_agents()] == ["toy"]
        manager.evaluate("Smalltalk at: #Kept put: 7")
        saved = manager.save_image()
        assert saved.bytes > 0
    finally:
        stopped = manager.stop_image("toy")
    assert (stopped.stopped, stopped.pid) == (True, launched.pid)
    assert not manager.stop_image("toy").stopped
    assert launched.image_id is not None
    again = manager.launch_image(launched.image_id)
    try:
        assert (again.name, again.image_id) == ("toy", launched.image_id)
        value = manager.evaluate("Smalltalk at: #Kept").checked().value
        assert value is not None
        assert value.print == "7"
        assert [each.state for each in manager.jobs()] == []
        given = manager.give_key("ann", "observer")
        assert (given.accepted, given.key_file is not None) == (True, True)
        assert [each.role for each in manager.list_keys() if each.key_id == "ann"] == ["observer"]
        assert manager.revoke_key("ann").accepted is False
        assert manager.interrupt("toy") == []
    finally:
        manager.stop_image("toy")
