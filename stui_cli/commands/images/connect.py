"""`stui images connect`: take a parked image up again, and probe it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.parking import set_parked
from stui_cli.contract.image import IMAGE, image_items
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import Unreachable
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.model.status import ConnectionStatus

if TYPE_CHECKING:
    from stui_cli.work.workbench import Workbench


def connect(bench: Workbench, names: tuple[str, ...]) -> Result:
    """Take images up again and probe them. They count as taken up even if they do not answer."""
    from stui_cli.work.images.monitor import probe_images

    several = set_parked(bench, names, parked=False)
    items = image_items(several.done, probe_images(bench, several.done), bench.clock())
    away = [item for item in items if item["status"] != ConnectionStatus.CONNECTED]
    errors = [
        Unreachable(
            f"{item['name']} is {item['status']}: {item['reason']}",
            todo="it is probed again from now on: stui status",
            image=str(item["name"]),
        )
        for item in away
    ]
    if several.failures:
        code = several.exit_code
    else:
        code = Exit.DONE if not away else Exit.UNREACHABLE if len(away) == len(items) else Exit.PARTLY_DONE
    return Result(
        IMAGE,
        items,
        text="\n".join(f"{item['name']}: {item['status']}" for item in items if item not in away),
        errors=[*several.failures, *errors],
        exit_code=code,
    )


@command("image", name="connect", purpose=Purpose.ACT)
@click.argument("names", nargs=-1, required=True, shell_complete=complete_image)
def cli(invocation: Invocation, names: tuple[str, ...]) -> int:
    """Take parked images up again, and probe them.

    Exits with 5 if none of them answers, with 8 if some do not.
    """
    return invocation.show(connect(invocation.bench, names))
