"""Reading the operation log and the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.operation import changed_item, operation_item
from stui_cli.model.audit import ends_of
from stui_cli.model.operation_texts import images_of
from stui_cli.model.operations import SwitchDetails
from stui_cli.model.state import image_of_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.audit import AuditEntry
    from stui_cli.model.state import State
    from stui_cli.store.differences import Difference
    from stui_cli.store.store import Store


class LoggedChanges:
    """The items of the newest `count` operations, all of them without one, or of those that touched one image; read
    while they are gone over. Moves of context are left out without `switches`: `hidden` is how many stood between."""

    def __init__(self, store: Store, count: int | None, image: str | None, *, switches: bool) -> None:
        self.hidden = 0
        self._store = store
        self._count = count
        self._image = image
        self._switches = switches

    def items(self) -> Iterator[dict[str, object]]:
        shown = 0
        for operation, undone_by in self._store.log():
            if shown == self._count:
                return
            if self._image is not None and self._image not in images_of(operation.details):
                continue
            if isinstance(operation.details, SwitchDetails) and not self._switches:
                self.hidden += 1
            else:
                shown += 1
                yield operation_item(operation, undone_by)


def in_full(store: Store, number: int) -> dict[str, object]:
    """The item of one operation with each record that it changed."""
    operation = store.operation(number)
    state = store.operation_state(number)
    item = operation_item(operation, next((by for each, by in store.log() if each.number == number), None))
    item["changes"] = [changed_item(record_label(each, state), each.fields) for each in store.difference(number)]
    return item


def audited(store: Store, since: int | None, image: str | None) -> Iterator[tuple[AuditEntry, bool | None]]:
    """The entries from `since` (ms) on, oldest first, with what is told of their ends; those that touched one image."""
    return ends_of(e for e in store.audit(since) if image is None or e.image == image or image in e.images)


def record_label(difference: Difference, state: State) -> str:
    """How a changed record is called: `image alpha`, `session alpha/work`."""
    if difference.image_id is None:
        return f"{difference.section} {difference.name}"
    image = image_of_id(state, difference.image_id)
    return f"session {image.name if image else difference.image_id}/{difference.name}"
