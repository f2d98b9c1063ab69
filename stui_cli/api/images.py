"""The registry of images, how they are, and starting and ending those of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.api.opened import Opened, several
from stui_cli.contract.records.images import (
    AgentRecord,
    ImageDescription,
    ImageRecord,
    LogLine,
    PingRecord,
    RestartedImage,
    SavedImage,
    StoppedImage,
)
from stui_cli.model.errors import Refused, UsageProblem

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord

    Path = str | os.PathLike[str]


class Images(Opened):
    """The part of the manager that is about images."""

    def list_images(
        self, images: Sequence[str] | None = None, *, labels: Mapping[str, str] | None = None
    ) -> list[ImageRecord]:
        """The images named, or all, of those the ones that carry the labels, with what their last probes said. Contacts
        nobody."""
        return self._told(self._chosen(images, labels), self.store.probes())

    def show_image(self, image: str | None = None) -> ImageDescription:
        """All that is known of an image, or of the current one. Contacts nobody."""
        from stui_cli.work.images.describe import described

        return ImageDescription.of(described(self.bench, self._target(image).image))

    def status(
        self,
        images: Sequence[str] | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        max_age: int | None = None,
    ) -> list[ImageRecord]:
        """Probe images at once and tell how they are; with `max_age` (ms) only those that were not asked for so long.
        One that does not answer is told like any other."""
        from stui_cli.work.images.monitor import probe_images, probe_older

        bench, chosen = self.bench, self._chosen(images, labels)
        records = probe_images(bench, chosen) if max_age is None else probe_older(bench, chosen, max_age)
        return self._told(bench.sightings.as_met(chosen) if bench.sightings else chosen, records)

    def ping(
        self,
        images: Sequence[str] | None = None,
        *,
        rounds: int = 1,
        interval: float = 1.0,
        level: str = "image",
    ) -> list[PingRecord]:
        """Ping the images named, or the current one, `rounds` times every `interval` seconds, as far as `level` says:
        tcp, rpc or image. One that did not answer, or is blocked, has a `failure`."""
        from stui_cli.model.status import ProbeLevel
        from stui_cli.work.images.pinging import PingWish, complaint, ping, series_item

        if level not in list(ProbeLevel):
            raise UsageProblem(f"there is no level {level!r}", todo=f"one of {', '.join(ProbeLevel)}")
        if rounds < 1 or not interval >= 0:
            raise UsageProblem("a ping needs a round at least", todo="give rounds above 0 and seconds from 0 on")
        chosen = [self._image(self._target(None).image)] if images is None else self._images(images)
        bench, wish = self.bench, PingWish(rounds, interval, ProbeLevel(level))
        found = ping(bench, chosen, wish, lambda *_: None)
        return [PingRecord.of(series_item(each, wish, bench.clock()), failure=complaint(each, wish)) for each in found]

    def register_image(
        self,
        name: str,
        address: str,
        *,
        offline: bool = False,
        labels: Mapping[str, str] | None = None,
        key_file: Path | None = None,
        key_id: str | None = None,
        allow_plaintext: bool = False,
        socket_owner: str | None = None,
        ca_file: Path | None = None,
        fingerprint: str | None = None,
        cert: Path | None = None,
        cert_key: Path | None = None,
    ) -> ImageRecord:
        """Register the image at an address, pinned to the id that it gives itself; `offline` without contact.

        Raises Refused for a name, or an image, that is registered already, and what a contact raises.
        """
        from stui_cli.model.images import Image, TlsTerms
        from stui_cli.work.images.register import add_image
        from stui_cli.work.images.socket_owner import with_socket_owner
        from stui_cli.work.images.tls import refuse_without_tls

        terms = TlsTerms(_absolute(ca_file), fingerprint, _absolute(cert), _absolute(cert_key))
        image = Image(
            name,
            address,
            self.bench.clock(),
            metadata=_checked_labels(labels or {}),
            key_file=_absolute(key_file),
            key_id=key_id,
            allow_plaintext=allow_plaintext,
            **terms._asdict(),
        )
        refuse_without_tls(image, [field for field, value in terms._asdict().items() if value])
        if socket_owner is not None:
            image = with_socket_owner(image, socket_owner)
        return self._record_of(add_image(self.bench, image, offline=offline))

    def set_image(
        self,
        image: str,
        *,
        labels: Mapping[str, str] | None = None,
        address: str | None = None,
        key_file: Path | None = None,
        key_id: str | None = None,
        no_key: bool = False,
        allow_plaintext: bool | None = None,
        socket_owner: str | None = None,
        ca_file: Path | None = None,
        fingerprint: str | None = None,
        cert: Path | None = None,
        cert_key: Path | None = None,
    ) -> ImageRecord:
        """Change what is recorded of an image. A label that is empty goes; so do terms of TLS, and the owner of the
        socket, that are empty."""
        from stui_cli.model.addresses import format_address, parse_address
        from stui_cli.model.images import TlsTerms
        from stui_cli.work.images.register import EntryChanges, set_image

        told = {
            "address": None if address is None else format_address(parse_address(address)),
            "key_file": _absolute(key_file),
            "key_id": key_id,
            "allow_plaintext": allow_plaintext,
        }
        fields: dict[str, object] = {name: value for name, value in told.items() if value is not None}
        fields |= {"key_file": None, "key_id": None} if no_key else {}
        tls = {"ca_file": ca_file, "fingerprint": fingerprint, "cert": cert, "cert_key": cert_key}
        dropped = {name for name, value in tls.items() if value == ""}
        dropped |= {"cert_key"} if "cert" in dropped else set()
        terms = TlsTerms(_absolute(ca_file), fingerprint or None, _absolute(cert), _absolute(cert_key))
        if not (fields or labels or any(terms) or dropped or socket_owner is not None):
            raise UsageProblem("nothing to change was named", todo="name a label, an address, a key or terms of TLS")
        wanted = EntryChanges(_checked_labels(labels or {}), fields, terms, dropped, socket_owner)
        return self._record_of(set_image(self.bench, self._image(image).name, wanted)[1])

    def rename_image(self, image: str, new_name: str) -> ImageRecord:
        """Give an image another name; its sessions and the contexts that mean it follow."""
        from stui_cli.work.images.register import rename_image

        return self._record_of(rename_image(self.bench, self._image(image).name, new_name))

    def remove_image(self, image: str, *, keep_running: bool = False) -> ImageRecord:
        """Take an image out of the registry; its sessions' records stay until a cleanup. One that was launched here and
        runs is Refused unless it may `keep_running`. The answer is the image as it was."""
        from stui_cli.work.images.register import remove_image
        from stui_cli.work.images.stop import refuse_running

        registered = self._image(image)
        if not keep_running:
            refuse_running(self.bench, registered)
        was = self._record_of(registered)
        remove_image(self.bench, registered)
        return was

    def trust_image(self, image: str, image_id: str | None = None) -> ImageRecord:
        """Pin an image to the one that answers at its address now. Where `image_id` is given another one is Refused."""
        from stui_cli.work.images.register import identified, trust_image
        from stui_cli.work.meant.entry import refuse_second_name

        registered = self._image(image)
        found = identified(self.bench, registered._replace(image_id=None))
        refuse_second_name(self.read(), found)
        if image_id is not None and found.image_id != image_id:
            raise Refused(
                f"at {registered.address} answers the image {found.image_id}, not {image_id}",
                todo="find out which image that is before it is trusted",
                image=registered.name,
            )
        return self._record_of(trust_image(self.bench, registered, found))

    def connect_image(self, image: str) -> ImageRecord:
        """Take a parked image up again, and probe it. It counts as taken up even if it does
        not answer: see its status."""
        from stui_cli.work.images.monitor import probe_images

        registered = self._parked(image, parked=False)
        return self._told([registered], probe_images(self.bench, [registered]))[0]

    def disconnect_image(self, image: str) -> ImageRecord:
        """Leave an image alone until `connect_image`: that it is silent is no reason for a cleanup."""
        from stui_cli.work.images.monitor import park

        registered = self._parked(image, parked=True)
        return self._told([registered], park(self.bench, [registered]))[0]

    def discover_agents(self, *, add: bool = False) -> list[AgentRecord]:
        """The agents of this user that run on this machine; with `add` those that are not registered yet are, by their
        own names. Raises the first failure if one could not be, when the others are."""
        from stui_cli.model.errors import StuiError
        from stui_cli.work.images.discover import agent_items, found_agents, register_agent

        found, failures = [], []
        for agent, registered in found_agents(self.bench):
            name = registered
            if add and registered is None:
                try:
                    name = register_agent(self.bench, agent)
                except StuiError as error:
                    failures.append(error.about(agent.name))
            found.append((agent, name))
        if failures:
            raise failures[0]
        return [AgentRecord.of(item) for item in agent_items(self.bench, found)]

    def launch_image(
        self,
        name: str,
        dialect: str | None = None,
        *,
        wait: float | None = None,
        machine: Path | None = None,
        image_file: Path | None = None,
        in_place: bool = False,
        window: bool | None = None,
        supervise: bool = False,
        memory_limit: int | None = None,
        port: int | None = None,
        fresh: bool = False,
    ) -> ImageRecord:
        """Start an image with an agent and register it; a registered one that was launched here by its name or id.

        `wait` is in seconds, `memory_limit` in bytes. The image outlives this process: end it with `stop_image`.
        """
        from os import fspath

        from stui_cli.model.state import image_of_id
        from stui_cli.work.images.given import GivenWishes
        from stui_cli.work.images.launch import launch_image
        from stui_cli.work.images.launch_plan import LaunchWishes
        from stui_cli.work.images.launched import dialect_meant
        from stui_cli.work.images.monitor import probe_images

        known = image_of_id(self.read(), name)
        name = name if known is None else known.name
        bench = self.bench
        vm, file = (None if each is None else fspath(each) for each in (machine, image_file))
        given = GivenWishes(vm, file, in_place, window)
        chosen = dialect or dialect_meant(bench, name)
        wishes = LaunchWishes(chosen, wait, supervise, memory_limit, fresh, port, given)
        image, _ = launch_image(bench, name, wishes)
        return self._told([image], probe_images(self.bench, [image]))[0]

    def stop_image(self, image: str, *, preserve: bool = True) -> StoppedImage:
        """End the process of an image that was launched here; with `preserve` its sessions are kept as text first."""
        from stui_cli.contract.image import stopped_item
        from stui_cli.work.images.stop import stop_image

        registered = self._image(image)
        stopped = stop_image(self.bench, registered.name, preserve=preserve)
        record = self.store.probes().get(registered.name)
        item = stopped_item(registered, record, self.bench.clock(), stopped.pid, stopped.kept)
        return StoppedImage.of(item, warnings=stopped.notes)

    def restart_image(self, image: str, *, wait: float | None = None) -> RestartedImage:
        """Stop an image that was launched here, launch it as it was, and restore its sessions. `wait` is in seconds."""
        from stui_cli.contract.image import restarted_item
        from stui_cli.work.images.monitor import probe_images
        from stui_cli.work.images.restart import restart_image, restart_notes

        done = restart_image(self.bench, self._image(image).name, wait)
        record = probe_images(self.bench, [done.image]).get(done.image.name)
        names = [each.session.name for each in done.sessions.restored]
        item = restarted_item(done.image, record, self.bench.clock(), done.pid, done.stopped.kept, names)
        return RestartedImage.of(item, warnings=tuple(restart_notes(done)), failures=done.sessions.failures)

    def save_image(self, image: str | None = None, *, time_limit: float = 30.0) -> SavedImage:
        """Save a launched image, or the current one, with its agent and sessions, for its next launch."""
        from stui_cli.contract.image import saved_item
        from stui_cli.work.images.save import save_image

        registered = self._image(self._target(image).image)
        path, told = save_image(self.bench, registered.name, time_limit)
        record = self.store.probes().get(registered.name)
        item = saved_item(registered, record, self.bench.clock(), str(path), path.stat().st_size)
        return SavedImage.of(item, warnings=tuple(told))

    def image_log(self, image: str | None = None, last: int = 100) -> list[LogLine]:
        """The `last` lines that an image that was launched here, or the current one, has printed."""
        from stui_cli.contract.log_line import log_line_item
        from stui_cli.local.log_file import last_lines
        from stui_cli.work.images.logs import log_of

        name = self._image(self._target(image).image).name
        part = last_lines(log_of(self.bench, name), last)
        return [LogLine.of(log_line_item(name, line)) for line in part.lines]

    def export_images(self, images: Sequence[str] | None = None) -> str:
        """The images named, or all, as TOML that `import_images` reads. Keys are not in it."""
        from stui_cli.store.image_files import encoded_images

        return encoded_images(self._images(images))

    def import_images(self, toml: str | bytes) -> list[ImageRecord]:
        """Register the images of such a text without contact; one whose name or id is taken stays as it is, and is
        announced as a warning. Raises the failure if none could be registered."""
        from stui_cli.store.image_files import decoded_images
        from stui_cli.work.images.register import add_image

        data = toml.encode("utf-8") if isinstance(toml, str) else toml
        added, failures = [], []
        for image in decoded_images(data, "the text", self.bench.clock()):
            try:
                added.append(add_image(self.bench, image, offline=True))
            except Refused as error:
                failures.append(error)
                self.bench.announce(f"warning: {error.what}")
        if failures and not added:
            raise failures[0]
        return self._told(added, {})

    def _chosen(self, images: Sequence[str] | None, labels: Mapping[str, str] | None) -> list[Image]:
        wanted = (labels or {}).items()
        return [image for image in self._images(several(images)) if wanted <= image.metadata.items()]

    def _parked(self, image: str, *, parked: bool) -> Image:
        from stui_cli.work.meant.entry import change_image

        return change_image(self.bench, self._image(image).name, lambda entry: entry._replace(parked=parked))

    def _record_of(self, image: Image) -> ImageRecord:
        return self._told([image], self.store.probes())[0]

    def _told(self, images: Sequence[Image], records: Mapping[str, ProbeRecord]) -> list[ImageRecord]:
        from stui_cli.contract.image import image_items

        return [ImageRecord.of(item) for item in image_items(images, records, self.bench.clock())]


def _absolute(path: Path | None) -> str | None:
    """Where a file is, whatever folder somebody is in later; None for none."""
    from pathlib import Path

    return str(Path(path).absolute()) if path else None


def _checked_labels(labels: Mapping[str, str]) -> Mapping[str, str]:
    """Raises UsageProblem for what could not be written as KEY=VALUE."""
    for key in labels:
        if not key.strip() or key != key.strip() or "=" in key or key.startswith("-"):
            raise UsageProblem(f"{key!r} cannot be the key of a label", todo="write a label as role=build")
    return dict(labels)
