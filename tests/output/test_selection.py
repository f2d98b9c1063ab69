from collections.abc import Sequence

import pytest

from stui_cli.contract.fields import fields_of_kind
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Column, ItemKind, Result, Show
from stui_cli.output.ordering import SortKey
from stui_cli.output.selection import (
    Selection,
    chosen_columns,
    name_of,
    narrowed,
    read_selection,
    selected,
    spelled_out,
)

ITEMS = ({"name": "alpha", "uptime_ms": 5, "created_at": None}, {"name": "beta", "extra": 1})
NAME = Column("name", "NAME")
KIND = ItemKind("thing", {"name": Show.TEXT, "uptime_ms": Show.DURATION, "created_at": Show.AGE})


def shapes(columns: Sequence[Column]) -> list[tuple[str, str, Show]]:
    return [(column.key, column.title, column.show) for column in columns]


def test_a_results_own_columns() -> None:
    assert chosen_columns(Result(KIND, ITEMS, (NAME,)), None) == (NAME,)


def test_without_columns_every_field() -> None:
    assert shapes(chosen_columns(Result(KIND, ITEMS), None)) == [
        ("name", "Name", Show.TEXT),
        ("uptime_ms", "Uptime", Show.DURATION),
        ("created_at", "Created", Show.AGE),
        ("extra", "Extra", Show.TEXT),
    ]


def test_asked_columns_in_the_order_asked() -> None:
    chosen = chosen_columns(Result(KIND, ITEMS, (NAME,)), ("extra", "name"))
    assert shapes(chosen) == [("extra", "EXTRA", Show.TEXT), ("name", "NAME", Show.TEXT)]


def test_an_unknown_column_lists_the_possible() -> None:
    with pytest.raises(UsageProblem) as caught:
        chosen_columns(Result(KIND, ITEMS, (NAME,)), ("name", "extar\x1b"))
    assert caught.value.what == r"there is no column 'extar\x1b'"
    assert caught.value.todo == "did you mean extra?\ncolumns: name, uptime_ms, created_at, extra"


@pytest.mark.parametrize(("title", "derived"), [("IMAGE", "UPTIME"), ("image", "uptime"), ("Image", "Uptime")])
def test_a_column_without_a_title_is_written_as_those_beside_it(title: str, derived: str) -> None:
    kind = ItemKind("image", {"name": Show.TEXT, "uptime_ms": Show.MILLISECONDS}, name_key="name")
    result = Result(kind, [{"name": "a", "uptime_ms": 3}], (Column("name", title),))
    shown = chosen_columns(result, ("name", "uptime_ms"))
    assert [column.title for column in shown] == [title, derived]
    assert [column.title for column in spelled_out(shown)] == [title, derived]


def test_an_empty_listing_accepts_any_column() -> None:
    result = Result(KIND, (), (NAME,))
    chosen = chosen_columns(result, ("name", "pid"))
    assert shapes(chosen) == [("name", "NAME", Show.TEXT), ("pid", "PID", Show.TEXT)]


def test_narrowed() -> None:
    assert narrowed(ITEMS, (NAME, Column("extra", ""))) == [
        {"name": "alpha", "extra": None},
        {"name": "beta", "extra": 1},
    ]


@pytest.mark.parametrize(
    ("item", "key", "name"),
    [
        ({"name": "alpha"}, "name", "alpha"),
        ({"name": None}, "name", None),
        ({}, "name", None),
        ({"number": 42}, "number", "42"),
        ({"image": "alpha", "name": "work"}, "image/name", "alpha/work"),
        ({"image": "alpha", "name": None}, "image/name", "alpha"),
        ({"image": None, "name": "work"}, "image/name", None),
    ],
)
def test_name_of(item: dict[str, object], key: str, name: str | None) -> None:
    assert name_of(item, key) == name


IMAGES = fields_of_kind("image", ("group",))


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("latency_ms", "latency_ms"),
        ("LATENCY", "latency_ms"),
        ("latency", "latency_ms"),
        ("Last Seen", "last_seen"),
        ("last-seen", "last_seen"),
        ("IMAGE", "name"),
        ("labels", "metadata"),
        ("age", "age_s"),
        ("checked", "checked_at"),
        ("as of", "measured_at"),
        ("group", "group"),
    ],
)
def test_a_field_is_called_by_its_key_or_its_heading_in_any_case(word: str, key: str) -> None:
    chosen = read_selection(IMAGES, columns=f" {word} ,name", sort=f"-{word}, name")
    assert chosen.columns == (key, "name")
    assert chosen.sort == (SortKey(key, descending=True), SortKey("name"))


@pytest.mark.parametrize("text", ["", "name,", ",", "name,,status", "-", "name,-"])
@pytest.mark.parametrize("option", ["columns", "sort"])
def test_an_empty_key(text: str, option: str) -> None:
    with pytest.raises(UsageProblem, match=f"--{option} .* names an empty column"):
        read_selection(IMAGES, **{option: text})


@pytest.mark.parametrize(("option", "purpose"), [("columns", ""), ("sort", " to sort by")])
def test_an_unknown_key_names_the_nearest(option: str, purpose: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        read_selection(IMAGES, **{option: "laetncy"})
    assert caught.value.what == f"there is no column 'laetncy'{purpose}"
    assert caught.value.todo.startswith("did you mean latency_ms?\n")
    assert "\ncolumns: name, image_id, " in caught.value.todo


def test_without_fields_every_key_will_do_for_a_column_and_none_for_a_template() -> None:
    assert read_selection(None, columns="some thing").columns == ("some thing",)
    with pytest.raises(UsageProblem, match="prints no items"):
        read_selection(None, template="{name}")


def test_what_is_left_out_is_counted() -> None:
    result = Result(KIND, [*ITEMS, {"name": "gamma"}])
    shown, note = selected(result, Selection(sort=(SortKey("name", descending=True),), limit=1))
    assert ([item["name"] for item in shown.items], note) == (["gamma"], "2 of 3 left out: --limit 1")
    assert selected(shown, Selection(limit=1)) == (shown, "")
    assert selected(result, Selection(limit=3)) == (result, "")


def test_groups_stay_together_when_they_are_sorted() -> None:
    items = [{"name": name, "group": group} for name, group in (("a", "x"), ("b", None), ("c", "w"), ("d", "x"))]
    sort = (SortKey("name", descending=True),)
    shown, _ = selected(Result(KIND, items, group_key="group"), Selection(sort=sort))
    assert [item["name"] for item in shown.items] == ["c", "d", "a", "b"]


def test_a_field_that_no_item_has_is_nothing_to_sort_by() -> None:
    with pytest.raises(UsageProblem, match="'kept'"):
        selected(Result(KIND, ITEMS), Selection(sort=(SortKey("kept"),)))
    assert selected(Result(KIND, ()), Selection(sort=(SortKey("kept"),)))[0].items == []
