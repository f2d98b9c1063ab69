"""A supervisor: one small process that keeps one launched image alive.

What no code inside an image can cure (a process above every priority that loops, memory that only grows, a crash
of the virtual machine) is cured from outside: the image runs under a memory limit, is pinged, and is started again
with the same id, keys and port when it ends or stays silent.

Another process may have taken the port meanwhile. systemd gives up then, and launchd tries for ever, for neither can
tell anybody of another port. An agent can: every stui of this machine finds it by its runtime file. So the port is
looked at twice, with a pause, and then the image is started at another. The next restart is at its own again, if
that is free.
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
from stui_cli.local.starting import KEY_FILE, StartPlan, is_free, start
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

# What has the port may be a remnant of the image that is about to end.
LOOKS_AT_PORT = 2


class Supervisor:
    """Runs one plan until it is asked to end (TERM)."""

    def __init__(self, plan: StartPlan) -> None:
        self._plan = plan
        self._moved_to = 0  # the port that it had last, while its own was taken
        self._looks = 0
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> NoReturn:
        """Start, watch, start again. The first start's failure ends it: then nothing is worth repeating."""
        signal.signal(signal.SIGTERM, _asked_to_end)
        try:
            self._run_again_and_again()
        finally:
            self._end_image()

    def _run_again_and_again(self) -> NoReturn:
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
        plan = replace(self._plan, port=self._port())
        self._process, agent = start(plan, os.environ, Deadline.after(plan.patience))
        address = parse_address(agent.address)
        if isinstance(address, TcpAddress):
            self._keep_port(address.port)
        _say(f"pid {agent.pid} listens at {agent.address}")
        key = read_key(str(self._plan.folder / KEY_FILE), None)
        silences = 0
        while self._lives_for(PING_EVERY_S):
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

    def _port(self) -> int:
        """The port to start at, 0 for any. Raises StuiError as long as its own may become free soon."""
        own = self._plan.port
        if own == 0 or is_free(own):
            self._looks = 0
            return own
        self._looks += 1
        if self._looks < LOOKS_AT_PORT:
            raise StuiError(f"another process has port {own}")
        return self._moved_to if is_free(self._moved_to) else 0

    def _keep_port(self, port: int) -> None:
        if self._plan.port == 0:
            self._plan = replace(self._plan, port=port)  # whoever registered it finds it again
        self._moved_to = port

    def _lives_for(self, seconds: float) -> bool:
        """Whether the image is still there after that time; if it ends, it is noticed at once."""
        try:
            assert self._process is not None
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _end_image(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            if self._lives_for(1.0):
                self._kill()


def _asked_to_end(number: int, frame: FrameType | None) -> NoReturn:
    """The rest is done where this exception comes out: here the process object may be in the midst of something."""
    del frame
    signal.signal(number, signal.SIG_IGN)
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
