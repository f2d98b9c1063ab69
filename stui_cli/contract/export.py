"""A session that was put into a file, as an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import ItemKind, Show

if TYPE_CHECKING:
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import SessionFile

EXPORT: Final = ItemKind(
    "export",
    {
        "name": Show.TEXT,
        "file": Show.TEXT,
        "session_id": Show.TEXT,
        "image_id": Show.TEXT,
        "bindings": Show.NUMBER,
        "history": Show.NUMBER,
    },
)


def export_item(target: Target, path: str, file: SessionFile) -> dict[str, object]:
    """What is in the file at `path` now."""
    return {
        "name": str(target),
        "file": path,
        "session_id": file.session_id,
        "image_id": file.image_id,
        "bindings": len(file.checkpoint.bindings) if file.checkpoint else 0,
        "history": len(file.history),
    }
