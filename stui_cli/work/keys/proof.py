"""Whether the agent of an image takes a key, found by a contact: a file that it does not read says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import KeyNotTaken, StuiError

if TYPE_CHECKING:
    from stui_cli.image.keys import Key
    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench


def takes(bench: Workbench, image: Image | None, key: Key) -> bool | None:
    """Whether `image` lets `key` in; None where it cannot be asked: a certificate or a host that is not
    trusted says nothing of a key."""
    from stui_cli.image.contact import contact

    if image is None:
        return None
    try:
        with contact(image, bench.store.read().client_id, bench.deadline.rest(), bench.sightings, key=key):
            return True
    except KeyNotTaken:
        return False
    except StuiError:
        return None
