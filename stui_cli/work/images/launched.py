"""The images that were launched here: which they are, where their folders lie, and what the next launch starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.local.dialects import dialect_of, preferred_dialect
from stui_cli.model.errors import Refused
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from stui_cli.local.given_images import Recipe
    from stui_cli.model.images import Image
    from stui_cli.model.state import State


def launched_image(bench: Workbench, name: str) -> tuple[Image, Path]:
    """The image `name` and its folder. Raises Refused if stui did not start it."""
    image = known_image(bench.store.read(), name)
    if image.launch_directory is None or image.image_id is None:
        raise Refused(f"{name} was not started by stui", todo="do it where it was started", image=name)
    return image, folder_of(bench, image)


def folder_of(bench: Workbench, image: Image) -> Path:
    """The folder of a launched image, also in a home that was moved. An older stui named it by the image's name."""
    folder = Path(image.launch_directory or "")
    moved = Path(bench.store.home.launched("-")).parent / folder.name
    return folder if folder.is_dir() or not moved.is_dir() else moved


def launched_folders(state: State) -> set[str]:
    """The folders in use, by their last name: a home that was moved, or is reached by a link, is still the same."""
    return {Path(image.launch_directory).name for image in state.images.values() if image.launch_directory}


def dialect_meant(bench: Workbench, name: str) -> str:
    """The dialect of the image `name` where nobody says which: its own, if it is known."""
    known = bench.store.read().images.get(name)
    return (known and known.dialect) or preferred_dialect(bench.environ)


def state_file(dialect: str, folder: Path, recipe: Recipe | None) -> Path:
    """The file that the next launch starts, if it is there."""
    row = dialect_of(dialect)
    return folder / row.saved_image if recipe is None else recipe.state(folder, row)
