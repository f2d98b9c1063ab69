import math

import pytest

from stui_cli.model.orphans import OrphanReason
from stui_cli.model.results import Column, Show
from stui_cli.model.times import Moment
from stui_cli.output.cells import rows, writer

NOW = 1_760_000_000_000


@pytest.mark.parametrize(
    ("show", "value", "cell"),
    [
        (Show.TEXT, None, "-"),
        (Show.TEXT, "", "-"),
        (Show.TEXT, "a\nb", r"a\x0ab"),
        (Show.CODE, "a\r\n\tb\x1b c\n", r"a b\x1b c"),
        (Show.CODE, None, "-"),
        (Show.LINES, "x := 3.\n\ty := 4\n", "x := 3. +1 line"),
        (Show.LINES, "\n\r\n  ^self\tfoo\x1b;\rbar\r\nbaz", r"^self foo\x1b; +2 lines"),
        (Show.LINES, {"print": "a\nb", "class": None}, "print=a +1 line class=-"),
        (Show.LINES, "\n", "-"),
        (Show.LINES, None, "-"),
        (Show.TEXT, bytes(range(8)), "00 01 02 03 04 05 06 07"),
        (Show.TEXT, bytes(100), "00 " * 19 + "..."),
        (Show.LINES, "\0" * 61, "\\x00" * 14 + "..."),
        (Show.TEXT, "\0" * 61, "\\x00" * 61),
        (Show.LINES, f"#[{'255 ' * 30}]", "#[" + "255 " * 13 + "255..."),
        (Show.LINES, "255 " * 30, "255 " * 30),
        (Show.TEXT, True, "yes"),
        (Show.TEXT, False, "no"),
        (Show.TEXT, 42, "42"),
        (Show.TEXT, ["a", "b\x00"], r"a, b\x00"),
        (Show.TEXT, (), "-"),
        (Show.STATUS, "connected", "connected"),
        (Show.HEALTH, "healthy", "healthy"),
        (Show.NUMBER, 1234567, "1234567"),
        (Show.AGE, Moment(NOW - 180_000), "3 min ago"),
        (Show.TEXT, Moment(NOW - 180_000), "2025-10-09T08:50:20.000Z"),
        (Show.AGE, "soon\x1b", r"soon\x1b"),
        (Show.AGE, None, "-"),
        (Show.DURATION, 7_500_000, "2 h 5 min"),
        (Show.DURATION, math.inf, "inf"),
        (Show.DURATION, math.nan, "nan"),
        (Show.DURATION, True, "yes"),
        (Show.MILLISECONDS, 0.41, "0.4 ms"),
        (Show.MILLISECONDS, "slow", "slow"),
        (Show.BYTES, 14 * 2**20, "14 MiB"),
        (Show.BYTES, None, "-"),
        (Show.REASON, OrphanReason.IMAGE_GONE, "ImageGone"),
        (Show.REASON, None, "-"),
        (Show.MARK, True, "*"),
        (Show.MARK, False, ""),
        (Show.MARK, None, "-"),
        (Show.LABELS, {"env": "prod", "x\x1b": "\u202ey"}, r"env=prod x\x1b=\u202ey"),
        (Show.LABELS, {}, "-"),
    ],
)
def test_cell(show: Show, value: object, cell: str) -> None:
    assert writer(show, NOW)(value) == cell


@pytest.mark.parametrize("show", Show)
@pytest.mark.parametrize("value", [None, "\x1b", 1, -1.5, 10**400, True, {"a": [None]}, [{}], object(), Moment(1)])
def test_foreign_values_are_shown_somehow(show: Show, value: object) -> None:
    assert writer(show, NOW)(value).isprintable()


def test_bytes_are_cut_in_rows_by_the_class_that_printed_them_and_whole_where_one_is_described() -> None:
    columns = (Column("print", "VALUE", Show.LINES), Column("class", "CLASS"))
    items = [{"print": "(" + "7 " * 100 + ")", "class": each} for each in ("ByteArray", "Array")]
    assert [row[0] for row in rows(items, columns, NOW)] == ["(" + "7 " * 28 + "...", "(" + "7 " * 100 + ")"]
    assert [len(row[0]) for row in rows(items, columns, NOW, whole=True)] == [202, 202]
    short = [Column(columns[0].key, columns[0].title, columns[0].show, most=8)]
    assert rows([{"print": "12345678"}, {"print": "123456789"}], short, NOW) == [["12345678"], ["12345..."]]
    assert rows([{"print": "123456789"}], short, NOW, whole=True) == [["123456789"]]
    assert rows([{"print": "a\rb\x1b"}], columns, NOW, whole=True) == [["a\nb\\x1b", "-"]]
