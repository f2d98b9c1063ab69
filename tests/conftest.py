"""What every test gets: a home of its own, the promise that the real one is left alone, GNU Smalltalk on request."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

# Helpers of these tests (farm, gnu_smalltalk) are imported by their plain names, whatever the import mode.
sys.path.insert(0, str(Path(__file__).parent))

import gnu_smalltalk
from needs import missing
from quick_start import SERVER
from shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

# A run in the background of a script (`pytest &`) inherits that SIGINT is ignored, and hands it on to whatever it
# starts: then no test of Ctrl-C could end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# The same under nohup with SIGHUP, which this process goes on to pass over: a handler is not handed on to children.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda number, frame: None)

# A stui that may keep no compiled code compiles itself anew for each of the hundreds of commands that tests start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("ordinary", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", parent=settings.get_profile("ordinary"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ordinary"))

# A fetched GNU Smalltalk stays where it is when HOME moves.
TEST_CACHE = str(gnu_smalltalk.cache_folder())
# What tells of the terminal of whoever runs the tests; where several processes run them, each has a width besides.
_OF_A_TERMINAL = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
# Variables with the prefix of stui that belong to the tests, not to stui.
KEPT = ("STUI_TEST_CACHE", "STUI_TEST_GST", "STUI_UPDATE_SNAPSHOTS")


def _real_folders() -> tuple[str, ...]:
    """Every folder in which a stui of this user would keep something."""
    homes = {Path(path) for path in (os.environ.get("HOME"), _home_of_account()) if path}
    bases = [home / part for home in homes for part in (".config", ".local/state", ".local/share", ".cache")]
    bases += [Path(value) for name, value in os.environ.items() if name.startswith("XDG_") and value.startswith("/")]
    folders = {base / "stui" for base in bases}
    if given := os.environ.get("STUI_HOME"):
        folders.add(Path(given).absolute())
    return tuple(sorted(str(folder) for folder in folders))


def _home_of_account() -> str | None:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):
        return None


REAL_FOLDERS = _real_folders()
_PATH_EVENTS = frozenset(
    f"os.{name}"
    for name in ("chmod", "link", "listdir", "mkdir", "remove", "rename", "rmdir", "scandir", "symlink", "truncate")
) | {"open"}
_touched: list[str] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: what this very process does below a real folder. Another stui of the user does not count."""
    if event not in _PATH_EVENTS:
        return
    for path in arguments[:2]:
        if isinstance(path, (str, bytes, os.PathLike)):
            text = os.fsdecode(path)
            if text.startswith("/") and any(f"{text}/".startswith(f"{folder}/") for folder in REAL_FOLDERS):
                _touched.append(f"{event} {text}")


sys.addaudithook(_watch)


def pytest_configure() -> None:
    """A GNU Smalltalk that was chosen and does not work ends the run: to skip what was to be tried would look well."""
    if os.environ.get("STUI_TEST_GST"):
        try:
            gnu_smalltalk.ensure()
        except gnu_smalltalk.Unavailable as reason:
            raise pytest.UsageError(str(reason)) from reason


def pytest_sessionfinish() -> None:
    SERVER.end()


def pytest_collection_finish() -> None:
    """Thousands of collected tests are not looked through at each collection of garbage, nor copied at each fork."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


_numbers = itertools.count()
# Homes that the tests before left as they got them. Making and removing one takes 2 ms, and most tests touch none.
_untouched: list[Path] = []


def _fresh_home(homes: Path) -> Path:
    if _untouched:
        return _untouched.pop()
    fresh = homes / str(next(_numbers))
    (fresh / "run").mkdir(parents=True)
    (fresh / "run").chmod(0o700)
    return fresh


def _give_back(fresh: Path) -> None:
    """Keep a home for the next test if nothing was done in it; else remove it."""
    try:
        as_it_was = os.listdir(fresh) == ["run"] and not os.listdir(fresh / "run")
        as_it_was = as_it_was and {os.stat(fresh / "run").st_mode & 0o777, os.stat(fresh).st_mode & 0o700} == {0o700}
    except Exception:  # noqa: BLE001  the test may have put something else in the place of these functions
        as_it_was = False
    if as_it_was:
        _untouched.append(fresh)
    else:
        shutil.rmtree(fresh, ignore_errors=True)


@pytest.fixture(autouse=True)
def home(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh HOME with everything that is found through it; fails the test that touched the real one.

    STUI_HOME is a folder that does not exist yet, as on a first start. The XDG folders are set, and made only
    where their specification promises that they are there.
    """
    fresh = _fresh_home(_homes)
    for name in os.environ:
        if (name.startswith(("STUI_", "XDG_")) and name not in KEPT) or name in _OF_A_TERMINAL:
            monkeypatch.delenv(name)
    monkeypatch.setenv("STUI_TEST_CACHE", TEST_CACHE)
    monkeypatch.setenv("HOME", str(fresh))
    monkeypatch.setenv("EDITOR", "true")  # it leaves what it is given as it was
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("STUI_HOME", str(fresh / "stui"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(fresh / "run"))
    for variable, below in (
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_CACHE_HOME", ".cache"),
    ):
        monkeypatch.setenv(variable, str(fresh / below))
    there_before = {folder for folder in REAL_FOLDERS if os.path.exists(folder)}
    _touched.clear()
    yield fresh
    seen = list(_touched)
    # A child process is not seen by the hook; what it would make anew is.
    seen += [f"made {folder}" for folder in REAL_FOLDERS if folder not in there_before and os.path.exists(folder)]
    _give_back(fresh)
    if seen:
        pytest.fail("this test touched the real home: " + ", ".join(sorted(set(seen))))


@pytest.fixture(scope="session")
def gst_path() -> str:
    """A value for PATH by which `gst` and `gst-remote` are found."""
    try:
        folder = gnu_smalltalk.ensure()
    except gnu_smalltalk.Unavailable as reason:
        missing(f"there is no GNU Smalltalk: {reason}")
    return f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


@pytest.fixture
def shell(home: Path, tmp_path: Path, gst_path: str) -> Iterator[Shell]:
    """stui in processes of its own, with a `gst` on the PATH."""
    made = Shell({**os.environ, "PATH": gst_path, "PYTHONPATH": str(Path(__file__).parents[1])}, tmp_path)
    yield made
    made.end()
