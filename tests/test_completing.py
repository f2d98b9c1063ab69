"""What Tab offers to shells that ask stui itself: from plain files and tables, never from an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.shell_completion import ShellComplete

from stui_cli.api import open_manager
from stui_cli.main import root
from stui_cli.model.contexts import DEFAULT_SCOPE, Context
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.sessions import Session
from stui_cli.work.meant import terminals

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.store.transaction import Draft

LABELS = {"alpha": {"team": "core", "env": "prod"}, "beta": {"team": "tools", "odd": "a\nb", "ansi": "\x1b[31m"}}
TERMINAL = "terminal:1:2:boot:place"


def offered(*words: str) -> list[str]:
    """What is offered for the last of `words`."""
    complete = ShellComplete(root, {}, "stui", "_STUI_COMPLETE")
    return [each.value for each in complete.get_completions(list(words[:-1]), words[-1])]


@pytest.fixture(autouse=True)
def _filled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two images with labels and sessions; no image has an address at which anything listens."""

    def fill(draft: Draft) -> ImageDetails:
        for name, labels in LABELS.items():
            draft.images[name] = Image(name, "tcp://127.0.0.1:1", draft.now, image_id=name, metadata=labels)
        for owner, session in (("alpha", "work"), ("beta", "lab"), ("beta", "scratch")):
            draft.sessions(owner)[session] = Session(session, session, owner, "first", draft.now, draft.now)
        return ImageDetails(Kind.IMAGE_ADD, "beta")

    def go(draft: Draft) -> ImageDetails:
        draft.contexts[DEFAULT_SCOPE] = Context(Target("alpha"), draft.now)
        draft.contexts[TERMINAL] = Context(Target("beta", "lab"), draft.now)
        return ImageDetails(Kind.IMAGE_CHANGE, "alpha", {"role": "build"})

    store = open_manager().store
    store.commit(fill)
    store.commit(go)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(terminals, "terminal_key", lambda: None)


def test_labels_are_completed_key_first_and_none_that_no_shell_could_write() -> None:
    assert offered("images", "-l", "") == ["env=", "team="]
    assert offered("status", "-l", "team=") == ["team=core", "team=tools"]
    assert offered("status", "--group-by", "") == ["dialect", "status", "health", "env", "team"]
    assert offered("images", "set", "alpha", "team=c") == ["team=core"]


def test_of_a_list_the_last_part_is_completed_with_keys_of_what_is_listed() -> None:
    assert {"name", "latency_ms"} <= set(offered("images", "list", "--columns", ""))
    assert offered("images", "--sort", "name,-lat") == ["name,-latency_ms"]
    assert offered("images", "--columns", "name,lat") == ["name,latency_ms"]
    assert offered("log", "--columns", "number,num") == []
    assert offered("sessions", "list", "--state", "lost,p") == ["lost,parked"]


def test_numbers_of_changes_come_with_what_they_did() -> None:
    complete = ShellComplete(root, {}, "stui", "_STUI_COMPLETE")
    for words in (["undo"], ["rollback"], ["log", "show"]):
        found = complete.get_completions(words, "")
        assert [(each.value, each.help) for each in found] == [
            ("2", "changed image alpha (role=build)"),
            ("1", "added image beta"),
        ]


def test_sessions_are_those_of_the_image_that_is_meant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert offered("eval", "-s", "") == ["work"]  # of the default context
    (tmp_path / ".stui.toml").write_text('image = "beta"\n')
    assert offered("eval", "-s", "") == ["lab", "scratch"]
    (tmp_path / ".stui.toml").write_text('image = "alpha"\n')
    monkeypatch.setattr(terminals, "terminal_key", lambda: TERMINAL)
    assert offered("eval", "-s", "") == ["lab", "scratch"]
    assert offered("switch", "/s") == ["/scratch"]
    monkeypatch.setenv("STUI_IMAGE", "alpha/work")
    assert offered("eval", "-s", "") == ["work"]
    assert offered("-i", "beta", "eval", "-s", "l") == ["lab"]


def test_help_and_settings_are_completed() -> None:
    assert offered("help", "images", "tr") == ["trust"]
    assert offered("config", "set", "older-") == ["older_than"]
    assert offered("config", "set", "color", "ne") == ["never"]
