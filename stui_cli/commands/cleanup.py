"""`stui cleanup`: sweep exactly the sessions that are provably left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.listings import ORPHAN_COLUMNS
from stui_cli.flows.workbench import known_images
from stui_cli.invocation import Duration, Invocation, command, complete_image
from stui_cli.model.orphans import Kept, Orphan, Rules
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.flows.orphan_cleanup import Finding


def preview(findings: Sequence[Finding], *, quiet_keepers: bool, done: bool) -> Result:
    """What goes and why, and what stays and why: the same rows before and after."""
    items = [_item(finding, done) for finding in findings if isinstance(finding.verdict, Orphan)]
    if not quiet_keepers:
        items += [_item(finding, done) for finding in findings if isinstance(finding.verdict, Kept)]
    return Result("orphan", items, ORPHAN_COLUMNS, name_key="session", empty="nothing is left behind")


def _item(finding: Finding, done: bool) -> dict[str, object]:
    match finding.verdict:
        case Orphan(reason, evidence):
            action = "removed" if done else "remove"
            return _row(finding, action, str(reason), evidence)
        case Kept(why, waiting):
            return _row(finding, "wait" if waiting else "keep", None, why)


def _row(finding: Finding, action: str, reason: str | None, evidence: str) -> dict[str, object]:
    return {
        "session": finding.label,
        "image": finding.image,
        "image_id": finding.session.image_id,
        "session_id": finding.session.session_id,
        "reason": reason,
        "evidence": evidence,
        "action": action,
    }


@command("orphan", name="cleanup")
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
@click.option("--all", "everything", is_flag=True, help="Every image; the same as naming none.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would go; change nothing.")
@click.option("--older-than", type=Duration(), help="Sessions idle for longer may go too.")
@click.option("--grace", type=Duration(), default="24h", show_default=True, help="How long an image must be gone.")
@click.option("--unreachable-for", type=Duration(), help="Let images that are only silent count as gone after this.")
@click.option("--force", is_flag=True, help="Let live sessions go as well, where --older-than says so.")
def cli(
    invocation: Invocation,
    images: tuple[str, ...],
    everything: bool,
    dry_run: bool,
    older_than: int | None,
    grace: int,
    unreachable_for: int | None,
    force: bool,
) -> int:
    """Sweep the sessions whose image is provably gone, or which their image no longer knows.

    Images are probed first. What would go is shown with its evidence; it is removed after a yes.
    """
    from stui_cli.flows.orphan_cleanup import remove_orphans

    manager = invocation.manager
    state = manager.read()
    asked = invocation.asked.image
    names = images or ((asked,) if asked else ())
    chosen = known_images(state, names) if names and not everything else None
    manager.probe(list(state.images.values()) if chosen is None else chosen)
    findings = manager.find_orphans(chosen, Rules(grace, older_than, unreachable_for, force))
    orphans = [finding for finding in findings if isinstance(finding.verdict, Orphan)]
    if dry_run or not orphans:
        return invocation.show(preview(findings, quiet_keepers=not dry_run, done=False))
    if not invocation.confirms_all:
        invocation.show(preview(findings, quiet_keepers=False, done=False))
        if not invocation.confirm(f"Remove {len(orphans)} sessions from the store?"):
            return 0
    gone = remove_orphans(manager.bench, findings)
    return invocation.show(preview(gone, quiet_keepers=True, done=True))
