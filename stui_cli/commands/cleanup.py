"""`stui cleanup`: sweep exactly the sessions that are provably left behind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stui_cli.contract.orphan import LISTED, ORPHAN
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.orphans import Kept, Orphan, Rules
from stui_cli.model.phrases import About
from stui_cli.model.results import OutputMode, Result
from stui_cli.option_types import Duration, option
from stui_cli.output.units import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.errors import StuiError
    from stui_cli.work.sweeping.carry_out import Swept
    from stui_cli.work.sweeping.files import SweptFiles
    from stui_cli.work.sweeping.survey import Finding, Survey

# Modes in which a program reads the rows: they hold no more than what goes, and are the same for a dry run.
_ROWS = (OutputMode.NAME, OutputMode.TSV)
_STRUCTURED = (OutputMode.JSON, OutputMode.JSONL)


@dataclass(frozen=True)
class SweepWish:
    """What a command line asks for. `seconds` bounds all contacts of the run."""

    rules: Rules
    seconds: float
    dry: bool
    cached: bool


def listing(
    findings: Sequence[Finding], failures: Sequence[StuiError], warnings: Sequence[str], mode: OutputMode
) -> Result:
    """The rows of what goes and why and, for people and in JSON, of what stays and why. The same rows tell what would
    go and what went. Partly done where an image could not be asked or did not do its part."""
    from stui_cli.work.sweeping.look import judged_item

    rows = [judged_item(each) for each in findings if mode not in _ROWS or each.reason is not None]
    rows.sort(key=lambda row: row["reason"] is None)
    return Result(
        ORPHAN,
        rows,
        LISTED,
        errors=failures,
        warnings=warnings,
        empty="nothing is left behind",
        exit_code=Exit.PARTLY_DONE if failures or warnings else Exit.DONE,
    )


def outcome(survey: Survey, swept: Swept, files: SweptFiles, changed: Sequence[str], invocation: Invocation) -> Result:
    """What a sweep did: for people one line for each session that went, and nothing if none did."""
    failures = (*survey.failures, *swept.failures, *files.failures)
    shown = (*swept.gone, *survey.kept) if invocation.mode in _STRUCTURED else swept.gone
    result = listing(shown, failures, (*changed, *swept.changed), invocation.mode)
    at_terminal = invocation.screen.on_terminal
    now = invocation.screen.clock()
    notes = _unasked(survey) if swept.gone or at_terminal or invocation.verbose else []
    if swept.gone and at_terminal:
        notes.append("stui undo brings the records back")
    if invocation.verbose:
        notes += [text for text in (str(files), *files.left) if text]
    lines = [_line(finding, now) for finding in swept.gone]
    return result._replace(notes=notes, text="\n".join(lines) if lines else None)


def _line(finding: Finding, now: int) -> str:
    evidence = spoken(finding.verdict.evidence, now) if isinstance(finding.verdict, Orphan) else ""
    return f"removed {finding.label}: {finding.word}, {evidence}"


def _unasked(survey: Survey) -> list[str]:
    """Which sessions could not be judged because their image did not answer, one sentence for each image."""
    told: dict[tuple[str | None, str], int] = {}
    for finding in survey.kept:
        if isinstance(finding.verdict, Kept) and not finding.verdict.asked:
            key = (finding.image, finding.verdict.why)
            told[key] = told.get(key, 0) + 1
    return [
        About.of(
            f"{image}: {count} session{'s stay' if count > 1 else ' stays'}: ",
            why,
            name=str(image),
            kind="images could not be asked, and their sessions stay",
            detail=why,
        )
        for (image, why), count in told.items()
    ]


@command("orphan", name="cleanup", lists=True)
@click.argument("names", nargs=-1, metavar="[IMAGE[/SESSION]]...", shell_complete=complete_target)
@option("--all", "everything", is_flag=True, help="Every image; the same as naming none.")
@option("-n", "--dry-run", is_flag=True, help="Show what would go and what stays, and why; change nothing.")
@option("--older-than", type=Duration(), help="Closed sessions idle for longer may go too.")
@option("--grace", type=Duration(), help="How long a loss must last to count (24h).")
@option("--unreachable-for", type=Duration(), help="Let images that are only silent count as gone after this.")
@option("--force", is_flag=True, help="With --older-than also live sessions; as admin others' strays too.")
@option(
    "--preserve-active/--no-preserve-active",
    default=True,
    help="Keep live sessions, and strays that are in use; preserving is the default.",
)
@option("--cached", is_flag=True, help="Go by the last probes; images are still asked for their sessions.")
@option("--plan", type=click.Path(path_type=Path), metavar="FILE", help="Write what would go to FILE; remove nothing.")
@option(
    "--apply", "apply_plan", type=click.Path(path_type=Path), metavar="FILE", help="Remove what the plan FILE says."
)
def cli(
    invocation: Invocation,
    names: tuple[str, ...],
    everything: bool,
    dry_run: bool,
    older_than: int | None,
    grace: int | None,
    unreachable_for: int | None,
    force: bool,
    preserve_active: bool,
    cached: bool,
    plan: Path | None,
    apply_plan: Path | None,
) -> int:
    """Sweep the sessions whose image is provably gone, or which their image no longer knows.

    An image must be gone, or another one at its address, for `--grace` without a break. A session that its image lost
    in a restart goes at once if nothing is kept of it; its checkpoint or history waits for `--grace` too, from when the
    restart was first seen. Nothing goes of an image that is parked, or stopped on purpose.

    Images are probed first. What would go is shown with its evidence, and exactly that is removed after a yes (-y in
    scripts), in one operation that `stui undo` takes back. Live sessions that the store does not know are ended too.
    `--timeout` bounds the whole run (4s), `--lock-timeout` the wait for other commands.

    What an image cannot do now stays, and is done by the next sweep that meets it. Off a terminal nothing is printed if
    nothing went, else one line for each session. Exits with 8 if an image that answers did not do its part, or if
    something changed meanwhile; the others are swept all the same.

    What gathers besides goes with it: operations past their retention and what only they needed, files of dead agents,
    old crash logs, folders of launched images that are not registered. `-v` tells of it.
    """
    if plan is not None and apply_plan is not None:
        raise UsageProblem("--plan and --apply exclude each other", todo="review the plan first, then apply it")
    dry = dry_run or plan is not None
    if invocation.mode in (*_ROWS, *_STRUCTURED) and not dry and not invocation.confirms_all:
        raise UsageProblem(f"-o {invocation.mode} leaves no room for a question", todo="-y to sweep, -n to look")
    chosen = invocation.screen.selection
    if chosen.limit is not None and not dry:
        raise UsageProblem("--limit would show fewer sessions than a sweep removes", todo="look first: stui cleanup -n")
    if chosen.template is not None and not dry and not invocation.confirms_all:
        raise UsageProblem("--template leaves no room for a question", todo="-y to sweep, -n to look")
    asked = names or ((invocation.asked.image,) if invocation.asked.image else ())
    grace, older_than = invocation.setting("grace", grace), invocation.setting("older_than", older_than)
    rules = Rules(grace, older_than, unreachable_for, force, preserve_active)
    given = invocation.given_timeout
    wish = SweepWish(rules, 2 * invocation.timeout if given is None else given, dry, cached)
    return _run(invocation, () if everything else asked, wish, plan, apply_plan)


# To look, and to remove.
_STEPS = 2


def _run(
    invocation: Invocation, names: tuple[str, ...], wish: SweepWish, plan: Path | None, apply_plan: Path | None
) -> int:
    from stui_cli.work.sweeping.carry_out import remove_orphans
    from stui_cli.work.sweeping.files import sweep_files
    from stui_cli.work.sweeping.look import look
    from stui_cli.work.sweeping.plan import plan_of, planned, read_plan, write_plan
    from stui_cli.work.sweeping.survey import everything, scope_named

    bench = invocation.bench_for(read_only=wish.dry).allowing(wish.seconds)
    items = None
    if apply_plan is not None:
        rules, items = read_plan(apply_plan)
        wish = replace(wish, rules=rules)
    state = bench.store.read()
    scope = scope_named(bench, state, names) if names else everything(state)
    with invocation.progress("cleanup, step", _STEPS) as progress:
        progress.tell(f"probing {len(scope.images)} images and asking for their sessions", 1)
        found = look(bench, scope, wish.rules, dry=wish.dry, cached=wish.cached)
    changed: list[str] = []
    if items is not None:
        found, changed = planned(found, items)
    if plan is not None:
        write_plan(plan, found, wish.rules)
    if wish.dry:
        return invocation.show(listing(found.findings, found.failures, changed, invocation.mode))
    if found.orphans and not invocation.confirms_all:
        invocation.show(listing(found.findings, (), changed, invocation.mode), asking=True)
        count = len(found.orphans)
        if not invocation.confirm(f"Remove {count} session{'s' * (count > 1)}?"):
            return int(Exit.DONE)
        # A person may take an hour for the answer: only what still holds goes.
        bench = bench.allowing()
        found, changed = planned(look(bench, scope, wish.rules, dry=wish.dry, cached=wish.cached), plan_of(found))
    invocation.purpose = Purpose.ACT
    with invocation.progress("cleanup, step", _STEPS) as progress:
        progress.tell(f"removing {len(found.orphans)} sessions", 2)
        swept, files = remove_orphans(bench, found, wish.rules), sweep_files(bench)
    return invocation.show(outcome(found, swept, files, changed, invocation))
