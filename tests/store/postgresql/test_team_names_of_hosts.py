"""Names of hosts are found by libpq, by the system's resolver, which may wait for long: Ctrl-C is heard meanwhile."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from needs import program
from team_server import team_server

from stui_cli.store.postgresql.connecting import has_names
from stui_cli.store.postgresql.database import DatabaseConnection
from stui_cli.store.postgresql.libpq import ServerError, parameters_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"host": "db.example"}, True),
        ({"host": "127.0.0.1,localhost"}, True),
        ({"host": "127.0.0.1,::1,/run/postgresql,@abstract,"}, False),
        ({"host": "db.example", "hostaddr": "127.0.0.1"}, False),
        ({"host": "a,b", "hostaddr": "127.0.0.1,"}, True),
        ({"hostaddr": "::1"}, False),
    ],
    ids=str,
)
def test_which_hosts_have_a_name(given: dict[str, str], found: bool) -> None:
    assert has_names(given) is found


def test_a_name_may_be_libpqs_own_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    assert has_names({"user": "ada"})


def test_a_host_with_a_name_is_reached_or_told_as_any_other() -> None:
    parameters = parameters_of(team_server().conninfo) | {"host": "localhost"}
    there = DatabaseConnection(parameters)
    assert there.execute("select 1").rows == [(1,)]
    there.close()
    with pytest.raises(ServerError, match='database "nowhere" does not exist'):
        DatabaseConnection(parameters | {"dbname": "nowhere"})
    with pytest.raises(ServerError, match="invalid integer value"):
        DatabaseConnection(parameters | {"connect_timeout": "soon"})


# A machine of its own, whose name server takes every question and never answers.
MACHINE = """\
import socket, struct, signal, subprocess, sys, time
from fcntl import ioctl
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    ioctl(server, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    server.bind(("127.0.0.1", 53))
    server.settimeout(60)
    command = [sys.executable, "-m", "stui_cli", "context", "--home", "postgresql://db.example/team"]
    waiting = subprocess.Popen(command, stderr=subprocess.PIPE)
    server.recv(512)
    begun = time.monotonic()
    waiting.send_signal(signal.SIGINT)
    code = waiting.wait()
    print(code, time.monotonic() - begun)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="makes a network of its own as Linux does")
def test_ctrl_c_is_heard_while_a_name_is_looked_for(tmp_path: Path) -> None:
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:20 attempts:1\n")
    script = 'mount --bind "$1" /etc/resolv.conf || exit 77; shift; exec "$@"'
    done = subprocess.run(
        [program("unshare"), "-rmn", "sh", "-c", script, "machine", str(resolver), sys.executable, "-c", MACHINE],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip(f"nobody may have a network of his own here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    code, took = done.stdout.split()
    assert (int(code), float(took) < 15) == (130, True)
