"""`stui images show`: all that is known of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.image import DESCRIBED, IMAGE, MORE_IN_FULL, measured_before
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.images import TlsTerms
from stui_cli.model.results import Result
from stui_cli.work.meant.target import meant

if TYPE_CHECKING:
    from stui_cli.work.workbench import Workbench


def show(bench: Workbench, name: str) -> Result:
    """One image, with where its keys and its log are, and the defects that its Smalltalk is known for."""
    from stui_cli.work.images.describe import described

    item = described(bench, name)
    told = {"measured_at": measured_before(item), "known_defects": bool(item["known_defects"])}
    told |= dict.fromkeys(("role", "role_checked_at"), item["role"] is not None)
    told |= {key: item[key] is not None for key in TlsTerms._fields}
    shown = [column for column in DESCRIBED if told.get(column.key, True)]
    notes = [f"what the known defects mean: stui doctor {name} --case defect"] if item["known_defects"] else []
    return Result(IMAGE, [item], shown, vertical=True, notes=notes)


@command("image", name="show", adds=MORE_IN_FULL)
@click.argument("name", required=False, shell_complete=complete_image)
def cli(invocation: Invocation, name: str | None) -> int:
    """Show all that is known of the image NAME, or of the current one. Contacts no image."""
    bench = invocation.bench
    return invocation.show(show(bench, name or meant(bench, invocation.asked).target.image))
