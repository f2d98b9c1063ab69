import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.results import Column, Show
from stui_cli.output.plain import listing, text_width


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("日本", 4), ("é", 1), ("e\u0301", 1), ("ｱ", 1), ("👍", 2)]
)
def test_text_width(text: str, width: int) -> None:
    assert text_width(text) == width


@given(st.lists(st.tuples(st.text(), st.integers()), min_size=1))
def test_one_line_per_item_and_nothing_cut(pairs: list[tuple[str, int]]) -> None:
    columns = (Column("a", "A"), Column("b", "B", Show.NUMBER))
    items = [{"a": a, "b": b} for a, b in pairs]
    lines = listing(items, columns, headers=False, now=0).splitlines()
    assert len(lines) == len(pairs)
    assert all(line.endswith(str(b)) for line, (_, b) in zip(lines, pairs, strict=True))
    assert len({text_width(line) for line in lines}) == 1
