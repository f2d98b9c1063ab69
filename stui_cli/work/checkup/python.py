"""stui itself, the Python that runs it, and the libraries that it needs."""

from __future__ import annotations

import platform
import re
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from stui_cli import __version__
from stui_cli.work.checkup.observation import passed, problem, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

_LEAST = (3, 11)
_NEEDED = re.compile(r"([\w.-]+)>=([\d.]+)")


def look_at_python(around: Around) -> Iterator[Observation]:
    """Their versions, held against those that stui needs."""
    yield passed("machine", "stui", f"{__version__}, on {platform.system()} {platform.machine()}")
    version, least = ".".join(map(str, sys.version_info[:3])), ".".join(map(str, _LEAST))
    if sys.version_info >= _LEAST:
        yield passed("machine", "python", version, f"{least} or newer")
    else:
        yield problem("machine", "python", version, "python3 --version", f"{least} or newer")
    yield _libraries(around)


def _libraries(around: Around) -> Observation:
    try:
        needed = [found for line in metadata.requires("stui-cli") or () if (found := _NEEDED.fullmatch(line))]
    except metadata.PackageNotFoundError:
        return skipped("machine", "libraries", "this is a checkout, which does not say what it needs")
    there, amiss = [], []
    for name, least in (found.groups() for found in needed):
        version = _version_of(name)
        if version is not None and _numbers(version) >= _numbers(least):
            there.append(f"{name} {version}")
        else:
            amiss.append((name, least, version))
    if not amiss:
        return passed("machine", "libraries", ", ".join(there))
    told = ", ".join(f"{name} {version or 'is missing'}" for name, _, version in amiss)
    wanted = ", ".join(f"{name} {least} or newer" for name, least, _ in amiss)
    words = " ".join(f"'{name}>={least}'" for name, least, _ in amiss)
    todo = f"{around.places.quoted(sys.executable)} -m pip install {words}"
    return problem("machine", "libraries", told, todo, wanted)


def _version_of(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
