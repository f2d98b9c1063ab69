"""`stui sessions restore`: make a session live again after its image restarted, or after it was closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.session import SESSION
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode, Result
from stui_cli.option_types import TimeLimit
from stui_cli.output.cells import value_line
from stui_cli.output.cleaning import clean
from stui_cli.output.transcript import live_output
from stui_cli.work.talking.evaluate import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.sessions import SessionMetadata
    from stui_cli.work.sessions.restore import Restoration

REPLAY_PRINT_LIMIT = 1_000


def restore_result(found: Restoration, metadata: SessionMetadata, *, strict: bool, done: str = "restored") -> Result:
    """What came back, what did not and why, and how to get at the rest."""
    from stui_cli.work.sessions.restore import problem_of, restoration_item

    target, replay = found.target, found.replay
    item = restoration_item(found, metadata)
    if found.was_live:
        text = f"{target} is live" + ("" if replay else ": nothing was to be restored")
    elif found.restored:
        text = f"{done} {target}: {', '.join(map(clean, found.restored))}"
    else:
        text = f"{done} {target}, with no variables"
    if replay:
        text += f"\nran {replay.done} sources of its history again"
    warnings = [
        f"lost: {loss.name} ({loss.class_name}), it was {value_line(loss.printed, loss.class_name)}: {loss.reason}"
        for loss in found.lost
    ]
    if found.unknown and not found.was_live and not replay:
        warnings.append("no checkpoint of it was kept: what it held is known by its history only")
    if replay and replay.skipped:
        warnings.append(f"{replay.skipped} sources that had not returned a value were left out")
    problem = problem_of(found, strict=strict)
    open_end = (found.lost or found.unknown) and not found.was_live and not replay
    notes = [f"its history may bring the rest: stui sessions restore --replay {target}"] if open_end else []
    return Result(
        SESSION,
        [item],
        text=text,
        warnings=warnings,
        notes=notes,
        errors=[problem] if problem else [],
        exit_code=problem.exit_code if problem else Exit.DONE,
    )


def listener(invocation: Invocation) -> Callable[[str], None] | None:
    """Where Transcript text of a replay goes: to stderr, for people."""
    if invocation.screen.mode in (OutputMode.JSON, OutputMode.JSONL):
        return None
    return live_output(invocation.screen)


@command("session", name="restore", purpose=Purpose.ACT)
@click.argument("named", required=False, metavar="[IMAGE/SESSION]", shell_complete=complete_target)
@click.option("--replay", is_flag=True, help="Run its recorded sources again, in order, until one fails.")
@click.option("--strict", is_flag=True, help="Refuse, with exit 9, if anything is lost.")
@click.option("--time-limit", type=TimeLimit(), default="30s", show_default=True, help="For each source of a replay.")
def cli(invocation: Invocation, named: str | None, replay: bool, strict: bool, time_limit: int) -> int:
    """Make a session live again, or the current one, after its image restarted or after it was closed.

    Variables are made again from the last checkpoint, as far as text can make them; the rest is named. In an image
    that did not restart nothing is to be done.
    """
    from stui_cli.work.meant.target import meant_session
    from stui_cli.work.sessions import listing
    from stui_cli.work.sessions.restore import restore_session

    bench = invocation.bench
    target = meant_session(bench.store.read(), named, invocation.asked, bench)
    found = restore_session(
        bench,
        target,
        replay=replay,
        strict=strict,
        limits=Limits(time_limit / 1000, REPLAY_PRINT_LIMIT),
        on_output=listener(invocation),
    )
    result = restore_result(found, listing.metadata_of(bench, found.session), strict=strict)
    return invocation.show(result)
