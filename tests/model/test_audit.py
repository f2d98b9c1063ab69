"""Which entries of the audit log ended, told as soon as it is known."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.actors import Actor
from stui_cli.model.audit import BEGAN, AuditEntry, ends_of

if TYPE_CHECKING:
    from collections.abc import Sequence

places = st.tuples(st.sampled_from("ab"), st.sampled_from([1, 2]), st.sampled_from([BEGAN, BEGAN, "returned", None]))


def entries_of(drawn: Sequence[tuple[str, int, str | None]]) -> list[AuditEntry]:
    return [
        AuditEntry(time, Actor("me", "here", pid, "stui"), "evaluate", image, outcome=outcome)
        for time, (image, pid, outcome) in enumerate(drawn)
    ]


def whole(entries: Sequence[AuditEntry]) -> list[tuple[AuditEntry, bool | None]]:
    """By looking, from each that began, for the next of the same process in the same place."""
    told = []
    for place, entry in enumerate(entries):
        after = (e for e in entries[place + 1 :] if (e.actor, e.image) == (entry.actor, entry.image))
        following = next(after, None)
        ended = following is not None and following.outcome != BEGAN
        told.append((entry, ended if entry.outcome == BEGAN else None))
    return told


@given(st.lists(places, max_size=30))
def test_ends(drawn: list[tuple[str, int, str | None]]) -> None:
    entries = entries_of(drawn)
    assert list(ends_of(entries)) == whole(entries)


def test_an_entry_comes_as_soon_as_it_is_known_whether_it_ended() -> None:
    read = count()
    drawn = [("a", 1, None), ("a", 1, BEGAN), ("b", 1, None), ("a", 1, "returned"), ("b", 2, None)]
    told = [(entry.time, next(read)) for entry, _ in ends_of(e for e in entries_of(drawn) if next(read) >= 0)]
    assert [time for time, _ in told] == [0, 1, 2, 3, 4]
    assert told[0] == (0, 1)  # after one entry was read
    assert told[1][1] - told[0][1] == 4  # three more were read before the second came
