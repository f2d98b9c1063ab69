"""Every transition of DESIGN section 8 by what really happens to a GNU Smalltalk image."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from real_images import Gst
from shell import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Stui

ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"


@pytest.fixture
def gst(gst_path: str, tmp_path: Path) -> Iterator[Gst]:
    with Gst(gst_path, tmp_path) as made:
        yield made


def seen(stui: Stui, *words: str) -> tuple[str, str]:
    item = stui.item("alpha", *words)
    return item["status"], item["health"]


def added(stui: Stui, gst: Gst, keys: Path | None = None) -> dict[str, Any]:
    more = ("--key-file", str(keys)) if keys else ()
    said = stui("images", "add", "alpha", gst.address, *more)
    assert said.code == 0, said
    return stui.item("alpha")


def test_start_stop_go_on_die_and_come_back(gst: Gst, stui: Stui) -> None:
    stui("images", "add", "alpha", gst.address, "--offline")
    assert seen(stui, "--cached") == ("unknown", "unknown")  # never probed
    assert seen(stui) == ("disconnected", "critical")  # nobody listens yet

    gst.start(FIRST)
    wait_until(lambda: seen(stui) == ("connected", "healthy"), "it is well, once this machine has time for it")
    born = stui.item("alpha", "--cached")
    assert (born["status"], born["health"], born["reason"]) == ("connected", "healthy", None)
    assert (born["dialect"] or "gst", born["reached"], born["blocked"]) == ("gst", "image", False)

    gst.signal(signal.SIGSTOP)
    stopped = [stui.item("alpha", "--timeout", "0.3") for _ in range(3)]
    assert [item["status"] for item in stopped] == ["reconnecting", "reconnecting", "disconnected"]
    assert [item["health"] for item in stopped] == ["warning", "warning", "critical"]
    assert {(item["blocked"], item["reached"]) for item in stopped} == {(True, "tcp")}  # not dead: it accepts
    assert stopped[0]["since"] == stopped[1]["since"] > born["since"]

    gst.signal(signal.SIGCONT)
    woken = stui.item("alpha")
    assert (woken["status"], woken["incarnation"]) == ("connected", born["incarnation"])
    assert woken["since"] > stopped[2]["since"]

    gst.kill()
    dead = stui.item("alpha")
    assert (dead["status"], dead["health"], dead["reason"]) == ("disconnected", "critical", "nobody listens there")
    assert (dead["blocked"], dead["reached"]) == (False, None)
    assert dead["last_seen"] == woken["checked_at"]

    gst.start(FIRST)
    again = stui.item("alpha")
    assert again["status"] == "connected"
    assert again["incarnation"] != born["incarnation"]


def test_another_image_on_its_port(gst: Gst, stui: Stui) -> None:
    gst.start(FIRST)
    assert added(stui, gst)["status"] == "connected"
    gst.kill()
    gst.start(SECOND)
    item = stui.item("alpha")
    assert (item["status"], item["health"]) == ("failed", "critical")
    assert FIRST in item["reason"]
    assert SECOND in item["reason"]
    assert item["image_id"] == FIRST
    gst.kill()
    gst.start(FIRST)
    wait_until(lambda: seen(stui) == ("connected", "healthy"), "it is well, once this machine has time for it")


def test_a_key_that_does_not_fit(gst: Gst, stui: Stui) -> None:
    keys, others = gst.keys(), gst.keys("others")
    gst.start(FIRST, keys)
    assert added(stui, gst, keys)["status"] == "connected"
    gst.kill()
    gst.start(FIRST, others)
    item = stui.item("alpha")
    assert (item["status"], item["health"]) == ("failed", "critical")
    assert "does not hold the key" in item["reason"]
    gst.kill()
    gst.start(FIRST)  # an image without keys at the place of one with keys is no better
    item = stui.item("alpha")
    assert item["status"] == "failed"
    assert "asks for no key" in item["reason"]
    gst.kill()
    gst.start(FIRST, keys)
    wait_until(lambda: seen(stui) == ("connected", "healthy"), "it is well, once this machine has time for it")


def test_a_loop_above_the_agent_is_blocked_and_not_dead(gst: Gst, stui: Stui) -> None:
    gst.start(FIRST)
    added(stui, gst)
    loop = "Processor activeProcess priority: Processor timingPriority. [true] whileTrue"
    looping = subprocess.Popen(
        [sys.executable, "-m", "stui_cli", "eval", "-i", "alpha", loop],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    try:
        wait_until(lambda: stui("ping", "alpha", "--timeout", "0.3").code == 5, "the loop has the processor", 20)
        codes = [stui("ping", "alpha", "--timeout", "0.3", "--level", level).code for level in ("tcp", "rpc", "image")]
        assert codes == [0, 5, 5]
        item = stui.item("alpha", "--timeout", "0.3")
        assert (item["blocked"], item["reached"]) == (True, "tcp")
        assert "accepted the connection but did not answer" in item["reason"]
    finally:
        looping.kill()
        looping.wait()
