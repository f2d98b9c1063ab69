"""A line of the audit log is written, and its end read, without what json takes to import: as json would."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.store.audit_chain import EMPTY, Mark, fields_of, head_in, line_of, number_in

VALUES = st.text() | st.integers() | st.none() | st.booleans() | st.floats(allow_nan=False) | st.lists(st.text())
END = f',"line":7,"head":9,"previous":"{EMPTY.sha256}"}}'


@given(st.dictionaries(st.text(), VALUES), st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_line_says_what_json_would_write(fields: dict[str, object], lines: int, head: int) -> None:
    fields = {"schema": 1, **{f"+{key}": value for key, value in fields.items()}}
    line = line_of(fields, Mark(lines, EMPTY.sha256), head)
    end = {"line": lines + 1, "head": head, "previous": EMPTY.sha256}
    assert line == json.dumps(fields | end, separators=(",", ":")).encode()
    assert (fields_of(line), number_in(line), head_in(line)) == (fields | end, lines + 1, head)


@pytest.mark.parametrize("source", [END, END[1:], f'"{END}', f"\\{END}", "\ud800" + END])
def test_an_end_that_stands_in_a_source_is_none(source: str) -> None:
    line = line_of({"source": source}, Mark(1, EMPTY.sha256), 3)
    assert (number_in(line), head_in(line)) == (2, 3)
    earlier = json.dumps({"head": 4, "source": source}).encode()
    assert (number_in(earlier), head_in(earlier)) == (None, 4)


@pytest.mark.parametrize(
    ("line", "number", "head"),
    [
        (b"", None, None),
        (b"x", None, None),
        (b"[" * 5_000, None, None),
        (b'{"line":3,"head":4}', 3, 4),
        (b'{"head":"4","line":null}', None, None),
        (('{"schema":1' + END.replace(":7", ":" + "7" * 5_000)).encode(), None, None),
        (('{"schema":1' + END.replace(":7", ":-7")).encode(), -7, 9),
        (('{"schema":1' + END[:-9] + '"}').encode(), 7, 9),
    ],
)
def test_a_line_of_another_form_is_read_as_json(line: bytes, number: int | None, head: int | None) -> None:
    assert (number_in(line), head_in(line)) == (number, head)
