"""What is made ready before many images are contacted at once: one connection for each host behind which some are.

A host sees few of our connections at a time (openssh/turns.py), so some of many wait for their turn; no image is to
blame for that wait, so it comes before any image's clock runs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.model.addresses import SshAddress, parse_address
from stui_cli.model.errors import StuiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.image.openssh.program import Host
    from stui_cli.model.images import Image

# A way through ssh: its stream, the conversation with the master, and for a moment the other end of the stream.
_FOR_SSH = 4


def descriptors_of(image: Image) -> int:
    """How many descriptors a contact with `image` takes."""
    return _FOR_SSH if image.address.startswith("ssh:") else 1


def prepare_ways(images: Sequence[Image], seconds: float) -> dict[str, float]:
    """Have the shared connection to every host behind which some of `images` are, each made in `seconds` at most.
    Answers how long that took for each address, in seconds. What fails is told to the contacts that follow."""
    hosts: dict[Host, list[str]] = {}
    for image in images:
        if image.address.startswith("ssh:") and (host := _host_of(image.address)) is not None:
            hosts.setdefault(host, []).append(image.address)
    if not hosts or os.name != "posix":
        return {}
    from stui_cli.image.fan_out import Fan
    from stui_cli.image.openssh.sharing import connection_to

    fan = Fan(list(hosts), lambda host: connection_to(host).prepare(seconds))
    fan.start()
    fan.finished.wait()
    for bug in fan.bugs.values():
        raise bug
    took = (fan.found[index] for index in range(len(hosts)))
    return {address: spent for addresses, spent in zip(hosts.values(), took, strict=True) for address in addresses}


def _host_of(address: str) -> Host | None:
    from stui_cli.image.openssh.program import Host

    try:
        parsed = parse_address(address)
    except StuiError:
        return None
    return Host.of(parsed) if isinstance(parsed, SshAddress) else None
