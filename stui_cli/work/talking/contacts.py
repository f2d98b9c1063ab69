"""What stui itself did, it knows: an image that was met for an evaluation, a session or an inspection was met.

It costs an evaluation one small write. Where that fails nothing is said: it is a hint to the next listing, and what the
command itself could not record is told by itself.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem
from stui_cli.model.roles import ROLES

if TYPE_CHECKING:
    from stui_cli.image.client import Client
    from stui_cli.model.errors import StuiError
    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench


def note_answer(bench: Workbench, image: Image, client: Client) -> None:
    """Keep that `image` greeted us just now."""
    greeting, source = client.greeting, client.source_address()
    if source is not None and ":" in source:
        from stui_cli.image.routes import network_of

        source = network_of(source)
    # A Probe's fields, written as they are: an evaluation does without the class.
    met = {
        "image": image.name,
        "checked_at": bench.clock(),
        "outcome": "answered",
        "image_id": greeting.image_id,
        "incarnation": greeting.incarnation,
        "image_name": greeting.image_name,
        "image_version": greeting.image_version,
        "dialect": greeting.dialect,
        "vitals": None,
        "source_address": source,
        "reached": "rpc",
        "role": client.role if client.role in ROLES else None,
    }
    with suppress(StoreProblem):
        bench.store.note_contact(greeting.image_id, image.address, met)


def note_failure(bench: Workbench, image: Image, error: StuiError, waited_s: float) -> None:
    """Keep that `image` could not be met just now, in the `waited_s` that it had. One that is not pinned yet has
    nothing to be kept."""
    if image.image_id is None or isinstance(error, StoreProblem):
        return
    from stui_cli.image.probing import failed_probe
    from stui_cli.store.encoding import PROBES

    with suppress(StoreProblem):
        met = PROBES.encode(failed_probe(image, error, bench.clock(), waited_s))
        bench.store.note_contact(image.image_id, image.address, met)
