"""Labels on the command line: KEY=VALUE, an image's metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Iterable


def labels(words: Iterable[str]) -> dict[str, str]:
    """The words as a map; raises UsageProblem for one that is not KEY=VALUE."""
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip() or key.startswith("-"):
            raise UsageProblem(f"{word!r} is not KEY=VALUE", todo="write a label as role=build")
        found[key.strip()] = value
    return found
