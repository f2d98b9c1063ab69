"""What Pharo Launcher keeps: `~/Pharo/images/NAME/NAME.image`, and machines in `~/Pharo/vms/VERSION-ARCHITECTURE/`, as
its sources of 2024 have it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where the program lies in the folder of a machine, by system.
_PROGRAMS = ("pharo", "Pharo.app/Contents/MacOS/Pharo", "Pharo.exe")
# Beside an image: the version, as in 110, by which its machine is named.
VERSION_FILE = "pharo.version"


def home_of(environ: Mapping[str, str]) -> Path:
    """Pharo Launcher's folder of this user."""
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return (Path(home) if home else Path.home()) / "Pharo"


def images(environ: Mapping[str, str]) -> dict[str, Path]:
    """The images by the names of their folders, which are the names that Pharo Launcher shows."""
    found = {folder.name: _image_in(folder) for folder in _folders(home_of(environ) / "images")}
    return {name: image for name, image in found.items() if image is not None}


def machines(environ: Mapping[str, str]) -> dict[str, Path]:
    """The machines by the names of their folders, as in 110-x64."""
    places = ((folder.name, folder / program) for folder in _folders(home_of(environ) / "vms") for program in _PROGRAMS)
    return {name: program for name, program in places if program.is_file()}


def machine_for(image: Path, environ: Mapping[str, str]) -> Path | None:
    """The machine of the version that is written beside the image; without that, the only one that there is."""
    found = machines(environ)
    version = version_beside(image)
    if version is None:
        return next(iter(found.values())) if len(found) == 1 else None
    return next((program for name, program in found.items() if name.split("-")[0] == version), None)


def version_beside(image: Path) -> str | None:
    """As in 110; None where nothing is written."""
    try:
        with open(image.parent / VERSION_FILE, encoding="utf-8") as file:
            return "".join(each for each in file.read(20) if each.isdigit()) or None
    except (OSError, ValueError):
        return None


def _image_in(folder: Path) -> Path | None:
    """The one that is called as its folder; in a folder that was renamed by hand, the only one."""
    found = sorted(folder.glob("*.image"))
    named = folder / f"{folder.name}.image"
    return named if named in found else found[0] if len(found) == 1 else None


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(entry for entry in place.iterdir() if entry.is_dir() and os.access(entry, os.R_OK))
    except OSError:
        return []
