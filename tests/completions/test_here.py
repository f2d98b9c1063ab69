"""`stui_here` in real shells: what this terminal means, in a prompt, and that no process is started for it."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from needs import program
from team_server import Team
from terminals import PROMPT, SCRIPTS

from stui_cli.api import open_manager
from stui_cli.model.contexts import DEFAULT_SCOPE, Context
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.operations import ImageDetails, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from terminals import Terminal

    from stui_cli.store.transaction import Draft

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="without /proc stui_here asks stui")

# So many are quicker than one process of stui, on a machine with whatever other work.
CALLS = 20

SCRIPT = {"bash": "stui.bash", "zsh": "_stui", "fish": "stui.fish"}


class Prompt:
    """A shell in a terminal of its own, with `stui_here` defined."""

    def __init__(self, shell: str, terminal: Terminal) -> None:
        self._fish = shell == "fish"
        self._terminal = terminal
        self._marks = 0

    def run(self, line: str) -> str:
        """What one line prints."""
        self._marks += 1
        # Typed apart, so that the echo of the line is not taken for what it prints.
        self._terminal.type(f"{line}; echo EN''D{self._marks}\r")
        seen = self._terminal.until(f"END{self._marks}")
        if PROMPT not in seen.partition(f"END{self._marks}")[2]:
            self._terminal.until(PROMPT)
        return seen

    def here(self) -> str:
        seen = self.run("stui_here; echo MEA''NS\"<$STUI_HERE>\"")
        found = re.search(r"MEANS<(.*?)>", seen)
        assert found is not None, seen
        return found[1]

    def set(self, name: str, value: str) -> None:
        self.run(f"set -gx {name} {value}" if self._fish else f"export {name}={value}")

    def unset(self, name: str) -> None:
        self.run(f"set -e {name}" if self._fish else f"unset {name}")

    def waited_for(self) -> str:
        """What the processes that this shell has waited for cost: each that it forks touches memory (proc(5), cminflt
        and those behind it of children)."""
        line = "read -l line </proc/self/stat" if self._fish else "IFS= read -r line </proc/self/stat"
        found = re.search(r"STAT<(.*?)>", self.run(f"{line}; echo ST''AT\"<$line>\""))
        assert found is not None
        fields = found[1].rpartition(")")[2].split()
        return " ".join((fields[8], fields[10], fields[13], fields[14]))


@pytest.fixture(params=list(SCRIPT))
def prompt(
    request: pytest.FixtureRequest, environ: dict[str, str], terminal: Callable[..., Terminal], tmp_path: Path
) -> Prompt:
    home = tmp_path / "real"
    environ["STUI_HOME"] = str(home)
    environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    stui = tmp_path / "tools" / "stui"
    stui.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stui_cli "$@"\n')
    stui.chmod(0o700)

    def fill(draft: Draft) -> ImageDetails:
        for name in ("alpha", "beta", "gamma"):
            draft.images[name] = Image(name, "tcp://127.0.0.1:1", draft.now)
        draft.contexts[DEFAULT_SCOPE] = Context(Target("alpha"), draft.now)
        return ImageDetails(Kind.IMAGE_ADD, "alpha")

    open_manager(home).store.commit(fill)
    shell = request.param
    script = SCRIPTS / SCRIPT[shell]
    if shell == "bash":
        (tmp_path / "rc").write_text(f"source '{script}'\nPS1='{PROMPT}'\n")
        started = terminal(program("bash"), "--noprofile", "--rcfile", str(tmp_path / "rc"), "-i")
    elif shell == "zsh":
        settings = f"autoload -Uz compinit; compinit -u -D; source '{script}'\nunsetopt prompt_sp\nPS1='{PROMPT}'\n"
        (tmp_path / ".zshrc").write_text(settings)
        started = terminal(program("zsh"), "-d", "-i")
    else:
        settings = f"function fish_prompt; echo '{PROMPT}'; end\nset -g fish_greeting\nsource '{script}'\n"
        (tmp_path / ".config" / "fish").mkdir(parents=True)
        (tmp_path / ".config" / "fish" / "config.fish").write_text(settings)
        started = terminal(program("fish"), "-i")
    return Prompt(shell, started)


def test_what_this_terminal_means_is_read_without_a_process(prompt: Prompt, tmp_path: Path) -> None:
    assert prompt.here() == "alpha"
    begun = time.monotonic()
    assert "now in beta" in prompt.run("stui switch beta")
    by_process = time.monotonic() - begun
    before = prompt.waited_for()
    words = " ".join("x" * CALLS)
    loop = f"for i in {words}; stui_here; end" if prompt._fish else f"for i in {words}; do stui_here; done"
    for _ in range(20):  # something else may have the processor in the midst of one
        begun = time.monotonic()
        prompt.run(loop)
        if (took := time.monotonic() - begun) < by_process:
            break
    assert took < by_process
    assert prompt.here() == "beta"
    prompt.set("STUI_IMAGE", "gamma")
    assert prompt.here() == "gamma"
    prompt.set("STUI_SESSION", "work")
    assert prompt.here() == "gamma/work"
    prompt.unset("STUI_IMAGE")
    assert prompt.here() == "beta/work"
    prompt.unset("STUI_SESSION")
    (tmp_path / ".stui.toml").write_text('image = "gamma"\n')
    assert prompt.here() == "beta"  # where the terminal went is stronger
    assert prompt.waited_for() == before
    contexts = tmp_path / "real" / "names" / "contexts"
    kept = contexts.read_text()
    # Another process that got the leader's id: it started at another time.
    contexts.write_text(re.sub(r"(?m)^(terminal:\d+):\d+:", r"\1:1:", kept))
    (tmp_path / ".stui.toml").unlink()
    assert prompt.here() == "alpha"
    contexts.write_text(kept.replace("\tbeta", "\t$(touch pwned)`touch pwned`%n"))
    assert prompt.here() == ""
    assert prompt.waited_for() == before
    assert not (tmp_path / "pwned").exists()


def test_what_is_not_certain_is_asked_of_stui(prompt: Prompt, tmp_path: Path) -> None:
    (tmp_path / ".stui.toml").write_text('image = "gamma"\n')
    assert prompt.here() == "gamma"
    (tmp_path / ".stui.toml").unlink()
    contexts = tmp_path / "real" / "names" / "contexts"
    # As of an operation that a killed process, or an older stui, left out of it.
    contexts.write_text("head\t0\ndefault\tbeta\n")
    assert prompt.here() == "alpha"
    if os.getuid() == 0:
        head = next(line for line in (tmp_path / "real" / "state.toml").read_text().splitlines() if line[:4] == "head")
        contexts.write_text(f"head\t{head.rpartition(' ')[2]}\ndefault\tbeta\n")
        assert prompt.here() == "beta"
        os.chown(contexts, 65534, 65534)  # what somebody else has put there counts for nothing
        assert prompt.here() == "alpha"
    (tmp_path / "real" / "config.toml").write_text('# store = "postgresql://127.0.0.1:1/team"\n')
    assert prompt.here() == "alpha"
    # A team's store, which cannot be reached: nothing is claimed of it.
    (tmp_path / "real" / "config.toml").write_text('store = "postgresql://127.0.0.1:1/team"\n')
    assert prompt.here() == ""


def test_in_a_team_it_is_what_the_last_command_saw_and_no_database_is_asked(prompt: Prompt, tmp_path: Path) -> None:
    team = Team(tmp_path / "unused")

    def fill(draft: Draft) -> ImageDetails:
        for name in ("delta", "epsilon"):
            draft.images[name] = Image(name, "tcp://127.0.0.1:1", draft.now, image_id=f"id-of-{name}")
        return ImageDetails(Kind.IMAGE_ADD, "delta")

    def rename(draft: Draft) -> ImageDetails:
        draft.images["zeta"] = draft.images.pop("epsilon")._replace(name="zeta")
        return ImageDetails(Kind.IMAGE_RENAME, "epsilon")

    another = open_manager(environ={"HOME": str(tmp_path / "another"), "STUI_HOME": team.url}).store
    another.commit(fill)
    prompt.set("STUI_HOME", f"'{team.url}'")
    assert "now in epsilon" in prompt.run("stui switch epsilon")
    before = prompt.waited_for()
    assert prompt.here() == "epsilon"
    another.commit(rename)
    assert prompt.here() == "epsilon", "a prompt asks no database"
    assert prompt.waited_for() == before
    assert "zeta" in prompt.run("stui context")
    before = prompt.waited_for()
    assert prompt.here() == "zeta"
    names = next((tmp_path / ".local" / "state" / "stui" / "teams").iterdir()) / "names"
    assert [line.partition("\t")[0] for line in (names / "operations").read_text().splitlines()] == ["2", "1"]
    # What config.toml names; a store of other words than the names are of is asked.
    prompt.unset("STUI_HOME")
    config = tmp_path / ".config" / "stui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f"timeout = \"2s\"\n store = '{team.url}' # ours\n")
    assert prompt.waited_for() == before
    assert "now in delta" in prompt.run("stui switch delta")
    before = prompt.waited_for()
    assert prompt.here() == "delta"
    config.write_text('store = "postgresql://127.0.0.1:1/other"\n')
    assert prompt.waited_for() == before
    assert prompt.here() == ""
