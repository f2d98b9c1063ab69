"""Choosing where to go: every image and session there is, by fzf where it is installed, else by number or name."""

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
    from collections.abc import Iterator, Mapping, Sequence

    from stui_cli.invocation import Invocation
    from stui_cli.work.workbench import Workbench

# What fzf exits with when the user leaves it, and when nothing fits what was typed.
_LEFT, _NOTHING_FITS = 130, 1

# More digits are no number of a list; more names are not told.
_DIGITS, _SHOWN = 9, 5


def choices(bench: Workbench) -> Result:
    """Every image and, below it, its sessions that can be entered; where one is is marked. Contacts no image: how they
    are is what the last probes found."""
    from stui_cli.work.sessions.listing import state_now, status_now
    from stui_cli.work.sessions.switch import effective_target

    state = bench.store.read()
    records = bench.store.probes(state)
    here = effective_target(bench, state)
    found: list[tuple[Target, str]] = []
    for image in state.images.values():
        record = records.get(image.name)
        found.append((Target(image.name), "parked" if image.parked else status_now(image, record)))
        if image.image_id is not None:
            sessions = bench.store.sessions(state, image.image_id).values()
            found += [
                (Target(image.name, each.name), state_now(each, image, record))
                for each in sessions
                if each.state != "closed"
            ]
    items = [choice_item(to, status, current=here is not None and to == here.target) for to, status in found]
    empty = "no image is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
    text = "\n".join(str(target) for target, _ in found) or None
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
    statuses = {str(item["name"]): str(item["status"]) for item in found.items}
    current = next((str(item["name"]) for item in found.items if item["current"]), None)
    program = shutil.which("fzf", path=invocation.environ.get("PATH"))
    return _by_number_or_name(statuses, current) if program is None else _by_fzf(program, statuses, current)


def _by_fzf(program: str, statuses: Mapping[str, str], current: str | None) -> str:
    head = f"now in {current}" if current else "nowhere yet"
    answer = subprocess.run(
        [program, "--height=40%", "--reverse", "--no-multi", "--prompt=switch to ", f"--header={head}"],
        input="\n".join(_lines(statuses)),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    chosen = answer.stdout.partition(" ")[0].strip()  # no name has a blank in it
    if answer.returncode == 0 and chosen in statuses:
        return chosen
    if answer.returncode == _NOTHING_FITS:
        raise NotFound("nothing fits what was typed", todo="see `stui images list` and `stui sessions list`")
    if answer.returncode == _LEFT:
        raise click.Abort
    return _by_number_or_name(statuses, current)  # an fzf that does not work is no reason not to switch


def _by_number_or_name(statuses: Mapping[str, str], current: str | None) -> str:
    width = len(str(len(statuses)))
    for number, (name, line) in enumerate(zip(statuses, _lines(statuses), strict=True), 1):
        click.echo(f"{'*' if name == current else ' '} {number:>{width}}  {line}", err=True)
    chosen: str = click.prompt("switch to", value_proc=lambda word: chosen_name(word, list(statuses)), err=True)
    return chosen


def _lines(statuses: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, statuses))
    return (f"{name:<{width}}  {status}" for name, status in statuses.items())


def chosen_name(word: str, names: Sequence[str]) -> str:
    """The one of `names` that a person means: by its number, by its name, or by a part that no other has, in whatever
    case. A part of an image's name, which all its sessions have too, means the image. Raises click.UsageError, after
    which they are asked again."""
    word = word.strip()
    if word.isdecimal() and word.isascii() and 1 <= int(word[:_DIGITS]) <= len(names):
        return names[int(word[:_DIGITS]) - 1]
    if word in names:
        return word
    fits = [name for name in names if word.casefold() in name.casefold()]
    if fits and all(name.startswith(f"{fits[0]}/") for name in fits[1:]):
        return fits[0]
    if not fits:
        raise click.UsageError(f"nothing fits {word!r}: type a number, a name or a part of one")
    shown = f"{', '.join(fits[:_SHOWN])}{', ...' if len(fits) > _SHOWN else ''}"
    raise click.UsageError(f"{word!r} is a part of {shown}: type more of it")
