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


def offered(environ: dict[str, str], *lines: str) -> list[dict[str, str]]:
    """What fish offers at the end of each of `lines`, with descriptions."""
    asked = "; echo ----; ".join(f'complete -C "{line}"' for line in lines)
    command = [program("fish"), "--no-config", "-c", f"source '{SCRIPTS}/stui.fish'; {asked}"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    answers = f"{done.stdout}\n".split("----\n")
    assert len(answers) == len(lines)
    return [dict(each.partition("\t")[::2] for each in answer.splitlines() if each) for answer in answers]


def test_tab_completes_what_is_typed(fish: Terminal) -> None:
    for keys, arguments in TYPED:
        assert fish.arguments(keys) == arguments, keys


def test_commands_come_with_their_summaries(environ: dict[str, str]) -> None:
    below, begun = offered(environ, "stui images ", "stui sta")
    assert below["trust"] == "Accept another image at a known address"
    assert "status" not in below
    assert begun == {"status": "Probe images and tell how they are"}


def test_images_and_their_sessions_are_offered(environ: dict[str, str]) -> None:
    lines = ("stui ping ", "stui switch ", "stui -i beta eval -s ", "stui -i beta keys revoke ")
    images, targets, sessions, keys = map(sorted, offered(environ, *lines))
    assert (images, targets) == (list(IMAGES), sorted([*IMAGES, *SESSIONS]))
    assert (sessions, keys) == (["lab", "scratch"], ["admin", "bob"])


def test_arguments_are_counted(environ: dict[str, str]) -> None:
    first, second = offered(environ, "stui images rename ", "stui images rename alpha ")
    assert (sorted(first), second) == (list(IMAGES), {})


def test_options_are_those_of_the_command(environ: dict[str, str]) -> None:
    options, colors = offered(environ, "stui cleanup --", "stui cleanup --color ")
    assert {"--dry-run", "--grace", "--image"} <= set(options)
    assert "--offline" not in options
    assert sorted(colors) == ["always", "auto", "never"]


def test_images_of_pharo_launcher_are_offered_and_files(environ: dict[str, str], tmp_path: Path) -> None:
    asked = "stui images launch x --image-file"
    assert offered(environ, f"{asked} moose") == [{}]
    (tmp_path / "Pharo" / "images" / "moose-10").mkdir(parents=True)
    images, files = map(list, offered(environ, f"{asked} moose", f"{asked} {tmp_path}/sec"))
    assert (images, files) == (["moose-10"], [f"{tmp_path}/secret.key"])


def test_settings_and_their_values_are_offered(environ: dict[str, str]) -> None:
    lines = ("stui config get ", "stui config set color ", "stui config set older-than ")
    settings, colors, ages = map(list, offered(environ, *lines))
    assert {"timeout", "dialects.pharo.vm"} <= set(settings)
    assert (colors, ages) == (["always", "auto", "never"], ["30d"])


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
