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

places = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from([1, 2]),
    st.sampled_from([BEGAN, BEGAN, "returned", None]),
    st.sampled_from("xy"),
)


def entries_of(drawn: Sequence[tuple[str, int, str | None, str]]) -> list[AuditEntry]:
    return [
        AuditEntry(time, Actor("me", "here", pid, "stui"), "evaluate", image, outcome=outcome, source=source)
        for time, (image, pid, outcome, source) in enumerate(drawn)
    ]


def whole(entries: Sequence[AuditEntry]) -> list[tuple[AuditEntry, bool | None]]:
    """Place by place: each end takes the first that began of its source and is not told of yet, or else of any; what
    had begun before that one has no end."""
    ends: dict[int, bool | None] = {e.time: False if e.outcome == BEGAN else None for e in entries}
    for whose in {(e.actor, e.image) for e in entries}:
        begun: list[AuditEntry] = []
        for entry in (e for e in entries if (e.actor, e.image) == whose):
            if entry.outcome == BEGAN:
                begun.append(entry)
            elif begun:
                same = [each for each in begun if each.source == entry.source] or begun
                ends[same[0].time] = True
                begun = begun[begun.index(same[0]) + 1 :]
    return [(entry, ends[entry.time]) for entry in entries]


@given(st.lists(places, max_size=30))
def test_ends(drawn: list[tuple[str, int, str | None, str]]) -> None:
    entries = entries_of(drawn)
    assert list(ends_of(entries)) == whole(entries)


def test_several_that_began_together_have_each_their_end() -> None:
    drawn = [
        ("a", 1, BEGAN, "x"),
        ("a", 1, BEGAN, "y"),
        ("a", 1, BEGAN, "z"),
        ("a", 1, "returned", "x"),
        ("a", 1, "error", "y"),
    ]
    assert [ended for _, ended in ends_of(entries_of(drawn))] == [True, True, False, None, None]


def test_an_entry_comes_as_soon_as_it_is_known_whether_it_ended() -> None:
    read = count()
    drawn = [
        (*place, "x")
        for place in (("a", 1, None), ("a", 1, BEGAN), ("b", 1, None), ("a", 1, "returned"), ("b", 2, None))
    ]
    told = [(entry.time, next(read)) for entry, _ in ends_of(e for e in entries_of(drawn) if next(read) >= 0)]
    assert [time for time, _ in told] == [0, 1, 2, 3, 4]
    assert told[0] == (0, 1)  # after one entry was read
    assert told[1][1] - told[0][1] == 4  # three more were read before the second came
