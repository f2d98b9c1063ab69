"""`stui keys rotate`: fresh bytes for a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.keys.holding import FILE_HELP, doubts, item, place_meant, to_hand_over
from stui_cli.contract.key import KEY
from stui_cli.global_options import complete_key
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result
from stui_cli.option_types import FileName, option

if TYPE_CHECKING:
    from stui_cli.work.keys.give import Given


def told(given: Given) -> str:
    """That it is done, who goes on with it here, and what another holder needs."""
    key = given.held
    going_on = f"; {', '.join(key.used_by)} of this store goes on with it" if key.used_by else ""
    return "\n".join(
        [f"{key.key_id} ({key.role}) has a fresh key in {key.place.where}{going_on}", *to_hand_over(given)]
    )


@command("key", name="rotate", purpose=Purpose.ACT)
@click.argument("who", required=False, shell_complete=complete_key)
@option("--to", type=FileName(), help="Where to put the fresh key for WHO; never over a file.")
@option("--file", "file", type=FileName(), help=FILE_HELP)
def cli(invocation: Invocation, who: str | None, to: str | None, file: str | None) -> int:
    """Put fresh bytes in the place of a key, that of WHO, or without WHO the one that this store proves with: whoever
    has the old ones comes in no longer. Name and role stay.

    The images of this store that prove with it go on working. A holder who is not of this store gets a file again.
    """
    from stui_cli.work.keys.rotate import own_key_id, rotate_key

    bench = invocation.bench
    place = place_meant(bench, invocation.asked, file, f"stui keys rotate {who or 'WHO'}")
    given = rotate_key(bench, place, who or own_key_id(place), to)
    return invocation.show(Result(KEY, [item(given.held, given.proved)], text=told(given), warnings=doubts(given)))
