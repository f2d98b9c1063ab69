"""The end of a file of lines, found by one look however long the last lines are."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from store_tools import QuickDisk, Steps

from stui_cli.store.files.lines import Tail, mended, tail

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 4096
LENGTHS = (0, 1, BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 70_000)


@pytest.mark.parametrize("last", LENGTHS)
def test_the_end_is_the_last_whole_line_and_what_was_torn(last: int, tmp_path: Path) -> None:
    path = tmp_path / "log"
    for before, torn in product((b"", b"first\n", b"\n", b"f" * BLOCK + b"\n"), LENGTHS):
        whole = before + b"l" * last + b"\n"
        path.write_bytes(whole + b"t" * torn)
        assert tail(str(path)) == Tail(len(whole), b"l" * last, torn)
        steps = Steps()
        assert mended(str(path), QuickDisk(steps)).last == b"l" * last
        assert path.read_bytes() == whole
        assert steps == ([("truncate", "log")] if torn else [])


@pytest.mark.parametrize("content", [None, b"", b"torn", b"t" * 10_000])
def test_a_file_without_a_whole_line_has_none(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "log"
    if content is not None:
        path.write_bytes(content)
    assert mended(str(path), QuickDisk()) == Tail(0, None, len(content or b""))
    assert not path.exists() or path.read_bytes() == b""
