"""`stui sessions close`: the live state ends, record and checkpoint stay."""

from __future__ import annotations

import click

from stui_cli.invocation import Invocation, command, complete_target
from stui_cli.model.errors import UsageProblem
from stui_cli.model.names import Target
from stui_cli.model.results import Result


@command("session", name="close")
@click.argument("target", required=False, metavar="[IMAGE/SESSION]", shell_complete=complete_target)
def cli(invocation: Invocation, target: str | None) -> int:
    """End the live state of a session, or of the current one. A checkpoint is taken first; the record stays."""
    from stui_cli.flows.listing import session_metadata
    from stui_cli.flows.session_closing import close_session
    from stui_cli.flows.targeting import named_session
    from stui_cli.flows.workbench import known_image
    from stui_cli.model.items import session_item

    manager = invocation.manager
    where = named_session(manager.read(), target, invocation.asked, manager.bench)
    if where.session is None:
        raise UsageProblem(f"{where.image} is an image; no session is named", todo="name one: IMAGE/SESSION")
    closed, notes = close_session(manager.bench, Target(where.image, where.session))
    item = session_item(session_metadata(manager.bench, known_image(manager.read(), where.image), closed))
    return invocation.show(Result("session", [item], name_key="image/name", text=f"closed {where}", warnings=notes))
