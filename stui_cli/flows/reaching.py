"""Contacting a registered image for a flow: who answers is checked, and an image added offline is pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.flows.workbench import Workbench, known_image
from stui_cli.image.contact import contact
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import Refused
from stui_cli.model.state import image_of_id

if TYPE_CHECKING:
    from stui_cli.image.client import Client
    from stui_cli.model.images import Image
    from stui_cli.model.operations import ImageDetails
    from stui_cli.model.state import State
    from stui_cli.protocol.vitals import Greeting
    from stui_cli.store.transaction import Draft


def reach(bench: Workbench, state: State, image: Image) -> Client:
    """An open conversation with `image`, a context manager. Raises the contact's failures.

    An image that was added with --offline is pinned now, at its first contact: what is recorded of its sessions
    must never come to mean another image.
    """
    begun = bench.clock()
    client = contact(image, state.client_id, Deadline.after(bench.timeout))
    took = bench.clock() - begun
    bench.narrate(f"{image.name} at {image.address} greeted after {took} ms, as {client.role}")
    if image.image_id is None:
        try:
            _pin(bench, image.name, client.greeting)
        except BaseException:
            client.__exit__(None, None, None)
            raise
    return client


def _pin(bench: Workbench, name: str, greeting: Greeting) -> None:
    from stui_cli.model.operations import ImageDetails, Kind  # only at an image's first contact

    def change(draft: Draft) -> ImageDetails:
        image = known_image(draft.state, name)
        other = image_of_id(draft.state, greeting.image_id)
        if other is not None and other.name != name:
            raise Refused(
                f"{name}: at {image.address} answers the image that is registered as {other.name}",
                todo=f"use that name, and: stui images remove {name}",
                image=name,
            )
        draft.images[name] = image._replace(
            image_id=greeting.image_id,
            dialect=greeting.dialect,
            image_name=greeting.image_name,
            image_version=greeting.image_version,
        )
        return ImageDetails(Kind.IMAGE_CHANGE, name, {"image_id": greeting.image_id})

    bench.store.commit(change)
