"""`stui undo` and its kin in real images: what they advise works as printed, and brings back what they promise."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Said, Stui

    from stui_cli.api import SessionManager

pytestmark = pytest.mark.usefixtures("two_images")


def paste(stui: Stui, said: Said) -> None:
    """Do what a message advises, word by word."""
    found = re.search(r"; stui (.+)$", said.err, re.MULTILINE)
    assert found is not None, said
    stui.ok(*shlex.split(found[1]))


@pytest.mark.parametrize("verb", ["close", "remove"])
@pytest.mark.parametrize("back", [("undo",), ("rollback", "-y")])
def test_undo_and_the_restore_that_it_prints_bring_the_variables_back(
    verb: str, back: tuple[str, ...], stui: Stui, manager: SessionManager
) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := 6 * 7")
    head = manager.read().head
    stui.ok("sessions", verb, "alpha/work")
    assert manager.read().head == head + 1
    said = stui(*back, *([str(head)] if "rollback" in back else []))
    assert said.code == 0
    assert [item["state"] for item in stui.items("sessions")] == ["lost"]
    paste(stui, said)
    assert [item["state"] for item in stui.items("sessions")] == ["active"]
    assert stui.ok("eval", "-i", "alpha/work", "x") == "42\n"


def test_a_session_that_is_taken_for_lost_and_lives_is_active_once_restored(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("sessions", "close", "alpha/work")
    stui.ok("undo")
    stui.ok("sessions", "restore", "alpha/work")
    assert "still lives inside its image" in stui("undo").err
    assert [item["state"] for item in stui.items("sessions")] == ["lost"]
    assert "is live" in stui.ok("sessions", "restore", "alpha/work")
    assert [item["state"] for item in stui.items("sessions")] == ["active"]


def test_an_undone_restore_says_that_the_session_lives_and_how_to_end_it(stui: Stui) -> None:
    def living() -> list[object]:
        return [item["total"] for item in stui.items("sessions", "stats", "alpha")]

    before = living()
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := 6 * 7")
    stui.ok("sessions", "close", "alpha/work")
    stui.ok("sessions", "restore", "alpha/work")
    said = stui("undo")
    assert "alpha/work still lives inside its image, which restored it" in said.err
    assert living() != before
    for advised in re.findall(r"stui (sessions .+?)(?:, then|$)", said.err, re.MULTILINE):
        stui.ok(*shlex.split(advised))
    assert living() == before


def test_an_undo_of_what_is_so_already_says_so(stui: Stui, manager: SessionManager) -> None:
    stui.ok("images", "set", "beta", "a=b")
    head = manager.read().head
    stui.ok("images", "set", "beta", "a=")
    assert "all is so already" in stui.ok("undo", str(head))


def test_a_sweep_that_is_undone_brings_back_a_name_that_is_accepted_everywhere(
    stui: Stui, manager: SessionManager
) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := 6 * 7")
    image_id = str(manager.read().images["alpha"].image_id)
    stui.ok("images", "remove", "-y", "alpha")
    stui.ok("cleanup", "-y", "--grace", "0s")
    said = stui("undo")
    assert "alpha/work is back" in said.err
    name = f"{image_id}/work"
    assert stui.ok("sessions", "-o", "name") == f"{name}\n"
    assert f"{image_id}  work" in stui.ok("sessions")
    assert [item["image"] for item in stui.items("sessions", "list", image_id)] == [None]
    for named in (("-i", name), ("-i", image_id, "-s", "work"), ("work", "-i", image_id)):
        assert [item["name"] for item in stui.items("sessions", "show", *named)] == ["work"]
    ran = stui("eval", "-i", image_id, "-s", "work", "x")
    assert (ran.code, "only the records of its sessions are here" in ran.err) == (3, True)
    for named in (("-i", image_id, "-s", "other"), ("-i", image_id)):
        refused = stui("sessions", "show", *named)
        assert (refused.code, f"'{image_id}', which is not registered" in refused.err) == (3, True)
    for words in (("show",), ("history",), ("export",), ("rename",), ("remove",)):
        more = ("other",) if words == ("rename",) else ()
        stui.ok("sessions", *words, f"{image_id}/other" if words == ("remove",) else name, *more)
    assert stui.ok("sessions", "-o", "name") == ""
    for verb in ("close", "restore"):
        refused = stui("sessions", verb, name)
        assert refused.code == 3
    stui.ok("undo")
    refused = stui("sessions", "restore", f"{image_id}/other")
    assert (refused.code, "stui images add NAME ADDRESS" in refused.err) == (3, True)
    assert "may still live" not in stui("redo").err


def test_the_log_hides_moves_and_says_so(stui: Stui) -> None:
    for image in ("alpha", "beta", "alpha"):
        stui.ok("switch", image)
    said = stui("log")
    assert "went to" not in said.out
    assert "3 switches hidden: stui log --all" in said.err
    assert len(stui.items("log", "--all")) == 4
    assert len(stui.items("log")) == 1
    assert len(stui.items("log", "--all", "-n", "2")) == 2


def test_undo_leaves_other_terminals_alone_and_by_number_says_which_one_it_moves(stui: Stui) -> None:
    stui.ok("switch", "alpha", terminal="terminal:12:1:boot:place")
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "beta", terminal="terminal:12:1:boot:place")
    newest = stui.items("log", "--all", "-n", "1")[0]
    said = stui("undo", terminal="terminal:77:1:boot:place")
    assert "created session alpha/work" in said.out
    by_number = stui("undo", str(newest["number"]), terminal="terminal:77:1:boot:place")
    assert re.search("the terminal of process 12.* is alpha again, no longer beta", by_number.err)
    again = stui("redo", terminal="terminal:12:1:boot:place")
    assert "this terminal is beta again, no longer alpha" in again.out


def test_what_is_not_there_is_told_before_anybody_is_asked(stui: Stui) -> None:
    said = stui("rollback", "99")
    assert (said.code, said.out) == (3, "")
    assert "there is no operation 99" in said.err
