"""What `stui images agent` says can be followed: an agent that is started so is found and registered."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell import wait_until

if TYPE_CHECKING:
    from shell import Shell


def test_an_agent_that_is_started_by_what_the_command_says_is_found(shell: Shell, tmp_path: Path) -> None:
    runtime = Path(shell.environ["XDG_RUNTIME_DIR"]) / "stui"
    said = shell.ok("images", "agent", "gst")
    assert runtime.stat().st_mode & 0o777 == 0o700, "not every dialect can make it"
    expression = re.search(r"StuiAgent startWith: .*", said.err)
    assert expression
    keys = tmp_path / "keys"
    keys.touch(mode=0o600)
    keys.write_text(f"me admin {'2a' * 32}\n")
    start = tmp_path / "start.st"
    start.write_text(expression[0].replace("/path/to/keys", str(keys)) + "!\n")
    words = ["gst", "-q", "-g", *said.out.split(), str(start)]
    with subprocess.Popen(
        words, env=dict(shell.environ), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as image:
        try:
            wait_until(lambda: any(runtime.glob("mine-*.toml")), "the agent tells where it is")
            shell.ok("images", "discover", "--add")
            assert shell.ok("eval", "-i", "mine", "3 + 4").out == "7\n"
        finally:
            image.kill()


def test_a_folder_that_cannot_be_made_is_told_beside_the_files(shell: Shell) -> None:
    files = shell.ok("images", "agent", "gst").out
    runtime = Path(shell.environ["XDG_RUNTIME_DIR"]) / "stui"
    runtime.rmdir()
    runtime.write_text("in the way")
    said = shell.ok("images", "agent", "gst")
    assert said.out == files
    assert f"warning: an agent cannot tell there where it is: {runtime} is no folder; move it away" in said.err


def test_the_code_that_starts_an_agent_has_its_keys(shell: Shell, tmp_path: Path) -> None:
    start = tmp_path / "start.st"
    start.write_text(shell.ok("images", "agent", "gst", "--start", "mine").out)
    runtime = Path(shell.environ["XDG_RUNTIME_DIR"]) / "stui"
    with subprocess.Popen(
        ["gst", "-q", "-g", *shell.ok("images", "agent", "gst").out.split(), str(start)],
        env=dict(shell.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as image:
        try:
            wait_until(lambda: any(runtime.glob("mine-*.toml")), "the agent tells where it is")
            shell.ok("images", "discover", "--add")
            assert shell.ok("eval", "-i", "mine", "3 + 4").out == "7\n"
        finally:
            image.kill()


@pytest.mark.parametrize("dialect", ["pharo", "squeak", "cuis"])
def test_an_image_that_is_visited_is_given_one_piece_of_code(shell: Shell, dialect: str) -> None:
    code = shell.ok("images", "agent", dialect, "--start", "it").out
    assert shell.ok("images", "agent", dialect, "--start", "it").out == code, "its keys are kept"
    files = shell.ok("images", "agent", dialect).out.splitlines()
    assert re.findall(r"^'(/.*)'$", code, re.MULTILINE) == files
    settings = re.search(r"#startWith: with: #\(#name 'it' #keyFile '(.*?)' #runtimeDirectory '(.*?)'\)", code)
    assert settings
    assert Path(settings[1]).stat().st_mode & 0o777 == 0o600
    assert Path(settings[2]).stat().st_mode & 0o777 == 0o700
    bad = shell.stui("images", "agent", dialect, "--start", "no/name")
    assert (bad.code, "cannot name an image" in bad.err) == (2, True)
