"""The rounds of a monitor of a team's store: one probes for all, the others take over what it found.

    role         each round                                     it becomes
    ---------    -------------------------------------------    -------------------------------------------------
    leads        probes, and tells what it found                stands by, where it cannot tell it: another leads, or
                                                                the connection that had the lead is gone
    stands by    as one that follows                            leads, as soon as nobody does
    follows      takes over what is told and as fresh as a      -
                 round of its own; probes the rest itself

What was taken over is kept apart from what was found here, and both are one line of events: `on_change` is run for
what differs from the later of the two, under the lock of what is this person's own, whoever found it. So each change
is told once to each person, whether the leader told it, or was gone and it was met here.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from stui_cli.local import proc
from stui_cli.model.changes import change_between
from stui_cli.model.errors import StoreProblem, UsageProblem
from stui_cli.model.findings import believable, may_be_told, moved_by, newest, standing, without_own
from stui_cli.model.leads import Lead
from stui_cli.work.images.monitor import Records, probe_due
from stui_cli.work.images.notices import run_on_change
from stui_cli.work.talking.side_records import PATIENCE_S, side_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

    from stui_cli.model.findings import Findings
    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.state import State
    from stui_cli.store.sharing import Sharing
    from stui_cli.work.workbench import Workbench

# How much longer than a round of one's own findings may be old, in ms, beside what a probe of the leader may take.
_LEEWAY_MS = 5_000
_LONGEST_PROBE_MS = 30_000

# How soon one that stands by notices that nobody leads, in seconds: one that is killed tells nobody.
_ASKS_EVERY_S = 5.0

# Clocks that differ by less are taken for the same, in ms.
_SAME_CLOCK_MS = 2_000

_LONGEST_NAME = 64


def team_rounds(bench: Workbench, interval: float, *, leads: bool) -> TeamRounds | None:
    """The rounds of a monitor of a team's store; None where the store is one's own. Raises UsageProblem and
    StoreProblem where this one is to lead and never could."""
    sharing = bench.store.sharing
    if sharing is None:
        if leads:
            raise UsageProblem(
                f"--lead is for the store of a team, whose monitors share what one finds; {bench.store.where} is yours",
                todo="leave it out, or name a store in PostgreSQL: --home postgresql://HOST/DATABASE, STUI_HOME; "
                "see `stui help teams`",
            )
        return None
    if leads:
        sharing.check_may_lead()
    return TeamRounds(bench, sharing, interval, leads=leads)


class TeamRounds:
    """The rounds of one monitor, with `interval` seconds between two. With `leads` it probes for all as soon as nobody
    else does. `leader` is who was seen to lead last, None where nobody, or this one, does; `is_leading` is whether
    this one does."""

    def __init__(self, bench: Workbench, sharing: Sharing, interval: float, *, leads: bool) -> None:
        self._bench = bench
        self._sharing = sharing
        self._interval = interval
        self._wants_lead = leads
        self._place = proc.network()
        self._own: Records = {}
        self._probed_at: dict[str, float] = {}
        self._ahead: tuple[int, int] | None = None
        self.is_leading = False
        self.leader: Lead | None = None
        sharing.follow()

    def round(self, state: State, images: Sequence[Image]) -> Records:
        """Find out how `images` of `state` are, here or by who leads; return the records of all images, by name."""
        if self._wants_lead and self._leads():
            self._own = probe_due(self._bench, images, self._own)
            shown = self._with_heard()
            self._tell(images, shown)
            return shown
        return self._followed(state, images)

    def pause(self, seconds: float, ended: Event) -> None:
        """Wait for the next round: `seconds`, until `ended`, until others change the store or tell what they found, or
        until nobody leads where this one would."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0 and not ended.is_set():
            stands_by = self._wants_lead and not self.is_leading
            if self._bench.store.pause(min(left, _ASKS_EVERY_S) if stands_by else left, ended):
                return
            if stands_by and left > _ASKS_EVERY_S and self._is_free():
                return

    def close(self) -> None:
        """Leave the lead to others."""
        if self.is_leading:
            self._sharing.give_up()
            self.is_leading = False

    # Leading.

    def _lead(self) -> Lead:
        actor, bench = self._bench.store.actor, self._bench
        interval, timeout = round(self._interval * 1000), round(bench.timeout * 1000)
        return Lead(actor.user, actor.host, self._place, interval, timeout, bench.clock())

    def _leads(self) -> bool:
        if not self.is_leading and self._is_free():
            term = self._sharing.take_lead(self._lead())
            self.is_leading = term is not None
            if term is None:
                self._bench.announce("another session holds the lead and tells nothing yet; this monitor stands by")
            else:
                self.leader = None
                self._bench.announce(f"this monitor leads now (term {term}): what it finds is told to the team")
        return self.is_leading

    def _is_free(self) -> bool:
        """Whether nobody leads, as far as can be seen."""
        try:
            return self._sharing.findings({}) is None
        except StoreProblem:
            return False

    def _tell(self, images: Sequence[Image], shown: Records) -> None:
        """Tell what was found here, as it is `shown`: it goes on from what who led before had found."""
        found = {name: shown[name] if shown[name].seen_by is None else record for name, record in self._own.items()}
        told = {
            image.name: without_own(record)
            for image in images
            if (record := found.get(image.name)) is not None and may_be_told(image, record, same_place=True)
        }
        why = "another leads, or the lock was lost"
        try:
            if self._sharing.tell(self._lead(), {image.name: image for image in images}, told):
                return
        except StoreProblem as error:
            why = error.what
        self.is_leading = False
        at = self._bench.clock()
        self._bench.announce(f"the lead was lost ({why}) at {_clock_text(at)}; this monitor stands by")

    # Following.

    def _followed(self, state: State, images: Sequence[Image]) -> Records:
        found = self._sharing.findings(state.images)
        self._see(found)
        told = {} if found is None or not self._is_fresh(found) else self._true_here(images, found)
        here = [image for image in images if image.name not in told and self._is_its_turn(image)]
        self._own = probe_due(self._bench, here, self._own) if here else self._bench.store.probes(state)
        self._probed_at.update((image.name, monotonic()) for image in here)
        return self._with_heard(self._take_over(state, told) if told else None)

    def _see(self, found: Findings | None) -> None:
        """Notice who leads, and tell it where another does than before."""
        before, self.leader = self.leader, None if found is None else _named(found.lead)
        if found is None or self.leader is None or not self._wants_lead:
            return
        if before is None or before.shown != self.leader.shown:
            who = f"{self.leader.shown} leads (term {found.term})"
            self._bench.announce(f"{who}; this monitor stands by, and takes over when that ends")

    def _is_fresh(self, found: Findings) -> bool:
        """Whether findings are as good as a round of one's own: no older, and told as often. What the probes of the
        leader may take is allowed for: who waits for the slowest image tells later."""
        bound = round(self._interval * 1000) + _LEEWAY_MS
        return found.lead.interval <= bound and found.age <= bound + min(max(0, found.lead.timeout), _LONGEST_PROBE_MS)

    def _true_here(self, images: Sequence[Image], found: Findings) -> Records:
        """What of the findings holds here, by our clock."""
        lead, ahead = _named(found.lead), self._ahead_of(found)
        same_place = lead.place == self._place
        return {
            image.name: (moved_by(record, ahead) if ahead else record)._replace(seen_by=lead.shown)
            for image in images
            if (record := found.records.get(image.name)) is not None
            and believable(image, record, lead.told_at)
            and may_be_told(image, record, same_place=same_place)
        }

    def _ahead_of(self, found: Findings) -> int:
        """How far our clock is ahead of the leader's, in ms. It is measured once for each that leads: what is told
        twice is then of the same time."""
        ahead = self._bench.clock() - found.age - found.lead.told_at
        ahead = 0 if abs(ahead) < _SAME_CLOCK_MS else ahead
        if self._ahead is None or self._ahead[0] != found.term or abs(ahead - self._ahead[1]) >= _SAME_CLOCK_MS:
            self._ahead = (found.term, ahead)
        return self._ahead[1]

    def _is_its_turn(self, image: Image) -> bool:
        """Whether an image that nobody tells of is to be probed: what the leader tells begins no round of ours."""
        probed_at = self._probed_at.get(image.name)
        return probed_at is None or monotonic() - probed_at >= 0.9 * self._interval

    def _take_over(self, state: State, told: Mapping[str, ProbeRecord]) -> Mapping[str, ProbeRecord]:
        """Keep what is told, and run `on_change` for what is news to this person; return all that was heard."""
        bench, sharing = self._bench, self._sharing
        news: Records = {}
        known: dict[str, ProbeRecord | None] = {}
        heard: Records = {}
        with side_record(bench, "what the leading monitor found"), bench.store.held(PATIENCE_S):
            own, heard = bench.store.probes(state), sharing.heard(state.images)
            known = {name: standing(own.get(name), heard.get(name)) for name in told}
            later = {name: record for name, record in told.items() if newest(known[name], record) is record}
            if later:
                sharing.keep_heard(state.images, heard | later)
            news = later  # which is acted upon where it is kept: else it would be again
        changes = [each for name, record in news.items() if (each := change_between(name, known[name], record))]
        if changes:
            run_on_change(bench, state, changes, news)
        return {**told, **heard, **news}

    def _with_heard(self, heard: Mapping[str, ProbeRecord] | None = None) -> Records:
        """The records of all images: what was found here, or by another where that is later."""
        records = dict(self._own)
        for name, record in (self._bench.store.heard() if heard is None else heard).items():
            if (later := standing(records.get(name), record)) is not None:
                records[name] = later
        return records


def _named(lead: Lead) -> Lead:
    """A lead whose names are no longer than names are: they are another's words."""
    return lead._replace(user=lead.user[:_LONGEST_NAME], host=lead.host[:_LONGEST_NAME])


def _clock_text(at: int) -> str:
    from stui_cli.model.times import Moment

    return str(Moment(at))
