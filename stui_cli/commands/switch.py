"""`stui switch`: go to an image or a session, in this terminal or as the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.flows.context_switching import Switched, previous_target, scope_of_switch, unset
from stui_cli.flows.targeting import named_session, target_of
from stui_cli.invocation import Invocation, command, complete_target
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.flows.targeting import Asked
    from stui_cli.manager import SessionManager
    from stui_cli.model.names import Target


def destination(manager: SessionManager, word: str, asked: Asked, scope: str) -> Target:
    """What a word on the command line leads to: `-`, `/SESSION`, `IMAGE` or `IMAGE/SESSION`."""
    if word == "-":
        return previous_target(manager.bench, scope)
    if word.startswith("/"):
        return named_session(manager.read(), word, asked, manager.bench)
    return target_of(word)


def told(switched: Switched) -> Result:
    """Where the scope is now, and where `-` leads."""
    item = {
        "name": str(switched.target) if switched.target else None,
        "image": switched.target.image if switched.target else None,
        "session": switched.target.session if switched.target else None,
        "source": "default" if switched.scope == "default" else "terminal",
        "path": switched.scope,
        "previous": str(switched.previous) if switched.previous else None,
    }
    if switched.target is None:
        return Result("context", [item], text="no context is set here any more")
    back = f" (- goes back to {switched.previous})" if switched.previous else ""
    return Result("context", [item], text=f"now in {switched.target}{back}", warnings=switched.notes)


@command("context", name="switch")
@click.argument("target", required=False, metavar="[IMAGE[/SESSION] | -]", shell_complete=complete_target)
@click.option("--default", "default", is_flag=True, help="Change the default context, not this terminal's.")
@click.option("--unset", "forget", is_flag=True, help="Forget the context.")
@click.option("--no-preserve", is_flag=True, help="Take no checkpoint of the session that is left.")
def cli(invocation: Invocation, target: str | None, default: bool, forget: bool, no_preserve: bool) -> int:
    """Go to an image or to a session in it; `-` goes back.

    The session that is left is checkpointed first. If the new one cannot be entered nothing changes. Without a
    controlling terminal (cron, CI) the default context is changed.
    """
    manager = invocation.manager
    scope = scope_of_switch(manager.bench, default=default)
    if forget:
        return invocation.show(told(unset(manager.bench, scope)))
    if target is None:
        raise UsageProblem("no image is named", todo="stui switch IMAGE[/SESSION], or - to go back")
    wanted = destination(manager, target, invocation.asked, scope)
    return invocation.show(told(manager.switch_image_context(wanted, scope, preserve=not no_preserve)))
