"""Code of an image as an item: a package, a class or a method."""

from __future__ import annotations

from typing import Final

from stui_cli.model.results import Column, ItemKind, Show

CODE: Final = ItemKind(
    "code",
    {
        "name": Show.TEXT,
        "image": Show.TEXT,
        "package": Show.TEXT,
        "class": Show.TEXT,
        "side": Show.TEXT,
        "selector": Show.TEXT,
        "category": Show.TEXT,
        "superclass": Show.TEXT,
        "source": Show.LINES,
    },
)

PACKAGES: Final = (Column("name", "PACKAGE"),)

CLASSES: Final = (Column("name", "CLASS"), Column("superclass", "SUPERCLASS"), Column("package", "PACKAGE"))

METHODS: Final = (
    Column("selector", "SELECTOR"),
    Column("side", "SIDE"),
    Column("category", "CATEGORY"),
    Column("class", "CLASS"),
)

FOUND: Final = (Column("name", "METHOD"), Column("category", "CATEGORY"), Column("package", "PACKAGE"))

# What is in one of two images alone, or is another thing there; and the keys that such an item has beside.
MORE_UNLIKE: Final = ("against", "difference", "only_in", "there")
DIFFERENCES: Final = (Column("name", "NAME"), Column("difference", "DIFFERENCE"), Column("only_in", "ONLY IN"))


def code_item(
    name: str,
    image: str,
    *,
    package: str | None,
    class_name: str | None,
    side: str | None,
    selector: str | None,
    category: str | None,
    superclass: str | None,
    source: str | None,
) -> dict[str, object]:
    """One thing; what is not told of its kind is None. Its name is what `stui browse source` takes."""
    return {
        "name": name,
        "image": image,
        "package": package,
        "class": class_name,
        "side": side,
        "selector": selector,
        "category": category,
        "superclass": superclass,
        "source": source,
    }
