"""`stui switch` and `stui context`: where a command goes, in two terminals, with and without sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.work.meant import terminals

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Stui

HERE, THERE = "terminal:10:100:boot0000:-", "terminal:20:200:boot0000:-"

pytestmark = pytest.mark.usefixtures("two_images")


def test_there_and_back(stui: Stui) -> None:
    first = stui("switch", "alpha", terminal=HERE)
    assert (first.code, first.out) == (0, "now in alpha\n")
    assert first.err == "the default is alpha now, too: new terminals and cron begin there\n"
    later = stui("switch", "beta", terminal=HERE)
    assert (later.out, later.err) == ("now in beta (- goes back to alpha)\n", "")
    assert stui.ok("switch", "-", terminal=HERE) == "now in alpha (- goes back to beta)\n"
    assert stui.ok("switch", "-", terminal=HERE) == "now in beta (- goes back to alpha)\n"
    trail = stui.items("switch", "--history", terminal=HERE)
    assert [i["name"] for i in trail] == ["alpha", "beta", "alpha"]


def test_the_first_switch_sets_the_default_too_and_the_next_does_not(stui: Stui) -> None:
    stui.ok("switch", "alpha", terminal=HERE)
    stui.ok("switch", "beta", terminal=HERE)
    assert stui.ok("context", "-o", "name", terminal=HERE) == "beta\n"
    assert stui.ok("context", "-o", "name", terminal=THERE) == "alpha\n"
    assert stui.ok("context", "-o", "name") == "alpha\n"


def test_to_go_where_one_is_changes_nothing(stui: Stui) -> None:
    stui.ok("switch", "alpha", terminal=HERE)
    before = stui.items("log")
    stui.ok("switch", "alpha", terminal=HERE)
    assert stui.items("log") == before


def test_nothing_to_go_back_to_is_said(stui: Stui) -> None:
    said = stui("switch", "-", terminal=HERE)
    assert (said.code, "stui switch IMAGE" in said.err) == (3, True)


def test_a_session_is_entered_and_left_with_a_checkpoint(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("sessions", "create", "alpha/play")
    stui.ok("switch", "alpha/work", terminal=HERE)
    stui.ok("eval", "x := 5", terminal=HERE)
    assert stui.ok("switch", "/play", terminal=HERE) == "now in alpha/play (- goes back to alpha/work)\n"
    assert stui("eval", "x", terminal=HERE).code == 7
    kept = stui.items("sessions", "show", "alpha/work")[0]["checkpoint"]
    assert kept["bindings"] == 1
    stui.ok("switch", "-", terminal=HERE)
    stui.ok("eval", "y := 6", terminal=HERE)
    stui.ok("switch", "beta", "--no-preserve", terminal=HERE)
    assert stui.items("sessions", "show", "alpha/work")[0]["checkpoint"] == kept


def test_a_session_that_cannot_be_entered_changes_nothing(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("sessions", "create", "beta/work")
    stui.ok("sessions", "close", "beta/work")
    stui.ok("switch", "alpha/work", terminal=HERE)
    before = stui.items("log")
    for wanted, code in (("beta/work", 9), ("beta/wrok", 3), ("gamma", 3)):
        assert stui("switch", wanted, terminal=HERE).code == code
    assert stui.items("log") == before
    assert stui.ok("context", "-o", "name", terminal=HERE) == "alpha/work\n"


def test_a_dead_image_lets_one_go_with_the_last_checkpoint(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "alpha/work", terminal=HERE)
    stui.ok("images", "set", "alpha", "--address", "tcp://127.0.0.1:1")
    said = stui("switch", "beta", terminal=HERE)
    assert (said.code, said.out) == (0, "now in beta (- goes back to alpha/work)\n")
    assert "alpha/work was left without a new checkpoint (it has none)" in said.err
    back = stui("switch", "-", terminal=HERE)
    assert back.code == 5
    assert stui.ok("context", "-o", "name", terminal=HERE) == "beta\n"


@pytest.mark.parametrize("variable", ["STUI_IMAGE", "STUI_SESSION"])
@pytest.mark.parametrize("options", [(), ("--default",)])
def test_a_variable_that_decides_is_named(
    stui: Stui, monkeypatch: pytest.MonkeyPatch, variable: str, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv(variable, "alpha")
    said = stui("switch", "beta", *options, terminal=HERE)
    assert said.code == 9
    assert f"{variable} is set to 'alpha'" in said.err
    assert f"unset {variable}" in said.err


def test_a_default_without_effect_here_does_not_look_like_one_that_has(stui: Stui) -> None:
    stui.ok("switch", "alpha", terminal=HERE)
    said = stui("switch", "beta", "--default", terminal=HERE)
    assert said.out == "the default is beta now (- goes back to alpha)\n"
    assert f"commands here still mean alpha ({HERE})" in said.err
    assert stui.ok("context", "-o", "name", terminal=THERE) == "beta\n"


def test_unset_says_what_decides_from_now_on(stui: Stui) -> None:
    stui.ok("switch", "alpha", terminal=HERE)
    stui.ok("switch", "beta", terminal=HERE)
    assert "commands here mean alpha now (default)" in stui.ok("switch", "--unset", terminal=HERE)
    assert stui.ok("switch", "--unset", terminal=HERE).startswith("no context was set here; commands here mean alpha")


def test_without_a_target_and_a_terminal_the_names_are_told(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("sessions", "create", "beta/old")
    stui.ok("sessions", "close", "beta/old")
    assert stui.ok("switch") == "alpha\nalpha/work\nbeta\n"
    stui.ok("switch", "alpha/work")
    assert [i["name"] for i in stui.items("switch") if i["current"]] == ["alpha/work"]
    stui.ok("images", "disconnect", "beta")
    told = [(i["name"], i["status"]) for i in stui.items("switch")]
    assert told == [("alpha", "connected"), ("alpha/work", "active"), ("beta", "parked")]


def test_a_session_typed_as_an_image_gets_the_right_hint(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "alpha")
    said = stui("switch", "work")
    assert (said.code, "stui switch /work" in said.err) == (3, True)


def test_options_name_the_target_as_well(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    assert "alpha/work" in stui.ok("switch", "alpha", "-s", "work")
    assert "beta" in stui.ok("switch", "-i", "beta")
    assert "alpha/work" in stui.ok("switch", "-i", "alpha", "/work")
    assert stui("switch", "alpha/work", "-s", "other").code == 2
    assert stui("switch", "alpha", "--unset").code == 2


def test_every_scope_and_what_gave_it(stui: Stui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def source() -> tuple[str, str, str]:
        item = stui.items("context", terminal=HERE)[0]
        return item["name"], item["source"], item["path"]

    nothing = stui("context", terminal=HERE)
    assert (nothing.code, nothing.out) == (3, "")
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "beta", "--default", terminal=HERE)
    assert source() == ("beta", "default", "default")
    project = tmp_path / ".stui.toml"
    project.write_text('image = "alpha"\n')
    below = tmp_path / "deep"
    below.mkdir()
    monkeypatch.chdir(below)
    assert source() == ("alpha", "project", str(project))
    stui.ok("switch", "beta", terminal=HERE)
    assert source() == ("beta", "terminal", HERE)
    monkeypatch.setenv("STUI_IMAGE", "alpha/work")
    assert source() == ("alpha/work", "environment", "STUI_IMAGE")
    assert stui.items("context", "-i", "beta", terminal=HERE)[0]["source"] == "option"
    project.write_text('image = "gamma"\n')
    monkeypatch.delenv("STUI_IMAGE")
    stui.ok("switch", "--unset", terminal=HERE)
    wrong = stui("context", terminal=HERE)
    assert (wrong.code, str(project) in wrong.err) == (3, True)


def test_context_says_why_for_the_image_and_for_the_session(
    stui: Stui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def said(*words: str) -> tuple[str, str, str]:
        item = stui.items("context", *words, terminal=HERE)[0]
        return stui.ok("context", *words, terminal=HERE).rstrip(), item["source"], item["session_source"]

    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "alpha", terminal=HERE)
    assert said() == ("alpha (this terminal's context)", "terminal", None)
    assert said("-i", "alpha") == ("alpha (named by --image)", "option", None)
    assert said("-i", "alpha/work") == ("alpha/work (named by --image)", "option", "option")
    by_both = "alpha/work (image: named by --image; session: named by --session)"
    assert said("-i", "alpha", "-s", "work") == (by_both, "option", "option")
    monkeypatch.setenv("STUI_SESSION", "work")
    by_terminal = "alpha/work (image: this terminal's context; session: named by STUI_SESSION)"
    assert said() == (by_terminal, "terminal", "environment")
    monkeypatch.setenv("STUI_IMAGE", "alpha")
    by_variables = "alpha/work (image: named by STUI_IMAGE; session: named by STUI_SESSION)"
    assert said() == (by_variables, "environment", "environment")
    monkeypatch.delenv("STUI_IMAGE")
    monkeypatch.delenv("STUI_SESSION")
    project = tmp_path / ".stui.toml"
    project.write_text('image = "alpha"\nsession = "work"\n')
    monkeypatch.chdir(tmp_path)
    stui.ok("switch", "--unset", terminal=HERE)
    assert said() == (f"alpha/work (named by {project})", "project", "project")
    item = stui.items("context", terminal=HERE)[0]
    assert (item["path"], item["session_path"]) == (str(project), str(project))


@pytest.mark.parametrize(
    ("words", "environ", "named_by"),
    [
        (("-s", "wrok"), {}, "--session"),
        (("-i", "alpha/wrok"), {}, "--image"),
        ((), {"STUI_SESSION": "wrok"}, "STUI_SESSION"),
        ((), {"STUI_IMAGE": "alpha/wrok"}, "STUI_IMAGE"),
    ],
)
def test_a_session_that_does_not_exist_is_told_with_what_named_it(
    stui: Stui, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], environ: dict[str, str], named_by: str
) -> None:
    stui.ok("switch", "alpha", terminal=HERE)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    missing = stui("context", *words, terminal=HERE)
    assert (missing.code, missing.out) == (3, "")
    assert f"{named_by} names the session 'wrok', which alpha does not have" in missing.err
    assert "stui sessions create -i alpha wrok" in missing.err


def test_a_context_whose_session_went_is_told(stui: Stui) -> None:
    for session in ("work", "play"):
        stui.ok("sessions", "create", f"alpha/{session}")
    stui.ok("switch", "alpha/work", terminal=HERE)
    stui.ok("sessions", "remove", "-y", "alpha/work", terminal=HERE)
    missing = stui("context", terminal=HERE)
    assert (missing.code, missing.out) == (3, "")
    assert "this terminal's context names the session 'work', which alpha does not have" in missing.err


def test_a_context_that_is_forgotten_is_named_and_one_without_an_image_says_how_to_go_on(stui: Stui) -> None:
    stui.ok("switch", "alpha", terminal=HERE)
    stui.ok("switch", "beta", terminal=HERE)
    stui.ok("images", "remove", "-y", "beta", terminal=HERE)
    gone = stui("context", terminal=HERE)
    assert (gone.code, gone.out) == (3, "")
    assert "this terminal's context names the image 'beta', which is not registered" in gone.err
    assert "stui switch --unset" in gone.err
    forgotten = stui.ok("switch", "--unset", terminal=HERE)
    assert forgotten == "no context is set here any more, it was beta; commands here mean alpha now (default)\n"


def test_leaving_a_project_checkpoints_its_session(stui: Stui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stui.ok("sessions", "create", "alpha/work")
    (tmp_path / ".stui.toml").write_text('image = "alpha"\nsession = "work"\n')
    monkeypatch.chdir(tmp_path)
    stui.ok("eval", "x := 1", terminal=HERE)
    assert stui.ok("switch", "beta", terminal=HERE) == "now in beta (- goes back to alpha/work)\n"
    assert stui.items("sessions", "show", "alpha/work")[0]["checkpoint"]["bindings"] == 1


def test_one_terminal_switches_while_another_works(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("sessions", "create", "beta/work")
    stui.ok("switch", "alpha/work", terminal=HERE)
    stui.ok("switch", "beta/work", terminal=THERE)
    stui.ok("eval", "x := 1", terminal=HERE)
    stui.ok("eval", "x := 2", terminal=THERE)
    stui.ok("switch", "beta", terminal=THERE)
    assert stui.ok("eval", "x", terminal=HERE) == "1\n"
    stui.ok("switch", "-", terminal=THERE)
    assert stui.ok("eval", "x", terminal=THERE) == "2\n"


def test_an_image_added_offline_is_pinned_by_its_first_contact(stui: Stui, two_images: tuple[object, ...]) -> None:
    alpha = two_images[0]
    address, key = alpha.address, alpha.key_file  # type: ignore[attr-defined]  # an image
    stui.ok("images", "remove", "alpha", "-y")
    stui.ok("images", "add", "alpha", address, "--offline", "--key-file", str(key))
    assert stui.items("images", "show", "alpha")[0]["image_id"] is None
    assert stui.ok("eval", "-i", "alpha", "3 + 4") == "7\n"
    assert stui.items("images", "show", "alpha")[0]["image_id"] == alpha.image_id  # type: ignore[attr-defined]


def test_context_says_where_it_was_started_apart_from_its_terminal(stui: Stui, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Neovim's `:!`, where the context of the terminal cannot be found."""
    stui.ok("switch", "--default", "alpha")
    monkeypatch.setattr(terminals, "terminal_left", lambda: 4711)
    said = stui("context")
    assert said.out == "alpha (the default context)\n"
    assert "apart from the terminal of process 4711" in said.err
    assert "STUI_IMAGE" in said.err
    assert stui("context", "-q").err == ""
    assert stui("context", "-i", "beta").err == ""
    assert stui("context", terminal="terminal:1:1:b:p").err == ""


def test_a_project_file_that_everybody_may_write_is_told_once_and_not_followed(
    stui: Stui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stui.ok("switch", "--default", "alpha")
    path = tmp_path / ".stui.toml"
    path.write_text('image = "beta"\n')
    path.chmod(0o666)
    monkeypatch.chdir(tmp_path)
    for words in (("context",), ("sessions", "list"), ("eval", "3 + 4"), ("switch", "alpha")):
        said = stui(*words)
        assert said.code == 0, said
        assert said.err.count(f"{path} is ignored: everybody may write it") == 1, said
    assert stui.ok("context") == "alpha (the default context)\n"
    path.chmod(0o600)
    assert stui.ok("context", "-o", "name") == "beta\n"
