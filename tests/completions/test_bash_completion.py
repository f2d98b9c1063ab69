"""completions/stui.bash in a real bash: typed keys, and the exact candidates."""

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

STUB = "stui() { local IFS='|'; printf 'ARGUMENTS%s\\n' \"<$*>END\"; }"

ASK = """
source "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=("${@:3}") COMP_CWORD=$(($# - 3))
_stui stui "${COMP_WORDS[COMP_CWORD]}" ''
((${#COMPREPLY[@]})) && printf '%s\\n' "${COMPREPLY[@]}"
"""


def candidates(environ: dict[str, str], *words: str) -> list[str]:
    """What the completion offers for the last of `words`."""
    command = [program("bash"), "-u", "-c", ASK, "ask", str(SCRIPTS / "stui.bash"), " ".join(words), *words]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def bash(terminal: Callable[..., Terminal], tmp_path: Path) -> Terminal:
    rc = tmp_path / "bashrc"
    rc.write_text(f"{STUB}\nsource '{SCRIPTS}/stui.bash'\nPS1='{PROMPT}'\nbind 'set bell-style none'\n")
    return terminal(program("bash"), "--noprofile", "--rcfile", str(rc), "-i")


def test_tab_completes_what_is_typed(bash: Terminal) -> None:
    for keys, arguments in TYPED:
        assert bash.arguments(keys) == arguments, keys


def test_an_open_quote_is_kept(bash: Terminal) -> None:
    assert bash.arguments("stui ping 'alp\t") == ["ping", "alpha"]


def test_what_stands_after_the_cursor_does_not_matter(bash: Terminal) -> None:
    # Ctrl-A, five characters on: the command's name is still to come.
    assert bash.arguments("stui  alpha\x01" + "\x1b[C" * 5 + "pin\t") == ["ping", "alpha"]


def test_images_and_their_sessions_are_offered(environ: dict[str, str]) -> None:
    assert candidates(environ, "stui", "ping", "") == list(IMAGES)
    assert candidates(environ, "stui", "switch", "") == [*IMAGES, *SESSIONS]
    assert candidates(environ, "stui", "switch", "be") == ["beta", "beta/lab", "beta/scratch"]


def test_sessions_are_those_of_the_image_named(environ: dict[str, str]) -> None:
    assert candidates(environ, "stui", "eval", "-s", "") == ["work", "lab", "scratch"]
    assert candidates(environ, "stui", "-i", "beta", "eval", "-s", "") == ["lab", "scratch"]
    assert candidates(environ | {"STUI_IMAGE": "alpha"}, "stui", "eval", "-s", "") == ["work"]


def test_keys_are_those_of_the_image_named(environ: dict[str, str]) -> None:
    assert candidates(environ, "stui", "keys", "show", "") == ["admin", "bob"]
    assert candidates(environ, "stui", "-i", "alpha", "keys", "revoke", "") == ["admin"]


def test_names_come_from_the_home_that_is_meant(environ: dict[str, str], tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "stui" / "names").mkdir(parents=True)
    (state / "stui" / "names" / "images").write_text("gamma\n")
    assert candidates(environ, "stui", "--home", str(state / "stui"), "ping", "") == ["gamma"]
    del environ["STUI_HOME"]
    assert candidates(environ, "stui", "ping", "") == []
    assert candidates(environ | {"XDG_STATE_HOME": str(state)}, "stui", "ping", "") == ["gamma"]


def test_a_name_cannot_run_anything(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "home" / "names" / "images").write_text("a$(touch${IFS}pwned)\na;b\n")
    assert candidates(environ, "stui", "ping", "a") == [r"a\$\(touch\$\{IFS\}pwned\)", r"a\;b"]
    assert not (tmp_path / "pwned").exists()


def test_options_are_those_of_the_command(environ: dict[str, str]) -> None:
    offered = candidates(environ, "stui", "cleanup", "--")
    assert {"--dry-run", "--grace", "--image"} <= set(offered)
    assert "--offline" not in offered
    assert candidates(environ, "stui", "images", "add", "--off") == ["--offline"]
    assert candidates(environ, "stui", "eval", "--", "--") == []


def test_images_of_pharo_launcher_are_offered_and_files(environ: dict[str, str], tmp_path: Path) -> None:
    asked = ("stui", "images", "launch", "x", "--image-file")
    assert candidates(environ, *asked, f"{tmp_path}/sec") == [f"{tmp_path}/secret.key"]
    assert candidates(environ, *asked, "mo") == []
    (tmp_path / "Pharo" / "images" / "moose-10").mkdir(parents=True)
    assert candidates(environ, *asked, "mo") == ["moose-10"]


def test_settings_and_their_values_are_offered(environ: dict[str, str]) -> None:
    assert candidates(environ, "stui", "config", "get", "dialects.p") == ["dialects.pharo.vm", "dialects.pharo.image"]
    assert candidates(environ, "stui", "config", "set", "color", "") == ["auto", "always", "never"]
    assert candidates(environ, "stui", "config", "set", "older-than", "") == ["30d"]
    assert candidates(environ, "stui", "config", "set", "on_change", "") == []
