"""`stui keys new`: let somebody in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.keys.holding import FILE_HELP, doubts, item, place_meant, to_hand_over
from stui_cli.contract.key import KEY
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result
from stui_cli.model.roles import ROLES
from stui_cli.option_types import FileName, option

if TYPE_CHECKING:
    from stui_cli.work.keys.give import Given


def told(given: Given) -> str:
    """That it is done, and what its holder needs."""
    key = given.held
    place = f"{key.place.image.name} " if key.place.image is not None else ""
    first = f"{key.key_id} may come into {place}as {key.role}"
    return "\n".join([first if place else f"{key.key_id} has a key as {key.role}", *to_hand_over(given)])


@command("key", name="new", purpose=Purpose.ACT)
@click.argument("who")
@option("--role", required=True, type=click.Choice(ROLES), help="What WHO may do.")
@option("--to", type=FileName(), help="Where to put the key for WHO; never over a file. In the store without it.")
@option("--file", "file", type=FileName(), help=FILE_HELP)
def cli(invocation: Invocation, who: str, role: str, to: str | None, file: str | None) -> int:
    """Give WHO a key of the image that is meant, while it runs: a line of its agent's key file, and a file for WHO
    alone, with what WHO runs to use it.

    An observer may see how the image is, a developer may also run code and have sessions, an admin may also end those
    of others. A name that has a key already is refused (8). The agent is asked whether it takes the key; where it
    refuses, nothing is left behind. The key itself is never printed: hand over the file.
    """
    from stui_cli.work.keys.give import give_key

    bench = invocation.bench
    place = place_meant(bench, invocation.asked, file, f"stui keys new {who} --role {role}")
    given = give_key(bench, place, who, role, to)
    return invocation.show(Result(KEY, [item(given.held, given.proved)], text=told(given), warnings=doubts(given)))
