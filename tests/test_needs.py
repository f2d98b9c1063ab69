"""A missing tool: the test that needs it says so, and fails only where every tool was promised."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).with_name("completions") / "test_zsh_completion.py"


@pytest.mark.parametrize(
    ("variable", "told"), [("CI", "zsh is not installed"), ("STUI_CI_TOOLS", "everything is here, but zsh is not")]
)
def test_a_missing_tool_is_a_failure_only_where_all_tools_were_promised(
    tmp_path: Path, variable: str, told: str
) -> None:
    (tmp_path / "awk").touch(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(FILE)],
        env={**os.environ, "PATH": str(tmp_path), variable: "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told in done.stdout
    assert done.returncode == (0 if variable == "CI" else 1), done.stdout
