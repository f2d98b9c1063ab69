"""What the monitors of a team tell each other: who probes for all, and what he found.

Like backend.py a type, which costs a start nothing: the store of a team provides it, a folder has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.findings import Findings
    from stui_cli.model.images import Image
    from stui_cli.model.leads import Lead
    from stui_cli.model.probes import ProbeRecord


class Sharing(Protocol):
    """One leads at most. Whoever does not know any more that he leads cannot write what he found: it is the place that
    sees to it, not his own belief."""

    def follow(self) -> None:
        """Let the store's `wait_for_news` be told of findings, too, but of one's own."""

    def check_may_lead(self) -> None:
        """Raise StoreProblem where this person could not lead, whoever leads now: Forbidden for a reader."""

    def take_lead(self, lead: Lead) -> int | None:
        """Lead from now on, for as long as the connection lasts; return the number of this term, or None where another
        leads. Raises StoreProblem."""

    def tell(self, lead: Lead, images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> bool:
        """Let all know what was found of `images`; return False, with nothing told, where the lead was lost. Raises
        StoreProblem where it is not known: then it counts as lost."""

    def give_up(self) -> None:
        """Lead no more, which who stands by is told. Raises nothing."""

    def findings(self, images: Mapping[str, Image]) -> Findings | None:
        """What the leader found last of `images`; None where nobody leads, or it cannot be read. As it was written:
        it is for the caller to see what he can believe. Raises StoreProblem."""

    def heard(self, images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
        """What this person took over of findings, and acted upon."""

    def keep_heard(self, images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> None:
        """Keep that, inside the lock of what is this person's own."""
