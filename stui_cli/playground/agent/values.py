"""What the agent asks of the image: run a source, and tell of a value what goes over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stui_cli import __version__
from stui_cli.playground.little_smalltalk import (
    _Association,
    _Machine,
    _Ordered,
)
from stui_cli.playground.little_smalltalk import (
    _class_of as class_of,
)
from stui_cli.playground.little_smalltalk import (
    _NotCompiled as NotCompiled,
)
from stui_cli.playground.little_smalltalk import (
    _printed as printed,
)
from stui_cli.playground.little_smalltalk import (
    _Raised as Raised,
)
from stui_cli.playground.little_smalltalk import (
    _Stopped as Stopped,
)
from stui_cli.playground.little_smalltalk import (
    _stored as stored,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

# Of the playground as a Smalltalk.
VERSION = __version__


class SmallScope(NamedTuple):
    """Where a source runs: variables, and the kept results by their numbers."""

    variables: dict[str, Any]
    kept: dict[int, Any]


class SmallImage:
    """All that lives longer than one evaluation. `has_changed` tells whether that is so since it was saved, or made."""

    has_changed = False

    def evaluate(self, source: str, workspace: SmallScope, say: Callable[[str], None], stop: threading.Event) -> Any:
        """The value of `source`. Raises NotCompiled, Raised or Stopped."""
        return _Machine(workspace.variables, workspace.kept, say, stop).run(source)


def named_slots(value: Any) -> list[tuple[str, Any]]:
    """The instance variables with their values."""
    return [("key", value.key), ("value", value.value)] if isinstance(value, _Association) else []


def hash_of(value: Any) -> int:
    """The same for the same object as long as it lives; of numbers, for the same number."""
    found = hash(value) if value is None or isinstance(value, (bool, int, float)) else id(value) >> 4
    return found & 0x3FFFFFFF


def element_count(value: Any) -> int:
    """How many indexed slots there are."""
    return len(value) if type(value) in (list, _Ordered, str) else 0


def elements(value: Any, start: int, count: int) -> list[tuple[str, Any]]:
    """A page of the indexed slots with their names; `start` counts from 1."""
    return [(str(i + 1), value[i]) for i in range(start - 1, min(start - 1 + count, element_count(value)))]


__all__ = ["NotCompiled", "Raised", "Stopped", "class_of", "printed", "stored"]
