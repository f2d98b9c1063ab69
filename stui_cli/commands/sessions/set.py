"""`stui sessions set`: what a session is for."""

from __future__ import annotations

import click

from stui_cli.commands.two_words import SessionCommand
from stui_cli.contract.session import SESSION, session_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Result
from stui_cli.option_types import option


@command("session", name="set", cls=SessionCommand, purpose=Purpose.ACT)
@click.argument("named", required=False, metavar="[IMAGE/SESSION]", shell_complete=complete_target)
@option("--description", metavar="TEXT", help="What it is for; an empty text takes it away.")
def cli(invocation: Invocation, named: str | None, description: str | None) -> int:
    """Change what is recorded of a session, or of the current one. An undo takes it back."""
    from stui_cli.work.meant.target import meant_session
    from stui_cli.work.sessions import listing
    from stui_cli.work.sessions.describe import describe_session

    if description is None:
        raise UsageProblem("nothing to change was named", todo="see stui sessions set --help")
    bench = invocation.bench
    target = meant_session(bench.store.read(), named, invocation.asked, bench)
    session, warnings = describe_session(bench, target, description)
    item = session_item(listing.metadata_of(bench, session))
    text = f"{item['owner']}/{session.name}: description {'set' if description else 'taken away'}"
    return invocation.show(Result(SESSION, [item], text=text, warnings=warnings))
