"""The first command of the README, in a place that has Python and nothing else: no gst, no apt, an empty home."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# pip's own: where it finds packages.
_KEPT = ("PIP_", "SSL_", "REQUESTS_", "http", "HTTP", "no_proxy", "NO_PROXY")


def the_command() -> str:
    block = (ROOT / "README.md").read_text(encoding="utf-8").partition("<!-- command one -->\n```sh\n")[2]
    return block.partition("\n```")[0]


@pytest.mark.alone
@pytest.mark.long
@pytest.mark.timeout(180)
def test_it_passes_with_python_and_nothing_else(tmp_path: Path) -> None:
    checkout, home, programs = tmp_path / "checkout", tmp_path / "home", tmp_path / "programs"
    shutil.copytree(
        ROOT, checkout, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "*.egg-info")
    )
    for folder in (home, programs):
        folder.mkdir()
    (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    environ = {"HOME": str(home), "PATH": str(programs)}
    environ |= {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
    begun = time.monotonic()
    done = subprocess.run(
        ["/bin/sh", "-c", the_command()], cwd=checkout, env=environ, capture_output=True, text=True, check=False
    )
    took = time.monotonic() - begun
    assert done.returncode == 0, done
    assert "No Smalltalk is installed here, so this runs on playgrounds" in done.stdout
    assert done.stdout.endswith("every step gave what it should. Nothing of it is left.\n")
    assert done.stderr.endswith(f"to go on by yourself: . {checkout}/.venv/bin/activate; stui images launch NAME\n")
    assert list(home.iterdir()) in ([], [home / ".cache"])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    computed = used.ru_utime + used.ru_stime
    print(f"the first command took {took:.1f} s, of which {computed:.1f} s were computed")
    assert min(took, 2 * computed) < 30  # a machine that is busy with something else takes longer
