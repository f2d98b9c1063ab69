"""`stui sessions create`: a new workspace in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.two_words import SessionCommand
from stui_cli.contract.session import SESSION, session_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.names import Target
from stui_cli.model.results import Result
from stui_cli.option_types import option

if TYPE_CHECKING:
    from stui_cli.work.workbench import Workbench


def create(bench: Workbench, image: str, name: str | None, description: str | None, *, or_attach: bool) -> Result:
    """Make the session in its image and record it; with `or_attach` one that is there already is used."""
    from stui_cli.work.sessions import listing
    from stui_cli.work.sessions.create import create_or_attach, create_session

    if or_attach and name is not None:
        session, made = create_or_attach(bench, Target(image, name), description)
    else:
        session, made = create_session(bench, image, name, description), True
    found = listing.metadata_of(bench, session)
    target = f"{found.image or image}/{found.session.name}"
    return Result(
        SESSION,
        [session_item(found)],
        text=f"{'created' if made else 'attached to'} {target}",
        notes=[f"go there with: stui switch {target}"],
    )


@command("session", name="create", cls=SessionCommand, purpose=Purpose.ACT)
@click.argument("name", required=False, metavar="[NAME | IMAGE/NAME]", shell_complete=complete_target)
@option("--description", metavar="TEXT", help="What it is for.")
@option("--switch", "switch_there", is_flag=True, help="Go there at once.")
@option("--or-attach", is_flag=True, help="Use the session of that name if it is there already.")
def cli(invocation: Invocation, name: str | None, description: str | None, switch_there: bool, or_attach: bool) -> int:
    """Make a session called NAME (or a good name by itself) in the current image, or in the one that -i names."""
    from stui_cli.work.meant.target import named_session
    from stui_cli.work.sessions.switch import refuse_if_overridden

    bench = invocation.bench
    if switch_there:
        refuse_if_overridden(bench)  # before anything is made
    named = name or invocation.asked.session
    meant = named_session(bench.store.read(), named, invocation.asked, bench)
    # The current session is where one is, not a name for another one.
    result = create(bench, meant.image, meant.session if named else None, description, or_attach=or_attach)
    if switch_there:
        from stui_cli.commands.switch import switch_result
        from stui_cli.work.sessions.switch import scope_of_switch, switch

        made = Target(str(result.items[0]["image"]), str(result.items[0]["name"]))
        went = switch_result(switch(bench, made, scope_of_switch(bench, default=False)))
        result = result._replace(
            items=[{**result.items[0], "current": True}],
            text=f"{result.text}\n{went.text}",
            notes=went.notes,
            warnings=went.warnings,
        )
    return invocation.show(result)
