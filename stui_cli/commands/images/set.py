"""`stui images set`: an image's metadata, key, address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.labels import labels
from stui_cli.contract.image import IMAGE, image_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.addresses import format_address, parse_address
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Result
from stui_cli.option_types import FileName
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from stui_cli.model.images import Image


@command("image", name="set", purpose=Purpose.ACT)
@click.argument("name", shell_complete=complete_image)
@click.argument("metadata", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--address", help="Where it listens now; its id stays pinned.")
@click.option("--key-file", type=FileName(), help="The file with the key to prove.")
@click.option("--key-id", help="Which key of that file.")
@click.option("--no-key", is_flag=True, help="The image asks for no key any more.")
@click.option("--allow-plaintext/--no-allow-plaintext", default=None, help="Whether tcp:// may leave this machine.")
def cli(
    invocation: Invocation,
    name: str,
    metadata: tuple[str, ...],
    address: str | None,
    key_file: str | None,
    key_id: str | None,
    no_key: bool,
    allow_plaintext: bool | None,
) -> int:
    """Change what is recorded of the image NAME. KEY=VALUE sets a label, KEY= removes it."""
    from stui_cli.work.meant.entry import change_image

    bench = invocation.bench
    before = known_image(bench.store.read(), name)
    wanted = labels(metadata)
    changes: dict[str, object] = {}
    if address is not None:
        changes["address"] = format_address(parse_address(address))
    if key_file is not None:
        from pathlib import Path  # 3 ms

        changes["key_file"] = str(Path(key_file).absolute())
    if key_id is not None:
        changes["key_id"] = key_id
    if no_key:
        changes |= {"key_file": None, "key_id": None}
    if allow_plaintext is not None:
        changes["allow_plaintext"] = allow_plaintext
    if not changes and not wanted:
        raise UsageProblem("nothing to change was named", todo="see stui images set --help")

    def change(image: Image) -> Image:
        merged = {**image.metadata, **wanted}
        metadata = {key: value for key, value in merged.items() if wanted.get(key) != ""}
        return image._replace(metadata=metadata, **changes)  # type: ignore[arg-type]  # the fields are named above

    changed = change_image(bench, name, change)
    if changed.address != before.address:
        from stui_cli.work.images.monitor import forget_old_address

        forget_old_address(bench, changed)
    item = image_item(changed, bench.store.probes().get(name), bench.clock())
    told = sorted((*changes, *(["metadata"] if wanted else [])))
    return invocation.show(Result(IMAGE, [item], text=f"{name}: {', '.join(told)} set"))
