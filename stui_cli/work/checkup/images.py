"""The registered images: the files that a contact reads, and whether their addresses can be opened from here."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from stui_cli.model.addresses import (
    SshAddress,
    TcpAddress,
    TlsAddress,
    UnixAddress,
    is_local,
    is_loopback,
    parse_address,
)
from stui_cli.model.errors import StuiError
from stui_cli.model.images import tls_terms
from stui_cli.work.checkup.observation import passed, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.images import Image
    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

_KEY_WANTED = "a key file that this user alone can read"
_WANTED = "an address that this stui can open, and nothing in plain text beyond this machine"
_TLS_WANTED = "files that TLS can be spoken with, and a key that this user alone can read"


def look_at_keys(around: Around) -> Iterator[Observation]:
    """The key file of each image that has one, as a contact would read it, and whose it is."""
    for image in around.images:
        if image.key_file is not None:
            yield _key(around, image, image.key_file)


def _key(around: Around, image: Image, path: str) -> Observation:
    from stui_cli.image.keys import read_key

    name = around.called(image)
    try:
        read_key(path, image.key_id)
        found = Path(path).stat()
    except StuiError as error:
        return problem("keys", name, around.why(error, image), around.step(_mend(around, image, path)), _KEY_WANTED)
    except OSError as error:
        told = f"its key file: {error.strerror}"
        return problem("keys", name, told, around.step(_mend(around, image, path)), _KEY_WANTED)
    if hasattr(os, "geteuid") and found.st_uid not in (os.geteuid(), 0):
        told = f"its key file belongs to another user (number {found.st_uid})"
        return problem("keys", name, told, around.step(_another(image)), _KEY_WANTED)
    told = f"{around.places.shown(path)}, " if around.names else ""
    return passed("keys", name, f"{told}mode {stat.S_IMODE(found.st_mode):04o}", _KEY_WANTED)


def _mend(around: Around, image: Image, path: str) -> str:
    """A mode is taken back; what its keys are worth then is for the user to judge."""
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return _another(image)
    closed = os.name != "posix" or not stat.S_IMODE(mode) & 0o077
    return _another(image) if closed else f"chmod 600 {around.places.quoted(path)}"


def _another(image: Image) -> str:
    return f"stui images set {quote(image.name)} --key-file FILE"


def look_at_addresses(around: Around) -> Iterator[Observation]:
    """Whether each address can be opened from here, and whether its image has gone elsewhere on this machine."""
    for image in around.images:
        yield _moved(around, image) or _address(around, image)


def _moved(around: Around, image: Image) -> Observation | None:
    """An image of this machine that listens elsewhere: its own runtime file says so."""
    sightings = around.bench.sightings
    found = None if sightings is None else sightings.elsewhere(image)
    if found is None:
        return None
    todo = f"stui images set {quote(image.name)} --address {quote(found.address)}"
    if found.key_file != image.key_file and found.key_file is not None:
        todo += f" --key-file {around.places.quoted(found.key_file)}"
        todo += f" --key-id {quote(found.key_id)}" if found.key_id and found.key_id != image.key_id else ""
    told = f"it runs on this machine, and listens at {_told(around, found)}, not where it is registered"
    return warning("addresses", around.called(image), told, around.step(todo), "the address at which it listens")


def _address(around: Around, image: Image) -> Observation:
    name = around.called(image)
    another = around.step(f"stui images set {quote(image.name)} --address ADDRESS")
    try:
        address = parse_address(image.address)
    except StuiError as error:
        return problem("addresses", name, around.why(error, image), another, _WANTED)
    match address:
        case TcpAddress(host, _) if not is_loopback(host) and not image.allow_plaintext:
            return problem("addresses", name, "it would carry keys in plain text", another, _WANTED)
        case TlsAddress():
            return _terms(around, image)
        case SshAddress() if _ssh_is_missing(around):
            told = "there is no ssh on the PATH, by which it is reached"
            return problem("addresses", name, told, "stui help security", _WANTED)
        case TcpAddress() | UnixAddress() | SshAddress():
            return passed("addresses", name, _told(around, image))


def _ssh_is_missing(around: Around) -> bool:
    wanted = around.environ.get("STUI_SSH") or "ssh"
    return shutil.which(wanted, path=around.environ.get("PATH")) is None


def _told(around: Around, image: Image) -> str:
    """The address itself where it is one of this machine: else by which way."""
    way, _, rest = image.address.partition("://")
    if not is_local(image.address):
        return f"{way}:// to another machine"
    if way != "unix":
        return image.address
    return f"unix://{around.places.shown(rest)}" if around.names else "a unix socket of this machine"


def _terms(around: Around, image: Image) -> Observation:
    """The files of a tls:// address, as a contact would read them."""
    from stui_cli.image.transports.tls_contexts import context_for

    name = around.called(image)
    try:
        context_for(tls_terms(image))
    except StuiError as error:
        todo = around.step(error.todo.replace("NAME", quote(image.name)))
        return problem("addresses", name, around.why(error, image), todo, _TLS_WANTED)
    return passed("addresses", name, _told(around, image))
