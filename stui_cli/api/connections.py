"""How images stand, and watching over them: the seed's views and methods of connection monitoring."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from stui_cli.api.opened import Opened, images_meant, several
from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.connections import ImageConnectionStatus
    from stui_cli.model.images import Image
    from stui_cli.model.orphans import Rules
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.status import ConnectionHealth, ConnectionStatus
    from stui_cli.work.images.monitoring import Monitoring
    from stui_cli.work.sweeping.survey import Finding, Survey

E = TypeVar("E", bound=StrEnum)

DEFAULT_GRACE_MS = 24 * 3_600_000


class Connections(Opened):
    """The part of the manager that is about how images stand."""

    @property
    def image_connections(self) -> dict[str, ImageConnectionStatus]:
        """Every image's standing as last recorded, by name."""
        from stui_cli.work.sessions.listing import connection_status

        state = self.read()
        records = self.store.probes(state)
        return {name: connection_status(image, records.get(name)) for name, image in state.images.items()}

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
        talked to now (status Disconnected or Failed), without those that are parked."""
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
        from stui_cli.work.images.monitoring import Monitoring

        if not interval > 0:
            raise UsageProblem(f"the interval is {interval!r}, no time at all", todo="give seconds above 0")
        wanted = several(images)
        return Monitoring(self.bench, lambda state: images_meant(state, wanted), interval).start()

    def handle_network_change(self, images: Sequence[str] | None = None) -> list[str]:
        """Put those of the images (all where none are named) whose way from this machine changed, or is gone, to
        Unknown with their counters reset; return their names. Sends no packet."""
        from stui_cli.work.images.network_changes import forget_what_moved

        return forget_what_moved(self.bench, self._images(images))

    def probe(self, images: Sequence[Image]) -> dict[str, ProbeRecord]:
        """Probe images at once and record their standing; return all records by name."""
        from stui_cli.work.images.monitor import probe_images

        return probe_images(self.bench, images)

    def find_orphans(self, images: Sequence[Image] | None, rules: Rules) -> Survey:
        """Judge the sessions of images, or all sessions, on what is recorded."""
        from stui_cli.work.sweeping.survey import Scope, everything, find_orphans

        scope = everything(self.store.read()) if images is None else Scope(tuple(images))
        return find_orphans(self.bench, scope, self.store.probes(), rules)


def _member(kind: type[E], given: object, what: str) -> E:
    """`given` as a member of the enumeration `kind`; its value will do."""
    try:
        return kind(str(given))
    except ValueError:
        allowed = ", ".join(str(member) for member in kind)
        raise UsageProblem(f"{given!r} is no {what}", todo=f"one of: {allowed}") from None
