"""`stui log`: every committed change, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.operation import LISTED, OPERATION
from stui_cli.invocation import Invocation, command
from stui_cli.model.blocks import Listing, blocks_of
from stui_cli.option_types import Whole, option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.store.store import Store


def log(store: Store, count: int | None, image: str | None, *, switches: bool) -> Listing:
    """The newest `count` operations, all of them without one, or those that touched one image. Moves of context are
    left out without `switches`, and how many stood between the others is told."""
    from stui_cli.work.log import LoggedChanges

    changes = LoggedChanges(store, count, image, switches=switches)

    def notes() -> Sequence[str]:
        hidden = changes.hidden
        return [f"{hidden} switch{'es' * (hidden > 1)} hidden: stui log --all"] if hidden else []

    return Listing(OPERATION, blocks_of(changes.items()), LISTED, notes, "nothing was changed yet")


@command("operation", name="list", lists=True)
@option("-n", "--number", "count", type=Whole(1), help="The newest so many only.")
@option("--all", "switches", is_flag=True, help="The moves of context too, which undo passes over.")
def cli(invocation: Invocation, count: int | None, switches: bool) -> int:
    """List the changes of the store, newest first; with -i those that touched one image."""
    return invocation.show_listing(log(invocation.open_store(), count, invocation.asked.image, switches=switches))
