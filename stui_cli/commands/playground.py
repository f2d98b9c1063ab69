"""`stui playground`: a small Smalltalk in the foreground, for whoever wants to try something."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import Refused
from stui_cli.model.results import Result
from stui_cli.option_types import Whole, option

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench

_DIALECT = "playground"


def _check_own(bench: Workbench, name: str) -> None:
    """Raises Refused for the name of an image of another dialect."""
    known = bench.store.read().images.get(name)
    if known is not None and known.dialect not in (None, _DIALECT):
        raise Refused(
            f"{name} is a {known.dialect} image",
            todo=f"choose another name: stui playground --name NAME; or start that one: stui images launch {name}",
            image=name,
        )


def started(bench: Workbench, image: Image, *, resumed: int) -> Result:
    """What is told of it when it is there."""
    from stui_cli.contract.image import IMAGE, image_item
    from stui_cli.work.images.monitor import probe_images

    records = probe_images(bench, [image])
    item = image_item(image, records.get(image.name), bench.clock())
    saved = f"It goes on as it was saved, with {_counted(resumed)}.\n" if resumed else ""
    name = image.name
    return Result(
        IMAGE,
        [item],
        text=f"{name}, a playground: a small Smalltalk that comes with stui, listens at {image.address}.\n{saved}"
        f"Talk to it from another terminal:  stui eval -i {name} '3 + 4'\n"
        f"Make a session, and go there:      stui sessions create -i {name} work; stui switch {name}/work\n"
        f"Keep it for the next time:         stui images save {name}\n"
        "Stop it here:                      Ctrl-C",
    )


def _counted(sessions: int) -> str:
    return f"{sessions} session{'s' * (sessions != 1)}"


def ended(name: str, saved: int, lost: int) -> str:
    """What is told of its end: how many sessions come back when it is started again, and how many do not."""
    back = f"; {_counted(saved)} will come back as last saved" if saved else ""
    gone = f"; {_counted(lost)} went with it" if lost else ""
    return f"\n{name} has ended{back}{gone}. Start it again: stui playground --name {name}"


@command("image", name="playground", purpose=Purpose.ACT)
@option("--name", default=_DIALECT, show_default=True, metavar="NAME", help="What it is called.")
@option("--port", type=Whole(1, 65535), metavar="N", help="Listen there, not at the port it had.")
@option("--fresh", is_flag=True, help="Start without what was saved, from the beginning.")
def cli(invocation: Invocation, name: str, port: int | None, fresh: bool) -> int:
    """Serve a small Smalltalk until Ctrl-C: try stui where no other Smalltalk is installed.

    It is registered as NAME, asks for keys that are made for it, and listens on this machine alone. It is no substitute
    for a real image: `stui images launch` starts one. Under the same NAME it comes back with its id, and with what
    `stui images save` has saved of it. For one in the background: stui images launch --dialect playground NAME
    """
    from stui_cli.playground.agent.hosting import hosting
    from stui_cli.playground.agent.program import ending_signals
    from stui_cli.work.images.launch import launch_image
    from stui_cli.work.images.launch_plan import LaunchWishes

    bench = invocation.bench
    _check_own(bench, name)
    with hosting() as host:
        with ending_signals() as asked:
            image, _ = launch_image(bench, name, LaunchWishes(_DIALECT, None, fresh=fresh, port=port), host.begin)
            invocation.show(started(bench, image, resumed=len(host.agent.sessions)))
            asked.wait()
        if not invocation.quiet:
            with suppress(OSError):  # its terminal may be what is gone
                click.echo(ended(image.name, *host.sessions_saved_and_not()), err=True)
    return 0
