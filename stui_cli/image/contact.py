"""From a registered image to an open client: its key, its address, its pinned id (DESIGN section 11)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from stui_cli.image.client import Caller, Client, open_client
from stui_cli.model.addresses import parse_address
from stui_cli.model.errors import Refused, StuiError
from stui_cli.model.images import tls_terms

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from stui_cli.image.aside import Aside
    from stui_cli.image.keys import Key
    from stui_cli.image.names import Names
    from stui_cli.image.talk import Talk
    from stui_cli.image.transports.waits import Steps
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.images import Image

    class Lookout(Protocol):
        """Where images are met that are not where they are registered. Asked by many threads at once."""

        def elsewhere(self, image: Image) -> Image | None:
            """`image` with the address at which it may be met; None where nothing is known."""

        def may_ask_others(self, image: Image) -> bool:
            """Whether `elsewhere` would ask somebody for that now, and so may wait."""

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
        if sightings is None or (found := _elsewhere(image, error, deadline, sightings)) is None:
            raise
        try:
            client = _contact(found, client_id, deadline, key)
        except StuiError:
            raise error from error.__cause__
        sightings.met(image, found)
        return client


def contact_in_steps(
    image: Image, client_id: str, deadline: Deadline, sightings: Lookout | None, aside: Aside, names: Names
) -> Steps[Talk]:
    """The same with an image of which `talk.waits_for_nobody`, by one of many conversations in one loop. To look for it
    elsewhere may take its time, since who is found is asked: that is done aside."""
    try:
        return (yield from _contact_in_steps(image, client_id, deadline, names))
    except StuiError as error:
        if sightings is None:
            raise
        look = partial(_elsewhere, image, error, deadline, sightings)
        found = (yield from aside.asked(look)) if sightings.may_ask_others(image) else look()
        if found is None:
            raise
        yield from names.meet(found.address)
        try:
            talk = yield from _contact_in_steps(found, client_id, deadline, names)
        except StuiError:
            raise error from error.__cause__
        yield from aside.asked(partial(sightings.met, image, found))
        return talk


def _elsewhere(image: Image, error: StuiError, deadline: Deadline, sightings: Lookout) -> Image | None:
    """Where `image` may be met that was not met where it is registered, if there is time for that."""
    found = sightings.elsewhere(image)
    if found is not None and deadline.passed:  # something listens where it was, and is silent
        from shlex import quote

        there = quote(found.address)
        error.todo = f"it told that it listens elsewhere: stui images set {image.name} --address {there}"
        return None
    return found


def _contact(image: Image, client_id: str, deadline: Deadline, key: Key | None) -> Client:
    try:
        client = open_client(
            parse_address(image.address),
            Caller(client_id, key or _key_of(image)),
            deadline,
            allow_plaintext=image.allow_plaintext,
            on_identified=_pinned(image),
            tls=tls_terms(image),
            socket_owner=image.socket_owner,
        )
    except StuiError as error:
        _tell_of(image, error)
        raise
    client.known_as = image.name
    return client


def _contact_in_steps(image: Image, client_id: str, deadline: Deadline, names: Names) -> Steps[Talk]:
    from stui_cli.image.talk import open_talk

    try:
        caller = Caller(client_id, _key_of(image))
        talk = yield from open_talk(image, caller, deadline, _pinned(image), names.resolved)
    except StuiError as error:
        _tell_of(image, error)
        raise
    talk.known_as = image.name
    return talk


def _pinned(image: Image) -> Callable[[str], None]:
    """The check of who answers, before our proof goes out: one of another image is nobody's business."""

    def check(found: str) -> None:
        if image.image_id is not None and found != image.image_id:
            raise OtherImage(image, found)

    return check


def _key_of(image: Image) -> Key | None:
    if image.key_file is None:
        return None
    from stui_cli.image.keys import read_key  # an image without a key does not pay for it

    return read_key(image.key_file, image.key_id)


def _tell_of(image: Image, error: StuiError) -> None:
    """A failure carries the image's name, and so does its advice: what is told below here knows no names."""
    error.about(image.name)
    error.todo = error.todo.replace("NAME", image.name)
