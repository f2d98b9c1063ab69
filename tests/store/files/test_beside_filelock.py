"""The store's lock and `filelock.FileLock` on the same file exclude each other, both ways, in both of its versions.

stui uses filelock itself where there is no flock, and other programs of a user may lock the store so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import gnu_smalltalk
import pytest
from needs import missing
from store_tools import ACTOR, Heard

from stui_cli.model.errors import StoreProblem
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.lock import exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the lock of Windows is filelock's own")

TIMES = 60
HOLD = "from filelock import FileLock\nwith FileLock({path!r}):\n    print('held', flush=True)\n    input()\n"
TRY = (
    "from filelock import FileLock, Timeout\n"
    "try:\n    FileLock({path!r}, timeout=0).acquire()\nexcept Timeout:\n    print('no')\n"
)
COUNT = (
    "from filelock import FileLock\n"
    f"for _ in range({TIMES}):\n"
    "    with FileLock({path!r}):\n"
    "        with open({path!r} + '.count', 'r+') as file:\n"
    "            count = int(file.read())\n"
    "            file.seek(0)\n"
    "            file.write(str(count + 1))\n"
)


@pytest.fixture(scope="session", params=[3, 4], ids=["filelock 3", "filelock 4"])
def version(request: pytest.FixtureRequest) -> str | None:
    """The folder in which that version is found first; None for the one that is installed."""
    wanted: int = request.param
    if metadata.version("filelock").split(".")[0] == str(wanted):
        return None
    folder = Path(gnu_smalltalk.cache_folder()) / f"filelock-{wanted}"
    if not (folder / "filelock").is_dir():
        words = ["pip", "install", "-q", "--no-deps", "--target", str(folder), f"filelock>={wanted},<{wanted + 1}"]
        done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            missing(
                f"pip fetches no filelock {wanted}: {(done.stderr.strip().splitlines() or ['it says nothing'])[-1]}"
            )
    assert any(folder.glob(f"filelock-{wanted}.*.dist-info"))
    return str(folder)


class Foreign:
    """Programs that use one version of filelock on the file `path`."""

    def __init__(self, version: str | None, path: str) -> None:
        self.path = path
        self._environ = {**os.environ, **({} if version is None else {"PYTHONPATH": version})}

    def start(self, program: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", program.format(path=self.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self._environ,
        )  # fmt: skip

    def run(self, program: str) -> str:
        with self.start(program) as process:
            return process.communicate()[0].strip()

    @contextmanager
    def holding(self) -> Iterator[None]:
        with self.start(HOLD) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield
            process.communicate("\n")


@pytest.fixture
def foreign(version: str | None, tmp_path: Path) -> Foreign:
    return Foreign(version, str(tmp_path / "lock"))


def test_what_stui_holds_filelock_does_not_get(foreign: Foreign) -> None:
    with exclusive(foreign.path, Disk(), ACTOR, timeout=1, announce=Heard()):
        assert foreign.run(TRY) == "no"
    assert foreign.run(TRY) == ""


def test_what_filelock_holds_stui_does_not_get(foreign: Foreign) -> None:
    with exclusive(foreign.path, Disk(), ACTOR, timeout=1, announce=Heard()):
        pass
    with (
        foreign.holding(),
        pytest.raises(StoreProblem, match="held by another process"),
        exclusive(foreign.path, Disk(), ACTOR, timeout=0.05, announce=Heard()),
    ):
        pytest.fail("two hold the lock")
    with exclusive(foreign.path, Disk(), ACTOR, timeout=1, announce=Heard()):
        pass


def test_no_count_is_lost_between_them(foreign: Foreign) -> None:
    counted = Path(f"{foreign.path}.count")
    counted.write_text("0")
    with foreign.start(COUNT) as process:
        for _ in range(TIMES):
            with exclusive(foreign.path, Disk(), ACTOR, timeout=20, announce=Heard()):
                counted.write_text(str(int(counted.read_text()) + 1))
        assert process.wait(30) == 0
    assert counted.read_text() == str(2 * TIMES)
