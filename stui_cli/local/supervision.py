"""A supervisor: one small process that keeps one launched image alive.

What no code inside an image can cure (a process above every priority that loops, memory that only grows, a crash
of the virtual machine) is cured from outside: the image runs under a memory limit, is pinged, and is started again
with the same id, keys and port when it ends or stays silent.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from stui_cli.image.client import Caller, open_client
from stui_cli.image.keys import read_key
from stui_cli.local.starting import KEY_FILE, StartPlan, start
from stui_cli.model.addresses import TcpAddress, parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import StuiError
from stui_cli.protocol.vitals import Ping, Pong

if TYPE_CHECKING:
    from types import FrameType

PING_EVERY_S = 2.0
PING_S = 2.0
SILENCES = 3

# An image that dies at once is not helped by being started a hundred times a second.
FIRST_PAUSE_S, LONGEST_PAUSE_S, GOOD_RUN_S = 0.5, 60.0, 60.0


class Supervisor:
    """Runs one plan until it is asked to end (TERM)."""

    def __init__(self, plan: StartPlan) -> None:
        self._plan = plan
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> NoReturn:
        """Start, watch, start again. The first start's failure ends it: then nothing is worth repeating."""
        signal.signal(signal.SIGTERM, self._end)
        pause = FIRST_PAUSE_S
        first = True
        while True:
            begun = time.monotonic()
            try:
                self._one_run()
            except StuiError as error:
                _say(error.what)
                if first:
                    raise SystemExit(1) from error
            first = False
            if time.monotonic() - begun > GOOD_RUN_S:
                pause = FIRST_PAUSE_S
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _one_run(self) -> None:
        self._process, agent = start(self._plan, os.environ, Deadline.after(self._plan.patience))
        address = parse_address(agent.address)
        if isinstance(address, TcpAddress):
            self._plan = replace(self._plan, port=address.port)  # whoever registered it finds it again
        _say(f"pid {agent.pid} listens at {agent.address}")
        key = read_key(str(self._plan.folder / KEY_FILE), None)
        silences = 0
        while self._process.poll() is None:
            time.sleep(PING_EVERY_S)
            deadline = Deadline.after(PING_S)
            try:
                with open_client(address, Caller("stui-supervisor", key), deadline) as client:
                    client.call(Ping(), Pong, deadline)
                silences = 0
            except StuiError as error:
                silences += 1
                _say(f"silent ({silences} of {SILENCES}): {error.what}")
            if silences >= SILENCES:
                self._kill()
        _say(f"ended with {self._process.returncode}")
        agent.path.unlink(missing_ok=True)

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _end(self, number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(1.0)
            except subprocess.TimeoutExpired:
                self._kill()
        raise SystemExit(0)


def main(plan_file: Path) -> NoReturn:
    """Supervise the plan in `plan_file`."""
    raw = json.loads(plan_file.read_text(encoding="utf-8"))
    plan = StartPlan(**{**raw, "folder": Path(raw["folder"])})
    Supervisor(plan).run()


def _say(text: str) -> None:
    print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
