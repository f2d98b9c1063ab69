"""Etoys 5.0 (2009) on Squeak's machine 4.10, as Debian packs both in the last suite that carries them; without root and
without touching the system.

Of Squeak's family it is an old member, and its blocks are no closures; but the adapter for Squeak files in there. It
files in the script that stands on its command line by itself and restricts what that may do: no sockets, and files in
one folder only, by their bare names.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import gnu_smalltalk
from gnu_smalltalk import Unavailable

NAME = "etoys-5.0-debian"
PACKAGES = ("etoys", "squeak-vm", "libpcre3", "libfreetype6", "libjpeg62-turbo", "libpng16-16", "libbrotli1")


def ensure() -> Path:
    """The folder that holds `machine`, `libraries`, `etoys.image` and `etoys.changes`; fetched first where needed.

    Raises Unavailable.
    """
    target = gnu_smalltalk.cache_folder() / NAME
    if (target / "machine" / "squeakvm").is_file():
        return target
    gnu_smalltalk.require_debian_tools()
    if os.uname().machine != "x86_64":
        raise Unavailable("Debian's machine for Etoys is prepared for x86_64 only")
    target.parent.mkdir(parents=True, exist_ok=True)
    with gnu_smalltalk.locked(target.parent / f"{NAME}.lock"):
        if not (target / "machine" / "squeakvm").is_file():
            build(target)
    return target


def build(target: Path) -> None:
    """Make the folder in a temporary place beside its own and rename it: it is there whole or not at all."""
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=target.parent))
    try:
        for package in gnu_smalltalk.fetch_packages(work / "fetch", PACKAGES, "main contrib non-free"):
            gnu_smalltalk.run(["dpkg-deb", "-x", str(package), str(work / "root")], "unpack " + package.name)
        lay_out(work / "root", work / "whole")
        (work / "whole").rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def lay_out(root: Path, folder: Path) -> None:
    """What the tests need of the unpacked packages, in one folder."""
    (found,) = root.glob("usr/lib/squeak/*/squeakvm")
    (folder / "libraries").mkdir(parents=True)
    shutil.copytree(found.parent, folder / "machine")
    for library in root.glob("**/x86_64-linux-gnu/*.so*"):
        shutil.copy(library, folder / "libraries" / library.name)
    for name in ("etoys.image", "etoys.changes"):
        shutil.copy(root / "usr" / "share" / "etoys" / name, folder / name)


def environment(folder: Path, home: Path) -> dict[str, str]:
    """With its own libraries, and a home of its own: it makes folders there."""
    return {**os.environ, "LD_LIBRARY_PATH": str(folder / "libraries"), "HOME": str(home), "TZ": "UTC"}


def command(folder: Path, image: Path, *arguments: str) -> list[str]:
    """The words that run an image without window and sound."""
    machine = folder / "machine"
    quiet = ["-vm-display-null", "-vm-sound-null", "-plugins", f"{machine}/"]
    return [str(machine / "squeakvm"), *quiet, str(image), *arguments]
