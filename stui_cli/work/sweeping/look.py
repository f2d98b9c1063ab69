"""Looking before a sweep: probe, then judge, within the time that the whole run has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.orphan import orphan_item
from stui_cli.work.sweeping.survey import find_orphans, probed

if TYPE_CHECKING:
    from stui_cli.model.orphans import Rules
    from stui_cli.work.sweeping.survey import Finding, Scope, Survey
    from stui_cli.work.workbench import Workbench


def look(bench: Workbench, scope: Scope, rules: Rules, *, dry: bool, cached: bool) -> Survey:
    """Probe, then judge. A dry run probes as well but writes nothing down, not even that."""
    records = bench.store.probes() if cached else probed(bench.allowing(_half(bench)), scope.images, dry=dry)
    return find_orphans(bench.allowing(_half(bench)), scope, records, rules)


def _half(bench: Workbench) -> float:
    """Seconds for a part of the run: so that what hangs in it leaves time for what follows."""
    return bench.deadline.at_most(bench.timeout / 2).remaining()


def judged_item(finding: Finding) -> dict[str, object]:
    """The item of a session with the verdict on it."""
    return orphan_item(finding.label, finding.image, finding.image_id, finding.session_id, finding.verdict)
