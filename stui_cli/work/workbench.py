"""What every flow works with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.errors import NotFound
from stui_cli.model.names import nearest
from stui_cli.model.state import image_of_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.state import State
    from stui_cli.store.store import Store
    from stui_cli.work.sightings import Sightings


def to_nobody(text: str) -> None:
    """The announcements of a caller who wants none."""
    del text


class Workbench(NamedTuple):
    """The store, the clock (ms), how long one contact may take (seconds), and the caller's surroundings.

    `terminal` identifies the controlling terminal's session, None without one. `announce` gets what a person
    should know although it is no failure, `narrate` what one wants to know who looks for a reason.
    `sightings` finds images of this machine that are not where they are registered; None looks for none.
    """

    store: Store
    clock: Callable[[], int]
    timeout: float
    environ: Mapping[str, str]
    directory: str
    terminal: str | None
    announce: Callable[[str], None] = to_nobody
    narrate: Callable[[str], None] = to_nobody
    sightings: Sightings | None = None


def known_image(state: State, name: str) -> Image:
    """The registered image `name`; raises NotFound with the nearest names."""
    image = state.images.get(name)
    if image is None:
        hint = nearest(name, state.images) or "see `stui images list`"
        if not state.images:
            hint = "none is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
        if name in state.shards:
            raise NotFound(
                f"the image {name} is not registered any more; only the records of its sessions are here",
                todo="register it again: stui images add NAME ADDRESS",
            )
        raise NotFound(f"no image is called {name!r}", todo=hint)
    return image


def image_called(state: State, named: str) -> Image:
    """The registered image of this id, or else of this name. Raises as `known_image`."""
    return image_of_id(state, named) or known_image(state, named)


def known_images(state: State, names: tuple[str, ...]) -> list[Image]:
    """The images named, or all of them without names, in the order of the registry."""
    if not names:
        return list(state.images.values())
    return [known_image(state, name) for name in dict.fromkeys(names)]
