"""The audit log's lines: who did what to which image. Append-only, never undone (DESIGN section 2)."""

from collections import deque
from collections.abc import Iterable, Iterator

from stui_cli.model.actors import Actor
from stui_cli.named_tuples import NamedTuple

# The outcome of code that is about to be sent. How it ended is another line, by the same process.
BEGAN = "began"


class AuditEntry(NamedTuple):
    """One act. `time` in ms; `action` is an operation's kind, "evaluate", or what was refused.

    `outcome` says how it ended, `role` what the key allowed. `source` is an evaluation's source, or the hash
    of it where the user's config says so. `operation` is the number in the operation log of a change. `images`
    are those that an act touched which is not about one image alone: a sweep, an undo, a switch.
    """

    time: int
    actor: Actor
    action: str
    image: str | None = None
    session: str | None = None
    role: str | None = None
    outcome: str | None = None
    source: str | None = None
    operation: int | None = None
    images: tuple[str, ...] = ()


def ends_of(entries: Iterable[AuditEntry]) -> Iterator[tuple[AuditEntry, bool | None]]:
    """The entries, oldest first, each that began with whether its end is among them; None of any other. One comes when
    that is known of it, and of all before it.

    A process's lines about one place come in the order of its code there, and several pieces may begin together. A few
    quick pieces share one line `began`: those have ends alone.
    """
    waiting: deque[tuple[int, AuditEntry]] = deque()
    ended: dict[int, bool] = {}
    open_ones: dict[tuple[object, ...], list[tuple[int, str | None]]] = {}
    for number, entry in enumerate(entries):
        waiting.append((number, entry))
        whose = (entry.actor, entry.action, entry.image, entry.session)
        if entry.outcome == BEGAN:
            open_ones.setdefault(whose, []).append((number, entry.source))
        elif begun := open_ones.pop(whose, None):
            # What began before the one that ended here, and is still without an end, will have none.
            meant = next((at for at, (_, source) in enumerate(begun) if source == entry.source), 0)
            ended.update({earlier: False for earlier, _ in begun[:meant]})
            ended[begun[meant][0]] = True
            if later := begun[meant + 1 :]:
                open_ones[whose] = later
        while waiting and (waiting[0][1].outcome != BEGAN or waiting[0][0] in ended):
            settled, oldest = waiting.popleft()
            yield oldest, ended.pop(settled, None)
    for number, entry in waiting:
        yield entry, ended.get(number, False) if entry.outcome == BEGAN else None


class AuditVerdict(NamedTuple):
    """Whether each of `lines` lines carries the hash of the one before. `line` is the first that does not,
    counted from 1 through all files, None if all do, and `file` the file where it should be; `reason` says what is
    wrong, or what else to know."""

    lines: int
    line: int | None
    reason: str
    file: str
