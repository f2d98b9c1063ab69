"""The operation log as whoever reads it sees it: what cannot be read is told of, and what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound
from stui_cli.store.problems import Damaged, Newer, NoOperation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.model.operations import Operation
    from stui_cli.store.backend import Backend
    from stui_cli.store.operations import Logged


def sound_operations(backend: Backend, head: int, tell: Callable[[Damaged | Newer, str], None]) -> Iterator[Operation]:
    """The operations from `head` down. `tell` gets the problem of one that is left out, and that it is."""
    for number in backend.list_operations(head):
        try:
            yield backend.read_operation(number).operation
        except (Damaged, Newer) as problem:
            tell(problem, f"operation {number} is left out")
        except NoOperation:
            return  # pruned meanwhile, and so is all before it


def logged(backend: Backend, head: int, number: int) -> Logged:
    """The operation `number` of a log that ends at `head`. Raises NotFound, or Damaged."""
    try:
        if not 0 < number <= head:
            raise NoOperation(number)
        return backend.read_operation(number)
    except NoOperation as error:
        raise NotFound(
            f"there is no operation {number}", todo="see stui log; what is older than 30 days may be pruned"
        ) from error
