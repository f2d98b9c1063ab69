"""What every flow works with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound
from stui_cli.model.names import nearest
from stui_cli.model.state import image_of_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.images import Image
    from stui_cli.model.state import State
    from stui_cli.store.store import Store
    from stui_cli.work.sightings import Sightings


def to_nobody(text: str) -> None:
    """The announcements of a caller who wants none."""
    del text


class Allowance:
    """How long a command may talk to images, in `seconds`: one deadline for all that it asks them.

    It begins with the first contact. What lasts as long as it lasts has its own bound, and counts for nothing: after a
    person's answer and after code that ran the time begins anew, and it stands still while the store's lock is waited
    for.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._deadline: Deadline | None = None

    @property
    def deadline(self) -> Deadline:
        if self._deadline is None:
            from stui_cli.model.deadlines import Deadline  # most commands contact nobody

            self._deadline = Deadline.after(self.seconds)
        return self._deadline

    def begin_anew(self) -> None:
        """Let the next contact be the first one."""
        self._deadline = None

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let what is done inside take none of it."""
        left = None if self._deadline is None else self._deadline.remaining()
        try:
            yield
        finally:
            if left is not None and self._deadline is not None:
                self._deadline = self._deadline.moved_to(left)


class Workbench:
    """The store, the clock (ms), how long images may be talked to, and the caller's surroundings.

    `terminal` identifies the controlling terminal's session, None without one. `announce` gets what a person
    should know although it is no failure, `narrate` what one wants to know who looks for a reason.
    `sightings` finds images of this machine that are not where they are registered; None looks for none.
    """

    # Written out: a named tuple costs every start 0.15 ms.
    __slots__ = (
        *("allowance", "announce", "clock", "directory", "environ", "narrate", "sightings", "store", "terminal"),
    )

    def __init__(
        self,
        store: Store,
        clock: Callable[[], int],
        allowance: Allowance,
        environ: Mapping[str, str],
        directory: str,
        terminal: str | None,
        announce: Callable[[str], None] = to_nobody,
        narrate: Callable[[str], None] = to_nobody,
        sightings: Sightings | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.allowance = allowance
        self.environ = environ
        self.directory = directory
        self.terminal = terminal
        self.announce = announce
        self.narrate = narrate
        self.sightings = sightings

    @property
    def deadline(self) -> Deadline:
        """Until when everything has to be said that this command says to images."""
        return self.allowance.deadline

    @property
    def timeout(self) -> float:
        """The same as it was asked for, in seconds: what one probe may take."""
        return self.allowance.seconds

    def allowing(self, seconds: float | None = None) -> Workbench:
        """The bench of another piece of work, which may talk for `seconds`, or for as long as this one."""
        return self._with(Allowance(self.timeout if seconds is None else seconds), self.announce)

    def announcing(self, announce: Callable[[str], None]) -> Workbench:
        """The bench of work whose announcements go elsewhere."""
        return self._with(self.allowance, announce)

    def _with(self, allowance: Allowance, announce: Callable[[str], None]) -> Workbench:
        return Workbench(
            self.store,
            self.clock,
            allowance,
            self.environ,
            self.directory,
            self.terminal,
            announce,
            self.narrate,
            self.sightings,
        )


def known_image(state: State, name: str) -> Image:
    """The registered image `name`; raises NotFound with the nearest names."""
    image = state.images.get(name)
    if image is None:
        hint = nearest(name, state.images) or "see `stui images list`"
        if not state.images:
            hint = "none is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
        if name in state.shards:
            raise NotFound(
                f"the image {name} is not registered any more; only the records of its sessions are here",
                todo="register it again: stui images add NAME ADDRESS",
            )
        raise NotFound(f"no image is called {name!r}", todo=hint)
    return image


def image_called(state: State, named: str) -> Image:
    """The registered image of this id, or else of this name. Raises as `known_image`."""
    return image_of_id(state, named) or known_image(state, named)


def images_called(state: State, named: Sequence[str]) -> list[Image]:
    """The registered images of these ids or names, each once. Raises as `known_image`."""
    return list({image.name: image for image in (image_called(state, each) for each in named)}.values())


def known_images(state: State, names: tuple[str, ...]) -> list[Image]:
    """The images named, or all of them without names, in the order of the registry."""
    if not names:
        return list(state.images.values())
    return [known_image(state, name) for name in dict.fromkeys(names)]
