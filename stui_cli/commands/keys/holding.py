"""What the commands of keys have in common: whose keys are meant, and a key as an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.work.keys.listing import held_item
from stui_cli.work.keys.place import KeyPlace, place_named, place_of
from stui_cli.work.meant.target import Asked, meant
from stui_cli.work.workbench import image_called

if TYPE_CHECKING:
    from stui_cli.work.keys.give import Given
    from stui_cli.work.keys.users import AgentKey
    from stui_cli.work.workbench import Workbench

FILE_HELP = "The agent's key file, where stui cannot tell which that is; without -i it is one of this machine."


def place_meant(bench: Workbench, asked: Asked, file: str | None, command: str) -> KeyPlace:
    """The key file of the image that is meant; a `file` that is named without an image is of none. `command` is what
    would have to be run where the file is."""
    if file is not None and asked.image is None:
        return place_named(file)
    image = image_called(bench.store.read(), meant(bench, asked).target.image)
    return place_of(bench, image, file, command)


def item(key: AgentKey, accepted: bool | None = None) -> dict[str, object]:
    """A key for programs."""
    return held_item(key, accepted)


def to_hand_over(given: Given) -> list[str]:
    """What its holder needs, in lines: the file, and what to run."""
    key = given.held
    if key.key_file is None:
        return []
    lines = [f"the key is in {key.key_file}: let nobody but {key.key_id} have that file, who then runs"]
    for number, command in enumerate(key.commands):
        if number:
            lines.append("or, on another machine, with the file copied there:")
        lines.append(command)
    return lines if key.commands else [f"the key is in {key.key_file}: let nobody but {key.key_id} have that file"]


def doubts(given: Given) -> list[str]:
    """What was not seen."""
    if given.proved is not None:
        return []
    image = given.held.place.image
    if image is None:
        return ["no image was named, so none was asked whether it takes the key"]
    return [f"{image.name} could not be asked, so it was not seen to take the key"]
