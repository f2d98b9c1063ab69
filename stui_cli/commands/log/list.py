"""`stui log`: every committed change, newest first."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from stui_cli.invocation import Invocation, command
from stui_cli.model.operation_texts import images_of, operation_item
from stui_cli.model.results import Column, Result, Show

if TYPE_CHECKING:
    from stui_cli.store.store import Store

COLUMNS = (
    Column("number", "NUMBER", Show.NUMBER),
    Column("time", "WHEN", Show.AGE),
    Column("summary", "WHAT"),
    Column("undone_by", "UNDONE BY", Show.NUMBER),
    Column("user", "USER"),
    Column("host", "HOST"),
    Column("command", "COMMAND"),
)


def log(store: Store, count: int | None, image: str | None) -> Result:
    """The newest `count` operations, all of them without one, or those that touched one image."""
    undone = store.undone()
    chosen = (o for o in store.operations() if image is None or image in images_of(o.details))
    items = [operation_item(operation, undone.get(operation.number)) for operation in islice(chosen, count)]
    return Result("operation", items, COLUMNS, name_key="number", empty="nothing was changed yet")


@command("operation", name="list")
@click.option("-n", "--number", "count", type=click.IntRange(1), help="The newest so many only.")
def cli(invocation: Invocation, count: int | None) -> int:
    """List the changes of the store, newest first; with -i those that touched one image."""
    return invocation.show(log(invocation.open_store(), count, invocation.asked.image))
