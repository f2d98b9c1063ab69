"""A real change of network: the link is taken down, the address changes, and no session is lost by it.

Two network namespaces with a cable (veth) between them: the image is in one, stui in the other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from needs import missing, program
from shell import Ran, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

HERE, THERE, ELSEWHERE = "10.77.0.1", "10.77.0.2", "10.77.0.99"


class Namespaces:
    """Two machines, as far as the network goes. What runs in them is ended with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tag = f"stui{os.getpid()}"
        self.here, self.there = f"{tag}a", f"{tag}b"
        self.started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Namespaces:
        try:
            for name in (self.here, self.there):
                _ip("netns", "add", name)
            _ip(
                "link", "add", "cable", "netns", self.here, "type", "veth", "peer", "name", "cable", "netns", self.there
            )
            for name, address in ((self.here, HERE), (self.there, THERE)):
                _ip("-n", name, "address", "add", f"{address}/24", "dev", "cable")
                _ip("-n", name, "link", "set", "lo", "up")
                _ip("-n", name, "link", "set", "cable", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exit_details: object) -> None:
        for process in self.started:
            process.kill()
            process.communicate()
        for name in (self.here, self.there):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)

    def link(self, state: str) -> None:
        _ip("-n", self.here, "link", "set", "cable", state)

    def move(self, old: str, new: str) -> None:
        """Give this machine another address."""
        _ip("-n", self.here, "address", "delete", f"{old}/24", "dev", "cable")
        _ip("-n", self.here, "address", "add", f"{new}/24", "dev", "cable")

    def serve(self) -> dict[str, Any]:
        """Start an image there; answers its address and id."""
        program = (
            "import json, sys\n"
            "from farm import Behaviour, Farm\n"
            "import farm\n"
            "made = farm._listener\n"
            "def anywhere(behaviour):\n"
            "    import socket\n"
            "    listening = socket.create_server(('0.0.0.0', 7001))\n"
            "    listening.setblocking(False)\n"
            "    return listening\n"
            "farm._listener = anywhere\n"
            "with Farm() as running:\n"
            "    image = running.add(Behaviour(name='alpha'))\n"
            "    print(image.image_id, flush=True)\n"
            "    sys.stdin.read()\n"
        )
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.there, sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        )
        self.started.append(process)
        assert process.stdout is not None
        return {"address": f"tcp://{THERE}:7001", "image_id": process.stdout.readline().strip()}

    def stui(self, *words: str) -> Ran:
        done = subprocess.run(
            ["ip", "netns", "exec", self.here, sys.executable, "-m", "stui_cli", *words],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=self.folder,
            timeout=30,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def seen(self, *words: str) -> dict[str, Any]:
        """The image as `stui status` tells it now."""
        item = json.loads(self.stui("status", "-o", "json", "--timeout", "0.4", *words).out)["items"][0]
        assert isinstance(item, dict)
        return item

    def orphans(self) -> list[str]:
        """What a cleanup without any patience would remove."""
        said = self.stui("cleanup", "-n", "--grace", "0", "--unreachable-for", "0", "-o", "json", "--timeout", "0.4")
        return [item["session"] for item in json.loads(said.out)["items"] if item["action"] == "remove"]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@pytest.fixture
def machines(tmp_path: Path, home: Path) -> Iterator[Namespaces]:
    program("ip")
    if os.getuid() != 0:
        pytest.skip("only root may make network namespaces")
    with ExitStack() as stack:
        try:
            made = stack.enter_context(Namespaces(tmp_path))
        except subprocess.CalledProcessError as error:
            missing(f"no network namespaces with a cable can be made: {error.stderr.strip()}")
        yield made


@pytest.fixture
def alpha(machines: Namespaces) -> Namespaces:
    """The image alpha with the session work in it, known and connected."""
    served = machines.serve()
    added = machines.stui("images", "add", "alpha", served["address"], "--allow-plaintext")
    assert added.code == 0, added
    assert machines.stui("sessions", "create", "-i", "alpha", "work").code == 0
    assert machines.seen()["status"] == "connected"
    return machines


def test_the_link_goes_down_and_comes_back(alpha: Namespaces) -> None:
    alpha.link("down")
    for _ in range(4):  # however often: no counter moves
        item = alpha.seen()
        assert (item["status"], item["health"]) == ("unknown", "unknown")
        assert item["reason"] == "this machine has no route to it"
    assert alpha.orphans() == []
    alpha.link("up")
    item = alpha.seen()
    assert item["status"] == "connected"
    wait_until(lambda: alpha.seen()["health"] == "healthy", "it is well, once this machine has time for it")
    assert alpha.orphans() == []


def test_another_address_on_the_way(alpha: Namespaces) -> None:
    alpha.move(HERE, ELSEWHERE)
    alpha.started[0].kill()
    alpha.started[0].wait()
    first = alpha.seen()
    assert first["status"] == "unknown"
    assert f"from {HERE} to {ELSEWHERE}" in first["reason"]
    # Seen from here nobody listens any more; but this machine is not where it was when the image answered last.
    for _ in range(4):
        assert alpha.seen()["status"] == "disconnected"
    assert alpha.orphans() == []


@pytest.mark.alone
@pytest.mark.long
def test_another_address_and_the_image_is_there_all_the_same(alpha: Namespaces) -> None:
    alpha.move(HERE, ELSEWHERE)
    assert alpha.seen()["status"] == "connected"


def test_a_refusal_in_the_old_network_counts(alpha: Namespaces) -> None:
    """The control: without a change of network the same evidence does make an orphan."""
    alpha.started[0].kill()
    alpha.started[0].wait()
    for _ in range(3):
        assert alpha.seen()["status"] == "disconnected"
    assert alpha.orphans() == ["alpha/work"]


@pytest.mark.alone
@pytest.mark.long
def test_a_silent_neighbour_is_silence_and_no_missing_route(alpha: Namespaces) -> None:
    """The cable leads to nobody: the way begins here, so it counts as silence, which alone makes no orphan."""
    _ip("-n", alpha.there, "link", "set", "cable", "down")
    _ip("-n", alpha.there, "address", "flush", "dev", "cable")
    seen = [alpha.seen()["status"] for _ in range(3)]
    assert seen[-1] in ("disconnected", "unknown")
    said = alpha.stui("cleanup", "-n", "--grace", "0", "-o", "json", "--timeout", "0.4")
    assert [item["action"] for item in json.loads(said.out)["items"]] in (["keep"], ["wait"])


def test_a_plug_in_says_that_it_cannot_tell(alpha: Namespaces) -> None:
    alpha.link("down")
    said = alpha.stui("check")
    assert (said.code, said.out.split(" - ")[0]) == (3, "STUI UNKNOWN")
