"""objects/SHA256.msgpack: immutable files named by the SHA-256 of their content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


def read_object(home: Home, disk: Disk, sha256: str, kind: str) -> tuple[str, bytes]:
    """The path of an object, and its content, whatever it is. Raises Damaged if it cannot be read, or is missing."""
    path = home.object(sha256)
    try:
        return path, disk.read(path)
    except FileNotFoundError:
        raise Damaged(path, f"the {kind} is missing") from None
    except OSError as error:
        raise Damaged(path, f"it cannot be read ({error.strerror})") from error


def write_objects(home: Home, disk: Disk, objects: Mapping[str, bytes]) -> None:
    """Put new objects on the disk, to stay. Until a state refers to them they are litter. Raises OSError."""
    disk.make_folder(home.objects)
    for sha256, content in objects.items():
        _write_object(home, disk, sha256, content)
    disk.sync_folder(home.objects)


def _write_object(home: Home, disk: Disk, sha256: str, content: bytes) -> None:
    """Put the object there; one that is there and sound is left alone. Durable after a sync of the folder."""
    path = home.object(sha256)
    try:
        if disk.read(path) == content:
            return
    except FileNotFoundError:
        pass
    disk.replace(path, content)
