"""`stui sessions restore`: make a session live again after its image restarted, or after it was closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from stui_cli.commands.one_by_one import one_by_one, together
from stui_cli.contract.session import MORE_RESTORED, SESSION
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import NotPermitted, Unreachable
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode, Result
from stui_cli.option_types import TimeLimit, option
from stui_cli.output.cells import value_line
from stui_cli.output.cleaning import clean
from stui_cli.output.transcript import live_output
from stui_cli.work.talking.evaluate import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.model.names import Target
    from stui_cli.model.sessions import SessionMetadata
    from stui_cli.work.sessions.restore import Restoration
    from stui_cli.work.workbench import Workbench

REPLAY_PRINT_LIMIT = 1_000


class RestoreWish(NamedTuple):
    """How sessions are restored; the limits are those of each source of a replay. `dry`: only told, not done."""

    replay: bool
    strict: bool
    limits: Limits
    dry: bool


def restore_result(
    found: Restoration, metadata: SessionMetadata, *, strict: bool, done: str = "restored", ran: str = "ran"
) -> Result:
    """What came back, what did not and why, and how to get at the rest. `done` and `ran` are the verbs."""
    from stui_cli.work.sessions.restore import missed_words, problem_of, restoration_item

    target, replay = found.target, found.replay
    item = restoration_item(found, metadata)
    if found.was_live:
        text = f"{target} is live" + ("" if replay else ": nothing was to be restored")
    elif found.restored:
        text = f"{done} {target}: {', '.join(map(clean, found.restored))}"
    else:
        text = f"{done} {target}, with no variables"
    if replay:
        text += f"\n{ran} {replay.done} sources of its history again"
    warnings = [
        f"lost: {loss.name} ({loss.class_name}), it was {value_line(loss.printed, loss.class_name)}: {loss.reason}"
        for loss in found.lost
    ]
    if found.missed and not found.was_live and not replay:
        unknown = "no checkpoint of it was kept: what it held is known by its history only"
        warnings.append(unknown if found.unknown else missed_words(found.missed))
    if replay and replay.skipped:
        warnings.append(f"{replay.skipped} sources that had not returned a value were left out")
    problem = problem_of(found, strict=strict)
    open_end = (found.lost or found.missed) and not found.was_live and not replay
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


def restored_result(
    bench: Workbench, target: Target, wish: RestoreWish, on_output: Callable[[str], None] | None
) -> Result:
    """Restore one session, or tell what that would do. Raises what `restore_session` raises."""
    from stui_cli.work.sessions import listing
    from stui_cli.work.sessions.restore import foresee, restore_session

    if wish.dry:
        foreseen = foresee(bench, target, replay=wish.replay, strict=wish.strict)
        metadata = listing.metadata_of(bench, foreseen.session)
        return restore_result(foreseen, metadata, strict=False, done="would restore", ran="would run")
    found = restore_session(
        bench, target, replay=wish.replay, strict=wish.strict, limits=wish.limits, on_output=on_output
    )
    return restore_result(found, listing.metadata_of(bench, found.session), strict=wish.strict)


def several_restored(targets: Sequence[Target], restore: Callable[[Target], Result]) -> Result:
    """Restore each, with a report of its own. An image that was not reached is not tried again for its other sessions:
    a silent one would take the whole time for each."""
    away: dict[str, list[Target]] = {}

    def attempt(target: Target) -> Result:
        if target.image in away:
            away[target.image].append(target)
            return Result(SESSION, [])
        try:
            result = restore(target)
        except (Unreachable, NotPermitted):
            away[target.image] = []
            raise
        return result._replace(warnings=[f"{target}: {warning}" for warning in result.warnings])

    several = one_by_one(targets, attempt)
    result = together(several.done or [Result(SESSION, [])], several.failures)
    left = ", ".join(str(target) for targets in away.values() for target in targets)
    warnings = [*result.warnings, *([f"not tried, since its image was not reached: {left}"] if left else [])]
    nothing_done = not any(each.items for each in several.done)
    alike = {failure.exit_code for failure in several.failures}
    code = alike.pop() if nothing_done and len(alike) == 1 else result.exit_code
    return result._replace(warnings=warnings, exit_code=code)


@command("session", name="restore", purpose=Purpose.ACT, adds=MORE_RESTORED)
@click.argument("named", nargs=-1, metavar="[IMAGE/SESSION | IMAGE]...", shell_complete=complete_target)
@option("--replay", is_flag=True, help="Run the recorded sources again, in order, until one fails.")
@option("--strict", is_flag=True, help="Refuse, with exit 9, if anything is lost.")
@option("--time-limit", type=TimeLimit(), default="30s", show_default=True, help="For each source of a replay.")
@option("-n", "--dry-run", is_flag=True, help="Show what would come back and what would not; change nothing.")
def cli(
    invocation: Invocation, named: tuple[str, ...], replay: bool, strict: bool, time_limit: int, dry_run: bool
) -> int:
    """Make sessions live again, or the current one, after their image restarted or after they were closed.

    An IMAGE stands for all of its sessions but those that are closed. Variables are made again from the last
    checkpoint, as far as text can make them; the rest is named. In an image that did not restart nothing is to be done.
    Where some of several sessions could not be restored it exits with 8.
    """
    from stui_cli.work.meant.several import sessions_of_words

    bench = invocation.bench_for(read_only=dry_run)
    targets, empty = sessions_of_words(bench.store.read(), named, invocation.asked, bench)
    wish = RestoreWish(replay, strict, Limits(time_limit / 1000, REPLAY_PRINT_LIMIT), dry_run)
    told = listener(invocation)
    if len(targets) == 1:
        result = restored_result(bench, targets[0], wish, told)
    elif targets:
        result = several_restored(targets, lambda target: restored_result(bench.allowing(), target, wish, told))
    else:
        result = Result(SESSION, [])
    nothing = [f"{name} has no session that could be restored; see stui sessions -i {name}" for name in empty]
    return invocation.show(result._replace(notes=[*result.notes, *nothing]))
