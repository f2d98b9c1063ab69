"""The whole state that an operation commits: images, contexts, and where each image's sessions are."""

from collections.abc import Mapping
from itertools import compress
from operator import is_not

from stui_cli.model.contexts import Context
from stui_cli.model.images import Image
from stui_cli.named_tuples import NamedTuple


class State(NamedTuple):
    """One consistent state of the store.

    `images` by name; `contexts` by scope key ("default", or a terminal's); `shards` maps an image id to the
    sha256 of the object that holds all session records of that image. A removed image keeps its shard until
    cleanup takes it: that is how its sessions are found as orphans. `head` is the number of the operation
    that made this state, 0 before the first. `client_id` names this store to every image.
    """

    head: int = 0
    client_id: str = ""
    images: Mapping[str, Image] = {}
    contexts: Mapping[str, Context] = {}
    shards: Mapping[str, str] = {}
    extra: Mapping[str, object] = {}


def image_of_id(state: State, image_id: str) -> Image | None:
    """The registered image that is pinned to `image_id`."""
    return next((image for image in state.images.values() if image.image_id == image_id), None)


def differing(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """The keys under which two maps have not the same, those of the old one first. Most values are the very same, and
    whole maps often are: nothing is looked into then, and of a thousand images it takes 20 us and not 60."""
    if old is new:
        return []
    others = compress(old, map(is_not, map(new.get, old), old.values()))
    names = [name for name in others if name not in new or new[name] != old[name]]
    if len(old) == len(new) and all(map(new.__contains__, names)):
        return names
    return [*names, *(name for name in new if name not in old)]
