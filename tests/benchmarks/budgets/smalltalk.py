"""A warm GNU Smalltalk image of stui, gst-remote beside it, and a client as quick as Python's can be."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import gnu_smalltalk
from wire import Key, Wire

from budgets.rows import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgets.places import Place

EXPRESSION = "(3+4) printNl"


def with_gst(place: Place) -> Place:
    """The same place with a `gst` on its PATH. Raises Missing."""
    try:
        found = gnu_smalltalk.ensure()
    except gnu_smalltalk.Unavailable as reason:
        raise Missing(f"there is no GNU Smalltalk: {reason}") from reason
    return place.with_variables(PATH=f"{found}{os.pathsep}{place.environ['PATH']}")


@contextmanager
def launched(place: Place) -> Iterator[Place]:
    """A launched image, alpha."""
    with with_gst(place).fresh() as here:
        here.run(here.stui, "images", "launch", "alpha")
        try:
            yield here
        finally:
            here.run(here.stui, "images", "stop", "alpha")


@contextmanager
def gst_remote(place: Place) -> Iterator[list[str]]:
    """A gst-remote server: the words by which one expression is asked of it. Raises Missing."""
    found = shutil.which("gst-remote", path=place.environ["PATH"])
    if found is None:
        raise Missing("gst-remote is not installed")
    # A port of our own: the usual one may be somebody's.
    base = [found, "--port", str(_free_port())]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(
        [*base, "--server"],
        env=dict(place.environ),
        cwd=place.folder,
        start_new_session=True,
        **quiet,  # type: ignore[call-overload]
    )
    asked = [*base, "--eval", EXPRESSION]
    try:
        _until_it_answers(place, asked)
        yield asked
    finally:
        server.kill()
        server.wait()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_it_answers(place: Place, asked: list[str]) -> None:
    until = time.monotonic() + 20
    while "7" not in subprocess.run(asked, env=place.environ, capture_output=True, text=True, check=False).stdout:
        if time.monotonic() > until:
            raise Missing("gst-remote does not answer")


def connected(place: Place) -> Wire:
    """A client of the launched image that has shown its key."""
    (file,) = (place.runtime / "stui").glob("*.toml")
    told = tomllib.loads(file.read_text())
    wire = Wire(told["address"])
    lines = Path(told["key_file"]).read_text().splitlines()
    key_id, role, secret = next(line for line in lines if not line.startswith("#")).split()
    wire.login(Key(key_id, role, bytes.fromhex(secret)))
    return wire
