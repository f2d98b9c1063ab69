"""completions/stui.fish in a real fish: typed keys, and the exact candidates with their descriptions."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from needs import program
from terminals import IMAGES, PROMPT, SCRIPTS, SESSIONS, TYPED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from terminals import Terminal

SETTINGS = f"""
function stui; echo "ARGUMENTS<"(string join '|' -- $argv)">END"; end
function fish_prompt; echo '{PROMPT}'; end
set -g fish_greeting
source '{SCRIPTS}/stui.fish'
"""


@pytest.fixture
def fish(terminal: Callable[..., Terminal], tmp_path: Path) -> Terminal:
    settings = tmp_path / ".config" / "fish" / "config.fish"
    settings.parent.mkdir(parents=True)
    settings.write_text(SETTINGS)
    return terminal(program("fish"), "-i")


def candidates(environ: dict[str, str], line: str) -> dict[str, str]:
    """What fish offers at the end of `line`, with descriptions."""
    command = [program("fish"), "--no-config", "-c", f"source '{SCRIPTS}/stui.fish'; complete -C \"{line}\""]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return dict(each.partition("\t")[::2] for each in done.stdout.splitlines())


def test_tab_completes_what_is_typed(fish: Terminal) -> None:
    for keys, arguments in TYPED:
        assert fish.arguments(keys) == arguments, keys


def test_commands_come_with_their_summaries(environ: dict[str, str]) -> None:
    offered = candidates(environ, "stui images ")
    assert offered["trust"] == "Accept another image at a known address"
    assert "status" not in offered
    assert candidates(environ, "stui sta") == {"status": "Probe images and tell how they are"}


def test_images_and_their_sessions_are_offered(environ: dict[str, str]) -> None:
    assert sorted(candidates(environ, "stui ping ")) == list(IMAGES)
    assert sorted(candidates(environ, "stui switch ")) == sorted([*IMAGES, *SESSIONS])
    assert sorted(candidates(environ, "stui -i beta eval -s ")) == ["lab", "scratch"]
    assert sorted(candidates(environ, "stui -i beta keys revoke ")) == ["admin", "bob"]


def test_arguments_are_counted(environ: dict[str, str]) -> None:
    assert sorted(candidates(environ, "stui images rename ")) == list(IMAGES)
    assert candidates(environ, "stui images rename alpha ") == {}


def test_options_are_those_of_the_command(environ: dict[str, str]) -> None:
    offered = candidates(environ, "stui cleanup --")
    assert {"--dry-run", "--grace", "--image"} <= set(offered)
    assert "--offline" not in offered
    assert sorted(candidates(environ, "stui cleanup --color ")) == ["always", "auto", "never"]


def test_images_of_pharo_launcher_are_offered_and_files(environ: dict[str, str], tmp_path: Path) -> None:
    asked = "stui images launch x --image-file"
    assert candidates(environ, f"{asked} moose") == {}
    (tmp_path / "Pharo" / "images" / "moose-10").mkdir(parents=True)
    assert list(candidates(environ, f"{asked} moose")) == ["moose-10"]
    assert list(candidates(environ, f"{asked} {tmp_path}/sec")) == [f"{tmp_path}/secret.key"]


def test_settings_and_their_values_are_offered(environ: dict[str, str]) -> None:
    assert {"timeout", "dialects.pharo.vm"} <= set(candidates(environ, "stui config get "))
    assert list(candidates(environ, "stui config set color ")) == ["always", "auto", "never"]
    assert sorted(candidates(environ, "stui config set older-than ")) == ["30d"]


def test_the_line_that_installs_it_makes_the_file_and_is_the_same_everywhere(tmp_path: Path) -> None:
    """`| source` would mix fish's own guesses in: the file keeps them out."""
    root = SCRIPTS.parent
    line = "stui completion fish > ~/.config/fish/completions/stui.fish"
    readme = (root / "README.md").read_text("utf-8")
    whole = next(each for each in readme.splitlines() if line in each)
    (tmp_path / "stui").write_text(f"#!/bin/sh\ncat {SCRIPTS}/stui.fish\n")
    (tmp_path / "stui").chmod(0o755)
    environ = {"HOME": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run([program("fish"), "-c", whole], env=environ, check=True)
    installed = tmp_path / ".config" / "fish" / "completions" / "stui.fish"
    assert installed.read_bytes() == (SCRIPTS / "stui.fish").read_bytes()
    page = (root / "man" / "stui-completion.1").read_text("utf-8").replace("\\-", "-").replace("\\(ti", "~")
    assert line in page.replace("\n", " ")
    assert f"\\fB{line}\\fR" in page
    assert "fish | source" not in readme + page
