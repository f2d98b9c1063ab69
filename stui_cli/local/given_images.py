"""Images that their users have: what one is started with, whether that can be, and the copy in the launch's folder.

given.json      the machine and the image that were named, and how it is started
saved.image     the copy, and what `images save` or the image's own menu has made of it since; its .changes
earlier.image   the copy before this one, which a launch with --fresh replaced; its .changes
*.part          what is being copied: nothing counts before it is whole
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import struct
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.local import pharo_launcher
from stui_cli.local.runtime_files import private_file
from stui_cli.model.errors import NotFound, Refused, StuiError, UsageProblem
from stui_cli.model.names import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stui_cli.local.dialects import Dialect

PARTIAL = ".part"
_RECIPE_FILE = "given.json"
_EARLIER = "earlier"

# How an image of Squeak's kind begins, in the byte order of its machine: 32 and 64 bits, without and with closures,
# with native floats, of Spur, and of Sista.
_MAGIC = {6502, 6504, 6505, 68000, 68002, 68003, 6521, 68019, 68021, 68533}


@dataclass(frozen=True)
class Recipe:
    """What an image is started with, as absolute paths: the machine, the user's own image file, whether that file
    itself is started and not a copy, and whether with a window."""

    machine: str
    image: str
    in_place: bool = False
    window: bool = False

    def state(self, folder: Path, row: Dialect) -> Path:
        """The file that is started, and saved into."""
        return Path(self.image) if self.in_place else folder / row.saved_image


def recipe_in(folder: Path) -> Recipe | None:
    """What the image of this folder was started with, if it is one that was given."""
    try:
        raw = json.loads((folder / _RECIPE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    match raw:
        case {"machine": str(machine), "image": str(image), "in_place": bool(in_place), "window": bool(window)}:
            return Recipe(machine, image, in_place, window)
        case _:
            return None


def write_recipe(folder: Path, recipe: Recipe) -> None:
    """Keep it for the next start, whole or not at all."""
    partial = folder / f"{_RECIPE_FILE}{PARTIAL}"
    with private_file(partial, "wb") as file:
        file.write(json.dumps(asdict(recipe)).encode())
    partial.replace(folder / _RECIPE_FILE)


def machine_named(text: str, row: Dialect, environ: Mapping[str, str]) -> Path:
    """The machine that a user means: a path, one of Pharo Launcher's, or a program on the PATH.

    Raises NotFound, and Refused for a file that cannot be executed.
    """
    kept = pharo_launcher.machines(environ) if row.name == "pharo" else {}
    on_path = None if _is_path(text) else kept.get(text) or shutil.which(text, path=environ.get("PATH"))
    path = Path(on_path or _expanded(text, environ)).absolute()
    if not path.is_file():
        hint = nearest(text, kept) or (f"Pharo Launcher has {', '.join(kept)}" if kept else "")
        raise NotFound(
            f"there is no machine for {row.title} images at {path}", todo=hint or f"name its program, or {row.install}"
        )
    if not os.access(path, os.X_OK):
        from shlex import quote

        raise Refused(f"{path} cannot be executed", todo=f"name the program itself, or: chmod +x {quote(str(path))}")
    return path


def machine_by_itself(row: Dialect, image: Path, environ: Mapping[str, str]) -> Path:
    """The machine where nobody names one: Pharo Launcher's of the image's version, else the program on the PATH.

    Raises NotFound saying how to name one.
    """
    kept = pharo_launcher.machine_for(image, environ) if row.name == "pharo" else None
    found = kept or shutil.which(row.program, path=environ.get("PATH"))
    if found is None:
        version = pharo_launcher.version_beside(image) if row.name == "pharo" else None
        wanted = f"{row.title} {version}" if version else row.title
        raise NotFound(
            f"no machine for {wanted} images was found: {row.program} is not on the PATH",
            todo=f"name one: --vm PATH, or [dialects.{row.name}] vm in config.toml; or {row.install}",
        )
    return Path(found).absolute()


def image_named(text: str, row: Dialect, environ: Mapping[str, str]) -> Path:
    """The image file that a user means: a path, or the name of one of Pharo Launcher's images.

    Raises NotFound, and Refused for what cannot be read or is no image.
    """
    kept = pharo_launcher.images(environ) if row.name == "pharo" else {}
    path = _expanded(text, environ).absolute()
    if not _is_path(text) and text in kept and not path.is_file():
        path = kept[text]
    _check_image(path, text, row, kept)
    return path


def which_image(row: Dialect, environ: Mapping[str, str]) -> UsageProblem:
    """What to say where no image is named."""
    kept = pharo_launcher.images(environ) if row.name == "pharo" else {}
    names = f" FILE, or one of Pharo Launcher's: {', '.join(kept)}" if kept else " FILE"
    return UsageProblem(
        f"which {row.title} image is to be started?",
        todo=f"--image-file{names}; or [dialects.{row.name}] image in config.toml",
    )


def _check_image(path: Path, text: str, row: Dialect, kept: Mapping[str, Path]) -> None:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a FIFO would keep us waiting
            raise Refused(f"{path} is no image file", todo="name the file that ends in .image")
        with open(path, "rb") as file:
            beginning = file.read(8)
    except FileNotFoundError as error:
        close = nearest(text, kept)
        known = close or (f"Pharo Launcher has {', '.join(kept)}" if kept else "name the file that ends in .image")
        raise NotFound(f"there is no image {path if _is_path(text) or not kept else repr(text)}", todo=known) from error
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror or error}", todo="check its owner and mode") from error
    if not _is_image(beginning):
        raise Refused(
            f"{path} is no image of {row.title}'s kind: it begins with {beginning.hex(' ') or 'nothing'}",
            todo="name the file that ends in .image; another Smalltalk is chosen by --dialect",
        )


def _is_image(beginning: bytes) -> bool:
    if len(beginning) < 8:
        return False
    words = [struct.unpack_from(order, beginning)[0] for order in ("<I", ">I", "<Q", ">Q")]
    return not _MAGIC.isdisjoint(words)


def _is_path(text: str) -> bool:
    return "/" in text or os.sep in text or text.endswith(".image")


def _expanded(text: str, environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME")
    return Path(home) / text[2:] if home and text.startswith("~/") else Path(text)


def bring(recipe: Recipe, folder: Path, row: Dialect, settle: Callable[[str, str], None]) -> None:
    """Copy the image, with its .changes and the .sources beside it, into the folder: whole, or nothing of it.

    A copy that is there already is kept as an earlier one. `settle` makes a written file durable under its name. Raises
    StuiError saying which file failed.
    """
    image = folder / row.saved_image
    pairs = list(_files_of(Path(recipe.image), image))
    try:
        for source, target in pairs:
            _copy(source, _partial(target))
        _rename(image, folder / f"{_EARLIER}{image.suffix}")
        for source, target in pairs:  # the image is the last: where it is, all is
            with _told_of(source, folder):
                settle(str(_partial(target)), str(target))
    except BaseException:
        if not image.exists():
            _rename(folder / f"{_EARLIER}{image.suffix}", image)
        raise
    finally:
        for _, target in pairs:
            _partial(target).unlink(missing_ok=True)


def drop_partial(folder: Path, state: Path) -> None:
    """Remove what was cut off, with its image or with a launch: saves and copies in the folder of a launch, and saves
    beside an image that is started in place."""
    beside = f"{escape(state.stem)}.{'[0-9a-f]' * 32}{PARTIAL}.*"
    for path in (*folder.glob(f"*{PARTIAL}*"), *state.parent.glob(beside)):
        path.unlink(missing_ok=True)


def drop_copy(folder: Path, row: Dialect) -> None:
    """Remove what was copied for a launch that failed: nobody has worked in it."""
    image = folder / row.saved_image
    for path in (image, image.with_suffix(".changes"), folder / _RECIPE_FILE, *folder.glob("*.sources")):
        path.unlink(missing_ok=True)


def _files_of(image: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """What belongs to an image, and where it goes."""
    named = {image.with_suffix(".changes"): f"{target.stem}.changes"}
    version = image.parent / pharo_launcher.VERSION_FILE
    for source in (*sorted(image.parent.glob("*.sources")), *named, version):
        if source.is_file():
            yield source, target.with_name(named.get(source, source.name))
    yield image, target


def _partial(target: Path) -> Path:
    return target.with_name(f"{target.name}{PARTIAL}")


def _copy(source: Path, target: Path) -> None:
    with _told_of(source, target.parent), open(source, "rb") as read, private_file(target, "wb") as written:
        shutil.copyfileobj(read, written, 1024 * 1024)


@contextmanager
def _told_of(source: Path, folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StuiError(
            f"{source} could not be copied to {folder}: {error.strerror or error}",
            todo="nothing was started, and nothing of it is left; make room there, or: --in-place",
        ) from error


def _rename(image: Path, new: Path) -> None:
    """With its .changes; nothing where it is not there."""
    if image.exists():
        for suffix in (".changes", image.suffix):
            if image.with_suffix(suffix).exists():
                image.with_suffix(suffix).replace(new.with_suffix(suffix))
