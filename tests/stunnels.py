"""A real stunnel before something that speaks plain text on this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

from farm import reserved_port
from needs import program
from shell import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from certificates import Pair


@contextlib.contextmanager
def stunnel(folder: Path, pair: Pair, backend: int, *lines: str) -> Iterator[int]:
    """The port at which stunnel shows `pair`, before the port `backend`; `lines` are further settings."""
    with reserved_port() as port:
        yield from _started(folder, pair, backend, port, lines)


def _started(folder: Path, pair: Pair, backend: int, port: int, lines: tuple[str, ...]) -> Iterator[int]:
    log = folder / f"stunnel-{port}.log"
    settings = [
        *("foreground = yes", "pid =", f"output = {log}", "[agent]"),
        *(f"accept = 127.0.0.1:{port}", f"connect = 127.0.0.1:{backend}"),
        *(f"cert = {pair.cert}", f"key = {pair.key}", *lines),
    ]
    file = folder / f"stunnel-{port}.conf"
    file.write_text("\n".join(settings) + "\n")
    process = subprocess.Popen(
        [program("stunnel"), str(file)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        wait_until(lambda: _listens(port), f"stunnel listens: {log}")
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0
