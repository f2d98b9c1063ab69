"""A line of the log of an image that was launched here."""

from __future__ import annotations

from typing import Final

from stui_cli.model.results import Column, ItemKind, Show

LOG_LINE: Final = ItemKind("log_line", {"image": Show.TEXT, "line": Show.TEXT}, name_key="image")

LISTED: Final = (Column("line", "LINE"),)


def log_line_item(image: str, line: str) -> dict[str, object]:
    """What the image printed as one line."""
    return {"image": image, "line": line}
