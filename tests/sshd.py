"""A real OpenSSH server on loopback, as the user who runs the tests, with keys and a configuration of its own.

The client has a configuration of its own too: a program `ssh` on the PATH that gives it with -F, since ssh looks for
~/.ssh where the account says, whatever HOME is. Nothing of the user's is read or written.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from needs import missing, program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# How long (seconds) those sleep that are looked for among all processes of the machine: no other run has it.
NAP = f"61.{os.getpid():07}"


class Sshd:
    """A server that is up from `start` to `end`, and a client's configuration for it. `hosts` are names that all lead
    to it."""

    def __init__(self, folder: Path, *settings: str, hosts: tuple[str, ...] = ("box",)) -> None:
        self.folder = folder
        self.hosts = hosts
        self.settings = settings
        self.port = _free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self._ssh = program("ssh")
        for name in ("host_key", "user_key", "other_key"):
            subprocess.run(
                [program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)],
                check=True,
            )
        shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
        self.know_host()
        self.configure()
        self.wrap()

    @property
    def environ(self) -> dict[str, str]:
        """What a client's environment must have to use this configuration."""
        return {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}

    @property
    def calls(self) -> list[str]:
        """The command lines of every ssh that was started."""
        log = self.folder / "calls"
        return log.read_text().splitlines() if log.exists() else []

    @property
    def log(self) -> str:
        return (self.folder / "sshd.log").read_text(errors="replace")

    def address(self, tcp: str, host: str | None = None) -> str:
        """The address of an image that this machine reaches at `tcp`, by way of the server."""
        return f"ssh://{host or self.hosts[0]}/{tcp.removeprefix('tcp://')}"

    def know_host(self, key: str = "host_key") -> None:
        words = (self.folder / f"{key}.pub").read_text().split()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {words[0]} {words[1]}\n")

    def configure(self, *more: str, key: str = "user_key") -> None:
        """Write the client's configuration: `more` settings of it come first, so they win."""
        lines = [
            *more,
            f"Host {' '.join(self.hosts)}",
            "    HostName 127.0.0.1",
            f"    Port {self.port}",
            f"    User {pwd.getpwuid(os.getuid()).pw_name}",
            "Host *",
            f"    IdentityFile {self.folder / key}",
            "    IdentitiesOnly yes",
            "    IdentityAgent none",
            f"    UserKnownHostsFile {self.folder / 'known_hosts'}",
            "    GlobalKnownHostsFile /dev/null",
            "    UpdateHostKeys no",
            "    StrictHostKeyChecking ask",
        ]
        (self.folder / "config").write_text("\n".join(lines) + "\n")

    def wrap(self) -> None:
        """Put a program `ssh` there that notes how it is called, and uses our configuration."""
        folder = self.folder / "bin"
        folder.mkdir(exist_ok=True)
        script = folder / "ssh"
        script.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$*" >> {self.folder}/calls\nexec {self._ssh} -F {self.folder}/config "$@"\n'
        )
        script.chmod(0o755)

    def start(self) -> None:
        daemon = shutil.which("sshd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
        if daemon is None:
            missing("sshd (openssh-server) is not installed")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        config = self.folder / "sshd_config"
        lines = [
            *self.settings,
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {self.folder / 'host_key'}",
            f"PidFile {self.folder / 'sshd.pid'}",
            f"AuthorizedKeysFile {self.folder / 'authorized_keys'}",
            "PubkeyAuthentication yes",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "UsePAM no",
            "StrictModes no",
            "PermitRootLogin yes",
            "LogLevel VERBOSE",
        ]
        config.write_text("\n".join(lines) + "\n")
        self._server = subprocess.Popen(
            [daemon, "-D", "-f", str(config), "-E", str(self.folder / "sshd.log")],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self._server.poll() is None, self.log
                time.sleep(0.02)
        raise AssertionError(self.log)

    def end(self) -> None:
        """End the server with all that it serves: whoever has a connection notices at once."""
        if self._server is None:
            return
        self.drop()
        self._server.terminate()
        self._server.wait(10)
        self._server = None

    def drop(self) -> None:
        """End every connection of the server."""
        for pid in self.served():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def served(self) -> list[int]:
        """The processes of the server, one or two for each connection, without itself."""
        if self._server is None:
            return []
        parents = _parents()
        found, looked = [], [self._server.pid]
        while looked:
            children = [pid for pid, parent in parents.items() if parent == looked[0]]
            found += children
            looked = looked[1:] + children
        return found


def _parents() -> Mapping[int, int]:
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            found[int(entry)] = int(text.rpartition(")")[2].split()[1])
    return found


def processes_with(text: str) -> list[int]:
    """The processes that have `text` in their command line."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path(f"/proc/{entry}/cmdline").read_bytes()
            except OSError:
                continue
            if text.encode() in words and int(entry) != os.getpid():
                found.append(int(entry))
    return found


def end_all_of(text: str) -> list[int]:
    """End the processes that have `text` in their command line, here masters that would end by themselves after a
    minute; returns those that did not go."""
    found = processes_with(text)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        until = time.monotonic() + 2
        while found and time.monotonic() < until:
            found = [pid for pid in found if pid in processes_with(text)]
            time.sleep(0.01)
    return found


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def running(sshd: Sshd) -> Iterator[Sshd]:
    """`sshd`, started, and ended afterwards; for fixtures."""
    sshd.start()
    try:
        yield sshd
    finally:
        sshd.end()
