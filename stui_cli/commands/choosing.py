"""Choosing where to go: every image and session there is, by fzf where it is installed, else by number."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from stui_cli.contract.context import CHOICES, CONTEXT, TRAIL, choice_item, trail_item
from stui_cli.model.errors import NotFound
from stui_cli.model.names import Target
from stui_cli.model.results import OutputMode, Result

if TYPE_CHECKING:
    from stui_cli.invocation import Invocation
    from stui_cli.work.workbench import Workbench

# What fzf exits with when the user leaves it, and when nothing fits what was typed.
_LEFT, _NOTHING_FITS = 130, 1


def choices(bench: Workbench) -> Result:
    """Every image and, below it, its sessions that can be entered; where one is is marked."""
    from stui_cli.work.sessions.switch import effective_target

    state = bench.store.read()
    here = effective_target(bench, state)
    targets: list[Target] = []
    for image in state.images.values():
        targets.append(Target(image.name))
        if image.image_id is not None:
            sessions = bench.store.sessions(state, image.image_id).values()
            targets += [Target(image.name, each.name) for each in sessions if each.state != "closed"]
    items = [choice_item(target, current=here is not None and target == here.target) for target in targets]
    empty = "no image is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
    text = "\n".join(map(str, targets)) or None
    return Result(CONTEXT, items, CHOICES, text=text, empty=empty)


def trail(bench: Workbench, scope: str) -> Result:
    """Where a scope was before, the latest first."""
    from stui_cli.work.sessions.switch import trail_of

    items = [trail_item(target, position, scope) for position, target in enumerate(trail_of(bench, scope), 1)]
    return Result(CONTEXT, items, TRAIL, empty="this terminal was nowhere else yet")


def may_choose(invocation: Invocation) -> bool:
    """Whether a person looks, can answer, and asked for no format that a program reads."""
    return invocation.may_ask and sys.stdout.isatty() and invocation.mode is OutputMode.AUTO


def choose(invocation: Invocation, found: Result) -> str:
    """Let a person choose one of the names. Raises click.Abort if they leave without."""
    names = [str(item["name"]) for item in found.items]
    current = next((str(item["name"]) for item in found.items if item["current"]), None)
    program = shutil.which("fzf", path=invocation.environ.get("PATH"))
    return _by_number(names, current) if program is None else _by_fzf(program, names, current)


def _by_fzf(program: str, names: list[str], current: str | None) -> str:
    head = f"now in {current}" if current else "nowhere yet"
    answer = subprocess.run(
        [program, "--height=40%", "--reverse", "--no-multi", "--prompt=switch to ", f"--header={head}"],
        input="\n".join(names),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    chosen = answer.stdout.strip()
    if answer.returncode == 0 and chosen in names:
        return chosen
    if answer.returncode == _NOTHING_FITS:
        raise NotFound("nothing fits what was typed", todo="see `stui images list` and `stui sessions list`")
    if answer.returncode == _LEFT:
        raise click.Abort
    return _by_number(names, current)  # an fzf that does not work is no reason not to switch


def _by_number(names: list[str], current: str | None) -> str:
    width = len(str(len(names)))
    for number, name in enumerate(names, 1):
        click.echo(f"{'*' if name == current else ' '} {number:>{width}}  {name}", err=True)
    number = click.prompt("switch to", type=click.IntRange(1, len(names)), err=True)
    return names[number - 1]
