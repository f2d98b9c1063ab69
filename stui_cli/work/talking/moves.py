"""Images that were found elsewhere than they are registered: told in one line each, and recorded."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.model.operations import ImageDetails
    from stui_cli.store.transaction import Draft
    from stui_cli.work.workbench import Workbench


def keep_moves(bench: Workbench) -> None:
    """Tell and record what this command's contacts found. Where the store cannot be written the image was reached all
    the same, and is found again by the next command."""
    if bench.sightings is None or not (moves := bench.sightings.take_untold_moves()):
        return
    from stui_cli.model.operations import FOUND, ImageDetails, Kind  # 1 ms, for what happens rarely

    for registered, found in moves:
        bench.announce(f"{registered.name} listens at {found.address} now; it was registered at {registered.address}")

    def change(draft: Draft) -> ImageDetails:
        for registered, found in moves:
            image = draft.images.get(registered.name)
            if image is not None and _place_of(image) == _place_of(registered):
                draft.images[image.name] = image._replace(
                    address=found.address, key_file=found.key_file, key_id=found.key_id
                )
        others = ", ".join(image.name for image, _ in moves[1:])
        changed = {"address": moves[0][1].address, FOUND: "by its runtime file", "and": others}
        return ImageDetails(Kind.IMAGE_CHANGE, moves[0][0].name, {k: v for k, v in changed.items() if v})

    with suppress(StoreProblem):
        bench.store.commit(change)


def _place_of(image: Image) -> tuple[str | None, ...]:
    """What a move is decided by: somebody may have set it right, or meant another image by the name, meanwhile."""
    return image.image_id, image.address, image.key_file, image.key_id
