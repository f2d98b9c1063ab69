"""What a person keeps in a folder for himself: probes and contacts, and the lock under which they change."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.operations import Actor
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


class PersonalFiles:
    """In the folder of `home`. Each method promises what Personal says of it."""

    def __init__(self, home: Home, announce: Callable[[str], None], disk: Disk) -> None:
        self._home = home
        self._announce = announce
        self._disk = disk

    @contextmanager
    def exclusive(self, actor: Actor, timeout: float, announce: Callable[[str], None]) -> Iterator[None]:
        from stui_cli.store.files.lock import exclusive

        home, disk = self._home, self._disk
        with self._translating():
            home.prepare(disk, self._announce)
            with exclusive(home.lock, disk, actor, timeout=timeout, announce=announce):
                yield

    def read_probes(self, images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
        from stui_cli.store.files.contacts import read_contacts, with_contacts
        from stui_cli.store.files.probes import read_probes

        # In this order: what is taken up into the other file meanwhile is then read twice, and not never.
        contacts = read_contacts(self._home, self._disk)
        return with_contacts(images, read_probes(self._home, self._disk, images), contacts)

    def update_probes(
        self,
        images: Mapping[str, Image],
        change: Callable[[dict[str, ProbeRecord]], None],
        recorded: dict[str, ProbeRecord] | None,
    ) -> None:
        from stui_cli.store.files.contacts import forget_contacts, read_contacts, with_contacts
        from stui_cli.store.files.probes import read_probes, write_probes

        home, disk = self._home, self._disk
        contacts = read_contacts(home, disk)
        records = read_probes(home, disk, images)
        if recorded is not None:
            recorded.update(records)
        with_contacts(images, records, contacts)
        change(records)
        with self._translating():
            write_probes(home, disk, images, records)
            forget_contacts(home, disk, contacts)

    def note_contact(self, image_id: str, address: str, met: Mapping[str, object]) -> None:
        from stui_cli.store.files.contacts import write_contact

        with self._translating():
            write_contact(self._home, self._disk, image_id, address, met)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        """Turn the system's errors into Obstructed."""
        try:
            yield
        except OSError as error:
            from stui_cli.store.files.problems import problem_of  # errors are rare, and a start should not pay for them

            raise problem_of(error, self._home.folder) from error
