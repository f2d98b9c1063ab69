"""`stui config`, and what every other command does about config.toml."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from test_stores_that_cannot_be_written import LINES

from stui_cli.api import open_manager
from stui_cli.invocation import Invocation, call_settings
from stui_cli.model.settings import SETTINGS, checked, default_of, offered_values
from stui_cli.work.configuration import set_key, template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Said, Stui

# These tell of a config.toml that cannot be used, mend it, or have nothing to do with any.
WITHOUT_IT = {"doctor", "completion", "config path", "help"}


@pytest.fixture
def config(home: Path) -> Path:
    path = home / "stui" / "config.toml"
    path.parent.mkdir(mode=0o700)
    return path


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From the call on the user's editor is a line of shell, which has the file as $1."""

    def choose(line: str) -> None:
        script = tmp_path / "an editor"
        script.write_text(f"#!/bin/sh\n{line}\n")
        script.chmod(0o755)
        monkeypatch.setenv("VISUAL", f"{shlex.quote(str(script))}")

    return choose


def rows(said: Said) -> dict[str, dict[str, Any]]:
    assert said.code == 0, said
    return {item["key"]: item for item in said.items}


def test_every_setting_is_listed_with_what_says_so(stui: Stui, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text('# mine\ntimeout = "5s"\ngrace = 90\non_change = ["say", "a b"]\n[dialects.pharo]\nvm = "110"\n')
    monkeypatch.setenv("STUI_LOCK_TIMEOUT", "1m")
    found = rows(stui("config", "-o", "json", "--color", "never"))
    assert found.keys() == SETTINGS.keys()
    told = {key: (item["value"], item["source"], item["where"], item["line"]) for key, item in found.items()}
    assert told["timeout"] == ("5s", "config", "config.toml:2", 2)
    assert told["grace"] == ("90", "config", "config.toml:3", 3)
    assert told["on_change"] == ("say 'a b'", "config", "config.toml:4", 4)
    assert told["dialects.pharo.vm"] == ("110", "config", "config.toml:6", 6)
    assert told["lock_timeout"] == ("1m", "environment", "STUI_LOCK_TIMEOUT", None)
    assert told["color"] == ("never", "option", "--color", None)
    assert told["output"] == ("json", "option", "-o", None)
    assert told["audit_source"] == ("text", "default", "default", None)
    assert told["older_than"] == (None, None, None, None)
    assert stui("config", "-o", "name").out.split() == list(SETTINGS)
    assert stui("config", "-o", "tsv", "--no-headers").out.splitlines()[0] == "timeout\t5s\tconfig.toml:2\t2s"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("NO_COLOR", "1", "never"),
        ("TERM", "dumb", "never"),
        ("CLICOLOR", "0", "never"),
        ("FORCE_COLOR", "1", "always"),
        ("CLICOLOR_FORCE", "1", "always"),
    ],
)
def test_the_variable_that_decides_of_colours_is_named(
    stui: Stui, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)
    row = next(line for line in stui.ok("config", "-o", "tsv").splitlines() if line.startswith("color\t"))
    assert row.split("\t")[1:3] == [told, variable]


def test_get_prints_the_value_alone(stui: Stui, config: Path) -> None:
    config.write_text('grace = "90s"\n')
    assert stui("config", "get", "grace").out == "90s\n"
    assert stui("config", "get", "timeout").out == "2s\n"
    assert (stui("config", "get", "older-than").code, stui("config", "get", "tiemout").code) == (3, 2)
    assert "did you mean timeout" in stui("config", "get", "tiemout").err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("timeout", "5s"), 'timeout = "5s"'),
        (("timeout", "5"), "timeout = 5"),
        (("older-than", "30d"), 'older_than = "30d"'),
        (("history_limit", "4M"), 'history_limit = "4M"'),
        (("on_change", "notify-send 'a b'"), "on_change = \"notify-send 'a b'\""),
        (("dialects.pharo.vm", "110-x64"), 'vm = "110-x64"'),
    ],
)
def test_set_writes_what_can_be_read_back(stui: Stui, config: Path, words: tuple[str, str], line: str) -> None:
    said = stui("config", "set", *words)
    assert (said.code, said.err) == (0, "")
    assert line in config.read_text().splitlines()
    assert stui.ok("config", "get", words[0]) == f"{words[1]}\n"
    assert said.out.startswith(f"{words[0].replace('-', '_')} is {words[1]} now, by line ")
    assert "already" in stui.ok("config", "set", *words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("timeout", "soon"), "'soon' is not a duration"),
        (("timeout", "0"), "too short: at least 1ms"),
        (("color", "pink"), "not one of auto, always, never"),
        (("audit_limit", "1K"), "no size of 65536 bytes or more"),
        (("on_change", "'"), "No closing quotation"),
        (("tiemout", "5s"), "did you mean timeout"),
        (("dialects.pharo.image-file", "x"), "dialects.pharo.image"),
        (("dialects.gst.vm", "x"), "no setting is called"),
        (("timeout", "5s", "--unset"), "--unset takes no value"),
        (("timeout",), "no value for timeout"),
    ],
)
def test_set_checks_before_it_writes(stui: Stui, config: Path, words: tuple[str, ...], told: str) -> None:
    config.write_text("# mine\n")
    said = stui("config", "set", *words)
    assert (said.code, said.out, config.read_text()) == (2, "", "# mine\n")
    assert told in said.err


@pytest.mark.parametrize("how", [("--unset",), ("",)])
def test_unset_takes_a_key_away(stui: Stui, config: Path, how: tuple[str, ...]) -> None:
    config.write_text('# mine\ntimeout = "5s"\ngrase = 3\n')
    assert stui.ok("config", "set", "timeout", *how) == "timeout is not set, and 2s by default now\n"
    assert "already" in stui.ok("config", "set", "timeout", *how)
    assert stui("config", "set", "grase", *how).code == 0  # one that means nothing, too
    assert config.read_text() == "# mine\n"
    assert stui("config", "set", "grase", *how).code == 2


def test_a_damaged_file_is_told_and_left_alone(stui: Stui, config: Path) -> None:
    config.write_text("timeout = 2\ncolor = never\n")
    for words in (("set", "timeout", "3"), ("set", "timeout", "--unset"), ("get", "timeout"), ("list",)):
        said = stui("config", *words)
        assert (said.code, said.out) == (2, "")
        assert "config.toml cannot be used: line 2, column 9" in said.err
    assert config.read_text() == "timeout = 2\ncolor = never\n"
    assert stui.ok("config", "path") == f"{config}\n"


def test_a_wrong_value_is_mended_by_set(stui: Stui, config: Path) -> None:
    config.write_text('timeout = "soon"\ngrace = "late"\n')
    said = stui("config", "set", "timeout", "3s")
    assert said.code == 0
    assert "line 2: grace: 'late' is not a duration" in said.err
    assert stui("config", "get", "timeout").code == 2
    assert stui("config", "set", "grace", "--unset").err == ""
    assert stui.ok("config", "get", "timeout") == "3s\n"


def test_a_stronger_variable_is_told(stui: Stui, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUI_TIMEOUT", "7s")
    assert "STUI_TIMEOUT is stronger: here it is 7s" in stui("config", "set", "timeout", "3s").err
    assert stui.ok("config", "get", "timeout") == "7s\n"


def test_keys_set_at_once_are_all_there(config: Path) -> None:
    keys = ("timeout", "grace", "older_than", "lock_timeout", "history_limit", "color", "output", "audit_source")
    children = []
    for key in keys:
        if (child := os.fork()) == 0:
            set_key(open_manager().store, key, SETTINGS[key].example)
            os._exit(0)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * len(keys)
    assert sorted(line.split(" = ")[0] for line in config.read_text().splitlines()) == sorted(keys)


@pytest.mark.parametrize("text", ['timeout = "soon"\n', "x = ]\n"])
def test_every_command_refuses_what_cannot_be_used_before_it_does_anything(stui: Stui, config: Path, text: str) -> None:
    config.write_text(text)
    for name, words in LINES.items():
        said = stui(*words)
        if name in WITHOUT_IT:
            assert said.code != 2, said
        else:
            assert (said.code, "config.toml cannot be used: line 1" in said.out + said.err) == (
                3 if name == "check" else 2,
                True,
            ), said
    assert os.listdir(config.parent) == ["config.toml"]


def test_a_variable_that_cannot_be_used_is_told(stui: Stui, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in call_settings.FROM_ENVIRONMENT:
        monkeypatch.setenv(f"STUI_{key.upper()}", "?")
        said = stui("images")
        assert (said.code, said.out) == (2, "")
        assert f"STUI_{key.upper()} cannot be used: {key}" in said.err
        monkeypatch.delenv(f"STUI_{key.upper()}")


def test_an_option_is_stronger_than_a_variable_and_that_than_the_file(config: Path) -> None:
    config.write_text('timeout = "3s"\nlock_timeout = "4s"\noutput = "tsv"\ncolor = "always"\ngrace = "5s"\n')
    environ = {"STUI_HOME": str(config.parent)}
    file = Invocation({}, environ)
    assert (file.timeout, file.lock_timeout, file.mode, file.setting("grace")) == (3, 4, "tsv", 5_000)
    assert (file.screen.color_out, file.given_timeout) == (True, None)
    variables = {"STUI_TIMEOUT": "6s", "STUI_LOCK_TIMEOUT": "0", "STUI_OUTPUT": "json", "NO_COLOR": "1"}
    said = Invocation({}, environ | variables)
    assert (said.timeout, said.lock_timeout, said.mode, said.screen.color_out) == (6, 0, "json", False)
    options = {"timeout": 7_000, "lock_timeout": 8_000, "output": "name", "color": "always"}
    given = Invocation(options, environ | variables)
    assert (given.timeout, given.lock_timeout, given.mode, given.screen.color_out) == (7, 8, "name", True)
    assert given.setting("grace", 9) == 9


def test_what_start_up_knows_of_settings_is_what_their_table_says() -> None:
    assert {f"STUI_{key.upper()}" for key in call_settings.FROM_ENVIRONMENT} == {
        row.variable for row in SETTINGS.values() if row.variable and row.variable.startswith("STUI_")
    }
    defaults = (call_settings.DEFAULT_TIMEOUT_S * 1000, call_settings.DEFAULT_LOCK_TIMEOUT_S * 1000)
    assert defaults == (default_of(SETTINGS["timeout"]), default_of(SETTINGS["lock_timeout"]))
    for row in SETTINGS.values():
        for value in offered_values(row):
            checked(row, value)


def test_a_new_file_is_offered_with_every_key(stui: Stui, config: Path, editor: Callable[[str], None]) -> None:
    editor('sed -i "s/^# \\([a-z_[]\\)/\\1/" "$1"')
    said = stui("config", "edit")
    assert (said.code, said.err) == (0, "")
    assert set(rows(stui("config", "-o", "json"))) == set(SETTINGS)
    assert [item["key"] for item in stui.items("config") if item["source"] == "config"] == [
        key for key in SETTINGS if key != "output"
    ]
    assert config.read_text().count("\n") == template().count("\n")


def test_what_is_edited_counts_once_it_can_be_used(
    stui: Stui, config: Path, editor: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    config.write_text("timeout = soon\n")
    editor('echo "# more" >> "$1"; cat "$1" > "$0.saw"')
    said = stui("config", "edit")
    assert (said.code, config.read_text()) == (2, "timeout = soon\n")
    draft = said.err.split("what you wrote is in ")[1].strip()
    with open(draft, encoding="utf-8") as file:
        assert file.read() == "timeout = soon\n# more\n"
    os.unlink(draft)
    editor('echo "timeout = 3" > "$1"')
    assert stui.ok("config", "edit") == f"{config} is changed\n"
    assert config.read_text() == "timeout = 3\n"
    editor('cat "$1" > /dev/null')
    assert stui.ok("config", "edit") == f"{config} is as it was\n"
    editor(f'echo "timeout = 4" > "$1"; echo "timeout = 5" > {shlex.quote(str(config))}')
    said = stui("config", "edit")
    assert (said.code, config.read_text()) == (9, "timeout = 5\n")
    os.unlink(said.err.split("what you wrote is in ")[1].strip())
    editor("exit 3")
    said = stui("config", "edit")
    assert (said.code, "failed (exit 3); nothing was changed" in said.err) == (1, True)
    monkeypatch.setenv("VISUAL", "no-such-editor")
    said = stui("config", "edit")
    assert (said.code, "'no-such-editor' cannot be run" in said.err) == (2, True)
    monkeypatch.delenv("VISUAL")
    monkeypatch.delenv("EDITOR")
    said = stui("config", "edit")  # no vi is started where nobody sees it
    assert (said.code, "nobody is at a terminal here" in said.err) == (2, True)
    assert [name for name in os.listdir(tmp_path) if name.endswith(".toml")] == []


def test_at_a_terminal_it_is_asked_whether_to_edit_again(config: Path, editor: Callable[[str], None]) -> None:
    editor('if [ -e "$0.once" ]; then echo "timeout = 3" > "$1"; else echo x > "$1"; touch "$0.once"; fi')
    parent, child = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "stui_cli", "config", "edit"], stdin=child, stdout=child,
                               stderr=child, start_new_session=True)  # fmt: skip
    os.close(child)
    seen = b""
    while b"Edit it again?" not in seen:
        seen += os.read(parent, 4096)
    assert b"line 1, column 2" in seen
    os.write(parent, b"y\n")
    assert process.wait(20) == 0
    os.close(parent)
    assert config.read_text() == "timeout = 3\n"
