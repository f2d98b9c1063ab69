"""What every check gets, and how it may tell of images: they are numbered, unless who asks wants their names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.errors import StuiError
    from stui_cli.model.images import Image
    from stui_cli.model.state import State
    from stui_cli.work.checkup.places import Places
    from stui_cli.work.workbench import Workbench

# What to do about an image that is not named.
NAME_THEM = "stui doctor -v"


class Terminal(NamedTuple):
    """Where stdout goes; `width` in cells, None where lines may be of any length."""

    on_terminal: bool
    width: int | None
    encoding: str
    colored: bool


@dataclass(frozen=True)
class Around:
    """The bench, and the registry as it is; None where it cannot be read. With `names` images and their files are
    named: that is for who mends them, and not for a report."""

    bench: Workbench
    state: State | None
    places: Places
    terminal: Terminal
    names: bool = False

    @property
    def environ(self) -> Mapping[str, str]:
        return self.bench.environ

    @property
    def images(self) -> list[Image]:
        return [] if self.state is None else list(self.state.images.values())

    def called(self, image: Image) -> str:
        """What an image is called in a report: its place in the registry."""
        return image.name if self.names else f"image {self._numbers[image.name]}"

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {image.name: number for number, image in enumerate(self.images, 1)}

    def step(self, command: str) -> str:
        """The next step, if it names an image: else how to be told it."""
        return command if self.names else NAME_THEM

    def why(self, error: StuiError, image: Image) -> str:
        """What went wrong with an image, without its address, and without its name and files unless they may be
        told."""
        text = error.what
        secrets = (image.key_file, image.ca_file, image.cert, image.cert_key, image.name)
        for secret in sorted(filter(None, (image.address, *(() if self.names else secrets))), key=len, reverse=True):
            text = text.replace(secret, "…")
        return self.places.without_values(text).replace(" … ", " ")
