"""`stui switch`: go to an image or a session, in this terminal or as the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.two_words import SessionCommand
from stui_cli.contract.context import CONTEXT, MORE_SWITCHED, switched_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.contexts import DEFAULT_SCOPE
from stui_cli.model.errors import UsageProblem
from stui_cli.model.names import Target
from stui_cli.model.results import Result
from stui_cli.option_types import option
from stui_cli.work.meant.target import named_session, target_of
from stui_cli.work.sessions.switch import ContextSwitch, scope_of_switch, switch, switch_back

if TYPE_CHECKING:
    from stui_cli.work.meant.target import Asked
    from stui_cli.work.workbench import Workbench


def destination(bench: Workbench, word: str | None, asked: Asked) -> Target | None:
    """What the command line leads to: `/SESSION`, `IMAGE` or `IMAGE/SESSION`, or what -i and -s name.

    None if nothing is named at all.
    """
    if word is None and asked.image is None:
        word = f"/{asked.session}" if asked.session else None
    if word is not None and word.startswith("/"):
        return named_session(bench.store.read(), word, asked, bench)
    named = word or asked.image
    if named is None:
        return None
    target = target_of(named)
    if asked.session and target.session and asked.session != target.session:
        raise UsageProblem(f"two sessions are named: {target.session} and {asked.session}")
    return Target(target.image, target.session or asked.session)


def switch_result(switched: ContextSwitch) -> Result:
    """Where the scope is now, where `-` leads, and what a command here means where that is something else."""
    target, effective = switched.target, switched.effective
    item = switched_item(target, switched.scope, switched.previous, effective.target if effective else None)
    if target is None:
        means = f"; commands here mean {effective.target} now ({effective.path})" if effective else ""
        left = switched.previous
        what = f"no context is set here any more, it was {left}" if left else "no context was set here"
        text = f"{what}{means}"
        return Result(CONTEXT, [item], text=text, warnings=switched.notes)
    back = f" (- goes back to {switched.previous})" if switched.previous else ""
    if switched.scope != DEFAULT_SCOPE:
        too = [f"the default is {target} now, too: new terminals and cron begin there"] if switched.first else []
        return Result(CONTEXT, [item], text=f"now in {target}{back}", warnings=switched.notes, notes=too)
    # A switch without an effect where it was made must not look like one that has.
    elsewhere = effective is not None and effective.target != target
    notes = [f"commands here still mean {effective.target} ({effective.path})"] if effective and elsewhere else []
    return Result(CONTEXT, [item], text=f"the default is {target} now{back}", warnings=switched.notes, notes=notes)


@command("context", name="switch", cls=SessionCommand, adds=MORE_SWITCHED)
@click.argument("target", required=False, metavar="[IMAGE[/SESSION] | /SESSION | -]", shell_complete=complete_target)
@option("--default", "default", is_flag=True, help="Change the default context, not this terminal's.")
@option("--unset", "forget", is_flag=True, help="Forget the context.")
@option("--history", "history", is_flag=True, help="Tell where this terminal was before, the latest first.")
@option("--no-preserve", is_flag=True, help="Take no checkpoint of the session that is left.")
def cli(
    invocation: Invocation, target: str | None, default: bool, forget: bool, history: bool, no_preserve: bool
) -> int:
    """Go to an image or to a session in it; `-` goes back, `/SESSION` stays in the image.

    The session that is left is checkpointed first. If the new one cannot be entered nothing changes. Without a
    controlling terminal (cron, CI) the default context is changed.

    Without a target a terminal gets a choice (by fzf, if it is installed), and anything else the names.
    """
    bench = invocation.bench
    scope = scope_of_switch(bench, default=default)
    if sum((target is not None, forget, history)) > 1:
        raise UsageProblem("a target, --unset and --history exclude each other")
    if forget:
        invocation.purpose = Purpose.ACT
        from stui_cli.work.sessions.switch import unset

        return invocation.show(switch_result(unset(bench, scope)))
    if history:
        from stui_cli.commands.choosing import trail

        return invocation.show(trail(bench, scope))
    if target == "-":
        return invocation.show(switch_result(switch_back(bench, scope, preserve=not no_preserve)))
    wanted = destination(bench, target, invocation.asked)
    if wanted is None:
        from stui_cli.commands.choosing import choices, choose, may_choose

        found = choices(bench)
        if not found.items or not may_choose(invocation):
            return invocation.show(found)
        wanted = target_of(choose(invocation, found))
    invocation.purpose = Purpose.ACT
    return invocation.show(switch_result(switch(bench, wanted, scope, preserve=not no_preserve)))
