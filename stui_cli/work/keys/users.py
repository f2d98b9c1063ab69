"""Who has which key: the images of this store that prove with it, and what a colleague runs to use it."""

from __future__ import annotations

import os
import shlex
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, assert_never

from stui_cli.image.key_lines import keys_of
from stui_cli.image.keys import read_key
from stui_cli.model.addresses import (
    SshAddress,
    TcpAddress,
    TlsAddress,
    UnixAddress,
    format_address,
    is_loopback,
    parse_address,
)
from stui_cli.model.errors import StuiError
from stui_cli.work.keys import file_here

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.image.keys import Key
    from stui_cli.model.images import Image
    from stui_cli.work.keys.place import KeyPlace
    from stui_cli.work.workbench import Workbench


class AgentKey(NamedTuple):
    """A key that an agent takes, without its bytes. `used_by` are the images of this store that prove with it,
    `key_file` is its holder's own file, where this store has it, `commands` is what the holder runs."""

    key_id: str
    role: str
    place: KeyPlace
    used_by: tuple[str, ...]
    key_file: str | None
    commands: tuple[str, ...]


def proving(images: Iterable[Image]) -> list[tuple[Image, Key]]:
    """Each image with the key that its entry proves with, as far as that can be read."""
    found = []
    for image in images:
        if image.key_file is not None:
            with suppress(StuiError):
                found.append((image, read_key(image.key_file, image.key_id)))
    return found


def held(bench: Workbench, place: KeyPlace, key: Key, proofs: Iterable[tuple[Image, Key]]) -> AgentKey:
    """What there is to say of a key."""
    file = own_file(bench, place, key.key_id)
    mine = file if key in _keys_of(file) else None
    used_by = tuple(image.name for image, proved in proofs if proved == key)
    commands = tuple(registering(place.image, mine)) if place.image is not None and mine is not None else ()
    return AgentKey(key.key_id, key.role, place, used_by, mine, commands)


@contextmanager
def own_files_alone(bench: Workbench) -> Iterator[None]:
    """Let nobody else change the files of holders that this store knows of."""
    folder = os.path.join(bench.store.home.folder, "keys")
    file_here.make_folder(folder)
    with file_here.alone(bench, os.path.join(folder, ".lock")):
        yield


def own_file(bench: Workbench, place: KeyPlace, key_id: str) -> str:
    """Where the key of `key_id` is put for its holder where nobody names another place."""
    image = (place.image.name,) if place.image is not None else ()
    return os.path.join(bench.store.home.folder, "keys", *image, f"{key_id}.key")


def _keys_of(path: str) -> list[Key]:
    try:
        return keys_of(file_here.read_here(path), path)
    except StuiError:
        return []


def registering(image: Image, key_file: str) -> list[str]:
    """The command lines that register `image` with the key of `key_file`: on this machine first, if it is reached
    there, then from others."""
    here, elsewhere = _addresses(image)
    more = _terms(image)

    def line(address: str, file: str) -> str:
        return f"stui images add {image.name} {shlex.quote(address)}{more} --key-file {shlex.quote(file)}"

    return [
        *(line(address, key_file) for address in here),
        *(line(address, os.path.basename(key_file)) for address in elsewhere),
    ]


def _terms(image: Image) -> str:
    """What the entry says of the way to the image, as options. Our own certificate is nobody else's."""
    words = ["--allow-plaintext"] if image.allow_plaintext else []
    if isinstance(parse_address(image.address), TlsAddress):
        for option, value in (("--ca-file", image.ca_file), ("--fingerprint", image.fingerprint)):
            words += [option, shlex.quote(value)] if value is not None else []
    return "".join(f" {word}" for word in words)


def _addresses(image: Image) -> tuple[list[str], list[str]]:
    """How `image` is reached on this machine and from others. What is on loopback, or a file, is reached by ssh."""
    address = parse_address(image.address)
    host = os.uname().nodename if hasattr(os, "uname") else "HOST"
    match address:
        case TcpAddress(at, port) if is_loopback(at):
            return [image.address], [format_address(SshAddress(host, None, at, port))]
        case UnixAddress(path):
            return [image.address], [f"ssh://{host}/{path}"]
        case SshAddress(destination):  # as the user of their own, whom their ssh knows
            return [], [format_address(address._replace(destination=destination.rpartition("@")[2]))]
        case TlsAddress(at) if is_loopback(at):
            return [image.address], []
        case TcpAddress() | TlsAddress():
            return [], [image.address]
        case _:
            assert_never(address)
