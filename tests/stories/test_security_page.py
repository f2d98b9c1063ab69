"""The recipes of stui-security(7), run line by line as they stand there, but for the ports, which have to be free."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from needs import program
from shell import wait_until
from sshd import Sshd, processes_with, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "man" / "stui-security.7"
_BLOCK = re.compile(
    r'^\.\\" recipe (\w+) (\w+)([^\n]*)\n\.Bd -literal -offset indent\n(.*?)^\.Ed$', re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """Lines of a recipe: where they are run, and which files of the host are brought there before."""

    where: str
    brought: list[str]
    script: str


def recipe(name: str) -> list[Block]:
    found = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return [
        Block(where, brought.split(), text.replace("\\e", "\\")) for own, where, brought, text in found if own == name
    ]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Place:
    """A machine: a home, in which what is run there finds nothing of another's."""

    def __init__(self, home: Path, path: str) -> None:
        self.home = home
        (home / "run").mkdir(parents=True, mode=0o700)
        (home / ".local" / "bin").mkdir(parents=True)
        stui = home / ".local" / "bin" / "stui"
        stui.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m stui_cli "$@"\n')
        stui.chmod(0o755)
        self.environ = {
            "HOME": str(home),
            "PATH": f"{stui.parent}:{path}",
            "XDG_RUNTIME_DIR": str(home / "run"),
            "LC_ALL": "C.UTF-8",
        }
        self._groups: list[int] = []

    def sh(self, script: str, environ: dict[str, str] | None = None) -> Ended:
        """Run lines of a shell; what they leave in the background is ended by `end`."""
        with (self.home / "out").open("w+") as out, (self.home / "err").open("w+") as err:
            process = subprocess.Popen(
                ["sh", "-e", "-c", script],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.home,
                env=self.environ if environ is None else environ, start_new_session=True,
            )  # fmt: skip
            self._groups.append(process.pid)
            code = process.wait(60)
        return Ended(code, (self.home / "out").read_text(), (self.home / "err").read_text())

    def ok(self, script: str) -> str:
        ran = self.sh(script)
        assert ran.code == 0, (script, ran)
        return ran.out

    def end(self) -> None:
        for group in self._groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)


class World:
    """The host on which alpha runs, and a machine elsewhere."""

    def __init__(self, folder: Path, gst_path: str, sshd: Sshd) -> None:
        self.ports = {str(port): _free_port() for port in (7001, 7002, 7003)}
        self.host = Place(folder / "host", gst_path)
        self.elsewhere = Place(folder / "far", sshd.environ["PATH"])

    def run(self, block: Block) -> str:
        """What the lines of a block print, which all have to succeed."""
        place = self.elsewhere if block.where == "elsewhere" else self.host
        for name in block.brought:
            shutil.copy(self.host.home / name, place.home)
        script = re.sub(r"\b700[123]\b", lambda port: self.ports[port[0]], block.script)
        return place.ok(script)

    def alpha_runs(self) -> None:
        self.host.ok(f"stui ping alpha -q || stui images launch alpha --port {self.ports['7001']} --wait 20s")

    def listens(self, port: str) -> None:
        wait_until(lambda: _listens(self.ports[port]), "stunnel listens")

    def forget_alpha(self) -> None:
        self.elsewhere.sh("stui images remove alpha -y")


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


def _listens(port: str) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", int(port))) == 0


@pytest.fixture(scope="module")
def world(gst_path: str) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as folder:  # names of sockets have to be short
        path = Path(folder)
        (path / "sshd").mkdir()
        for sshd in running(Sshd(path / "sshd", f"SetEnv HOME={path / 'host'}")):
            made = World(path, gst_path, sshd)
            yield made
            made.host.sh("stui images stop alpha")
            made.host.end()
            made.elsewhere.end()
        for pid in processes_with(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def test_every_recipe_is_run_here() -> None:
    text = PAGE.read_text(encoding="utf-8").partition(".Sh RECIPES")[2]
    assert {own for own, *_ in _BLOCK.findall(text)} == {"colleague", "monitor", "ssh", "unix", "pin", "ca"}
    assert text.count(".Bd") == len(_BLOCK.findall(text))


def test_another_machine_by_ssh_alone(world: World) -> None:
    for block in recipe("ssh"):
        said = world.run(block)
    assert said.endswith("7\n")
    assert not (world.host.home / "ann.key").exists()
    assert stat.S_IMODE((world.elsewhere.home / "ann.key").stat().st_mode) == 0o600
    world.forget_alpha()


def test_a_key_for_a_colleague(world: World) -> None:
    world.alpha_runs()
    give, look, take_back = recipe("colleague")
    command = next(line for line in world.run(give).splitlines() if line.startswith("stui images add"))
    world.elsewhere.ok(command)
    assert world.elsewhere.ok("stui eval -i alpha '3 + 4'") == "7\n"
    assert re.search(r"^bob +developer", world.run(look), re.MULTILINE)
    assert "alpha refuses the key" in world.run(take_back)
    assert world.elsewhere.sh("stui eval -i alpha '3 + 4'").code == 4
    world.forget_alpha()


def test_a_monitor_that_only_looks(world: World) -> None:
    world.alpha_runs()
    register, cron = recipe("monitor")
    assert "OK" in world.run(register)
    assert world.host.sh("STUI_HOME=$HOME/monitor stui eval -i alpha '3 + 4'").code == 4
    bare = {"HOME": str(world.host.home), "LOGNAME": "me", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    for line in cron.script.splitlines():
        assert world.host.sh(line, bare) == (0, "", "")
    assert "stui_" in (world.host.home / "stui.prom").read_text()
    world.host.ok("stui keys revoke monitor -i alpha")
    assert "CRITICAL" in world.host.sh(cron.script.splitlines()[1], bare).out


def test_one_user_by_a_unix_socket(world: World) -> None:
    program("openssl")
    assert world.run(*recipe("unix")).endswith("7\n")
    assert stat.S_IMODE((world.host.home / "agent" / "socket").stat().st_mode) == 0o600
    assert stat.S_IMODE((world.host.home / "agent" / "keys").stat().st_mode) == 0o600


@pytest.mark.parametrize(("name", "port"), [("pin", "7002"), ("ca", "7003")])
def test_tls_before_an_agent(world: World, name: str, port: str) -> None:
    program("openssl"), program("stunnel")
    world.alpha_runs()
    host, elsewhere = recipe(name)
    world.run(host)
    world.listens(port)
    assert world.run(elsewhere).endswith("7\n")
    assert shlex.quote(f"tls://localhost:{world.ports[port]}") in world.elsewhere.ok("stui images list -o tsv")
    world.forget_alpha()
