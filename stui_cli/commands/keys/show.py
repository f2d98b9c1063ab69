"""`stui keys show`: one key, and what its holder runs."""

from __future__ import annotations

import click

from stui_cli.commands.keys.holding import FILE_HELP, item, place_meant
from stui_cli.contract.key import KEY, SHOWN
from stui_cli.global_options import complete_key
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result
from stui_cli.option_types import FileName, option


@command("key", name="show")
@click.argument("who", shell_complete=complete_key)
@option("--file", "file", type=FileName(), help=FILE_HELP)
def cli(invocation: Invocation, who: str, file: str | None) -> int:
    """Show the key of WHO in the image that is meant: its role, which images of this store prove with it, and where
    its holder's file is, as far as this store has it. The key itself is never shown. Contacts no image.
    """
    from stui_cli.work.keys.listing import show_key

    bench = invocation.bench
    key = show_key(bench, place_meant(bench, invocation.asked, file, f"stui keys show {who}"), who)
    notes = [f"its holder runs: {command}" for command in key.commands]
    return invocation.show(Result(KEY, [item(key)], SHOWN, vertical=True, notes=notes))
