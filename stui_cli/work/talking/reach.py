"""Contacting a registered image for a flow: who answers is checked, and an image added offline is pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.image.contact import contact
from stui_cli.model.errors import StuiError
from stui_cli.work.talking.contacts import note_answer, note_failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.image.client import Client
    from stui_cli.model.images import Image
    from stui_cli.model.state import State
    from stui_cli.protocol.greeting import Greeting
    from stui_cli.work.workbench import Workbench


def reach(bench: Workbench, state: State, image: Image) -> Client:
    """An open conversation with `image`, a context manager. Raises the contact's failures.

    An image that was added with --offline is pinned now, at its first contact: what is recorded of its sessions
    must never come to mean another image.
    """
    begun = bench.clock()
    deadline = bench.deadline.rest()
    try:
        client = contact(image, state.client_id, deadline, bench.sightings)
    except StuiError as error:
        note_failure(bench, image, error, deadline.seconds)
        raise
    note_answer(bench, image, client)
    took = bench.clock() - begun
    bench.narrate(f"{image.name} at {image.address} greeted after {took} ms, as {client.role}")
    try:
        if image.image_id is None:
            with bench.allowance.standing_still():
                _pin(bench, image, client.greeting)
        if bench.sightings is not None and bench.sightings.any_untold:
            from stui_cli.work.talking.moves import keep_moves  # only where an image was found elsewhere

            keep_moves(bench)
    except BaseException:
        client.__exit__(None, None, None)
        raise
    return client


def make_ways(bench: Workbench, names: Iterable[str]) -> None:
    """Have what the contacts with many images share, before the clock of any of them runs. What fails of it is told to
    those contacts."""
    images = bench.store.read().images
    meant = [images[name] for name in names if name in images]
    if any(image.address.startswith("ssh:") for image in meant):
        from stui_cli.image.preparing import prepare_ways

        prepare_ways(meant, bench.timeout)


def _pin(bench: Workbench, contacted: Image, greeting: Greeting) -> None:
    """Pin the entry, unless it was pinned to the same image meanwhile. Raises Refused if it means another by now."""
    # Only at an image's first contact.
    from stui_cli.work.meant.entry import change_image, pinned_to, refuse_if_changed

    def pinned(image: Image) -> Image:
        if image.image_id == greeting.image_id:
            return image
        refuse_if_changed(contacted, image)
        return pinned_to(image, greeting)

    change_image(bench, contacted.name, pinned)
