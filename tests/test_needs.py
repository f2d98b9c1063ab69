"""A missing tool: the test that needs it says so, and fails only where every tool was promised."""

from __future__ import annotations

import re
from pathlib import Path

import gnu_smalltalk
import needs
import pytest


def test_a_missing_tool_skips_what_needs_it_in_any_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "_PROMISED", False)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.skip.Exception, match="no such tool is not installed"):
        needs.program("no such tool")


def test_a_missing_tool_is_a_failure_where_every_tool_was_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "_PROMISED", True)
    with pytest.raises(pytest.fail.Exception, match=r"STUI_CI_TOOLS says .* no such tool is not installed"):
        needs.program("no such tool")


def test_no_test_looks_at_a_variable_that_promises_nothing() -> None:
    looks = re.compile(r"environ[^\n]*[\"']CI[\"']")
    tests = Path(__file__).parent.rglob("*.py")
    assert [path.name for path in tests if looks.search(path.read_text(encoding="utf-8"))] == []


def test_a_chosen_gnu_smalltalk_is_used_or_refused(
    tmp_path: Path, gst_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(gst_path.split(":")[0])
    # Whether it runs was asked for this very run. 3.2.92 aborts at times while it loads the package TCP by itself.
    monkeypatch.setattr(gnu_smalltalk, "trouble", lambda gst: "" if gst.is_file() else "there is none")
    for chosen in (folder, folder / "gst"):
        monkeypatch.setenv("STUI_TEST_GST", str(chosen))
        assert gnu_smalltalk.ensure() == folder
    monkeypatch.setenv("STUI_TEST_GST", str(tmp_path))
    with pytest.raises(gnu_smalltalk.Unavailable, match=f"STUI_TEST_GST: there is no {tmp_path}/gst"):
        gnu_smalltalk.ensure()
