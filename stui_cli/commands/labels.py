"""Labels on the command line: KEY=VALUE, an image's metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.global_options import complete_label
from stui_cli.model.errors import UsageProblem
from stui_cli.option_types import option

if TYPE_CHECKING:
    from collections.abc import Iterable

wanted_labels = option(
    "-l",
    "--label",
    "wanted",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_label,
    help="Only images with this label.",
)


def labels(words: Iterable[str]) -> dict[str, str]:
    """The words as a map; raises UsageProblem for one that is not KEY=VALUE."""
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip() or key.startswith("-"):
            raise UsageProblem(f"{word!r} is not KEY=VALUE", todo="write a label as role=build")
        found[key.strip()] = value
    return found


def labels_to_have(words: Iterable[str]) -> dict[str, str]:
    """What -l asks of an image; raises UsageProblem for other comparisons, which would match nothing without a word."""
    words = tuple(words)
    for word in words:
        key, _, value = word.partition("=")
        if key.endswith("!") or value.startswith("="):
            raise UsageProblem(f"-l {word}: only images that have a label can be chosen", todo="write it as role=build")
    return labels(words)
