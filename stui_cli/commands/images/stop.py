"""`stui images stop`: end an image that was launched here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.image import IMAGE, MORE_STOPPED, STOPPED, stopped_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import StuiError
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.option_types import option
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from stui_cli.model.results import Item
    from stui_cli.work.images.stop import Stopped
    from stui_cli.work.workbench import Workbench


def stop_words(name: str, stopped: Stopped) -> str:
    """One line about one image."""
    if stopped.pid is None:
        return f"{name}: was not running"
    kept = f"; {stopped.kept} session{'s' * (stopped.kept != 1)} kept as text" if stopped.kept else ""
    return f"{name}: stopped (pid {stopped.pid}){kept}"


def _item(bench: Workbench, name: str, stopped: Stopped) -> Item:
    state = bench.store.read()
    record = bench.store.probes(state).get(name)
    return stopped_item(known_image(state, name), record, bench.clock(), stopped.pid, stopped.kept)


@command("image", name="stop", purpose=Purpose.ACT, adds=MORE_STOPPED)
@click.argument("names", nargs=-1, required=True, shell_complete=complete_image)
@option("--no-preserve", is_flag=True, help="Take no checkpoints of its sessions.")
def cli(invocation: Invocation, names: tuple[str, ...], no_preserve: bool) -> int:
    """End the processes of images that `stui images launch` started. They stay registered.

    Their sessions are checkpointed first: `stui sessions restore` brings them back after the next launch. Until then
    lists say disconnected, stopped on purpose, and `stui cleanup` keeps them as long as the image is registered.
    """
    from stui_cli.work.images.launched import launched_image
    from stui_cli.work.images.stop import stop_image

    bench = invocation.bench
    names = tuple(dict.fromkeys(names))
    for name in names:  # a misspelt name is told before anything ends
        launched_image(bench, name)
    lines: list[str] = []
    items: list[Item] = []
    notes: list[str] = []
    failures: list[StuiError] = []
    with invocation.progress("stopping", len(names)) as progress:
        for number, name in enumerate(names):
            progress.tell(name, number)
            try:
                stopped = stop_image(bench.allowing(), name, preserve=not no_preserve)
            except StuiError as error:
                failures.append(error)
                continue
            lines.append(stop_words(name, stopped))
            notes.extend(stopped.notes)
            items.append(_item(bench, name, stopped))
    if failures and not items:
        raise failures[0]
    code = Exit.PARTLY_DONE if failures else Exit.DONE
    text = "\n".join(lines)
    return invocation.show(Result(IMAGE, items, STOPPED, text=text, warnings=notes, errors=failures, exit_code=code))
