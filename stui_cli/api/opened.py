"""What all parts of the API work with: a store, a clock, and how long images may be talked to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.model.errors import UsageProblem
from stui_cli.model.times import now_ms
from stui_cli.work.workbench import image_called, images_called, to_nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.names import Target
    from stui_cli.model.state import State
    from stui_cli.store.store import Store
    from stui_cli.work.workbench import Workbench


class Opened:
    """A store, opened for a program. Making it reads and connects nothing; it may be used from many threads."""

    def __init__(
        self,
        store: Store,
        *,
        environ: Mapping[str, str] | None = None,
        timeout: float = 2.0,
        clock: Callable[[], int] = now_ms,
        announce: Callable[[str], None] | None = None,
        narrate: Callable[[str], None] | None = None,
    ) -> None:
        from stui_cli.work.opening import open_workbench

        self._bench = open_workbench(
            store,
            clock,
            environ=os.environ if environ is None else environ,
            timeout=timeout,
            announce=announce or to_nobody,
            narrate=narrate or to_nobody,
        )

    @property
    def bench(self) -> Workbench:
        """What one piece of work gets; its time begins with its first contact."""
        return self._bench.allowing()

    @property
    def store(self) -> Store:
        return self._bench.store

    def read(self) -> State:
        """The state of the store now."""
        return self.store.read()

    def _noting(self) -> tuple[Workbench, list[str]]:
        """The same bench with the warnings that it announces, which are announced all the same."""
        warnings: list[str] = []
        bench = self.bench

        def announce(text: str) -> None:
            if text.startswith("warning: "):
                warnings.append(text.removeprefix("warning: "))
            bench.announce(text)

        return bench.announcing(announce), warnings

    def _image(self, named: str) -> Image:
        """A registered image by its name, or by its id as the user's own design has it."""
        return image_called(self.read(), named)

    def _images(self, named: Sequence[str] | None) -> list[Image]:
        """The registered images of these names or ids, all of them for None."""
        return images_meant(self.read(), several(named))

    def _target(self, named: str | Target | None) -> Target:
        """IMAGE or IMAGE/SESSION, by the image's name or id; None is what a command here means."""
        from stui_cli.model.state import image_of_id
        from stui_cli.work.meant.target import Asked, resolve, target_of

        state = self.read()
        if named is None:
            return resolve(state, Asked(), self.bench).target
        target = target_of(named) if isinstance(named, str) else named
        image = image_of_id(state, target.image)
        return target if image is None else target._replace(image=image.name)

    def _session(self, named: str | Target | None) -> Target:
        """The same where an image alone is not enough. Raises UsageProblem."""
        target = self._target(named)
        if target.session is None:
            raise UsageProblem(f"{target} is an image, and no session is meant here", todo="name one: IMAGE/SESSION")
        return target


def several(named: Sequence[str] | None) -> tuple[str, ...] | None:
    """Names or ids, which one text is not. Raises UsageProblem."""
    if isinstance(named, str):
        raise UsageProblem(f"{named!r} is one name, not a list of names", todo=f"write [{named!r}]")
    return None if named is None else tuple(named)


def images_meant(state: State, named: tuple[str, ...] | None) -> list[Image]:
    """The registered images of these names or ids, all of them for None. Raises NotFound."""
    return list(state.images.values()) if named is None else images_called(state, named)
