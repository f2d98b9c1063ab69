"""completions/stui.bash in a real bash: typed keys, and the exact candidates."""

from __future__ import annotations

import subprocess
import sys
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


def candidates(environ: dict[str, str], *words: str, folder: Path | None = None, split: str = "words") -> list[str]:
    """What the completion offers for the last of `words` in `folder`."""
    command = [program("bash"), "-u", "-c", ASK, "ask", str(SCRIPTS / "stui.bash"), " ".join(words), *words]
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines() if split == "lines" else done.stdout.split()


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


@pytest.mark.skipif(sys.platform != "linux", reason="without /proc the terminal cannot be told")
def test_sessions_are_those_of_the_image_that_the_context_means(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "home" / "names" / "contexts").write_text("head\t1\ndefault\tbeta/lab\n")
    (tmp_path / "project").mkdir()
    assert candidates(environ, "stui", "eval", "-s", "") == ["lab", "scratch"]
    assert candidates(environ, "stui", "switch", "/s") == ["/scratch"]
    (tmp_path / ".stui.toml").write_text('# here\nimage = "alpha"\n')
    assert candidates(environ, "stui", "eval", "-s", "", folder=tmp_path / "project") == ["work"]
    assert candidates(environ, "stui", "-i", "beta", "eval", "-s", "", folder=tmp_path) == ["lab", "scratch"]


def test_numbers_of_changes_come_with_what_they_did_where_they_are_listed(environ: dict[str, str]) -> None:
    command = (environ, "stui", "undo")
    assert candidates(*command, "7") == ["7"]
    listed = ["12  (added image beta)", "7   (created session alpha/work)", "3   (added image alpha)"]
    assert candidates(*command, "", split="lines") == listed
    # A menu would put them into the line.
    assert candidates(environ | {"COMP_TYPE": "37"}, "stui", "undo", "") == ["12", "7", "3"]


def test_labels_are_completed_to_what_they_are(environ: dict[str, str]) -> None:
    assert candidates(environ, "stui", "images", "-l", "") == ["team=", "role="]
    assert candidates(environ, "stui", "images", "-l", "role=", split="lines") == [r"role=big\ build"]
    assert candidates(environ, "stui", "images", "-l", "'role=", split="lines") == ["role=big build"]
    assert candidates(environ, "stui", "images", "-l", "odd=") == []
