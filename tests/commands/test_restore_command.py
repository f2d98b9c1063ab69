"""`stui sessions restore`: what comes back, what does not, and what the history brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.model.operations import Kind, SessionDetails

if TYPE_CHECKING:
    from conftest import Stui

    from stui_cli.api import SessionManager
    from stui_cli.store.transaction import Draft

pytestmark = pytest.mark.usefixtures("two_images")


@pytest.fixture
def work(stui: Stui) -> str:
    stui.ok("sessions", "create", "alpha/work")
    return "alpha/work"


def pretend_restart(manager: SessionManager, name: str = "work") -> None:
    """Let the record be of an incarnation that is gone, and the image know nothing of it: as after a restart."""
    from stui_cli.model.deadlines import Deadline
    from stui_cli.protocol.workspaces import Closed, CloseSession
    from stui_cli.work.talking.reach import reach

    state = manager.read()
    session = manager.session("alpha", name).session
    with reach(manager.bench, state, state.images["alpha"]) as client:
        client.call(CloseSession(session.session_id), Closed, Deadline.after(5))

    def change(draft: Draft) -> SessionDetails:
        sessions = draft.sessions(session.image_id)
        sessions[name] = sessions[name]._replace(incarnation="an earlier one")
        return SessionDetails(Kind.SESSION_CHANGE, "alpha", name)

    manager.store.commit(change)


def checkpointed(stui: Stui) -> None:
    stui.ok("switch", "alpha/work")
    stui.ok("switch", "beta")


def test_in_the_same_incarnation_nothing_is_to_be_done(stui: Stui, work: str) -> None:
    stui.ok("eval", "-i", work, "x := Object new")
    before = stui.items("log")
    assert stui.ok("sessions", "restore", work, "--strict") == "alpha/work is live: nothing was to be restored\n"
    assert stui.items("log") == before


def test_an_image_stands_for_all_of_its_sessions(stui: Stui, work: str, manager: SessionManager) -> None:
    stui.ok("sessions", "create", "alpha/play")
    stui.ok("sessions", "create", "alpha/done")
    stui.ok("eval", "-i", work, "x := 1. e := SortedCollection with: 4")
    checkpointed(stui)
    stui.ok("sessions", "close", "alpha/done")
    pretend_restart(manager)
    said = stui("sessions", "restore", "alpha")
    assert (said.code, said.out) == (0, "restored alpha/work: x\nalpha/play is live: nothing was to be restored\n")
    assert "warning: alpha/work: lost: e (SortedCollection)" in said.err
    states = {item["name"]: item["state"] for item in stui.items("sessions", "list")}
    assert states == {"work": "active", "play": "active", "done": "closed"}
    named = stui("sessions", "restore", "alpha/done", work, "-o", "json")
    assert (named.code, [item["name"] for item in named.items]) == (0, ["done", "work"])
    nothing = stui("sessions", "restore", "beta")
    assert (nothing.code, nothing.out) == (0, "")
    assert "beta has no session that could be restored" in nothing.err


def test_a_dry_run_tells_what_would_come_back_and_changes_nothing(
    stui: Stui, work: str, manager: SessionManager
) -> None:
    stui.ok("sessions", "create", "alpha/play")
    stui("eval", "-i", work, "--keep-going", "x := 1", "e := SortedCollection with: 4", "1/0")
    checkpointed(stui)
    pretend_restart(manager)
    before = (stui.items("log"), stui.items("sessions", "list"))
    said = stui("sessions", "restore", "alpha", "-n", "--replay")
    assert (said.code, said.out) == (
        0,
        "would restore alpha/work: x\nwould run 2 sources of its history again\n"
        "alpha/play is live\nwould run 0 sources of its history again\n",
    )
    assert "lost: e (SortedCollection)" in said.err
    assert stui("sessions", "restore", work, "-n", "--strict").code == 9
    assert stui("eval", "-i", work, "x").code == 9, "it is not there yet"
    assert (stui.items("log"), stui.items("sessions", "list")) == before
    assert stui.ok("sessions", "restore", work) == "restored alpha/work: x\n"


def test_what_cannot_be_restored_of_several_is_told_and_the_rest_is_done(stui: Stui, work: str) -> None:
    stui.ok("sessions", "create", "alpha/play")
    said = stui("sessions", "restore", work, "alpha/none", "alpha/play", "-o", "json")
    assert (said.code, [item["name"] for item in said.items]) == (8, ["work", "play"])
    assert [error["code"] for error in said.document["errors"]] == ["not_found"]
    address = stui.items("images", "show", "alpha")[0]["address"]
    stui.ok("images", "set", "alpha", "--address", "tcp://127.0.0.1:1")
    away = stui("sessions", "restore", "alpha")
    stui.ok("images", "set", "alpha", "--address", address)
    assert (away.code, away.err.count("127.0.0.1:1")) == (5, 1), "it is not tried again for each of its sessions"
    assert "not tried, since its image was not reached: alpha/play" in away.err


def test_literals_come_back_and_the_rest_is_named(stui: Stui, work: str, manager: SessionManager) -> None:
    stui.ok("eval", "-i", work, "a := 3. b := 'it''s!'. c := #(1 #two $3 nil). d := -7. e := SortedCollection with: 4")
    checkpointed(stui)
    pretend_restart(manager)
    strict = stui("sessions", "restore", work, "--strict")
    assert (strict.code, "e (SortedCollection)" in strict.err) == (9, True)
    assert stui("eval", "-i", work, "a").code == 9, "a refused restore does nothing"
    said = stui("sessions", "restore", work)
    assert (said.code, said.out) == (0, "restored alpha/work: a, b, c, d\n")
    assert "lost: e (SortedCollection), it was SortedCollection (4 )" in said.err
    assert "stui sessions restore --replay alpha/work" in said.err
    assert stui.ok("eval", "-i", work, "a", "b", "c", "d").splitlines() == ["3", "'it''s!'", "(1 #two $3 nil )", "-7"]
    stui.ok("sessions", "restore", work, "--replay", "--strict")
    assert stui.ok("eval", "-i", work, "e first") == "4\n"


def test_strict_with_replay_refuses_only_what_stays_lost(stui: Stui, work: str, manager: SessionManager) -> None:
    stui.ok("eval", "-i", work, "--no-history", "unrecorded := Object new")
    stui.ok("eval", "-i", work, "recorded := Object new")
    checkpointed(stui)
    pretend_restart(manager)
    said = stui("sessions", "restore", work, "--replay", "--strict")
    assert said.code == 9
    assert "back without unrecorded\n" in said.err
    assert stui.ok("eval", "-i", work, "recorded") == "an Object\n"


def test_a_replay_stops_at_the_first_failure_and_says_which(stui: Stui, work: str, manager: SessionManager) -> None:
    stui.ok("eval", "-i", work, "--no-history", "hidden := 1")
    stui("eval", "-i", work, "--keep-going", "x := 1", "1/0", "y := hidden + 1", "z := 3")
    pretend_restart(manager)
    said = stui("sessions", "restore", work, "--replay", "-o", "json")
    assert said.code == 8
    assert said.items[0]["replayed"] == 1
    assert "source 2 of its history failed" in said.document["errors"][0]["message"]
    assert "y := hidden + 1" in said.document["errors"][0]["message"]
    assert stui.ok("eval", "-i", work, "x") == "1\n"
    assert stui("eval", "-i", work, "z").code == 7


def test_a_replay_is_audited_and_not_recorded_twice(stui: Stui, work: str, manager: SessionManager) -> None:
    stui.ok("eval", "-i", work, "x := 1", "x := x + 1")
    for _ in range(2):
        pretend_restart(manager)
        stui.ok("sessions", "restore", work, "--replay")
        assert stui.ok("eval", "-i", work, "--no-history", "x") == "2\n"
    assert len(stui.items("sessions", "history", work)) == 2
    audited = [each["outcome"] for each in stui.items("audit") if each["source"] == "x := x + 1"]
    assert audited == ["began", "returned", "returned", "returned"]  # the first was sent before its turn


def test_without_a_checkpoint_that_is_said(stui: Stui, work: str, manager: SessionManager) -> None:
    stui.ok("eval", "-i", work, "x := 1")
    pretend_restart(manager)
    assert stui("sessions", "restore", work, "--strict").code == 9
    said = stui("sessions", "restore", work)
    assert (said.code, said.out) == (0, "restored alpha/work, with no variables\n")
    assert "no checkpoint of it was kept" in said.err


@pytest.mark.parametrize("evaluated", [False, True])
def test_where_there_was_no_variable_nothing_is_missed(
    stui: Stui, work: str, manager: SessionManager, evaluated: bool
) -> None:
    if evaluated:
        stui.ok("eval", "-i", work, "3 + 4")
    pretend_restart(manager)
    said = stui("sessions", "restore", work)
    assert (said.code, said.out, said.err) == (0, "restored alpha/work, with no variables\n", "")
    assert "restored session alpha/work, with no variables  " in stui.ok("log")


def test_what_was_evaluated_after_the_checkpoint_is_missed_by_number(
    stui: Stui, work: str, manager: SessionManager
) -> None:
    stui.ok("eval", "-i", work, "x := 1")
    checkpointed(stui)
    stui.ok("eval", "-i", work, "y := 2")
    stui("eval", "-i", work, "1 / 0")
    pretend_restart(manager)
    missed = "1 evaluation came after its checkpoint: what that changed may be missing"
    assert missed in stui("sessions", "restore", "-n", work).err
    said = stui("sessions", "restore", work)
    assert (said.code, said.out) == (0, "restored alpha/work: x\n")
    assert missed in said.err
    assert "its history may bring the rest: stui sessions restore --replay alpha/work\n" in said.err
    assert missed not in stui("sessions", "restore", "--replay", work).err
    assert stui.ok("eval", "-i", work, "x + y") == "3\n"


def test_what_lives_though_its_record_is_of_an_earlier_start_is_ended(
    stui: Stui, work: str, manager: SessionManager
) -> None:
    stui.ok("eval", "-i", work, "x := 1")
    pretend_restart(manager)
    stui.ok("sessions", "restore", work)
    stui.ok("eval", "-i", work, "x := 2")
    total = stui.items("sessions", "stats", "alpha")[0]["total"]
    assert "stui sessions close -i alpha work" in stui("undo").err
    said = stui("sessions", "close", "-i", "alpha", "work")
    assert (said.code, said.err) == (0, "")
    assert stui.items("sessions", "stats", "alpha")[0]["total"] == total - 1
    stui.ok("sessions", "restore", work)
    assert stui.ok("eval", "-i", work, "x") == "2\n"


def test_what_lives_since_before_the_checkpoint_is_ended_and_the_checkpoint_stays(
    stui: Stui, work: str, manager: SessionManager
) -> None:
    stui.ok("eval", "-i", work, "x := 1")
    checkpointed(stui)
    good = stui.items("sessions", "show", work)[0]["checkpoint"]
    pretend_restart(manager)
    stui.ok("sessions", "restore", work)
    stui("undo")
    said = stui("sessions", "close", work)
    assert "was of another start of its image; no new checkpoint was taken, the last one of" in said.err
    stui.ok("sessions", "restore", work)
    assert stui.items("sessions", "show", work)[0]["checkpoint"] == good
    assert stui.ok("eval", "-i", work, "x") == "1\n"


def test_an_empty_checkpoint_never_replaces_a_good_one(stui: Stui, work: str, manager: SessionManager) -> None:
    stui.ok("eval", "-i", work, "x := 1")
    checkpointed(stui)
    good = stui.items("sessions", "show", work)[0]["checkpoint"]
    pretend_restart(manager)
    stui.ok("sessions", "restore", work)
    from stui_cli.model.deadlines import Deadline
    from stui_cli.protocol.workspaces import Closed, CloseSession, CreateSession, LiveSession
    from stui_cli.work.talking.reach import reach

    # Behind our back the session is made anew, empty, under its own id.
    state, session = manager.read(), manager.session("alpha", "work").session
    with reach(manager.bench, state, state.images["alpha"]) as client:
        client.call(CloseSession(session.session_id), Closed, Deadline.after(5))
        client.call(CreateSession(session.session_id, "work"), LiveSession, Deadline.after(5))
    checkpointed(stui)
    stui.ok("sessions", "close", work)
    assert stui.items("sessions", "show", work)[0]["checkpoint"] == good
    assert stui.ok("sessions", "restore", work) == "restored alpha/work: x\n"


def test_a_rename_that_the_image_could_not_hear_is_made_up_for(stui: Stui, work: str, manager: SessionManager) -> None:
    address = stui.items("images", "show", "alpha")[0]["address"]
    stui.ok("images", "set", "alpha", "--address", "tcp://127.0.0.1:1")
    said = stui("sessions", "rename", work, "play")
    assert (said.code, "at the next stui sessions restore" in said.err) == (0, True)
    stui.ok("images", "set", "alpha", "--address", address)
    stui.ok("sessions", "restore", "alpha/play")
    from stui_cli.work.talking.enter import live_session
    from stui_cli.work.talking.reach import reach

    state = manager.read()
    with reach(manager.bench, state, state.images["alpha"]) as client:
        assert live_session(manager.bench, client, manager.session("alpha", "play").session).name == "play"


def test_what_cannot_name_a_session_is_not_advised_to_be_made(stui: Stui) -> None:
    said = stui("sessions", "restore", "alpha/*")
    assert (said.code, said.err) == (3, "stui: alpha has no session '*'\n  see them: stui sessions -i alpha\n")
