"""`stui images add`: register an image, pinned to the id that it gives itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stui_cli.commands.labels import labels
from stui_cli.commands.tls_options import terms_of, tls_options
from stui_cli.global_options import complete_label
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.images import Image
from stui_cli.model.results import Result
from stui_cli.option_types import option

if TYPE_CHECKING:
    from stui_cli.work.workbench import Workbench


def add(bench: Workbench, image: Image, *, offline: bool) -> Result:
    """Contact the image, pin its id, register it."""
    from stui_cli.contract.image import IMAGE, image_item
    from stui_cli.work.images.register import add_image

    added = add_image(bench, image, offline=offline)
    told = (
        f"pinned to {added.image_id}" if added.image_id else "not contacted yet; its id is pinned at the first contact"
    )
    return Result(
        IMAGE,
        [image_item(added, None, bench.clock())],
        text=f"{added.name}: {added.address}, {told}",
    )


@command("image", name="add", purpose=Purpose.ACT)
@click.argument("name")
@click.argument("address")
@option("--offline", is_flag=True, help="Register it without contact; its id is pinned at the first one.")
@option("--key-file", type=click.Path(path_type=Path), help="The file with the key to prove.")
@option("--key-id", help="Which key of that file (the first).")
@option("--allow-plaintext", is_flag=True, help="Allow tcp:// to another machine.")
@option("--socket-owner", metavar="USER", help="Trust the unix:// socket of this user, too.")
@tls_options
@option(
    "-l",
    "--label",
    "metadata",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_label,
    help="A label; may be repeated.",
)
def cli(
    invocation: Invocation,
    name: str,
    address: str,
    offline: bool,
    key_file: Path | None,
    key_id: str | None,
    allow_plaintext: bool,
    socket_owner: str | None,
    metadata: tuple[str, ...],
    **tls: str | None,
) -> int:
    """Register the image at ADDRESS as NAME.

    ADDRESS is tcp://HOST:PORT, tls://HOST:PORT, ssh://[USER@]HOST[:PORT]/HOST:PORT, ssh://[USER@]HOST[:PORT]//PATH
    or unix:///PATH. The image is contacted and its id pinned: another image at that address is refused later. The key
    of an agent that runs on this machine is found by itself.

    An ssh:// address goes through your own ssh, so ~/.ssh/config, agents, jump hosts and known_hosts work as by hand;
    what stands behind the slash is seen from that host, a port or the path of a unix socket there. All images of a
    host share one connection.

    A tls:// address is trusted by the CAs of this machine, by those of --ca-file, or by --fingerprint; one that is
    not is told with the fingerprint that was seen, and how to pin it once you have compared that.

    The socket of a unix:// address, the folders on the way and the process that listens must belong to you or root,
    or to --socket-owner, and nobody else may write into these folders; nothing is sent otherwise.
    """
    from stui_cli.work.images.socket_owner import with_socket_owner
    from stui_cli.work.images.tls import refuse_without_tls

    image = Image(
        name=name,
        address=address,
        added_at=invocation.bench.clock(),
        metadata=labels(metadata),
        key_file=str(key_file.absolute()) if key_file else None,
        key_id=key_id,
        allow_plaintext=allow_plaintext,
        **terms_of(tls)._asdict(),
    )
    refuse_without_tls(image, [field for field, value in tls.items() if value])
    if socket_owner is not None:
        image = with_socket_owner(image, socket_owner)
    return invocation.show(add(invocation.bench, image, offline=offline))
