"""`stui status` of 50 images behind one host, over ssh and over tcp: the first, which has to log in, and later ones.

The figures are printed.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from farm import Farm
from shell import Shell
from sshd import Sshd, end_all_of, running

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.benchmark

IMAGES = 50
RUNS = 7
MOST = 4.0


@pytest.fixture
def sshd() -> Iterator[Sshd]:
    with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as folder:
        yield from running(Sshd(Path(folder)))


def test_status_over_ssh_and_over_tcp(sshd: Sshd, home: Path, tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as run, Farm() as farm:
        images = farm.add_many(IMAGES)
        environ = {**os.environ, **sshd.environ, "PYTHONPATH": root, "XDG_RUNTIME_DIR": run}
        shells = {}
        for scheme in ("tcp", "ssh"):
            shell = shells[scheme] = Shell({**environ, "STUI_HOME": str(tmp_path / scheme)}, tmp_path)
            addresses = [image.address if scheme == "tcp" else sshd.address(image.address) for image in images]
            lines = [f'[[images]]\nname = "i{n}"\naddress = "{each}"\n' for n, each in enumerate(addresses)]
            (tmp_path / "images.toml").write_text("".join(lines))
            shell.ok("images", "import", str(tmp_path / "images.toml"))
        first = seconds(shells["ssh"])
        took: dict[str, list[float]] = {"tcp": [], "ssh": []}
        for _ in range(RUNS):
            for scheme, shell in shells.items():
                took[scheme].append(seconds(shell))
        end_all_of(run)
    tcp, ssh = (statistics.median(took[scheme]) for scheme in ("tcp", "ssh"))
    print(f"\n{IMAGES} images: tcp {tcp:.3f} s, ssh {ssh:.3f} s ({ssh / tcp:.2f} x), ", end="")
    print(f"the first over ssh {first:.3f} s ({first / tcp:.2f} x)")
    assert ssh < MOST * tcp
    assert first < MOST * tcp


def seconds(shell: Shell) -> float:
    """How long one `stui status` takes, in a process of its own."""
    begun = time.perf_counter()
    process = shell.started("status", "--timeout", "10s", "-o", "json")
    out, err = process.communicate(timeout=60)
    took = time.perf_counter() - begun
    assert out.count('"connected"') == IMAGES, err
    return took
