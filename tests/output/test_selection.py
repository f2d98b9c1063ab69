import pytest

from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Column, ItemKind, Result, Show
from stui_cli.output.selection import chosen_columns, name_of, narrowed

ITEMS = ({"name": "alpha", "uptime_ms": 5, "created_at": None}, {"name": "beta", "extra": 1})
NAME = Column("name", "NAME")
KIND = ItemKind("thing", {"name": Show.TEXT, "uptime_ms": Show.DURATION, "created_at": Show.AGE})


def test_a_results_own_columns() -> None:
    assert chosen_columns(Result(KIND, ITEMS, (NAME,)), None) == (NAME,)


def test_without_columns_every_field() -> None:
    assert chosen_columns(Result(KIND, ITEMS), None) == (
        Column("name", "Name"),
        Column("uptime_ms", "Uptime", Show.DURATION),
        Column("created_at", "Created", Show.AGE),
        Column("extra", "Extra"),
    )


def test_asked_columns_in_the_order_asked() -> None:
    chosen = chosen_columns(Result(KIND, ITEMS, (NAME,)), ("extra", "name"))
    assert chosen == [Column("extra", "Extra"), NAME]


def test_an_unknown_column_lists_the_possible() -> None:
    with pytest.raises(UsageProblem) as caught:
        chosen_columns(Result(KIND, ITEMS, (NAME,)), ("name", "extar\x1b"))
    assert caught.value.what == r"there is no column 'extar\x1b'"
    assert caught.value.todo == "did you mean extra?\ncolumns: name, uptime_ms, created_at, extra"


def test_an_empty_listing_accepts_any_column() -> None:
    result = Result(KIND, (), (NAME,))
    assert chosen_columns(result, ("name", "pid")) == [NAME, Column("pid", "Pid")]


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
