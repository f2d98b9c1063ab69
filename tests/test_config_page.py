"""What man/stui-config.5 says is so: its examples are read and run as they stand, its lists are those of the source."""

from __future__ import annotations

import ast
import importlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from needs import program

from stui_cli.local.on_change import run_hooks
from stui_cli.model.durations import duration_text, parse_duration
from stui_cli.model.settings import SETTINGS, checked
from stui_cli.model.sizes import parse_size
from stui_cli.store.files.settings import settings_in
from stui_cli.work.meant.target import project_target

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "man" / "stui-config.5"

# Words in capitals that stand near the environment and name no variable of it.
NO_VARIABLES = {"ADDRESS", "GLOB", "KEY", "NAME", "UTC"}
# What stui sets for a program that it starts, and does not ask for.
SET_FOR_OTHERS = {"LC_ALL", "LESSCHARSET", "LV", "PYTHONPATH", "TZ"}
# What a library that stui uses asks for, and stui asks that library.
OF_LIBRARIES = {"PGCONNECT_TIMEOUT"}


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    return importlib.import_module("config_page")


def test_the_example_of_a_file_is_one(page: Any) -> None:
    found = settings_in(page.CONFIG, "config.toml")
    assert (found.number("timeout"), found.dialects["pharo"].vm, found.warnings) == (5_000, "110-x64", ())
    for row in SETTINGS.values():
        assert settings_in(page.written(row), "config.toml").values == {row.key: checked(row, row.example)}


def test_durations_and_sizes_are_what_the_page_says(page: Any) -> None:
    assert {text: parse_duration(text) for text in page.DURATIONS} == page.DURATIONS
    assert {text: parse_size(text) for text in page.SIZES} == page.SIZES
    assert all(parse_duration(duration_text(ms)) == ms for ms in (0, 1, 999, 1_500, 86_400_000, 90_000, 604_800_000))


def test_the_example_of_a_project_names_what_it_says(page: Any, tmp_path: Path) -> None:
    (tmp_path / ".stui.toml").write_text(page.PROJECT)
    (tmp_path / "below").mkdir()
    found = project_target(str(tmp_path / "below"))
    assert found is not None
    assert (str(found.target), found.path) == ("alpha/work", str(tmp_path / ".stui.toml"))


def test_the_commands_of_the_page_get_an_event(page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    event = {key: value for key, (value, _) in page.EVENT.items()}
    events = [json.dumps(event | {"metadata": labels}).encode() + b"\n" for labels in ({}, {"role": "build"})]
    for lines in page.HOOKS.values():
        if "jq" in lines:
            program("jq")
        command = settings_in(f"{lines}\n", "config.toml").on_change
        assert [failure for one in events for failure in run_hooks(command, [one], 5)] == []
    kept = (tmp_path / "changes").read_text()
    assert kept.endswith("alpha is disconnected: nobody listens there\n")
    assert kept.count("alpha is disconnected") == 1
    assert kept.count('"kind": "change"') == 2


def _variables() -> Iterator[str]:
    """What the source asks the environment for: words in capitals in functions that have to do with it."""
    for path in (ROOT / "stui_cli").rglob("*.py"):
        text = path.read_text("utf-8")
        for function in ast.walk(ast.parse(text)) if "environ" in text else ():
            if isinstance(function, ast.FunctionDef) and "environ" in ast.unparse(function):
                for node in ast.walk(function):
                    if isinstance(node, ast.Constant) and re.fullmatch("[A-Z][A-Z0-9]+(_[A-Z0-9]+)*", str(node.value)):
                        yield str(node.value)


def test_every_variable_that_the_source_asks_for_is_told(page: Any) -> None:
    told = {name for names in page.ENVIRONMENT for name in names.split(", ")}
    asked = set(_variables()) - NO_VARIABLES - SET_FOR_OTHERS
    of_settings = {row.variable for row in SETTINGS.values() if row.variable}
    assert told == asked | of_settings | OF_LIBRARIES


def test_every_key_and_field_stands_in_the_page(page: Any) -> None:
    text = PAGE.read_text("utf-8").replace("\\-", "-")
    for word in (*SETTINGS, *page.EVENT, *page.ENVIRONMENT):
        assert f"\\fB{word}\\fR" in text, word
