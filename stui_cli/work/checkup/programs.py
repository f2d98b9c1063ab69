"""The programs that stui needs, and those that it can use."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from stui_cli.local import pharo_launcher
from stui_cli.local.dialects import DIALECTS, VISITED
from stui_cli.work.checkup.observation import passed, problem, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.local.dialects import Dialect
    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

_VERSION_S = 2.0


def look_for_smalltalks(around: Around) -> Iterator[Observation]:
    """What images of each dialect could be launched with."""
    for row in DIALECTS.values():
        if row.embedded:
            yield passed("machine", row.name, f"{row.packages}: stui images launch --dialect {row.name} NAME")
        elif found := _path_of(around, row.program):
            yield passed("machine", row.program, found)
        else:
            told = f"not on the PATH; to launch {row.title} images ({row.packages})"
            yield skipped("machine", row.program, told, "stui help dialects")
    for row in VISITED.values():
        yield _visited(around, row)


def _visited(around: Around, row: Dialect) -> Observation:
    """A dialect whose images are their users' own: a machine on the PATH, and what Pharo Launcher has."""
    places = [found for found in (_path_of(around, row.program),) if found]
    if row.name == "pharo":
        kept = {"machines": pharo_launcher.machines, "images": pharo_launcher.images}
        counts = {noun: len(find(around.environ)) for noun, find in kept.items()}
        places += [f"{count} {noun} of Pharo Launcher" for noun, count in counts.items() if count]
    if places:
        return passed("machine", row.name, ", ".join(places))
    return skipped("machine", row.name, f"no machine is found; {row.packages}", "stui help dialects")


def look_for_ssh(around: Around) -> Iterator[Observation]:
    """Which ssh there is, and what it can: since 9.4 it reaches unix sockets by itself."""
    from stui_cli.image.openssh.program import openssh_version

    wanted = around.environ.get("STUI_SSH") or "ssh"
    program = shutil.which(wanted, path=around.environ.get("PATH"))
    if program is None:
        told = "not on the PATH; to reach images at ssh:// addresses (openssh-client)"
        yield skipped("machine", "ssh", told, "stui help security")
        return
    version = openssh_version(program, _VERSION_S)
    shown = around.places.shown(program)
    if version is None:
        yield warning(
            "machine", "ssh", f"{shown} says no version of OpenSSH", f"{around.places.quoted(program)} -V", "OpenSSH"
        )
        return
    number = ".".join(map(str, version))
    way = "by itself" if version >= (9, 4) else "by a socket of this machine"
    yield passed("machine", "ssh", f"{shown}, OpenSSH {number}: TCP ports, and unix sockets {way}")


def look_for_pickers(around: Around) -> Iterator[Observation]:
    """What makes choosing easier."""
    found = _path_of(around, "fzf")
    told = "not on the PATH; to pick images and sessions from a list"
    yield passed("machine", "fzf", found) if found else skipped("machine", "fzf", told)


def look_at_tls(around: Around) -> Iterator[Observation]:
    """Which TLS Python brings, and whether there are CAs to trust."""
    from stui_cli.image.transports.tls_contexts import tls_here

    del around
    found = tls_here()
    told = f"{found.library}, TLS {found.least} to {found.newest}"
    if found.newest < "1.2":
        yield problem("machine", "tls", told, "stui help security", "TLS 1.2 or newer")
    elif found.has_authorities:
        yield passed("machine", "tls", f"{told}; this machine has CAs")
    else:
        told = f"{told}; this machine has no CAs: each tls:// address needs --ca-file or --fingerprint"
        yield warning("machine", "tls", told, "stui help security", "the CAs of this machine")


def _path_of(around: Around, program: str) -> str | None:
    found = shutil.which(program, path=around.environ.get("PATH"))
    return None if found is None else around.places.shown(found)
