"""`stui sessions create`: a new workspace in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.flows.listing import session_metadata
from stui_cli.flows.workbench import known_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.items import session_item
from stui_cli.model.names import Target
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.manager import SessionManager


def create(manager: SessionManager, image_name: str, name: str | None, description: str | None) -> Result:
    """Make the session in its image, record it, say how to go there."""
    session = manager.create_session_for_image(image_name, name, description)
    image = known_image(manager.read(), image_name)
    item = session_item(session_metadata(manager.bench, image, session))
    target = f"{image_name}/{session.name}"
    return Result(
        "session",
        [item],
        name_key="image/name",
        text=f"created {target}",
        notes=[f"go there with: stui switch {target}"],
    )


@command("session", name="create")
@click.argument("name", required=False)
@click.option("--description", metavar="TEXT", help="What it is for.")
@click.option("--switch", "switch_there", is_flag=True, help="Go there at once.")
def cli(invocation: Invocation, name: str | None, description: str | None, switch_there: bool) -> int:
    """Make a session called NAME (or a good name by itself) in the current image, or in the one that -i names."""
    manager = invocation.manager
    image = manager.target(invocation.asked).target.image
    result = create(manager, image, name or invocation.asked.session, description)
    if switch_there:
        manager.switch_image_context(Target(image, str(result.items[0]["name"])))
    return invocation.show(result)
