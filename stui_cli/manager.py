"""SessionManager: the public Python API, with the method names of the user's own design; thin over the flows.

from stui_cli.manager import open_manager

manager = open_manager()
for name, image in manager.image_connections.items():
    print(name, image.status)
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.flows.workbench import Workbench, known_image
from stui_cli.model.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stui_cli.flows.context_switching import Switched
    from stui_cli.flows.orphan_cleanup import Finding
    from stui_cli.flows.targeting import Asked
    from stui_cli.model.contexts import EffectiveTarget
    from stui_cli.model.connections import ImageConnectionStatus
    from stui_cli.model.images import Image
    from stui_cli.model.names import Target
    from stui_cli.model.orphans import Rules
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import Session, SessionMetadata
    from stui_cli.model.state import State
    from stui_cli.store.store import Store

DEFAULT_GRACE_MS = 24 * 3_600_000


class SessionManager:
    """Images, sessions and contexts of one store. Nothing is read or connected before a method needs it.

    `timeout` bounds one contact with an image, in seconds. Every method raises StuiError (model/errors.py).
    """

    def __init__(
        self,
        store: Store,
        *,
        environ: Mapping[str, str] | None = None,
        timeout: float = 2.0,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        from stui_cli.flows.targeting import terminal_key

        self.bench = Workbench(
            store, clock, timeout, os.environ if environ is None else environ, Path.cwd(), terminal_key()
        )

    @property
    def store(self) -> Store:
        return self.bench.store

    # The seed's views.

    @property
    def current_image_context(self) -> str | None:
        """The name of the image that a command here means; None if nothing gives one."""
        from stui_cli.flows.targeting import Asked
        from stui_cli.model.errors import NotFound

        try:
            return self.target(Asked()).target.image
        except NotFound:
            return None

    @property
    def image_connections(self) -> dict[str, ImageConnectionStatus]:
        """Every image's standing as last recorded, by name."""
        from stui_cli.flows.listing import connection_status

        records = self.store.probes()
        return {name: connection_status(i, records.get(name)) for name, i in self.store.read().images.items()}

    @property
    def image_session_map(self) -> dict[str, list[str]]:
        """The session ids of each image, by image id."""
        state = self.store.read()
        return {
            image_id: [session.session_id for session in self.store.sessions(state, image_id).values()]
            for image_id in state.shards
        }

    @property
    def active_sessions(self) -> dict[str, list[SessionMetadata]]:
        """The sessions that are live, by image id."""
        found: dict[str, list[SessionMetadata]] = {}
        for metadata in self.list_image_sessions():
            if metadata.session.state == "active":
                found.setdefault(metadata.image_id, []).append(metadata)
        return found

    # The seed's methods.

    def create_session_for_image(
        self, image: str, session_name: str | None = None, description: str | None = None
    ) -> Session:
        """Make a session in the registered image; a name is found if none is given."""
        from stui_cli.flows.session_creation import create_session

        return create_session(self.bench, image, session_name, description)

    def switch_image_context(self, target: Target, scope: str | None = None, *, preserve: bool = True) -> Switched:
        """Go to an image or a session, in this terminal or in `scope`."""
        from stui_cli.flows.context_switching import scope_of_switch, switch

        return switch(self.bench, target, scope or scope_of_switch(self.bench, default=False), preserve=preserve)

    def list_image_sessions(self, image: str | None = None) -> list[SessionMetadata]:
        """The recorded sessions of one image, or of all, also of images that are no longer registered."""
        from stui_cli.flows.listing import list_sessions

        return list_sessions(self.bench, image)

    def get_image_connection_status(self, image: str) -> ImageConnectionStatus:
        """Probe one image and tell how it stands."""
        from stui_cli.flows.listing import connection_status

        registered = known_image(self.store.read(), image)
        return connection_status(registered, self.probe([registered]).get(image))

    def cleanup_orphaned_sessions(self, image: str | None = None) -> int:
        """Remove the orphans of one image, or all of them; answers how many."""
        from stui_cli.flows.orphan_cleanup import remove_orphans
        from stui_cli.model.orphans import Rules

        state = self.store.read()
        images = None if image is None else [known_image(state, image)]
        self.probe(list(state.images.values()) if images is None else images)
        findings = self.find_orphans(images, Rules(grace=DEFAULT_GRACE_MS))
        return len(remove_orphans(self.bench, findings))

    # What the commands need besides.

    def target(self, asked: Asked) -> EffectiveTarget:
        """What a command means here."""
        from stui_cli.flows.targeting import resolve

        return resolve(self.store.read(), asked, self.bench)

    def probe(self, images: Sequence[Image]) -> dict[str, ProbeRecord]:
        """Probe images at once and record their standing; answers all records by name."""
        from stui_cli.flows.connection_monitoring import probe_images

        return probe_images(self.bench, images)

    def find_orphans(self, images: Sequence[Image] | None, rules: Rules) -> list[Finding]:
        """Judge the sessions of images, or all sessions, on what is recorded."""
        from stui_cli.flows.orphan_cleanup import find_orphans

        return find_orphans(self.bench, images, self.store.probes(), rules)

    def read(self) -> State:
        """The state of the store now."""
        return self.store.read()


def open_manager(home: Path | None = None, *, timeout: float = 2.0) -> SessionManager:
    """A manager over the store of this user, or over the one in `home`."""
    from stui_cli.model.actors import Actor
    from stui_cli.store.location import Home
    from stui_cli.store.store import Store

    actor = Actor(os.environ.get("USER", ""), os.uname().nodename, os.getpid(), "python api")
    store = Store(Home.find(home, os.environ), actor, now_ms, announce=lambda text: None)
    return SessionManager(store, timeout=timeout)
