"""`stui sessions rename`: another name for the same session; contexts follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.two_words import SessionCommand
from stui_cli.contract.session import SESSION, session_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.model.names import Target


def _in_its_image(target: Target, new_name: str) -> str:
    """A new name that is written as lists show it, IMAGE/SESSION. Raises UsageProblem for another image's."""
    image, _, name = new_name.partition("/")
    if not name:
        return new_name
    if image != target.image:
        raise UsageProblem(
            f"a session stays in its image: {target} cannot be called {new_name}",
            todo=f"stui sessions rename {target} {name}",
        )
    return name


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
    session, warnings = rename_session(bench, target, _in_its_image(target, new_name))
    item = session_item(listing.metadata_of(bench, session))
    text = f"{target} is called {item['owner']}/{session.name} now"
    return invocation.show(Result(SESSION, [item], text=text, warnings=warnings))
