"""In which order items are listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.blocks import block_of
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.model.times import Moment
from stui_cli.output.ordering import SortKey, best, first, order_of, ordered, place

Health = ConnectionHealth

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from([*ConnectionStatus, *ConnectionHealth]),
    st.integers(0, 10**13).map(Moment),
    st.lists(st.text(max_size=2), max_size=2),
    st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=2),
)
ITEMS = st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), max_size=6)
KEYS = st.lists(st.builds(SortKey, st.sampled_from(["a", "b", "c"]), st.booleans()), max_size=3)


@pytest.mark.parametrize(
    ("values", "rising", "falling"),
    [
        ([10, None, 9, 2.5], [2.5, 9, 10, None], [10, 9, 2.5, None]),
        (["b", "A", None, "c"], ["A", "b", "c", None], ["c", "b", "A", None]),
        ([Moment(5), Moment(40), None], [Moment(5), Moment(40), None], [Moment(40), Moment(5), None]),
        ([True, False], [False, True], [True, False]),
        (
            [Health.HEALTHY, Health.CRITICAL, Health.WARNING],
            [Health.CRITICAL, Health.WARNING, Health.HEALTHY],
            [Health.HEALTHY, Health.WARNING, Health.CRITICAL],
        ),
        ([2**63, 2**63 - 1], [2**63 - 1, 2**63], [2**63, 2**63 - 1]),
    ],
)
def test_numbers_times_and_states_as_such_and_what_is_not_known_last(
    values: list[object], rising: list[object], falling: list[object]
) -> None:
    items = [{"a": value} for value in values]
    assert [item["a"] for item in ordered(items, [SortKey("a")])] == rising
    assert [item["a"] for item in ordered(items, [SortKey("a", descending=True)])] == falling


def test_what_is_equal_is_sorted_by_the_next_key_and_else_stays() -> None:
    items = [{"a": a, "b": b} for a, b in ((1, "x"), (0, "y"), (1, "w"), (0, "y2"))]
    by = [SortKey("a", descending=True), SortKey("b")]
    assert [item["b"] for item in ordered(items, by)] == ["w", "x", "y", "y2"]
    assert [item["b"] for item in ordered(items, [SortKey("a")])] == ["y", "y2", "x", "w"]


@given(st.lists(ITEMS, max_size=5), KEYS, st.none() | st.integers(1, 8))
def test_the_best_of_many_parts_are_the_first_of_all_in_order(
    parts: list[list[dict[str, object]]], keys: list[SortKey], limit: int | None
) -> None:
    every = [item for part in parts for item in part]
    found, count = best(map(block_of, parts), keys, limit)
    assert count == len(every)
    assert repr([item for block in found for item in block.items()]) == repr(ordered(every, keys)[:limit])


@given(
    st.lists(st.text(max_size=3)) | st.lists(st.integers()) | st.lists(st.integers(0, 10**13).map(Moment)),
    st.booleans(),
)
def test_a_column_of_one_class_is_sorted_as_any_other(values: list[object], descending: bool) -> None:
    expected = sorted(range(len(values)), key=lambda at: place(values[at]), reverse=descending)
    assert order_of(len(values), [(values, descending)]) == expected
    assert order_of(len(values) + 1, [([*values, None], descending)]) == [*expected, len(values)]


def test_no_number_comes_last() -> None:
    items = [{"a": float("nan")}, {"a": 2.0}, {"a": float("inf")}]
    assert [item["a"] for item in ordered(items, [SortKey("a")])][:2] == [2.0, float("inf")]


@given(items=ITEMS, keys=KEYS)
def test_nothing_is_lost_and_sorting_again_changes_nothing(items: list[dict[str, object]], keys: list[SortKey]) -> None:
    once = ordered(items, keys)
    assert sorted(map(id, once)) == sorted(map(id, items))
    assert list(map(id, ordered(once, keys))) == list(map(id, once))


def test_the_first_and_how_many_are_left_out() -> None:
    assert first([1, 2, 3], None) == ([1, 2, 3], 0)  # type: ignore[type-var]
    assert first([1, 2, 3], 0) == ([], 3)  # type: ignore[type-var]
    assert first([1, 2, 3], 5) == ([1, 2, 3], 0)  # type: ignore[type-var]
