import json
import math
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.errors import StuiError, Unreachable
from stui_cli.model.status import ConnectionStatus
from stui_cli.model.times import Moment
from stui_cli.output.structured import encoded, envelope, lines

NOW = 1_760_000_000_123
ANY_TEXT = st.text(st.characters(exclude_categories=()))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=4,
)
ITEMS = st.lists(st.dictionaries(ANY_TEXT, VALUES, max_size=3), max_size=3)


@given(ITEMS, st.booleans())
def test_round_trip(items: list[dict[str, Any]], pretty: bool) -> None:
    written = envelope("image", items, (), (), now=NOW, pretty=pretty)
    assert written.isascii()
    assert written.replace("\n", "").isprintable()
    assert json.loads(written) == {
        "schema": "stui/v1",
        "kind": "image",
        "generated_at": "2025-10-09T08:53:20.123Z",
        "items": items,
        "errors": [],
        "warnings": [],
    }


@given(ITEMS)
def test_lines_round_trip(items: list[dict[str, Any]]) -> None:
    written = lines("image", items, (), (), now=NOW).splitlines()
    assert [json.loads(line) for line in written] == items


def test_the_last_line_tells_what_is_no_item() -> None:
    errors = (Unreachable("alpha is down", todo="start it", image="alpha"), StuiError("odd"))
    item, last = map(json.loads, lines("image", [{"error": None}], errors, ["late"], now=NOW).splitlines())
    assert item == {"error": None}
    assert last == {
        "schema": "stui/v1",
        "kind": "image",
        "generated_at": "2025-10-09T08:53:20.123Z",
        "errors": [
            {
                "code": "unreachable",
                "message": "alpha is down",
                "hint": "start it",
                "image": "alpha",
                "exit_code": 5,
            },
            {"code": "failed", "message": "odd", "hint": None, "image": None, "exit_code": 1},
        ],
        "warnings": ["late"],
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MappingProxyType({"a": MappingProxyType({})}), '{"a":{}}'),
        (ConnectionStatus.FAILED, '"failed"'),
        ((1, 2), "[1,2]"),
        ({"t": [Moment(123)]}, '{"t":["1970-01-01T00:00:00.123Z"]}'),
        ({"t": Moment(123), "a": math.nan}, '{"t":"1970-01-01T00:00:00.123Z","a":null}'),
        ({"a": [math.nan, -math.inf, 1.5]}, '{"a":[null,null,1.5]}'),
    ],
)
def test_encoded(value: object, text: str) -> None:
    assert encoded(value) == text


def test_what_json_cannot_say_is_our_mistake() -> None:
    with pytest.raises(TypeError, match="a result holds bytes"):
        encoded({"key": b"secret"})
