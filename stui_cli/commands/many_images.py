"""Whether a command means one image or many: --all, -l KEY=VALUE, or a pattern after -i."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.commands.labels import labels_to_have
from stui_cli.model.errors import UsageProblem
from stui_cli.work.meant.images import is_pattern, unparked_images

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.invocation import Invocation
    from stui_cli.model.names import Target


# So many are named; of more it is told how many they are.
_NAMED = 6


def names_of(places: Sequence[str]) -> str:
    """Images, or sessions in them, as a person reads them in a line."""
    return ", ".join(places) if len(places) <= _NAMED else f"{len(places)} images"


def many_targets(invocation: Invocation, words: Sequence[str], *, everywhere: bool) -> list[Target] | None:
    """The targets, in the order of the registry; None where one is meant. Raises NotFound where no image fits."""
    from stui_cli.model.names import Target

    asked = invocation.asked
    pattern = asked.image if asked.image is not None and is_pattern(asked.image) else None
    if not (everywhere or words or pattern):
        return None
    if asked.image is not None and pattern is None:
        raise UsageProblem(
            f"one image is named, {asked.image}, and many are asked for", todo="leave -i out, or the rest"
        )
    chosen = unparked_images(invocation.bench.store.read(), pattern, labels_to_have(words))
    return [Target(image.name, asked.session) for image in chosen]
