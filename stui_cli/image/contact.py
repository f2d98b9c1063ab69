"""From a registered image to an open client: its key, its address, its pinned id (DESIGN section 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stui_cli.image.client import Caller, Client, open_client
from stui_cli.model.addresses import parse_address
from stui_cli.model.errors import Refused, StuiError
from stui_cli.model.images import tls_terms

if TYPE_CHECKING:
    from stui_cli.image.keys import Key
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.images import Image


class Lookout(Protocol):
    """Where images are met that are not where they are registered. Asked by many threads at once."""

    def elsewhere(self, image: Image) -> Image | None:
        """`image` with the address at which it may be met; None where nothing is known."""

    def met(self, registered: Image, found: Image) -> None:
        """Keep that `registered` answered, and proved who it is, as `found`."""


class OtherImage(Refused):
    """At the address answers an image with another id than the pinned one. `found` is the id it gave."""

    code = "other_image"

    def __init__(self, image: Image, found: str) -> None:
        super().__init__(
            f"{image.address} answers as image {found}, but {image.name} is pinned to {image.image_id}",
            todo=f"if that is right, accept it with: stui images trust {image.name}",
            image=image.name,
        )
        self.found = found


def contact(
    image: Image, client_id: str, deadline: Deadline, sightings: Lookout | None = None, *, key: Key | None = None
) -> Client:
    """Open a client to `image` and check who answers. Raises StuiError carrying the image's name; OtherImage for
    another id than the pinned one. With `key` it is that one which is proved, not the one of the entry.

    With `sightings` an image of this machine that is not where it is registered is looked for, and met where its own
    runtime file says, under what is left of the deadline. If that fails too, the registered address is what is told,
    and if nothing is left of it, where the image says that it is.
    """
    try:
        return _contact(image, client_id, deadline, key)
    except StuiError as error:
        found = sightings.elsewhere(image) if sightings is not None else None
        if sightings is None or found is None:
            raise
        if deadline.passed:  # something listens where it was, and is silent
            from shlex import quote

            there = quote(found.address)
            error.todo = f"it told that it listens elsewhere: stui images set {image.name} --address {there}"
            raise
        try:
            client = _contact(found, client_id, deadline, key)
        except StuiError:
            raise error from error.__cause__
        sightings.met(image, found)
        return client


def _contact(image: Image, client_id: str, deadline: Deadline, key: Key | None) -> Client:
    def check(found: str) -> None:
        """Before our proof goes out: one of another image is nobody's business."""
        if image.image_id is not None and found != image.image_id:
            raise OtherImage(image, found)

    try:
        if key is None and image.key_file is not None:
            from stui_cli.image.keys import read_key  # an image without a key does not pay for it

            key = read_key(image.key_file, image.key_id)
        client = open_client(
            parse_address(image.address),
            Caller(client_id, key),
            deadline,
            allow_plaintext=image.allow_plaintext,
            on_identified=check,
            tls=tls_terms(image),
            socket_owner=image.socket_owner,
        )
        client.known_as = image.name
        return client
    except StuiError as error:
        error.about(image.name)
        error.todo = error.todo.replace("NAME", image.name)  # what is told below here knows no names
        raise
