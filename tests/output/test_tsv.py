import json
import re

from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.results import Column
from stui_cli.model.times import Moment
from stui_cli.output.tsv import listing

SHORT = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}
ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\\tnr]))")


def read_field(field: str) -> str:
    def character(match: re.Match[str]) -> str:
        *points, short = match.groups()
        return SHORT[short] if short else chr(int(next(filter(None, points)), 16))

    return ESCAPE.sub(character, field)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=())), min_size=3, max_size=3)))
def test_round_trip(rows: list[list[str]]) -> None:
    columns = [Column(key, key.upper()) for key in ("a", "b\t", "c")]
    items = [dict(zip(("a", "b\t", "c"), row, strict=True)) for row in rows]
    heading, *lines = listing(items, columns, headers=True).split("\n")[:-1]
    assert heading == "a\tb\\t\tc"
    assert [[read_field(field) for field in line.split("\t")] for line in lines] == rows


def test_other_values() -> None:
    item = {"a": None, "b": True, "c": False, "d": 1.5, "e": {"k": "\t\\"}, "f": ["x"], "g": Moment(0)}
    columns = [Column(key, key) for key in item]
    line = listing([item], columns, headers=False)
    assert line == "\ttrue\tfalse\t1.5\t" + r'{"k":"\\t\\\\"}' + '\t["x"]\t1970-01-01T00:00:00.000Z\n'
    assert json.loads(read_field(line.split("\t")[4])) == item["e"]


def test_headings_of_an_empty_listing() -> None:
    assert listing([], [Column("name", "Name")], headers=True) == "name\n"
    assert listing([], [Column("name", "Name")], headers=False) == ""
    assert listing([], [], headers=True) == ""
