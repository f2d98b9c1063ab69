"""`stui images launch`: start an image with an agent and register it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.global_options import complete_dialect, complete_image_file
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.option_types import Duration, FileName, Size, Whole, option

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.work.images.launch_plan import LaunchWishes
    from stui_cli.work.workbench import Workbench


def launch(bench: Workbench, name: str, wishes: LaunchWishes, *, chosen: bool, restore: bool = False) -> Result:
    """Start it, wait until its agent answers, register it under its name; `chosen` if somebody named its dialect. With
    `restore` its sessions live again then."""
    from stui_cli.contract.image import IMAGE, image_item
    from stui_cli.work.images.launch import launch_image
    from stui_cli.work.images.monitor import probe_images

    image, pid = launch_image(bench, name, wishes)
    records = probe_images(bench, [image])
    item = image_item(image, records.get(image.name), bench.clock())
    text = f"{image.name}: {image.dialect} {image.image_version} listens at {image.address} (pid {pid})"
    result = Result(IMAGE, [item], text=text, notes=[] if chosen else _of_a_substitute(image))
    return _with_sessions(bench, image, result) if restore else result


def _with_sessions(bench: Workbench, image: Image, result: Result) -> Result:
    """The same with what became of its sessions. One of which nothing is kept was not restored: that is partly done."""
    from stui_cli.work.sessions.bring_back import bring_back_after_start, brought_notes

    found = bring_back_after_start(bench.allowing(), image)
    names = [each.session.name for each in found.restored]
    partly = found.failures or found.unknown
    return result._replace(
        items=[{**result.items[0], "restored": names}],
        text=f"{result.text}; {len(names)} session{'s' * (len(names) != 1)} restored",
        warnings=list(brought_notes(found)),
        errors=found.failures,
        exit_code=Exit.PARTLY_DONE if partly else Exit.DONE,
    )


def _of_a_substitute(image: Image) -> list[str]:
    from stui_cli.local.dialects import dialect_of, how_to_get_a_real_one

    if image.dialect is None or not dialect_of(image.dialect).embedded:
        return []
    told = f"{image.name} is a {image.dialect}, a small Smalltalk that comes with stui: no other is installed"
    return [f"{told}; {how_to_get_a_real_one()}"]


@command("image", name="launch", purpose=Purpose.ACT, adds=("restored",))
@click.argument("name")
@option(
    "--dialect",
    metavar="DIALECT",
    shell_complete=complete_dialect,
    help="Which Smalltalk; else its own, or the first that is installed, or a playground.",
)
@option(
    "--wait",
    type=Duration(least=1),
    metavar="DURATION",
    help="How long it may take to come up; else 10s, or 60s with an image of yours.",
)
@option(
    "--vm",
    type=FileName(),
    metavar="PATH",
    help="The machine that runs an image of yours, or the name of Pharo Launcher's.",
)
@option(
    "--image-file",
    type=FileName(),
    metavar="FILE",
    shell_complete=complete_image_file,
    help="The image of yours that is copied and started, or the name of Pharo Launcher's.",
)
@option("--in-place", is_flag=True, help="Start that file itself, not a copy; `images save` writes it.")
@option("--headless/--window", default=None, help="Without the window of an image of yours, or with it.")
@option("--supervise", is_flag=True, help="Watch it from outside, and start it again when it ends or hangs.")
@option("--memory-limit", type=Size(), metavar="SIZE", help="Let it have no more memory, such as 1G.")
@option("--port", type=Whole(1, 65535), metavar="N", help="Listen there, not at the port it had.")
@option("--restore", is_flag=True, help="Restore its sessions then; it exits with 8 if some cannot be.")
@option("--fresh", is_flag=True, help="Start without what was saved, from the beginning.")
def cli(
    invocation: Invocation,
    name: str,
    dialect: str | None,
    wait: int | None,
    vm: str | None,
    image_file: str | None,
    in_place: bool,
    headless: bool | None,
    supervise: bool,
    memory_limit: int | None,
    port: int | None,
    restore: bool,
    fresh: bool,
) -> int:
    """Start an image called NAME with an agent, and register it.

    A registered image that was launched here and is gone is started again under its old id, and at its old port if
    that is free; its sessions can then be restored, and are all there if the image was saved. That goes by the image,
    not by the name: a renamed one takes all of it along, and a new name begins a new image. The image outlives the
    terminal: end it with `stui images stop`. With --restore its sessions are restored at once; where the image was
    saved they come back with it, and have the values of the checkpoint, which is younger.

    GNU Smalltalk makes an image of its own; where it is not installed, a playground is started, a small Smalltalk that
    comes with stui. With --dialect pharo, squeak or cuis an image of yours is started: it is copied with its .changes
    and the .sources beside it, and each later launch of NAME goes on with that copy as it was saved; --fresh copies it
    again, and keeps the copy before as earlier.image. What is not named stands in config.toml, is found where Pharo
    Launcher keeps it, or is on the PATH.

    Where another process takes the port of a supervised image while that is down, it comes up at another one, and is
    found there by every stui of this machine.
    """
    from stui_cli.work.images.given import GivenWishes
    from stui_cli.work.images.launch_plan import LaunchWishes
    from stui_cli.work.images.launched import dialect_meant

    meant = dialect or dialect_meant(invocation.bench, name)
    given = GivenWishes(vm, image_file, in_place, None if headless is None else not headless)
    seconds = None if wait is None else wait / 1000
    wishes = LaunchWishes(meant, seconds, supervise, memory_limit, fresh, port, given)
    chosen = dialect is not None or name in invocation.bench.store.read().images
    with invocation.progress(f"starting {name}"):
        result = launch(invocation.bench, name, wishes, chosen=chosen, restore=restore)
    return invocation.show(result)
