"""What an image that its user has is launched with: what is named now, else what it was launched with before, else
what config.toml says, else what is found on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.local.given_images import (
    Recipe,
    bring,
    image_named,
    machine_by_itself,
    machine_named,
    recipe_in,
    which_image,
    write_recipe,
)
from stui_cli.local.launching import is_being_started, name_at_launch, seen_in
from stui_cli.local.processes import Liveness
from stui_cli.model.errors import Refused, UsageProblem
from stui_cli.store.files.disk import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.local.dialects import Dialect
    from stui_cli.work.workbench import Workbench


@dataclass(frozen=True)
class GivenWishes:
    """What the command line names, None where it says nothing."""

    machine: str | None = None
    image: str | None = None
    in_place: bool = False
    window: bool | None = None


NOTHING_NAMED = GivenWishes()


def refuse_given(row: Dialect, wishes: GivenWishes) -> None:
    """Raises UsageProblem where something is named for a dialect that makes an image of its own."""
    if wishes != NOTHING_NAMED:
        raise UsageProblem(
            f"{row.title} makes an image of its own: none is named, nor a machine or a window",
            todo="say which Smalltalk is meant: --dialect pharo, squeak or cuis",
        )


def recipe_for(bench: Workbench, name: str, row: Dialect, folder: Path, wishes: GivenWishes, *, fresh: bool) -> Recipe:
    """What to start `name` with; all of it is there, and nothing was made. Raises NotFound, Refused or UsageProblem
    saying what is missing."""
    before = recipe_in(folder)
    if before is not None:
        _check_again(bench, name, row, before, wishes, fresh=fresh)
    defaults = bench.store.settings().dialects.get(row.name)
    image = wishes.image or (before and before.image) or (defaults and defaults.image)
    if image is None:
        raise which_image(row, bench.environ)
    copied = before is not None and not fresh and not before.in_place and before.state(folder, row).is_file()
    # What was copied already goes on also where its original is gone.
    path = Path(image) if copied else image_named(image, row, bench.environ)
    in_place = before.in_place if before is not None and not fresh else wishes.in_place
    if in_place:
        _refuse_two(bench, path, folder)
    window = wishes.window if wishes.window is not None else before is not None and before.window
    named = wishes.machine or (before and before.machine) or (defaults and defaults.vm)
    machine = machine_named(named, row, bench.environ) if named else machine_by_itself(row, path, bench.environ)
    return Recipe(str(machine), str(path), in_place, window)


def _check_again(
    bench: Workbench, name: str, row: Dialect, before: Recipe, wishes: GivenWishes, *, fresh: bool
) -> None:
    """Raises Refused where a launched image is to be started from another file than it was, which would not be it."""
    if fresh:
        return
    other = wishes.image is not None and str(image_named(wishes.image, row, bench.environ)) != before.image
    if other or (wishes.in_place and not before.in_place):
        kept = f"{before.image} itself" if before.in_place else f"its own copy of {before.image}"
        raise Refused(
            f"{name} goes on with {kept}",
            todo=f"begin it anew: stui images launch {name} --fresh; or launch another name",
            image=name,
        )


def _refuse_two(bench: Workbench, image: Path, folder: Path) -> None:
    """Raises Refused for a file that is started, runs, or may run, in place under another name: both would write it."""
    for place, image_id, name in _launched_elsewhere(bench, folder):
        recipe = recipe_in(place)
        if recipe is None or not recipe.in_place or Path(recipe.image) != image:
            continue
        if is_being_started(place):
            raise Refused(
                f"{image} itself is being started as {name}",
                todo="wait for that; or start a copy, without --in-place",
                image=name,
            )
        if seen_in(place, image_id, bench.environ).liveness is not Liveness.GONE:
            stop = f"stop it first: stui images stop {name}"
            repeat = f"its launch was cut off; repeat that, which takes it up: stui images launch {name} ..."
            raise Refused(
                f"{image} itself is being run as {name}",
                todo=f"{stop if image_id else repeat}; or start a copy, without --in-place",
                image=name,
            )


def _launched_elsewhere(bench: Workbench, folder: Path) -> Iterator[tuple[Path, str | None, str]]:
    """Every other folder in which an image was launched, with its id and name: those of the registered images, and
    those of launches that are under way or were killed before they could register theirs."""
    registered = set()
    for image in bench.store.read().images.values():
        if image.launch_directory is not None:
            place = Path(image.launch_directory)
            registered.add(place.name)
            if place != folder:
                yield place, image.image_id, image.name
    for place in sorted(Path(bench.store.home.launched("-")).parent.glob("*")):
        if place.name not in registered and place != folder:
            yield place, None, name_at_launch(place) or place.name


def claim(recipe: Recipe, folder: Path) -> None:
    """Keep in the folder that the user's own file is started here, before another command looks for that."""
    if recipe.in_place:
        write_recipe(folder, recipe)


def prepare(recipe: Recipe, folder: Path, row: Dialect, *, fresh: bool) -> None:
    """Make what is started be there, and keep how it is. Raises StuiError where the image cannot be copied."""
    if not recipe.in_place and (fresh or not recipe.state(folder, row).is_file()):
        bring(recipe, folder, row, settle)
    write_recipe(folder, recipe)
