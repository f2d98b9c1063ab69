"""The log of a bug of ours, which needs no store."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.crash import write_crash_log
from stui_cli.store.files.location import Home

if TYPE_CHECKING:
    import pytest


def test_crash_reports_are_kept_to_ten_where_no_store_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home.find(tmp_path / "store", {})
    for second in range(12):
        monkeypatch.setattr(time, "gmtime", lambda s=second: time.struct_time((2024, 1, 1, 0, 0, s, 0, 1, 0)))
        path = write_crash_log(home, f"report {second} \udcff")
        assert Path(path).read_text() == f"report {second} \\udcff"
    assert len(list(Path(home.crashes).iterdir())) == 10
    assert Path(home.crashes).stat().st_mode & 0o077 == 0
    assert [each.name for each in Path(home.folder).iterdir()] == ["crashes"]
