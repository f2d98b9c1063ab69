"""What surrounds stui on this machine, looked at and never changed: settings, the store's disk, keys and addresses."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.addresses import SshAddress, TcpAddress, TlsAddress, UnixAddress, is_loopback, parse_address
from stui_cli.model.errors import StuiError
from stui_cli.model.images import tls_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench

# A commit of a large registry with its objects takes some of it; below this the next ones may fail, in bytes.
LEAST_FREE = 16 * 1024 * 1024


class Checkup(NamedTuple):
    """What was looked at: `verdict` is passed or failed, `wanted` what should be, `found` what is."""

    of: str
    what: str
    verdict: str
    wanted: str | None
    found: str


def looks(bench: Workbench) -> Iterator[Checkup]:
    """Everything, in the order in which it matters."""
    yield from _settings(bench)
    yield from _disk(bench)
    try:
        images = bench.store.read().images.values()
    except StuiError:
        return  # told by who looks at the store's files
    for image in images:
        yield from _key(image)
        yield from _address(image, bench.environ)


def _settings(bench: Workbench) -> Iterator[Checkup]:
    from stui_cli.model.settings import SETTINGS, from_environment
    from stui_cli.store.files.settings import read_settings

    home = bench.store.home
    wanted = f"TOML with keys of these: {', '.join(SETTINGS)}"
    for row in SETTINGS.values():
        try:
            from_environment(row, bench.environ)
        except StuiError as error:
            yield Checkup("config", str(row.variable), "failed", str(row.kind), error.what)
    try:
        settings = read_settings(home)
    except StuiError as error:
        yield Checkup("config", "readable", "failed", wanted, error.what)
        return
    for warning in settings.warnings:
        yield Checkup("config", "keys", "failed", wanted, warning)
    if not settings.warnings:
        found = home.config if Path(home.config).exists() else f"{home.config} is not there, and need not be"
        yield Checkup("config", "readable", "passed", None, found)


def _disk(bench: Workbench) -> Iterator[Checkup]:
    """Whether the store can be written, or made where there is none yet, and whether there is room."""
    home = Path(bench.store.home.folder)
    folder = next(each for each in (home, *home.parents) if each.exists())
    wanted = "a folder that this user may write to, on a file system that is not read-only"
    writable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    yield Checkup("disk", "writable", "passed" if writable else "failed", wanted, str(folder))
    if not hasattr(os, "statvfs"):
        return
    try:
        found = os.statvfs(folder)
    except OSError as error:
        yield Checkup("disk", "room", "failed", "a file system that tells", f"{folder}: {error.strerror}")
        return
    free, files = found.f_bavail * found.f_frsize, found.f_favail
    full = free < LEAST_FREE or (found.f_files > 0 and files == 0)
    told = f"{free // 1024**2} MB free" + (", but not one file more" if found.f_files > 0 and files == 0 else "")
    yield Checkup("disk", "room", "failed" if full else "passed", f"{LEAST_FREE // 1024**2} MB or more", told)


def _key(image: Image) -> Iterator[Checkup]:
    """The key file of an image, as a contact would read it, and whose it is."""
    if image.key_file is None:
        return
    from stui_cli.image.keys import read_key

    try:
        read_key(image.key_file, image.key_id)
        owner = Path(image.key_file).stat().st_uid
    except (StuiError, OSError) as error:
        found = error.what if isinstance(error, StuiError) else f"{image.key_file}: {error.strerror}"
        yield Checkup("keys", image.name, "failed", "a key file that this user alone can read", found)
        return
    ours = not hasattr(os, "geteuid") or owner in (os.geteuid(), 0)
    found = image.key_file if ours else f"{image.key_file} belongs to user {owner}"
    yield Checkup("keys", image.name, "passed" if ours else "failed", "a key file of this user", found)


def _address(image: Image, environ: Mapping[str, str]) -> Iterator[Checkup]:
    wanted = "an address that this stui can open, and nothing in plain text beyond this machine"
    try:
        address = parse_address(image.address)
    except StuiError as error:
        yield Checkup("addresses", image.name, "failed", wanted, error.what)
        return
    match address:
        case TcpAddress(host, _) if not is_loopback(host) and not image.allow_plaintext:
            yield Checkup("addresses", image.name, "failed", wanted, f"{image.address} would carry keys in plain text")
        case TlsAddress():
            yield _terms(image)
        case SshAddress() if shutil.which(environ.get("STUI_SSH") or "ssh", path=environ.get("PATH")) is None:
            yield Checkup("addresses", image.name, "failed", wanted, f"{image.address}: there is no ssh on the PATH")
        case TcpAddress() | UnixAddress() | SshAddress():
            yield Checkup("addresses", image.name, "passed", None, image.address)


def _terms(image: Image) -> Checkup:
    """The files of a tls:// address, as a contact would read them."""
    from stui_cli.image.transports.tls_contexts import context_for

    try:
        context_for(tls_terms(image))
    except StuiError as error:
        wanted = "files that TLS can be spoken with, and a key that this user alone can read"
        return Checkup("addresses", image.name, "failed", wanted, error.what)
    return Checkup("addresses", image.name, "passed", None, image.address)
