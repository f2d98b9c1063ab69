"""Sweeping what is left behind: first what would go and why, then exactly that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.api.connections import DEFAULT_GRACE_MS
from stui_cli.api.opened import Opened, several
from stui_cli.contract.records.sessions import CleanupPlan, OrphanRecord, Sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.work.sweeping.survey import Scope, Survey
    from stui_cli.work.workbench import Workbench


class Sweeping(Opened):
    """The part of the manager that is about cleaning up."""

    def plan_cleanup(
        self,
        names: Sequence[str] | None = None,
        *,
        grace: int = DEFAULT_GRACE_MS,
        older_than: int | None = None,
        unreachable_for: int | None = None,
        force: bool = False,
        preserve_active: bool = True,
        cached: bool = False,
    ) -> CleanupPlan:
        """Probe, and judge the sessions of the images named (IMAGE or IMAGE/SESSION), or all. Removes nothing.

        `grace`, `older_than` and `unreachable_for` are milliseconds, and mean what the options of `stui cleanup` mean.
        """
        from stui_cli.model.orphans import Rules
        from stui_cli.work.sweeping.look import look
        from stui_cli.work.sweeping.plan import plan_of

        rules = Rules(grace, older_than, unreachable_for, force, preserve_active)
        found = look(self._whole_run, self._scope_of(names), rules, dry=True, cached=cached)
        return CleanupPlan(
            orphans=_told(found, orphans=True),
            kept=_told(found, orphans=False),
            failures=found.failures,
            names=several(names),
            rules=rules,
            agreed=tuple(plan_of(found)),
        )

    def carry_out_cleanup(self, plan: CleanupPlan) -> Sweep:
        """Remove exactly what a plan says, as far as it still holds; what changed since is left, and told. One
        operation, which `undo` takes back."""
        from stui_cli.work.sweeping.carry_out import remove_orphans
        from stui_cli.work.sweeping.files import sweep_files
        from stui_cli.work.sweeping.look import judged_item, look
        from stui_cli.work.sweeping.plan import planned

        bench = self._whole_run
        survey = look(bench, self._scope_of(plan.names), plan.rules, dry=False, cached=False)
        held, changed = planned(survey, plan.agreed)
        swept = remove_orphans(bench, held, plan.rules)
        files = sweep_files(bench)
        return Sweep(
            removed=tuple(OrphanRecord.of(judged_item(each)) for each in swept.gone),
            kept=_told(survey, orphans=False),
            failures=(*survey.failures, *swept.failures, *files.failures),
            warnings=(*changed, *swept.changed),
        )

    @property
    def _whole_run(self) -> Workbench:
        """A sweep probes and asks, each within half of its time."""
        return self.bench.allowing(2 * self.bench.timeout)

    def _scope_of(self, names: Sequence[str] | None) -> Scope:
        from stui_cli.model.state import image_of_id
        from stui_cli.work.sweeping.survey import everything, scope_named

        state, named = self.read(), several(names)
        if named is None:
            return everything(state)
        words = []
        for word in named:
            owner, slash, session = word.partition("/")
            image = image_of_id(state, owner)
            words.append(f"{owner if image is None else image.name}{slash}{session}")
        return scope_named(self.bench, state, words)


def _told(survey: Survey, *, orphans: bool) -> tuple[OrphanRecord, ...]:
    from stui_cli.work.sweeping.look import judged_item

    found = survey.orphans if orphans else survey.kept
    return tuple(OrphanRecord.of(judged_item(each)) for each in found)
