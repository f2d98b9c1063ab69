"""An agent as an item: one that runs on this machine, or a file of one that an image of yours can load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.contract.image import IMAGE, image_item
from stui_cli.model.results import Column, ItemKind, Show

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord

AGENT: Final = ItemKind("agent", {**IMAGE.keys, "registered": Show.TEXT})

LISTED: Final = (
    Column("name", "AGENT"),
    Column("address", "ADDRESS"),
    Column("dialect", "DIALECT"),
    Column("registered", "REGISTERED AS"),
    Column("pid", "PID", Show.NUMBER),
)

FILE: Final = ItemKind("agent", {"name": Show.TEXT, "part": Show.TEXT, "run": Show.TEXT})


def agent_item(
    image: Image, record: ProbeRecord | None, now: int, *, incarnation: str, pid: int, registered: str | None
) -> dict[str, object]:
    """A running agent, as the image that it is the agent of, with what its runtime file says; `registered` is the name
    of that image in the registry, and `record` its standing."""
    return image_item(image, record, now) | {"incarnation": incarnation, "pid": pid, "registered": registered}


def file_item(path: str, part: str, run: str | None = None) -> dict[str, object]:
    """A file of an agent; `part` is core, adapter, or start: then `run` is the line that starts an agent by it."""
    return {"name": path, "part": part, "run": run}
