"""`stui sessions remove`: the record goes; an undo brings it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.one_by_one import one_by_one
from stui_cli.contract.session import SESSION, session_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.model.names import Target


@command("session", name="remove", purpose=Purpose.ACT)
@click.argument("named", nargs=-1, metavar="[IMAGE/SESSION]...", shell_complete=complete_target)
def cli(invocation: Invocation, named: tuple[str, ...]) -> int:
    """Remove the records of sessions, or of the current one.

    A live session is closed in its image first, with a last checkpoint, if the image answers. `stui undo` brings
    the record back, with its checkpoint and its history; `stui sessions restore` makes it live again then.
    """
    from stui_cli.work.meant.session import recorded_session
    from stui_cli.work.meant.several import named_sessions
    from stui_cli.work.sessions import listing
    from stui_cli.work.sessions.close import remove_session

    bench = invocation.bench
    state = bench.store.read()
    meant = named_sessions(state, named, invocation.asked, bench, joins=False)
    # All of them are looked up before the first goes: a misspelt name must not leave half of the work done.
    targets = dict.fromkeys(recorded_session(bench, state, target).target for target in meant)

    def remove(target: Target) -> tuple[Target, dict[str, object], tuple[str, ...]]:
        assert target.session is not None
        item = session_item(listing.metadata_called(bench, target))
        return target, item, remove_session(bench.allowing(), target).notes

    several = one_by_one(targets, remove)
    items = [item for _, item, _ in several.done]
    notes = ["stui undo brings it back"] if len(items) == 1 else []
    if (here := _current(invocation)) in [target for target, _, _ in several.done]:
        notes.append(f"commands here still mean {here}: stui switch IMAGE")
    return invocation.show(
        Result(
            SESSION,
            items,
            text="\n".join(f"removed {target}" for target, _, _ in several.done),
            notes=notes,
            warnings=[warning for _, _, told in several.done for warning in told],
            errors=several.failures,
            exit_code=several.exit_code,
        )
    )


def _current(invocation: Invocation) -> Target | None:
    from stui_cli.work.sessions.switch import effective_target

    bench = invocation.bench
    effective = effective_target(bench, bench.store.read())
    return effective.target if effective else None
