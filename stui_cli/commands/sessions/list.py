"""`stui sessions list`: the recorded sessions, with the image each lives in. Contacts nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.session import LISTED, SESSION, session_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.work.workbench import Workbench


def list_sessions(bench: Workbench, image: str | None) -> Result:
    """The sessions of one image, or of all."""
    from stui_cli.work.sessions import listing

    items = [session_item(metadata) for metadata in listing.list_sessions(bench, image)]
    empty = "no session yet: stui sessions create -i IMAGE [NAME]"
    strangers = dict.fromkeys(str(item["image_id"]) for item in items if item["image"] is None)
    notes = [
        f"no image with id {image_id} is registered: its sessions are named {image_id}/NAME" for image_id in strangers
    ]
    return Result(SESSION, items, LISTED, notes=notes, empty=empty)


@command("session", name="list")
@click.argument("chosen", required=False, metavar="[IMAGE]", shell_complete=complete_image)
def cli(invocation: Invocation, chosen: str | None) -> int:
    """List the sessions of IMAGE, or of all images. Contacts no image."""
    return invocation.show(list_sessions(invocation.bench, chosen or invocation.asked.image))
