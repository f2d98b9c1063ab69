"""Which of many images a command means: names, patterns of names, labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.state import State

_SPECIAL = frozenset("*?[")


def chosen_images(state: State, names: Iterable[str], labels: Mapping[str, str]) -> list[Image]:
    """The registered images that `names` name (all of them without any) and that carry all `labels`.

    A name with *, ? or [ is a pattern, as in a shell; it stands for names in the order of the registry. Raises
    NotFound for a name that is none and for a pattern that fits none; that no image carries the labels is no
    mistake.
    """
    words = list(names)
    images = [image for word in words for image in _named(state, word)] if words else list(state.images.values())
    unique = {image.name: image for image in images}
    return [image for image in unique.values() if labels.items() <= image.metadata.items()]


def unparked_images(state: State, pattern: str | None, labels: Mapping[str, str]) -> list[Image]:
    """The images to run code in: of the chosen ones those that are not parked. Raises NotFound if
    there is none."""
    if not state.images:
        raise NotFound("no image is registered yet", todo="stui images add NAME ADDRESS, or stui images launch NAME")
    chosen = chosen_images(state, [pattern] if pattern else (), labels)
    found = [image for image in chosen if not image.parked]
    if found:
        return found
    wanted = " ".join((*([repr(pattern)] if pattern else []), *(f"{key}={value}" for key, value in labels.items())))
    if not chosen:
        raise NotFound(f"no image fits {wanted}", todo="see `stui images list`")
    raise NotFound(
        f"every image that fits {wanted or 'is registered'} is parked",
        todo=f"stui images connect {chosen[0].name}",
    )


def is_pattern(word: str) -> bool:
    """Whether `word` is a pattern; no name of an image is."""
    return not _SPECIAL.isdisjoint(word)


def names_fitting(word: str) -> Callable[[str], bool]:
    """Which names a word means: those that fit it if it is a pattern, else itself."""
    if not is_pattern(word):
        return lambda name: name == word
    from fnmatch import fnmatchcase

    return lambda name: fnmatchcase(name, word)


def _named(state: State, word: str) -> list[Image]:
    if not is_pattern(word):
        return [known_image(state, word)]
    fits = names_fitting(word)
    found = [image for name, image in state.images.items() if fits(name)]
    if not found:
        raise NotFound(f"no image's name fits {word!r}", todo="see `stui images list`")
    return found
