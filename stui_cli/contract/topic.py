"""A topic of `stui help` as an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import ItemKind, Show

if TYPE_CHECKING:
    from stui_cli.model.topics import Topic

TOPIC: Final = ItemKind(
    "topic", {"name": Show.TEXT, "about": Show.TEXT, "page": Show.TEXT, "section": Show.TEXT, "text": Show.TEXT}
)


def topic_item(name: str, topic: Topic, text: str | None) -> dict[str, object]:
    """A topic, or a command, whose `page` is its own. `text` is what it says, None in a list."""
    return {"name": name, "about": topic.about, "page": topic.page, "section": topic.section, "text": text}
