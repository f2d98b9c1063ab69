"""`stui cleanup` as scripts, people and cron have it, on two real images."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stui_cli.model.operations import ImageDetails, Kind, SessionDetails

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Stui

    from stui_cli.api import SessionManager
    from stui_cli.model.images import Image
    from stui_cli.store.transaction import Draft

Images = tuple["Image", "Image"]


def lose(manager: SessionManager, image: Image, *names: str) -> None:
    """Let sessions be of an incarnation that is gone, unknown to their image."""

    def change(draft: Draft) -> SessionDetails:
        sessions = draft.sessions(image.image_id or "")
        for name in names:
            sessions[name] = sessions[name]._replace(incarnation="earlier", session_id=str(uuid.uuid4()))
        return SessionDetails(Kind.SESSION_CHANGE, image.name, names[0])

    manager.store.commit(change)


@pytest.fixture
def lost(stui: Stui, two_images: Images, manager: SessionManager) -> Images:
    """alpha/one and beta/two are lost, alpha/work lives; what their images still hold of the first two is ended."""
    for label in ("alpha/one", "alpha/work", "beta/two"):
        image, _, name = label.partition("/")
        stui.ok("sessions", "create", "-i", image, name)
    for image, name in zip(two_images, ("one", "two"), strict=True):
        stui.ok("sessions", "close", f"{image.name}/{name}")
        lose(manager, image, name)

    def change(draft: Draft) -> SessionDetails:
        from stui_cli.model.sessions import SessionState

        for image, name in zip(two_images, ("one", "two"), strict=True):
            sessions = draft.sessions(image.image_id or "")
            sessions[name] = sessions[name]._replace(state=SessionState.ACTIVE)
        return SessionDetails(Kind.SESSION_CHANGE, "alpha", "one")

    manager.store.commit(change)
    return two_images


def content(folder: Path) -> Mapping[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", ["name", "tsv"])
def test_a_dry_run_prints_to_the_byte_what_is_then_removed_and_writes_nothing(
    stui: Stui, lost: Images, manager: SessionManager, form: str
) -> None:
    folder = Path(manager.store.home.folder)
    before = content(folder)
    preview = stui.ok("cleanup", "-n", "-o", form)
    assert content(folder) == before
    assert stui.ok("cleanup", "-y", "-o", form) == preview
    assert [line.partition("\t")[0] for line in preview.splitlines()][-2:] == ["alpha/one", "beta/two"]
    assert stui.ok("sessions", "list", "-o", "name") == "alpha/work\n"


def test_off_a_terminal_one_line_for_each_session_that_went_and_else_nothing(stui: Stui, lost: Images) -> None:
    said = stui("cleanup", "-y")
    assert (said.code, said.err) == (0, "")
    assert said.out == "".join(
        f"removed {label}: SessionLost, its image restarted without it, as incarnation {_incarnation(stui, image)}\n"
        for image, label in (("alpha", "alpha/one"), ("beta", "beta/two"))
    )
    for words in (("cleanup", "-y"), ("cleanup", "-y", "--no-input"), ("cleanup", "-yq", "--color", "always")):
        said = stui(*words)
        assert (said.code, said.out, said.err) == (0, "", ""), words


def _incarnation(stui: Stui, image: str) -> str:
    stui.ok("status", image)
    return str(stui.items("images", "show", image)[0]["incarnation"])


def test_without_yes_it_shows_and_asks_and_off_a_terminal_nobody_can_answer(stui: Stui, lost: Images) -> None:
    said = stui("cleanup")
    assert said.code == 2
    assert "alpha/one" in said.out
    assert "-y" in said.err
    assert len(stui.items("sessions", "list")) == 3


@pytest.mark.parametrize("form", ["json", "jsonl", "tsv", "name"])
def test_a_program_is_asked_nothing_and_gets_one_document(stui: Stui, lost: Images, form: str) -> None:
    said = stui("cleanup", "-o", form)
    assert said.code == 2
    if form == "json":
        assert json.loads(said.out)["errors"][0]["code"] == "usage"
    assert len(stui.items("sessions", "list")) == 3


def test_evidence_tells_people_how_long_ago_and_programs_when(stui: Stui, lost: Images) -> None:
    stui.ok("sessions", "close", "alpha/work")
    words = ("cleanup", "-n", "--older-than", "1ms", "alpha/work")
    assert re.search(r"alpha/work +remove +Expired +idle since (a moment ago|\d+ s ago)\n", stui.ok(*words))
    item = next(each for each in stui.items(*words) if each["session"] == "alpha/work")
    assert item["evidence"] == f"idle since {item['since']}"
    assert item["since"].endswith("Z")
    assert f"\texpired\t{item['evidence']}\n" in stui.ok(*words, "-o", "tsv")


def test_json_tells_the_evidence_in_keys_of_its_own_and_what_stays(stui: Stui, lost: Images) -> None:
    items = stui.items("cleanup", "-n")
    gone = next(item for item in items if item["session"] == "alpha/one")
    assert gone["reason"] == "session_lost"
    assert gone["action"] == "remove"
    assert gone["incarnation"] == _incarnation(stui, "alpha")
    assert gone["image_id"] == lost[0].image_id
    assert set(gone) == {
        "session", "image", "reason", "evidence", "action", "since", "probes", "found_image_id", "incarnation",
        "image_id", "session_id",
    }  # fmt: skip
    kept = next(item for item in items if item["session"] == "alpha/work")
    assert (kept["reason"], kept["action"], kept["evidence"]) == (None, "keep", "live in its image")
    swept = stui.items("cleanup", "-y")
    times = ("since",)
    assert [{k: v for k, v in i.items() if k not in times} for i in swept] == [
        {k: v for k, v in i.items() if k not in times} for i in items
    ]


def test_only_what_is_named(stui: Stui, lost: Images) -> None:
    assert stui.ok("cleanup", "-n", "-o", "name", "beta") == "beta/two\n"
    assert stui.ok("cleanup", "-n", "-o", "name", "-i", "alpha") == "alpha/one\n"
    names = stui.ok("cleanup", "-n", "-o", "name").split()
    assert stui.ok("cleanup", "-y", "-o", "name", names[0]) == "alpha/one\n"
    assert stui.ok("cleanup", "-n", "-o", "name", "--all") == "beta/two\n"
    assert stui("cleanup", "-n", "gamma").code == 3
    assert stui("cleanup", "-n", "alpha/gone").code == 3


def test_a_plan_is_reviewed_and_applied_and_what_changed_since_is_refused(
    stui: Stui, lost: Images, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    stui.ok("cleanup", "--plan", str(plan))
    planned = json.loads(plan.read_text())["orphans"]
    assert [(each["session"], each["reason"]) for each in planned] == [
        ("alpha/one", "session_lost"),
        ("beta/two", "session_lost"),
    ]
    assert len(stui.items("sessions", "list")) == 3
    stui.ok("sessions", "restore", "beta/two")
    said = stui("cleanup", "--apply", str(plan), "-y")
    assert said.code == 8
    assert "removed alpha/one" in said.out
    assert "beta/two is not left behind any more" in said.err
    assert stui.ok("sessions", "list", "-o", "name") == "alpha/work\nbeta/two\n"
    both = stui("cleanup", "--plan", str(plan), "--apply", str(plan))
    assert both.code == 2


def test_a_plan_of_an_earlier_version_has_words_for_reasons(stui: Stui, lost: Images, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    stui.ok("cleanup", "--plan", str(plan))
    plan.write_text(plan.read_text().replace("session_lost", "SessionLost"))
    said = stui("cleanup", "--apply", str(plan), "-y")
    assert (said.code, said.out.count("removed ")) == (0, 2)


def test_the_reason_is_a_word_for_people_and_lower_case_for_programs(stui: Stui, lost: Images) -> None:
    assert {line.split()[2] for line in stui.ok("cleanup", "-n", "alpha/one", "--no-headers").splitlines()} == {
        "SessionLost"
    }
    assert stui.ok("cleanup", "-n", "-o", "tsv", "--columns", "reason", "--no-headers") == "session_lost\n" * 2


def test_one_operation_that_undo_takes_back_and_says_how_to_restore(stui: Stui, lost: Images) -> None:
    stui.ok("cleanup", "-y")
    newest = stui.items("log", "list", "-n", "1")[0]
    assert newest["kind"] == "cleanup"
    assert newest["summary"] == "swept alpha/one (SessionLost), beta/two (SessionLost)"
    assert newest["details"]["removed"] == [
        {"image": "alpha", "session": "one", "reason": "session_lost"},
        {"image": "beta", "session": "two", "reason": "session_lost"},
    ]
    said = stui("undo")
    assert said.code == 0
    assert "stui sessions restore -i alpha one" in said.err
    assert len(stui.items("sessions", "list")) == 3


def test_expired_live_sessions_go_by_force_with_their_variables_kept(stui: Stui, two_images: Images) -> None:
    stui.ok("sessions", "create", "-i", "alpha", "work")
    stui.ok("eval", "-i", "alpha", "-s", "work", "x := 42")
    assert stui.ok("cleanup", "-y", "--older-than", "0s") == ""
    assert stui.ok("cleanup", "-y", "--older-than", "1h", "--force") == ""
    assert stui.ok("cleanup", "-y", "--older-than", "0s", "--force").startswith("removed alpha/work: Expired, idle")
    assert stui("eval", "-i", "alpha", "-s", "work", "x").code == 3
    assert "stui sessions restore -i alpha work" in stui("undo").err
    stui.ok("sessions", "restore", "alpha/work")
    assert stui.ok("eval", "-i", "alpha", "-s", "work", "x") == "42\n"


def test_an_image_that_is_down_is_told_beside_what_went_and_is_no_failure(
    stui: Stui, lost: Images, manager: SessionManager
) -> None:
    def change(draft: Draft) -> ImageDetails:
        draft.images["beta"] = draft.images["beta"]._replace(address="tcp://127.0.0.1:1")
        return ImageDetails(Kind.IMAGE_CHANGE, "beta")

    manager.store.commit(change)
    said = stui("cleanup", "-y")
    assert said.code == 0
    assert said.out.startswith("removed alpha/one")
    assert said.err.startswith("beta: 1 session stays: its image: refused since ")
    said = stui("cleanup", "-y")
    assert (said.code, said.out, said.err) == (0, "", "")
    assert "beta: 1 session stays" in stui("cleanup", "-y", "-v").err


def test_verbose_tells_what_else_was_swept(stui: Stui, two_images: Images, manager: SessionManager) -> None:
    Path(manager.store.home.launched("old")).mkdir(parents=True, mode=0o700)
    said = stui("cleanup", "-y", "-v")
    assert (said.code, said.out) == (0, "")
    assert "swept the folder of old" in said.err.splitlines()


def test_cached_goes_by_the_last_probes_and_what_was_met_since(stui: Stui, lost: Images) -> None:
    assert stui.ok("cleanup", "-n", "--cached", "-o", "name") == "alpha/one\nbeta/two\n"
