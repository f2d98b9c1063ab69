"""`stui sessions rename`: another name for the same session; contexts follow."""

from __future__ import annotations

import click

from stui_cli.commands.two_words import SessionCommand
from stui_cli.contract.session import SESSION, session_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result


@command("session", name="rename", cls=SessionCommand, purpose=Purpose.ACT)
@click.argument("named", metavar="IMAGE/SESSION", shell_complete=complete_target)
@click.argument("new_name")
def cli(invocation: Invocation, named: str, new_name: str) -> int:
    """Give a session the name NEW_NAME. History and checkpoint stay with it; contexts that mean it follow."""
    from stui_cli.work.meant.target import meant_session
    from stui_cli.work.sessions import listing
    from stui_cli.work.sessions.rename import rename_session

    bench = invocation.bench
    target = meant_session(bench.store.read(), named, invocation.asked, bench)
    session, warnings = rename_session(bench, target, new_name)
    item = session_item(listing.metadata_of(bench, session))
    text = f"{target} is called {item['owner']}/{session.name} now"
    return invocation.show(Result(SESSION, [item], text=text, warnings=warnings))
