"""Which pager it is, and that it goes with stui."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from shell import wait_until

import stui_cli
from stui_cli.local.pager import pager_of


@pytest.mark.parametrize(
    ("environ", "configured", "words"),
    [
        ({}, (), ["less"]),
        ({"PAGER": "more -s"}, (), ["more", "-s"]),
        ({"PAGER": "more"}, ("most",), ["most"]),
        ({"PAGER": "more", "STUI_PAGER": "less -S"}, ("most",), ["less", "-S"]),
        ({"PAGER": "more", "STUI_PAGER": ""}, ("most",), None),
        ({"PAGER": "cat"}, (), None),
        ({"PAGER": "more"}, ("cat",), None),
        ({"PAGER": "'"}, (), None),
        ({"PAGER": "more", "TERM": "dumb"}, (), None),
    ],
)
def test_which_one(environ: dict[str, str], configured: tuple[str, ...], words: list[str] | None) -> None:
    assert pager_of({"TERM": "xterm"} | environ, configured) == words


def test_it_is_ended_with_stui(tmp_path: Path) -> None:
    """It would go on reading from a terminal that a shell has back."""
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\nread first\necho $$ >{tmp_path}/pid\nexec sleep 60\n")
    pager.chmod(0o755)
    program = (
        "import os, signal, sys\n"
        "from stui_cli.local.pager import page\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n"
        f"page(['text\\n'] * 100_000, [{str(pager)!r}], os.environ)\n"
    )
    root = Path(stui_cli.__file__).parents[1]
    with subprocess.Popen([sys.executable, "-c", program], cwd=root, start_new_session=True) as process:
        wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip(), "the pager runs")
        process.send_signal(signal.SIGINT)  # is the pager's own affair
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
