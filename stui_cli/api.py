"""SessionManager: the public Python API, with the method names of the user's own design; thin over the flows.

from stui_cli.api import open_manager

manager = open_manager()
for name, image in manager.image_connections.items():
    print(name, image.status)
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from stui_cli.model.errors import UsageProblem
from stui_cli.model.times import now_ms
from stui_cli.work.workbench import image_called, images_called, to_nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stui_cli.model.connections import ImageConnectionStatus
    from stui_cli.model.contexts import EffectiveTarget
    from stui_cli.model.images import Image
    from stui_cli.model.names import Target
    from stui_cli.model.orphans import Rules
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.sessions import ImageSessionStats, Session, SessionMetadata
    from stui_cli.model.state import State
    from stui_cli.model.status import ConnectionHealth, ConnectionStatus
    from stui_cli.store.store import Store
    from stui_cli.work.images.monitor import Monitoring
    from stui_cli.work.meant.target import Asked
    from stui_cli.work.sessions.switch import ContextSwitch
    from stui_cli.work.sweeping.survey import Finding, Survey
    from stui_cli.work.workbench import Workbench

E = TypeVar("E", bound=StrEnum)

DEFAULT_GRACE_MS = 24 * 3_600_000


class SessionManager:
    """Images, sessions and contexts of one store. Nothing is read or connected before a method needs it.

    `timeout`, in seconds, bounds all that one method talks with images. Every method raises StuiError.
    """

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

    # The seed's views.

    @property
    def current_image_context(self) -> str | None:
        """The name of the image that a command here means; None if nothing gives one."""
        from stui_cli.model.errors import NotFound
        from stui_cli.work.meant.target import Asked

        try:
            return self.target(Asked()).target.image
        except NotFound:
            return None

    @property
    def image_connections(self) -> dict[str, ImageConnectionStatus]:
        """Every image's standing as last recorded, by name."""
        from stui_cli.work.sessions.listing import connection_status

        state = self.read()
        records = self.store.probes(state)
        return {name: connection_status(image, records.get(name)) for name, image in state.images.items()}

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
        self,
        image: str,
        image_address: str | None = None,
        session_name: str | None = None,
        description: str | None = None,
    ) -> str:
        """Make a session in an image and record it; return its id.

        A good name is found if none is given. `image_address`, where it is given, must be the registered one.
        """
        from stui_cli.model.addresses import format_address, parse_address
        from stui_cli.model.errors import Refused
        from stui_cli.work.sessions.create import create_session

        registered = self._image(image)
        if image_address is not None and format_address(parse_address(image_address)) != registered.address:
            from shlex import quote

            raise Refused(
                f"{registered.name} is registered at {registered.address}, not at {image_address}",
                todo=f"stui images set {registered.name} --address {quote(image_address)}",
                image=registered.name,
            )
        return create_session(self.bench, registered.name, session_name, description).session_id

    def switch_image_context(
        self, target: str | Target, scope: str | None = None, *, preserve: bool = True
    ) -> ContextSwitch:
        """Go to an image or a session, named as `IMAGE` or `IMAGE/SESSION`, in this terminal or in `scope`: "default",
        or the key of a terminal. Raises UsageProblem for another scope."""
        from stui_cli.work.meant.target import target_of
        from stui_cli.work.meant.terminals import checked_scope
        from stui_cli.work.sessions.switch import scope_of_switch, switch

        target = target_of(target) if isinstance(target, str) else target
        target = target._replace(image=self._image(target.image).name)
        here = scope_of_switch(self.bench, default=False)
        where = here if scope in (None, here) else checked_scope(scope)
        return switch(self.bench, target, where, preserve=preserve)

    def switch_image_context_back(self, scope: str | None = None, *, preserve: bool = True) -> ContextSwitch:
        """Go to where this terminal, or `scope`, was before."""
        from stui_cli.work.sessions.switch import scope_of_switch, switch_back

        return switch_back(self.bench, scope or scope_of_switch(self.bench, default=False), preserve=preserve)

    def list_image_sessions(self, image: str | None = None) -> list[SessionMetadata]:
        """The recorded sessions of one image, or of all, also of images that are no longer registered."""
        from stui_cli.work.sessions.listing import list_sessions

        return list_sessions(self.bench, image)

    def get_image_session_stats(self, image: str) -> ImageSessionStats:
        """The sessions of one image, counted by itself; from what is recorded where it does not answer."""
        from stui_cli.work.sessions.stats import session_stats

        return session_stats(self.bench, [self._image(image).name])[0]

    def get_image_connection_status(self, image: str) -> ImageConnectionStatus:
        """Probe one image and return how it stands."""
        from stui_cli.work.sessions.listing import connection_status

        registered = self._image(image)
        return connection_status(registered, self.probe([registered]).get(registered.name))

    def cleanup_orphaned_sessions(self, image: str | None = None) -> int:
        """Remove the orphans of one image, or of all; return how many."""
        from stui_cli.model.orphans import Rules
        from stui_cli.work.sweeping.carry_out import remove_orphans

        images = None if image is None else [self._image(image)]
        self.probe(self._images(None) if images is None else images)
        rules = Rules(grace=DEFAULT_GRACE_MS)
        return len(remove_orphans(self.bench, self.find_orphans(images, rules), rules).gone)

    # The seed's methods: monitoring.

    def update_image_connection_status(
        self, image: str, status: ConnectionStatus, health: ConnectionHealth, reason: str = ""
    ) -> None:
        """Record what the caller knows of an image's standing, until the next probe. Raises UsageProblem for what
        is no status and no health."""
        from stui_cli.model.status import ConnectionHealth, ConnectionStatus
        from stui_cli.work.images.monitor import set_standing

        said = (_member(ConnectionStatus, status, "status"), _member(ConnectionHealth, health, "health"))
        set_standing(self.bench, self._image(image), *said, str(reason))

    def detect_disconnected_images(self, images: Sequence[str] | None = None) -> list[str]:
        """Probe the images (all where none are named) whose back-off is over; return the names of those that cannot be
        talked to now (status Disconnected or Failed), without those left alone on purpose."""
        from stui_cli.model.status import ConnectionStatus
        from stui_cli.work.images.monitor import probe_due

        chosen = self._images(images)
        records = probe_due(self.bench, chosen)
        away = (ConnectionStatus.DISCONNECTED, ConnectionStatus.FAILED)
        return [i.name for i in chosen if not i.parked and i.name in records and records[i.name].status in away]

    def handle_image_disconnection(self, image: str) -> list[Finding]:
        """Probe an image that seems to be gone, and sweep those of its sessions that the evidence suffices for; return
        the verdicts on all of them. What is silent, parked or unknown keeps everything."""
        from stui_cli.model.orphans import Rules
        from stui_cli.work.sweeping.carry_out import remove_orphans

        registered = self._image(image)
        self.probe([registered])
        rules = Rules(grace=DEFAULT_GRACE_MS)
        survey = self.find_orphans([registered], rules)
        remove_orphans(self.bench, survey, rules)
        return list(survey.findings)

    def get_connection_health_summary(self, images: Sequence[str] | None = None) -> dict[str, ConnectionHealth]:
        """The health of images (all where none are named) as last recorded, by name."""
        from stui_cli.work.sessions.listing import connection_status

        chosen, records = self._images(images), self.store.probes()
        return {i.name: connection_status(i, records.get(i.name)).connection_health for i in chosen}

    def start_connection_monitoring(self, interval: float = 2.0, images: Sequence[str] | None = None) -> Monitoring:
        """Probe images (all where none are named) again and again in a thread of its own, each when its back-off is
        over; `interval` is in seconds. Answers the running monitoring: `stop()` it, or use it in `with`. Raises
        UsageProblem for an interval that is no time, and for one text where names are meant."""
        from stui_cli.work.images.monitor import Monitoring

        if not interval > 0:
            raise UsageProblem(f"the interval is {interval!r}, no time at all", todo="give seconds above 0")
        wanted = _several(images)
        return Monitoring(self.bench, lambda state: _named(state, wanted), interval).start()

    def handle_network_change(self, images: Sequence[str] | None = None) -> list[str]:
        """Put those of the images (all where none are named) whose way from this machine changed, or is gone, to
        Unknown with their counters reset; return their names. Sends no packet."""
        from stui_cli.work.images.network_changes import forget_what_moved

        return forget_what_moved(self.bench, self._images(images))

    # What the commands need besides.

    def target(self, asked: Asked) -> EffectiveTarget:
        """What a command means here."""
        from stui_cli.work.meant.target import resolve

        return resolve(self.store.read(), asked, self.bench)

    def probe(self, images: Sequence[Image]) -> dict[str, ProbeRecord]:
        """Probe images at once and record their standing; return all records by name."""
        from stui_cli.work.images.monitor import probe_images

        return probe_images(self.bench, images)

    def find_orphans(self, images: Sequence[Image] | None, rules: Rules) -> Survey:
        """Judge the sessions of images, or all sessions, on what is recorded."""
        from stui_cli.work.sweeping.survey import Scope, everything, find_orphans

        scope = everything(self.store.read()) if images is None else Scope(tuple(images))
        return find_orphans(self.bench, scope, self.store.probes(), rules)

    def session(self, image: str, name: str) -> SessionMetadata:
        """One recorded session with its image. Raises NotFound."""
        from stui_cli.model.names import Target
        from stui_cli.work.sessions.listing import metadata_called

        return metadata_called(self.bench, Target(image, name))

    def metadata_of(self, session: Session) -> SessionMetadata:
        """A session's record with its image, whatever both are called by now."""
        from stui_cli.work.sessions.listing import metadata_of

        return metadata_of(self.bench, session)

    def _image(self, named: str) -> Image:
        """A registered image by its name, or by its id as the user's own design has it."""
        state = self.read()
        return image_called(state, named)

    def _images(self, named: Sequence[str] | None) -> list[Image]:
        """The registered images of these names or ids, all of them for None."""
        return _named(self.read(), _several(named))

    def read(self) -> State:
        """The state of the store now."""
        return self.store.read()


def _several(named: Sequence[str] | None) -> tuple[str, ...] | None:
    """Names or ids, which one text is not. Raises UsageProblem."""
    if isinstance(named, str):
        raise UsageProblem(f"{named!r} is one name, not a list of names", todo=f"write [{named!r}]")
    return None if named is None else tuple(named)


def _named(state: State, named: tuple[str, ...] | None) -> list[Image]:
    return list(state.images.values()) if named is None else images_called(state, named)


def _member(kind: type[E], given: object, what: str) -> E:
    """`given` as a member of the enumeration `kind`; its value will do."""
    try:
        return kind(str(given))
    except ValueError:
        allowed = ", ".join(str(member) for member in kind)
        raise UsageProblem(f"{given!r} is no {what}", todo=f"one of: {allowed}") from None


def open_manager(home: str | os.PathLike[str] | None = None, *, timeout: float = 2.0) -> SessionManager:
    """A manager over the store of this user, or over the one in `home`."""
    from stui_cli.model.actors import Actor
    from stui_cli.store.files.location import Home
    from stui_cli.store.store import open_store
    from stui_cli.work.meant.terminals import terminal_is_gone

    actor = Actor(os.environ.get("USER", ""), os.uname().nodename, os.getpid(), "python api")
    store = open_store(Home.find(home, os.environ), actor, now_ms, announce=to_nobody, is_gone=terminal_is_gone)
    return SessionManager(store, timeout=timeout)
