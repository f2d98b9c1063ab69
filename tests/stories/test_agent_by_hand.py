"""What `stui images agent` says can be followed: an agent that is started so is found and registered."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell import wait_until

from stui_cli.playground.reading import read_do_it

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@contextmanager
def run_by_hand(shell: Shell, line: str) -> Iterator[Path]:
    """Run a line as a user does who pastes it; gives the file in which stands what it says."""
    said = shell.folder / "said"
    with said.open("wb") as output:
        image = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {line}"],
            env=dict(shell.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield said
    finally:
        image.kill()
        image.wait()


@pytest.mark.parametrize("dialect", ["gst", "playground"])
def test_one_line_starts_an_agent_that_is_found_and_tells_where_its_keys_are(shell: Shell, dialect: str) -> None:
    made = shell.ok("images", "agent", dialect, "--start", "mine")
    (line,) = made.out.splitlines()
    told = shell.ok("images", "agent", dialect, "--start", "mine", "-o", "json").json["items"][-1]
    assert (told["part"], told["run"]) == ("start", line)
    keys = Path(told["name"]).with_suffix(".keys")
    assert f"run this; it serves until it is stopped; its keys are in {keys}" in made.err
    assert keys.stat().st_mode & 0o777 == 0o600
    kept = keys.read_bytes()
    with run_by_hand(shell, line) as said:
        wait_until(lambda: b"listens at" in said.read_bytes(), "the agent tells where it listens")
        address = re.search(rf"stui-agent: listens at (\S+), its keys are in {keys}\n", said.read_text())
        assert address, said.read_text()
        (found,) = shell.ok("images", "discover", "-o", "json").json["items"]
        assert (found["name"], found["address"], found["dialect"]) == ("mine", address[1], dialect)
        shell.ok("images", "add", "mine", address[1])
        assert shell.ok("eval", "-i", "mine", "3 + 4").out == "7\n"
        again = shell.ok("images", "agent", dialect, "--start", "mine")
        assert f"warning: an agent called mine runs already, at {address[1]}" in again.err
        assert again.out == made.out
        assert keys.read_bytes() == kept
    with run_by_hand(shell, line):
        wait_until(lambda: shell.stui("eval", "-i", "mine", "3 + 4").code == 0, "the same image is back")


def test_a_start_by_hand_that_fails_says_why(shell: Shell) -> None:
    line = shell.ok("images", "agent", "gst", "--start", "mine").out
    Path(line.split()[-1]).with_suffix(".keys").chmod(0o644)
    with run_by_hand(shell, line.strip()) as said:
        wait_until(lambda: b"its mode must be 0600" in said.read_bytes(), "what is wrong is told")


def test_a_program_that_is_missing_is_told_with_the_line(home: Path, tmp_path: Path) -> None:
    environ = {**os.environ, "PATH": "/nowhere", "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-m", "stui_cli", "images", "agent", "gst", "--start", "mine"]
    made = subprocess.run(words, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 0
    assert made.stdout == f"gst -q -g {home}/stui/visited/mine.st\n"
    assert "warning: gst is not on the PATH: install GNU Smalltalk" in made.stderr


@pytest.mark.parametrize("dialect", ["pharo", "squeak", "cuis"])
def test_an_image_that_is_visited_is_given_one_line_to_evaluate(shell: Shell, dialect: str) -> None:
    made = shell.ok("images", "agent", dialect, "--start", "it")
    (line,) = made.out.splitlines()
    assert shell.ok("images", "agent", dialect, "--start", "it").out == made.out
    assert "evaluate this in the image" in made.err
    start = re.search(r"#\( '(/.*?)' \) do: \[:each \| ", line)
    assert start
    code = Path(start[1]).read_text()
    files = shell.ok("images", "agent", dialect).out.splitlines()
    assert re.findall(r"^'(/.*)'$", code, re.MULTILINE) == files
    settings = re.search(r"#startWith: with: #\(#name 'it' #keyFile '(.*?)' #runtimeDirectory '(.*?)'\)", code)
    assert settings
    assert Path(settings[1]).stat().st_mode & 0o777 == 0o600
    assert Path(settings[2]).stat().st_mode & 0o777 == 0o700
    assert code.count("!") == 1, "one chunk"
    for text in (line, code.rstrip("!\n")):
        read_do_it(text, lambda: None)  # raises for what is no Smalltalk
    bad = shell.stui("images", "agent", dialect, "--start", "no/name")
    assert (bad.code, "cannot name an image" in bad.err) == (2, True)


def test_what_was_made_stays_where_a_disk_is_full(shell: Shell) -> None:
    """A file size limit of nothing stands for the disk."""
    line = shell.ok("images", "agent", "gst", "--start", "mine").out
    folder = Path(line.split()[-1]).parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in ("mine", "new"):
        limited = f"ulimit -f 0; trap '' XFSZ; exec {sys.executable} -m stui_cli images agent gst --start {name}"
        done = subprocess.run(
            ["/bin/bash", "-c", limited], env=dict(shell.environ), capture_output=True, text=True, check=False
        )
        assert done.returncode == 10, done
        assert "Traceback" not in done.stderr
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".keys", ".st")}
    assert after == before
