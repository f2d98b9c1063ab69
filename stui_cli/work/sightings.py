"""Where an image of this machine listens, when it is not where it is registered: its own runtime file says so.

An image that restarts takes another port, unless it was told one. What its runtime file says is believed as far as
proof goes: the file is this user's, its process lives, the image is pinned, and who answers there has that id and key.
"""

from __future__ import annotations

import time
from _thread import allocate_lock  # threading's own, without the rest of that
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stui_cli.local.runtime_files import RuntimeFile
    from stui_cli.model.images import Image

# For so long the folder is not read again: a thousand images that are all missed cost one look, and a monitoring that
# goes on sees in its next round what came meanwhile.
_FRESH_S = 2.0

# Who finds that it was read lately will not read it, however slow this machine is.
_SURE_S = 0.5


class Sightings:
    """What runtime files say, read when the first image is missed. Many threads may ask at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._lock = allocate_lock()
        self._read_at: float | None = None
        self._agents: dict[str, list[RuntimeFile]] = {}
        self._met: dict[str, tuple[Image, Image]] = {}
        self._untold: list[tuple[Image, Image]] = []

    def elsewhere(self, image: Image) -> Image | None:
        """`image` as its living agent tells of itself, if it listens at another address than it is registered with; the
        key may be another one then, too. None where no agent of this machine, or more than one, says that it is this
        image. A key that is refused where the image is registered is for the user to judge, who may have set it."""
        from stui_cli.model.addresses import is_local

        if image.image_id is None or not is_local(image.address) or image.address.startswith("tls://"):
            return None  # who is told to speak TLS there, and to whom, does not go round it
        agents = self._agents_of(image.image_id) or self._launched(image)
        if len(agents) != 1 or not is_local(agents[0].address):
            return None
        (agent,) = agents
        if agent.address == image.address:
            return None
        found = image._replace(address=agent.address)
        if agent.key_file is not None:  # one that names none may still hold the key that is known
            found = found._replace(key_file=agent.key_file, key_id=agent.key_id)
        return found

    def may_ask_others(self, image: Image) -> bool:
        """Whether `elsewhere` would look at the folder now, where an agent may be asked whether it lives."""
        read_at = self._read_at
        return image.launch_directory is not None or read_at is None or time.monotonic() - read_at > _FRESH_S - _SURE_S

    def met(self, registered: Image, found: Image) -> None:
        """Keep that `registered` answered, and proved who it is, as `found`."""
        with self._lock:
            if self._met.get(registered.name) != (registered, found):
                self._met[registered.name] = registered, found
                self._untold.append((registered, found))

    @property
    def any_untold(self) -> bool:
        return bool(self._untold)

    def take_untold_moves(self) -> list[tuple[Image, Image]]:
        """What was met since the last call: each image as it is registered, and as it was found."""
        with self._lock:
            untold, self._untold = self._untold, []
        return untold

    def as_met(self, images: Iterable[Image]) -> list[Image]:
        """`images` with the addresses at which they were met."""
        found = []
        for image in images:
            registered, met = self._met.get(image.name, (None, image))
            found.append(met if registered == image else image)
        return found

    def _agents_of(self, image_id: str) -> list[RuntimeFile]:
        with self._lock:
            now = time.monotonic()
            if self._read_at is None or now - self._read_at > _FRESH_S:
                self._agents = self._read()
                self._read_at = now
            return self._agents.get(image_id, [])

    def _read(self) -> dict[str, list[RuntimeFile]]:
        from stui_cli.local.runtime_files import running_agents, runtime_directory

        found: dict[str, list[RuntimeFile]] = {}
        for agent in running_agents(runtime_directory(self._environ)):
            found.setdefault(agent.image_id, []).append(agent)
        return found

    def _launched(self, image: Image) -> list[RuntimeFile]:
        """The agent that its launch folder names: one that was launched with another runtime folder."""
        if image.launch_directory is None or image.image_id is None:
            return []
        from pathlib import Path

        from stui_cli.local.launching import running

        agent = running(image.image_id, Path(image.launch_directory), self._environ)
        return [] if agent is None else [agent]
