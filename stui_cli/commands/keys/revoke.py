"""`stui keys revoke`: let somebody in no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.keys.holding import FILE_HELP, item, place_meant
from stui_cli.contract.key import KEY
from stui_cli.global_options import complete_key
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result
from stui_cli.option_types import FileName, option

if TYPE_CHECKING:
    from stui_cli.work.keys.revoke import Revoked


def told(revoked: Revoked) -> str:
    """That it is taken back, and whether its agent was seen to refuse it."""
    key = revoked.held
    what = f"{key.key_id} ({key.role}) is taken out of {key.place.where}"
    if revoked.proved is False and key.place.image is not None:
        return f"{what}; {key.place.image.name} refuses the key"
    return what


def doubts(revoked: Revoked) -> list[str]:
    """What was not seen, and what stops working here."""
    key = revoked.held
    found = []
    if revoked.proved is None and key.place.image is not None:
        found.append(f"{key.place.image.name} could not be asked, so it was not seen to refuse the key")
    for name in key.used_by:
        found.append(f"{name} is entered in this store with that key: stui images set {name} --key-file FILE")
    if revoked.last:
        found.append(f"no key is left in {key.place.where}: nobody comes in until there is one")
    return found


@command("key", name="revoke", purpose=Purpose.ACT)
@click.argument("who", shell_complete=complete_key)
@option("--force", is_flag=True, help="Also the last key of an admin.")
@option("--file", "file", type=FileName(), help=FILE_HELP)
def cli(invocation: Invocation, who: str, force: bool, file: str | None) -> int:
    """Take the key of WHO back, while the image runs: it is taken out of the agent's key file, and the agent is asked
    whether it refuses it now. Whoever is connected by it is sent away within about a second, and what runs there by it
    is stopped soon after. What WHO wrote into images stays, and so do WHO's sessions.

    The last key of an admin is refused (9) without --force.
    """
    from stui_cli.work.keys.revoke import revoke_key

    bench = invocation.bench
    place = place_meant(bench, invocation.asked, file, f"stui keys revoke {who}")
    revoked = revoke_key(bench, place, who, force=force)
    notes = [f"removed its holder's file {revoked.dropped}"] if revoked.dropped else []
    return invocation.show(
        Result(KEY, [item(revoked.held, revoked.proved)], text=told(revoked), notes=notes, warnings=doubts(revoked))
    )
