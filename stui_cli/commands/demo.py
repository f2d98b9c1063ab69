"""`stui demo`: the whole of stui in a minute, on two images of its own in a temporary home.

It runs the commands as a shell would, each in a process of its own, and prints each before it runs, so that a
newcomer can copy them. It passes only if every step gave what it should.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stui_cli.invocation import Invocation, command
from stui_cli.model.errors import StuiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.output.screen import Screen


@dataclass(frozen=True)
class Step:
    """One command with what it must give: words that its output holds, its last line, its exit code."""

    why: str
    words: tuple[str, ...]
    holds: tuple[str, ...] = field(default=())
    ends_with: str | None = None
    exit_code: int = 0


def _step(why: str, line: str, *holds: str, ends_with: str | None = None, exit_code: int = 0) -> Step:
    return Step(why, tuple(shlex.split(line)), holds, ends_with, exit_code)


def starting(dialect: str) -> tuple[Step, ...]:
    """How the two images come up."""
    return (
        _step(
            "Two Smalltalk images, each in a process of its own:", f"images launch --dialect {dialect} alpha", "alpha"
        ),
        _step("", f"images launch --dialect {dialect} beta", "beta"),
    )


WORKING = (
    _step("A session is a workspace with variables of its own:", "sessions create -i alpha work", "alpha/work"),
    _step("Go there, and leave something behind:", "switch alpha/work", "alpha/work"),
    _step("", "eval 'x := 6 * 7'", ends_with="42"),
    _step("The other image knows nothing of it:", "switch beta", "beta"),
    _step("", "eval '3 + 4'", ends_with="7"),
    _step("Back to where we were; the variable is still there:", "switch -", "alpha/work"),
    _step("", "eval 'x + 1'", ends_with="43"),
    _step("Code that fails says so, and its exit code is 7:", "eval '1/0'", "ZeroDivide", exit_code=7),
    _step("How are they?", "status", "alpha", "beta", "connected"),
)

DYING = (
    _step("How are they now?", "status", "disconnected", "connected"),
    _step("Its session may only be asleep, so nothing is thrown away yet:", "cleanup -n", "alpha/work", "wait"),
    _step("But we know better: that image does not come back.", "images remove alpha -y", "alpha"),
    _step("", "cleanup -y", "alpha/work", "ImageUnregistered"),
    _step(
        "Every change of what stui knows can be looked at, and taken back with `stui undo`:",
        "log -n 3",
        "swept",
    ),
)


class DemoFailed(StuiError):
    """A step did not give what it should."""

    code = "demo_failed"


@command("demo", name="demo")
def cli(invocation: Invocation) -> int:
    """Try stui: start two images in a temporary home, work in them, kill one, sweep what it left.

    They are of the Smalltalk that is installed here, as `stui doctor` tells; where none is, they are playgrounds, of a
    small Smalltalk that comes with stui.
    """
    from stui_cli.local.dialects import preferred_dialect

    dialect = preferred_dialect(invocation.environ)
    click.get_current_context().color = invocation.screen.color_out
    click.echo(which(dialect))
    with tempfile.TemporaryDirectory(prefix="stui-demo-") as folder:
        environ = _surroundings(invocation.environ, Path(folder)) | as_here(invocation.screen)
        try:
            for step in (*starting(dialect), *WORKING):
                run(step, environ)
            _kill("alpha", environ)
            for step in DYING:
                run(step, environ)
        finally:
            _end_images(environ)
    click.secho("\nThe demo is over: every step gave what it should. Nothing of it is left.", bold=True)
    click.echo(going_on(invocation.environ), err=True)
    return 0


def going_on(environ: Mapping[str, str]) -> str:
    """What to type next; a stui that was called by its path is in an environment that has to be activated first."""
    activate = Path(sys.prefix, "bin", "activate")
    found = shutil.which("stui", path=environ.get("PATH")) is not None or not activate.is_file()
    before = "" if found else f". {shlex.quote(str(activate))}; "
    return f"to go on by yourself: {before}stui images launch NAME"


def which(dialect: str) -> str:
    """What the demo runs on, and what else there is."""
    from stui_cli.local.dialects import dialect_of, how_to_get_a_real_one

    row = dialect_of(dialect)
    if not row.embedded:
        return f"This runs on {row.title}, which is installed here."
    instead = f"No Smalltalk is installed here, so this runs on {row.title}s, a small one of stui's own"
    return f"{instead}; {how_to_get_a_real_one()}."


def run(step: Step, environ: Mapping[str, str]) -> str:
    """Print and run one step; raise DemoFailed if it gives anything but what it should. Return its output."""
    if step.why:
        click.echo(f"\n# {step.why}")
    click.secho(f"$ {shlex.join(['stui', *step.words])}", bold=True)
    done = subprocess.run(
        [sys.executable, "-m", "stui_cli", *step.words],
        env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    click.echo(done.stdout, nl=False)
    click.echo(done.stderr, nl=False, err=True)
    output = done.stdout + done.stderr
    last = (done.stdout.splitlines() or [""])[-1]
    missing = [word for word in step.holds if word not in output]
    if done.returncode != step.exit_code:
        raise DemoFailed(f"stui {shlex.join(step.words)} exited with {done.returncode}, not {step.exit_code}")
    if missing or (step.ends_with is not None and last != step.ends_with):
        raise DemoFailed(f"stui {shlex.join(step.words)} did not give {', '.join(missing) or step.ends_with}")
    return done.stdout


def _surroundings(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The caller's environment with a home, a runtime folder and contexts of the demo's own."""
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    kept = {key: value for key, value in environ.items() if not key.startswith("STUI_")}
    # The folder of this very package, so that the steps run it also from a checkout.
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (package, environ.get("PYTHONPATH"))))
    return {**kept, "STUI_HOME": str(folder / "home"), "XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": path}


def as_here(screen: Screen) -> dict[str, str]:
    """What lets a step, which writes into a pipe, draw for the terminal that gets it: tables of its width, and colours.

    Below 60 columns they would be cut, and what a step should give might not be found in them.
    """
    if not screen.on_terminal:
        return {}
    drawn = {"STUI_OUTPUT": "table", "COLUMNS": str(max(60, screen.width or 0))}
    return drawn | ({"FORCE_COLOR": "1"} if screen.color_out else {})


def _asked(words: list[str], environ: Mapping[str, str]) -> list[dict[str, object]]:
    answer = subprocess.run(
        [sys.executable, "-m", "stui_cli", *words, "-o", "json"],
        env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    items = json.loads(answer.stdout or "{}").get("items", [])
    return [item for item in items if isinstance(item, dict)]


def _kill(name: str, environ: Mapping[str, str]) -> None:
    pid = next(agent["pid"] for agent in _asked(["images", "discover"], environ) if agent["name"] == name)
    assert isinstance(pid, int)
    click.secho(f"\n# One of them dies:\n$ kill -9 {pid}", bold=True)
    os.kill(pid, signal.SIGKILL)


def _end_images(environ: Mapping[str, str]) -> None:
    """End what the demo started, found by the runtime files in its own folder, whatever step it got to."""
    for agent in _asked(["images", "discover"], environ):
        if isinstance(pid := agent["pid"], int):
            os.kill(pid, signal.SIGKILL)
