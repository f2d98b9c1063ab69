"""config.toml: what the user may set, and what is said about anything else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from stui_cli.model.errors import UsageProblem
from stui_cli.store.location import Home
from stui_cli.store.settings import history_limit, keeps_sources, on_change

if TYPE_CHECKING:
    from pathlib import Path


def home_with(text: str, folder: Path) -> Home:
    (folder / "config.toml").write_text(text)
    return Home.find(folder, os.environ)


def test_without_a_file_sources_are_kept_and_nothing_is_run(tmp_path: Path) -> None:
    home = Home.find(tmp_path / "none", os.environ)
    assert (keeps_sources(home), history_limit(home), on_change(home)) == (True, None, ())


@pytest.mark.parametrize(("text", "limit"), [("history_limit = 5000", 5000), ('history_limit = "4M"', 4 << 20)])
def test_the_bound_of_a_history(text: str, limit: int, tmp_path: Path) -> None:
    assert history_limit(home_with(text, tmp_path)) == limit


def test_the_audit_log_may_hold_hashes_alone(tmp_path: Path) -> None:
    assert keeps_sources(home_with('audit_source = "hash"', tmp_path)) is False
    assert keeps_sources(home_with('audit_source = "text"', tmp_path)) is True


@pytest.mark.parametrize("text", ["history_limit = true", 'history_limit = "much"', "history_limit = -1", "x = ["])
def test_what_cannot_be_used_names_the_file(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"config\.toml"):
        history_limit(home_with(text, tmp_path))


def test_a_wrong_audit_source(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="neither text nor hash"):
        keeps_sources(home_with('audit_source = "none"', tmp_path))
