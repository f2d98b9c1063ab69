"""What stui writes of plain values itself is what the library of TOML makes of them."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomli_w
from hypothesis import example, given
from hypothesis import strategies as st

from stui_cli.store.toml_text import toml_text

WORDS = st.text(alphabet="aZ09-_. :\"\\\t\n\x7f'#é", max_size=5)
PLAIN = st.one_of(st.integers(), WORDS)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(PLAIN, PLAIN, st.booleans(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)


@given(st.dictionaries(WORDS, VALUES, max_size=4))
@example({})
@example({"": "", "a": {}})
@example({"images": {"alpha": {"address": "tcp://127.0.0.1:1", "metadata": {"a b": "c"}}}})
@example({"contexts": {"terminal:1:2": {"image": "alpha", "trail": ["beta", "alpha"]}}, "after": 1})
@example({"a": [[1]], "b": ["x", {"y": 1}], "c": (1, 2)})
def test_it_is_what_the_library_writes(fields: dict[str, Any]) -> None:
    assert toml_text(fields) == tomli_w.dumps(fields)


@pytest.mark.parametrize("value", ['a "b"', "a\\b", "\x00", "\x7f", "a\u200bb", "a\u202eb", "é"])
def test_what_is_not_plain_comes_back_as_it_was(value: str) -> None:
    text = toml_text({"images": {value: {"address": value}}})
    assert tomllib.loads(text) == {"images": {value: {"address": value}}}
    assert value.isprintable() or value not in text
