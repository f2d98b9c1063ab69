"""`stui sessions create`: a new workspace in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import Refused
from stui_cli.model.items import session_item
from stui_cli.model.names import Target
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.api import SessionManager


def create(
    manager: SessionManager, image: str, name: str | None, description: str | None, *, or_attach: bool
) -> Result:
    """Make the session in its image and record it; with `or_attach` one that is there already is used."""
    from stui_cli.work.sessions.create import attach_session, create_session

    def is_there() -> bool:
        return (
            or_attach and name is not None and any(m.session.name == name for m in manager.list_image_sessions(image))
        )

    session, done = None, "attached to"
    if not is_there():
        try:
            session, done = create_session(manager.bench, image, name, description), "created"
        except Refused:  # another command was quicker
            if not is_there():
                raise
    if session is None:
        session = attach_session(manager.bench, Target(image, name))
    found = manager.metadata_of(session)
    target = f"{found.image or image}/{found.session.name}"
    return Result(
        "session",
        [session_item(found)],
        name_key="owner/name",
        text=f"{done} {target}",
        notes=[f"go there with: stui switch {target}"],
    )


@command("session", name="create", purpose=Purpose.ACT)
@click.argument("name", required=False, metavar="[NAME | IMAGE/NAME]", shell_complete=complete_target)
@click.option("--description", metavar="TEXT", help="What it is for.")
@click.option("--switch", "switch_there", is_flag=True, help="Go there at once.")
@click.option("--or-attach", is_flag=True, help="Use the session of that name if it is there already.")
def cli(invocation: Invocation, name: str | None, description: str | None, switch_there: bool, or_attach: bool) -> int:
    """Make a session called NAME (or a good name by itself) in the current image, or in the one that -i names."""
    from stui_cli.work.meant.target import named_session
    from stui_cli.work.sessions.switch import refuse_if_overridden

    manager = invocation.manager
    if switch_there:
        refuse_if_overridden(manager.bench)  # before anything is made
    named = name or invocation.asked.session
    meant = named_session(manager.read(), named, invocation.asked, manager.bench)
    # The current session is where one is, not a name for another one.
    result = create(manager, meant.image, meant.session if named else None, description, or_attach=or_attach)
    if switch_there:
        from stui_cli.commands.switch import told

        went = told(manager.switch_image_context(Target(str(result.items[0]["image"]), str(result.items[0]["name"]))))
        result = result._replace(
            items=[{**result.items[0], "current": True}],
            text=f"{result.text}\n{went.text}",
            notes=went.notes,
            warnings=went.warnings,
        )
    return invocation.show(result)
