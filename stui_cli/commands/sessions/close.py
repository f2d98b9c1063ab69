"""`stui sessions close`: the live state ends, record and checkpoint stay."""

from __future__ import annotations

import click

from stui_cli.commands.one_by_one import one_by_one
from stui_cli.contract.session import SESSION, session_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result


@command("session", name="close", purpose=Purpose.ACT)
@click.argument("named", nargs=-1, metavar="[IMAGE/SESSION]...", shell_complete=complete_target)
def cli(invocation: Invocation, named: tuple[str, ...]) -> int:
    """End the live state of sessions, or of the current one, with a last checkpoint; the record stays.

    Code that runs in it is interrupted; there is no new checkpoint then. `stui sessions restore` makes it live again.
    """
    from stui_cli.work.meant.several import named_sessions
    from stui_cli.work.sessions import listing
    from stui_cli.work.sessions.close import close_session

    bench = invocation.bench
    targets = named_sessions(bench.store.read(), named, invocation.asked, bench)
    several = one_by_one(targets, lambda target: (target, close_session(bench.allowing(), target)))
    return invocation.show(
        Result(
            SESSION,
            [session_item(listing.metadata_of(bench, closing.session)) for _, closing in several.done],
            text="\n".join(f"closed {target}" for target, _ in several.done),
            warnings=[note for _, closing in several.done for note in closing.notes],
            errors=several.failures,
            exit_code=several.exit_code,
        )
    )
