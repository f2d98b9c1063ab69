"""`stui images save`: a launched image to a file, with agent and sessions."""

from __future__ import annotations

import click

from stui_cli.contract.image import IMAGE, MORE_SAVED, SAVED, saved_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result
from stui_cli.option_types import TimeLimit, option
from stui_cli.work.meant.target import meant
from stui_cli.work.workbench import known_image


@command("image", name="save", purpose=Purpose.ACT, adds=MORE_SAVED)
@click.argument("name", required=False, shell_complete=complete_image)
@option("--time-limit", type=TimeLimit(), default="30s", show_default=True, help="How long it may take.")
def cli(invocation: Invocation, name: str | None, time_limit: int) -> int:
    """Save the image NAME, or the current one, with its agent and its sessions. The image goes on running.

    The next `stui images launch NAME` starts what was saved: the same image id, a new incarnation, every session
    with its variables.
    """
    from stui_cli.work.images.save import save_image

    bench = invocation.bench
    name = name or meant(bench, invocation.asked).target.image
    with invocation.progress(f"saving {name}"):
        path, told = save_image(bench, name, time_limit / 1000)
    size = path.stat().st_size
    state = bench.store.read()
    item = saved_item(known_image(state, name), bench.store.probes(state).get(name), bench.clock(), str(path), size)
    return invocation.show(Result(IMAGE, [item], SAVED, text=f"{name}: saved, {size} bytes in {path}", notes=told))
