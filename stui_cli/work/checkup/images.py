"""The registered images: the files that a contact reads, and whether their addresses can be opened from here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.model.addresses import SshAddress, TcpAddress, TlsAddress, UnixAddress, is_loopback, parse_address
from stui_cli.model.errors import StuiError
from stui_cli.model.images import tls_terms
from stui_cli.work.checkup.observation import Observation, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench


def look_at_images(bench: Workbench) -> Iterator[Observation]:
    """The key and the address of each image."""
    try:
        registered = bench.store.read().images.values()
    except StuiError:
        return  # told by who looks at the store's files
    for image in registered:
        yield from _key(image)
        yield from _address(image, bench.environ)


def _key(image: Image) -> Iterator[Observation]:
    """The key file of an image, as a contact would read it, and whose it is."""
    if image.key_file is None:
        return
    from stui_cli.image.keys import read_key

    try:
        read_key(image.key_file, image.key_id)
        owner = Path(image.key_file).stat().st_uid
    except (StuiError, OSError) as error:
        found = error.what if isinstance(error, StuiError) else f"{image.key_file}: {error.strerror}"
        yield Observation("keys", image.name, Verdict.FAILED, "a key file that this user alone can read", found)
        return
    ours = not hasattr(os, "geteuid") or owner in (os.geteuid(), 0)
    found = image.key_file if ours else f"{image.key_file} belongs to user {owner}"
    verdict = Verdict.PASSED if ours else Verdict.FAILED
    yield Observation("keys", image.name, verdict, "a key file of this user", found)


def _address(image: Image, environ: Mapping[str, str]) -> Iterator[Observation]:
    wanted = "an address that this stui can open, and nothing in plain text beyond this machine"
    try:
        address = parse_address(image.address)
    except StuiError as error:
        yield Observation("addresses", image.name, Verdict.FAILED, wanted, error.what)
        return
    match address:
        case TcpAddress(host, _) if not is_loopback(host) and not image.allow_plaintext:
            told = f"{image.address} would carry keys in plain text"
            yield Observation("addresses", image.name, Verdict.FAILED, wanted, told)
        case TlsAddress():
            yield _terms(image)
        case SshAddress() if shutil.which(environ.get("STUI_SSH") or "ssh", path=environ.get("PATH")) is None:
            told = f"{image.address}: there is no ssh on the PATH"
            yield Observation("addresses", image.name, Verdict.FAILED, wanted, told)
        case TcpAddress() | UnixAddress() | SshAddress():
            yield Observation("addresses", image.name, Verdict.PASSED, None, image.address)


def _terms(image: Image) -> Observation:
    """The files of a tls:// address, as a contact would read them."""
    from stui_cli.image.transports.tls_contexts import context_for

    try:
        context_for(tls_terms(image))
    except StuiError as error:
        wanted = "files that TLS can be spoken with, and a key that this user alone can read"
        return Observation("addresses", image.name, Verdict.FAILED, wanted, error.what)
    return Observation("addresses", image.name, Verdict.PASSED, None, image.address)
