"""A farm of test images, and a manager over a store of this test alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from farm import Farm

from stui_cli.api import SessionManager
from stui_cli.model.actors import Actor
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.store.files.location import Home
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farm import FarmImage

    from stui_cli.store.transaction import Draft


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm() as made:
        yield made


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_760_000_000_000

    def __call__(self) -> int:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


class Registry:
    """A manager with the images that a test registers, its clock, and what it announced.

    `hasty` is for what is meant not to answer: nothing waits for it for long. Whoever is meant to answer has the time
    that a busy machine takes.
    """

    def __init__(self, folder: Path, timeout: float = 10) -> None:
        self.clock = Clock()
        self.said: list[str] = []
        self.folder = folder
        store = Store(
            Home(str(folder), str(folder), "test"), Actor("me", "here", 1, "stui test"), self.clock, announce=print
        )
        (folder.parent / "run").mkdir(mode=0o700, exist_ok=True)  # without one, that of whoever runs the tests is meant
        environ = {"XDG_RUNTIME_DIR": str(folder.parent / "run")}
        self.manager, self.hasty = (
            SessionManager(store, environ=environ, timeout=each, clock=self.clock, announce=self.said.append)
            for each in (timeout, 0.4)
        )

    def register(self, farmed: FarmImage, name: str = "", **more: object) -> Image:
        given: dict[str, object] = {"image_id": farmed.image_id} | more
        return self.add(Image(name or farmed.name, farmed.address, 0, **given))  # type: ignore[arg-type]

    def add(self, image: Image) -> Image:
        def change(draft: Draft) -> ImageDetails:
            draft.images[image.name] = image
            return ImageDetails(Kind.IMAGE_ADD, image.name)

        self.manager.store.commit(change)
        return image

    def move(self, name: str, address: str) -> None:
        """Let a registered image be met at another address."""

        def change(draft: Draft) -> ImageDetails:
            draft.images[name] = draft.images[name]._replace(address=address)
            return ImageDetails(Kind.IMAGE_CHANGE, name)

        self.manager.store.commit(change)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "store")
