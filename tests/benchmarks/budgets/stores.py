"""Stores with many images and sessions, written by the stui that is measured."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgets.places import Place

SMALL, LARGE = (10, 10), (1_000, 100)

_FILL = """
import json, sys
from stui_cli.api import open_manager
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.sessions import Session

images, sessions = json.load(sys.stdin)

def fill(draft):
    for name, address, image_id in images:
        draft.images[name] = Image(name, address, draft.now, image_id=image_id)
        mine = draft.sessions(image_id) if sessions else {}
        for number in range(sessions):
            label = f"session-{number}"
            mine[label] = Session(f"{image_id}-{number}", label, image_id, "first", draft.now, draft.now)
    return ImageDetails(Kind.IMAGE_ADD, "all")

open_manager().store.commit(fill)
"""


def fill(place: Place, images: list[tuple[str, str, str]], sessions: int = 0) -> None:
    """Register images (name, address, image id) with some sessions each, without asking any of them."""
    import json

    place.run(place.python, "-c", _FILL, given=json.dumps([images, sessions]))


@contextmanager
def filled(place: Place, size: tuple[int, int] = SMALL) -> Iterator[Place]:
    """A store of so many images with so many sessions each; `alpha`, the first, is the default."""
    images, sessions = size
    with place.fresh() as made:
        names = ["alpha", *(f"image-{number}" for number in range(1, images))]
        fill(made, [(name, f"tcp://127.0.0.1:{n + 1}", f"id-{n:06}") for n, name in enumerate(names)], sessions)
        made.run(made.stui, "switch", "alpha")
        yield made
