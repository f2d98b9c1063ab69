"""A thousand switches by eight processes in two terminals."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from shell import wait_until
from tmux_terminals import Tmux

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shell import Shell

_WORKER = """\
import sys
from stui_cli.main import run
for number in range(int(sys.argv[1])):
    assert run(["switch", "alpha" if number % 2 else "beta"]) == 0
"""

# Four workers at once; when all are done, a last switch to where this terminal is to end.
_STARTER = """\
import subprocess, sys
workers = [subprocess.Popen([sys.executable, "worker.py", sys.argv[1]]) for _ in range(4)]
codes = [worker.wait() for worker in workers]
codes.append(subprocess.call([sys.executable, "-m", "stui_cli", "switch", sys.argv[2]]))
with open(sys.argv[2] + ".done", "w") as file:
    file.write(f"{codes}\\n")
"""


@pytest.mark.parametrize("count", [8, pytest.param(125, marks=pytest.mark.long)])
def test_each_terminal_is_where_it_last_went_and_the_log_is_complete(shell: Shell, count: int) -> None:
    for name, port in (("alpha", 1), ("beta", 2), ("desk", 3), ("lab", 4)):
        shell.ok("images", "add", name, f"tcp://127.0.0.1:{port}", "--offline")
    before = len(_log(shell))
    (shell.folder / "worker.py").write_text(_WORKER)
    (shell.folder / "starter.py").write_text(_STARTER)
    with Tmux(shell.environ, shell.folder) as tmux:
        places = [tmux.terminal("desk"), tmux.terminal("lab")]
        for place in places:
            line = f"{sys.executable} starter.py {count} {place.name} >{place.name}.said 2>&1"
            place.send(f"PYTHONPATH={shell.environ['PYTHONPATH']} {line}", "Enter")
        for place in places:
            done = shell.folder / f"{place.name}.done"
            wait_until(_written(done), f"the switches end in {place.name}", 55)
            assert done.read_text() == "[0, 0, 0, 0, 0]\n", (shell.folder / f"{place.name}.said").read_text()[-2000:]
            assert place.ok("stui context -o name").out == f"{place.name}\n"
    log = _log(shell)[before:]
    numbers = [operation["number"] for operation in log]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    # A switch to where one is already makes no operation, so there are at most as many as were asked for.
    assert 2 * count < len(log) <= 8 * count + 2
    steps = [operation["details"] for operation in log]
    scopes = {step["scope"] for step in steps}
    assert len(scopes) == 2, "two terminals; the default is set by the very first switch alone"
    for scope in scopes:
        # Each went from where the one before had gone: none was lost, and none was taken for another terminal's.
        own = [step for step in steps if step["scope"] == scope]
        assert all(one["entered"] == next_one["left"] for one, next_one in pairwise(own))


def _log(shell: Shell) -> list[dict[str, Any]]:
    operations = shell.ok("log", "list", "--all", "-o", "json", "-n", "5000").json["items"]
    return sorted(operations, key=lambda operation: int(operation["number"]))


def _written(path: Path) -> Callable[[], bool]:
    return lambda: path.exists() and path.read_text() != ""
