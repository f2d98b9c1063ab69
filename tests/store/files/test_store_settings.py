"""config.toml: what the user may set, and what is said about anything else."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from stui_cli.local.dialects import VISITED
from stui_cli.model.actors import Actor
from stui_cli.model.errors import UsageProblem
from stui_cli.model.settings import DIALECT_KEYS, SETTINGS
from stui_cli.store.files.configured import GivenDefaults, Settings
from stui_cli.store.files.location import Home
from stui_cli.store.files.settings import line_of_key, read_settings, settings_in
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def settings_of(text: str, folder: Path) -> Settings:
    (folder / "config.toml").write_text(text)
    return read_settings(Home.find(folder, os.environ))


def test_without_a_file_nothing_is_set(tmp_path: Path) -> None:
    found = read_settings(Home.find(tmp_path / "none", os.environ))
    assert found == Settings()
    assert (found.on_change, found.keeps_sources, found.history_limit, found.audit_limit) == ((), True, None, None)


@pytest.mark.parametrize(("text", "limit"), [("history_limit = 5000", 5000), ('history_limit = "4M"', 4 << 20)])
def test_the_bound_of_a_history(text: str, limit: int, tmp_path: Path) -> None:
    assert settings_of(text, tmp_path).history_limit == limit


def test_the_audit_log_may_hold_hashes_alone(tmp_path: Path) -> None:
    assert settings_of('audit_source = "hash"', tmp_path).keeps_sources is False
    assert settings_of('audit_source = "text"', tmp_path).keeps_sources is True


@pytest.mark.parametrize(
    "text",
    [
        "history_limit = true",
        'history_limit = "much"',
        "history_limit = -1",
        "x = [",
        "x = " + "[" * 5_000,
        'audit_source = "none"',
        "on_change = 3",
        "dialects = 3",
        'dialects.pharo = "x"',
        "[dialects.pharo]\nvm = 3",
        '[dialects.squeak]\nimage = ""',
    ],
)
def test_what_cannot_be_used_names_the_file(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"config\.toml"):
        settings_of(text, tmp_path)


def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    with pytest.raises(UsageProblem, match="no plain file"):
        read_settings(Home.find(tmp_path, os.environ))


def test_a_misspelt_key_is_told_with_the_nearest(tmp_path: Path) -> None:
    found = settings_of('history_limits = "4M"\nzork = 1\n', tmp_path)
    assert found.history_limit is None
    assert "'history_limits' means nothing to stui; did you mean history_limit or audit_limit?" in found.warnings[0]
    assert (
        "line 2: 'zork' means nothing to stui; known are audit_limit, audit_source, color, dialects"
        in found.warnings[1]
    )


def test_a_command_reads_them_once_and_warns_once(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("zork = 1\n")
    said: list[str] = []
    store = Store(Home.find(tmp_path, os.environ), Actor("me", "here", 1, "test"), lambda: 0, announce=said.append)
    first = store.settings()
    (tmp_path / "config.toml").write_text("x = [")
    assert store.settings() is first
    assert len(said) == 1
    assert said[0].startswith("warning: ")


@pytest.mark.parametrize(
    ("text", "limit"), [("", None), ('audit_limit = "16M"', 16 * 1024**2), ("audit_limit = 65536", 65536)]
)
def test_the_bound_of_a_file_of_the_audit_log(text: str, limit: int | None, tmp_path: Path) -> None:
    assert settings_of(text, tmp_path).audit_limit == limit


@pytest.mark.parametrize("value", ['"1K"', "3", "true", "[]", '"much"'])
def test_a_bound_of_the_audit_log_that_is_none_or_too_small_is_told(value: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="audit_limit"):
        settings_of(f"audit_limit = {value}", tmp_path)


def test_what_images_of_ones_own_are_started_with(tmp_path: Path) -> None:
    found = settings_of('[dialects.pharo]\nvm = "110-x64"\n[dialects.squeak]\nimage = "~/s.image"\n', tmp_path)
    assert found.warnings == ()
    assert found.dialects == {"pharo": GivenDefaults("110-x64", None), "squeak": GivenDefaults(None, "~/s.image")}


def test_a_misspelt_key_of_a_dialect_is_told_with_the_nearest(tmp_path: Path) -> None:
    found = settings_of('[dialects.pharoh]\nvm = "x"\n[dialects.squeak]\nimages = "y"\n', tmp_path)
    assert "'dialects.pharoh' means nothing to stui; did you mean pharo?" in found.warnings[0]
    assert "'dialects.squeak.images' means nothing to stui; did you mean image?" in found.warnings[1]


def test_every_dialect_whose_images_are_given_can_be_set() -> None:
    assert set(DIALECT_KEYS) == set(VISITED)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x = [", "line 1, column 6, where the file ends: Invalid value"),
        ("timeout = 2\n\ntimeout = 3\n", "line 3, column 12: Cannot overwrite a value"),
        ("color = soon\n", "line 1, column 9: Invalid value"),
        ("timeout = 2\ncolor = '\udce9'\n", "line 2, column 10: byte 0xe9 is no UTF-8"),
        ('# one\ntimeout = "soon"\n', "line 2: timeout: 'soon' is not a duration"),
        ("timeout = 0\n", "line 1: timeout is 0, which is too short: at least 1ms"),
        ('\n\noutput = "xml"\n', "line 3: output is 'xml', and not one of auto, table"),
        ('[dialects.pharo]\nimage = "x"\nvm = ""\n', "line 3: dialects.pharo.vm is '', and no path"),
        ('on_change = [\n  "a",\n  3,\n]\n', "line 1: on_change is neither a text nor a list of texts"),
        ("grace = 1\nolder-than = 2\nolder_than = 3\n", "older_than stands there twice"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, place: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageProblem) as told:
        read_settings(Home.find(tmp_path, os.environ))
    assert f"config.toml cannot be used: {place}" in told.value.what


def test_the_line_of_a_key_is_found_whatever_stands_around_it() -> None:
    text = """# timeout = 1
on_change = '''
timeout = 2
color'''
"timeout" = "3s" # timeout
dialects.pharo = {vm = "a",
  image = "b"}
older-than = 3
[dialects.squeak]
  vm = "timeout"
"""
    found = settings_in(text.replace(",\n", ", "), "config.toml")
    lines = {key: line_of_key(found, key) for key in found.values}
    assert lines == {
        "on_change": 2,
        "timeout": 5,
        "dialects.pharo.vm": 6,
        "dialects.pharo.image": 6,
        "older_than": 7,
        "dialects.squeak.vm": 9,
    }
    assert line_of_key(found, "color") is None


def test_a_file_of_somebody_else_runs_no_command_here(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('on_change = "x"\n')
    path.chmod(0o646)
    with pytest.raises(UsageProblem, match="everybody may write it") as told:
        read_settings(Home.find(tmp_path, os.environ))
    assert told.value.todo == f"chmod o-w {path}"
    if os.getuid() == 0:
        path.chmod(0o600)
        os.chown(path, 12345, -1)
        with pytest.raises(UsageProblem, match="belongs to user 12345"):
            read_settings(Home.find(tmp_path, os.environ))


def test_a_long_file_is_read_in_a_moment_whatever_stands_in_it(tmp_path: Path) -> None:
    begun = time.process_time()
    found = settings_of("".join(f"timeout_{number} = 1\n" for number in range(10_000)) + "timeout = 2\n", tmp_path)
    assert found.values == {"timeout": 2_000}
    assert len(found.warnings) == 6
    assert found.warnings[5].endswith("config.toml: 9995 more keys mean nothing to stui")
    assert line_of_key(found, "timeout") is None
    assert time.process_time() - begun < 20
    (tmp_path / "config.toml").write_text("# long\n" * 40_000)
    with pytest.raises(UsageProblem, match="longer than 256 KiB"):
        read_settings(Home.find(tmp_path, os.environ))


def test_every_example_is_one() -> None:
    from stui_cli.model.settings import checked, default_of

    for row in SETTINGS.values():
        assert checked(row, row.example) not in (None, default_of(row)), row.key
