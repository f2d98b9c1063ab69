"""A module that is read when something of it is used. Each case has a Python of its own, where nothing is there yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATER = "import sys; from stui_cli.later import import_later; import_later('colorsys'); import_later('colorsys')\n"
STANDS = "assert 'HLS' not in str(vars(sys.modules['colorsys'])), 'read too early'\n"


def runs(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", LATER + program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "use",
    [
        "import colorsys; assert colorsys.rgb_to_hls(0, 0, 0) == (0, 0, 0)",
        "from colorsys import rgb_to_hls; assert rgb_to_hls(0, 0, 0) == (0, 0, 0)",
        "from colorsys import *; assert rgb_to_hls(0, 0, 0) == (0, 0, 0)",
    ],
)
def test_it_is_there_for_whoever_uses_it(use: str) -> None:
    runs(f"import colorsys as early\n{STANDS}{use}\nassert early.rgb_to_hls is sys.modules['colorsys'].rgb_to_hls")


def test_what_a_module_has_not_it_has_not_either() -> None:
    runs("import colorsys\nassert not hasattr(colorsys, 'nothing')\nassert hasattr(colorsys, 'rgb_to_hls')")


def test_names_that_are_given_are_there_before_it_is_read() -> None:
    runs("""
import_later("sched", "scheduler", heap="from elsewhere")
from sched import scheduler, heap
assert heap == "from elsewhere" and "Event" not in vars(sys.modules["sched"])
made = scheduler()
assert "Event" in vars(sys.modules["sched"]) and type(made) is sys.modules["sched"].scheduler
""")


def test_to_ask_whether_it_is_a_package_reads_nothing() -> None:
    runs(f"assert not hasattr(sys.modules['colorsys'], '__path__')\n{STANDS}")


def test_a_module_that_is_there_stays() -> None:
    runs("import sched\nimport_later('sched')\nassert sys.modules['sched'] is sched")


def test_many_threads_that_use_it_first_read_it_once() -> None:
    runs("""
import threading, colorsys
sys.setswitchinterval(1e-6)
gate, found = threading.Barrier(8), []
def use():
    gate.wait()
    found.append(colorsys.rgb_to_hls)
threads = [threading.Thread(target=use) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(found) == 8 and len(set(found)) == 1, found
""")
