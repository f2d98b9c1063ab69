"""`stui cleanup`: sweep exactly the sessions that are provably left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stui_cli.commands.listings import ORPHAN_COLUMNS
from stui_cli.flows.workbench import known_images
from stui_cli.invocation import Duration, Invocation, command, complete_target
from stui_cli.model.errors import UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.orphans import Kept, Orphan, Rules
from stui_cli.model.results import OutputMode, Result
from stui_cli.model.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.flows.orphan_cleanup import Finding, Survey
    from stui_cli.manager import SessionManager
    from stui_cli.model.errors import StuiError
    from stui_cli.model.images import Image

_PLAN_SCHEMA = "stui/cleanup-plan/v1"


def survey(manager: SessionManager, images: Sequence[Image] | None, rules: Rules, *, dry: bool, cached: bool) -> Survey:
    """Probe, then judge. A dry run probes as well but writes nothing down, not even that."""
    from stui_cli.flows.orphan_cleanup import find_orphans, judged_records

    asked = list(manager.read().images.values()) if images is None else list(images)
    if cached:
        records = manager.store.probes()
    else:
        records = judged_records(manager.bench, asked) if dry else manager.probe(asked)
    return find_orphans(manager.bench, images, records, rules)


def listing(
    findings: Sequence[Finding], failures: Sequence[StuiError], warnings: Sequence[str], *, with_kept: bool
) -> Result:
    """The rows of what goes and why and, if wanted, of what stays and why. The same rows tell what would go and what
    went. Partly done where an image could not be asked or did not do its part."""
    rows = [_row(finding) for finding in findings if with_kept or finding.reason is not None]
    rows.sort(key=lambda row: row["reason"] is None)
    partly = bool(failures) or bool(warnings)
    return Result(
        "orphan",
        rows,
        ORPHAN_COLUMNS,
        name_key="session",
        errors=failures,
        warnings=warnings,
        empty="nothing is left behind",
        exit_code=Exit.PARTLY_DONE if partly else Exit.DONE,
    )


def _row(finding: Finding) -> dict[str, object]:
    row: dict[str, object] = {
        "session": finding.label,
        "image": finding.image,
        "reason": None,
        "evidence": None,
        "action": None,
        "since": None,
        "image_id": finding.image_id,
        "session_id": finding.session_id,
    }
    match finding.verdict:
        case Orphan(reason, evidence, since):
            return row | {"reason": str(reason), "evidence": evidence, "action": "remove", "since": rfc3339(since)}
        case Kept(why, waiting):
            return row | {"evidence": why, "action": "wait" if waiting else "keep"}


def write_plan(path: Path, found: Survey, rules: Rules) -> None:
    """Write the orphans down for somebody to review; `--apply` takes the file."""
    from stui_cli.flows.orphan_cleanup import plan_of

    document = {
        "schema": _PLAN_SCHEMA,
        "rules": {
            "grace": rules.grace,
            "older_than": rules.older_than,
            "unreachable_for": rules.unreachable_for,
            "force": rules.force,
            "preserve_active": rules.preserve_active,
        },
        "orphans": plan_of(found),
    }
    try:
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageProblem(
            f"the plan cannot be written to {path}: {error.strerror}", todo="name another file"
        ) from error


def read_plan(path: Path) -> tuple[Rules, list[dict[str, object]]]:
    """The rules and the orphans of a plan file; raises UsageProblem for any other file."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageProblem(
            f"{path} cannot be read as a plan: {error}", todo="make one: stui cleanup --plan FILE"
        ) from error
    match raw:
        case {"schema": str(schema), "rules": dict(rules), "orphans": list(orphans)} if schema == _PLAN_SCHEMA:
            known = {name: rules[name] for name in Rules.__dataclass_fields__ if name in rules}
            if "grace" in known and all(isinstance(orphan, dict) for orphan in orphans):
                return Rules(**known), orphans
    raise UsageProblem(f"{path} is no plan of this version", todo="make one: stui cleanup --plan FILE")


@command("orphan", name="cleanup")
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_target)
@click.option("--all", "everything", is_flag=True, help="Every image; the same as naming none.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would go and what stays, and why; change nothing.")
@click.option("--older-than", type=Duration(), help="Closed sessions idle for longer may go too.")
@click.option("--grace", type=Duration(), default="24h", show_default=True, help="How long an image must be gone.")
@click.option("--unreachable-for", type=Duration(), help="Let images that are only silent count as gone after this.")
@click.option("--force", is_flag=True, help="With --older-than also live sessions; as admin others' strays too.")
@click.option(
    "--preserve-active/--no-preserve-active", default=True, help="Keep sessions that live in their image (yes)."
)
@click.option("--cached", is_flag=True, help="Go by the last probes; images are still asked for their sessions.")
@click.option(
    "--plan", type=click.Path(path_type=Path), metavar="FILE", help="Write what would go to FILE; remove nothing."
)
@click.option(
    "--apply", "apply_plan", type=click.Path(path_type=Path), metavar="FILE", help="Remove what the plan FILE says."
)
def cli(
    invocation: Invocation,
    images: tuple[str, ...],
    everything: bool,
    dry_run: bool,
    older_than: int | None,
    grace: int,
    unreachable_for: int | None,
    force: bool,
    preserve_active: bool,
    cached: bool,
    plan: Path | None,
    apply_plan: Path | None,
) -> int:
    """Sweep the sessions whose image is provably gone, or which their image no longer knows.

    Images are probed first. What would go is shown with its evidence, and exactly that is removed after a yes (-y in
    scripts), in one operation that `stui undo` takes back. Live sessions that the store does not know are ended too.
    Exits with 8 if an image could not be asked or did not do its part; the others are swept all the same.
    """
    from stui_cli.flows.orphan_cleanup import planned, remove_orphans
    from stui_cli.flows.sweeping import sweep_files

    manager = invocation.manager_for(read_only=dry_run or plan is not None)
    state = manager.read()
    names = images or ((invocation.asked.image,) if invocation.asked.image else ())
    chosen = known_images(state, names) if names and not everything else None
    rules = Rules(grace, older_than, unreachable_for, force, preserve_active)
    warnings: list[str] = []
    plan_items: list[dict[str, object]] | None = None
    if apply_plan is not None:
        rules, plan_items = read_plan(apply_plan)
    found = survey(manager, chosen, rules, dry=dry_run or plan is not None, cached=cached)
    if plan_items is not None:
        found, warnings = planned(found, plan_items)
    if plan is not None:
        write_plan(plan, found, rules)
    if dry_run or plan is not None:
        with_kept = invocation.mode is not OutputMode.NAME
        return invocation.show(listing(found.findings, found.failures, warnings, with_kept=with_kept))
    if found.orphans and not invocation.confirms_all:
        invocation.show(listing(found.findings, (), (), with_kept=True))
        if not invocation.confirm(f"Remove {len(found.orphans)} of these?"):
            return int(Exit.DONE)
    swept = remove_orphans(manager.bench, found, rules)
    sweep_files(manager.bench)
    failures = (*found.failures, *swept.failures)
    kept = [finding for finding in found.findings if finding.reason is None]
    shown = [*swept.gone, *kept] if invocation.mode in (OutputMode.JSON, OutputMode.JSONL) else swept.gone
    return invocation.show(listing(shown, failures, warnings, with_kept=True))
