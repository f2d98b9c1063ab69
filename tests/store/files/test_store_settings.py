"""config.toml: what the user may set, and what is said about anything else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from stui_cli.local.dialects import VISITED
from stui_cli.model.actors import Actor
from stui_cli.model.errors import UsageProblem
from stui_cli.store.files.location import Home
from stui_cli.store.files.settings import DIALECT_KEYS, GivenDefaults, Settings, read_settings
from stui_cli.store.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


def settings_of(text: str, folder: Path) -> Settings:
    (folder / "config.toml").write_text(text)
    return read_settings(Home.find(folder, os.environ))


def test_without_a_file_nothing_is_set(tmp_path: Path) -> None:
    assert read_settings(Home.find(tmp_path / "none", os.environ)) == Settings((), True, None, None, ())


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
        "'zork' means nothing to stui; known are audit_limit, audit_source, dialects, history_limit, on_change"
        in found.warnings[1]
    )


def test_a_command_reads_them_once_and_warns_once(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("zork = 1\n")
    said: list[str] = []
    store = open_store(Home.find(tmp_path, os.environ), Actor("me", "here", 1, "test"), lambda: 0, announce=said.append)
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
