"""`stui keys` for an image on another host: its key file is found, read and changed there, over a real ssh."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell import Shell, own_environ
from sshd import Sshd, processes_with, running

from stui_cli.api import open_manager
from stui_cli.image.key_lines import keys_of
from stui_cli.model.errors import NotPermitted, StuiError
from stui_cli.work.keys import file_there
from stui_cli.work.keys.place import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class Host:
    """A machine, with an ssh server, on which a playground runs that was started there."""

    def __init__(self, folder: Path, sshd: Sshd, path: str) -> None:
        self.sshd = sshd
        self.shell = Shell(own_environ(folder, path), folder)
        self.shell.ok("images", "launch", "alpha", "--dialect", "playground")
        item = self.shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
        self.address = sshd.address(item["address"])
        self.key_file = Path(item["key_file"])

    @property
    def keys(self) -> dict[str, str]:
        return {key.key_id: key.role for key in keys_of(self.key_file.read_bytes(), "")}


def somewhere(folder: Path, host: Host) -> Shell:
    """Somebody on another machine, who reaches the host by ssh alone."""
    environ = own_environ(folder, host.sshd.environ["PATH"])
    return Shell(environ | {"HOME": str(folder)}, folder)


@pytest.fixture(scope="module")
def short() -> Iterator[Path]:
    """A folder for the sockets of ssh, whose paths have to be short; what still runs with it is ended."""
    with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as folder:
        yield Path(folder)
        for pid in processes_with(folder):
            os.kill(pid, signal.SIGTERM)


@pytest.fixture(scope="module")
def host(short: Path) -> Iterator[Host]:
    there = short / "there"
    there.mkdir()
    (short / "sshd").mkdir()
    run = there / "run"
    run.mkdir(mode=0o700)
    for sshd in running(Sshd(short / "sshd", f"SetEnv XDG_RUNTIME_DIR={run}")):
        made = Host(there, sshd, os.environ["PATH"])
        yield made
        made.shell.end()


@pytest.fixture(scope="module")
def admin(short: Path, host: Host) -> Shell:
    """One who has the admin's key of the image, and a login on its host."""
    (short / "here").mkdir()
    shell = somewhere(short / "here", host)
    key = shell.folder / "admin.key"
    key.write_bytes(host.key_file.read_bytes().splitlines(keepends=True)[1])
    key.chmod(0o600)
    shell.ok("images", "add", "alpha", host.address, "--key-file", str(key), "--timeout", "10")
    return shell


def on_a_command_line(host: Host, secrets: list[str]) -> list[str]:
    """Those that stood on a command line of ssh, or in the log of its server."""
    calls = "\n".join(host.sshd.calls) + host.sshd.log
    assert "cksum" in calls
    return [secret for secret in secrets if secret in calls]


def test_a_colleague_is_let_in_and_let_in_no_longer(admin: Shell, host: Host, short: Path) -> None:
    with host.key_file.open("ab") as file:
        file.write("\n# für Gäste".encode())
    before = host.key_file.read_bytes()
    given = admin.ok("keys", "new", "bob", "--role", "developer", "--timeout", "10", "-i", "alpha")
    assert host.keys["bob"] == "developer"
    assert stat.S_IMODE(host.key_file.stat().st_mode) == 0o600
    command = next(line for line in given.out.splitlines() if line.startswith("stui images add"))
    assert command == f"stui images add alpha {host.address} --key-file bob.key"
    (short / "bob").mkdir()
    bob = somewhere(short / "bob", host)
    (bob.folder / "bob.key").write_bytes((admin.folder / "stui" / "keys" / "alpha" / "bob.key").read_bytes())
    (bob.folder / "bob.key").chmod(0o600)
    bob.ok(*shlex.split(command)[1:], "--timeout", "10")
    assert bob.ok("eval", "3 + 4", "--timeout", "10").out == "7\n"
    listed = admin.ok("keys", "list", "-i", "alpha", "-o", "json", "--timeout", "10").json["items"]
    assert {(item["key_id"], item["host"], tuple(item["used_by"])) for item in listed} >= {
        ("bob", "box", ()),
        ("admin", "box", ("alpha",)),
    }
    assert "are on its host" in admin.ok("keys").err
    assert admin.stui("keys", "new", "bob", "--role", "admin", "-i", "alpha", "--timeout", "10").code == 8

    secrets = [key.secret.hex() for key in keys_of(host.key_file.read_bytes(), "")]
    admin.ok("keys", "rotate", "-i", "alpha", "--timeout", "10")
    assert admin.ok("eval", "3 + 4", "--timeout", "10").out == "7\n"
    taken = admin.ok("keys", "revoke", "bob", "-i", "alpha", "--timeout", "10")
    assert "alpha refuses the key" in taken.out
    assert bob.stui("eval", "3 + 4", "--timeout", "10").code == 4
    assert not on_a_command_line(host, secrets)
    after, old = host.key_file.read_bytes().splitlines(), before.splitlines()
    assert [a for a, b in zip(after, old, strict=True) if a != b] == [after[1]]
    assert "für Gäste" in after[-1].decode()


@pytest.mark.long
def test_there_and_here_at_once_lose_nothing(admin: Shell, host: Host) -> None:
    over, seen = threading.Event(), []

    def read() -> None:
        while not over.is_set():
            seen.append({key.key_id for key in keys_of(host.key_file.read_bytes(), "")})

    reader = threading.Thread(target=read)
    reader.start()
    far = [
        admin.started("keys", "new", f"far{n}", "--role", "observer", "-i", "alpha", "--timeout", "20") for n in (1, 2)
    ]
    near = [host.shell.started("keys", "new", f"near{n}", "--role", "observer") for n in (1, 2, 3)]
    said = [each.communicate(timeout=60) for each in (*far, *near)]
    over.set()
    reader.join()
    assert [each.returncode for each in (*far, *near)] == [0] * 5, said
    assert {"far1", "far2", "near1", "near2", "near3"} < host.keys.keys()
    assert all("admin" in keys for keys in seen)
    for name in ("far1", "far2", "near1", "near2", "near3"):
        host.shell.ok("keys", "revoke", name)


@pytest.mark.long
def test_what_stands_in_the_way_over_there(admin: Shell, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in admin.environ.items():
        monkeypatch.setenv(name, value)
    manager = open_manager()
    bench = manager.bench.allowing(10.0)
    place = place_of(bench, manager.read().images["alpha"], None, "")
    assert place.path == str(host.key_file.resolve())
    assert place.host is not None
    with pytest.raises(NotPermitted, match="is not there"):
        file_there.read_there(bench, place.host, "/nowhere/keys")
    link = host.shell.folder / "a link"
    link.symlink_to(host.key_file)
    with pytest.raises(NotPermitted, match="is a link"):
        file_there.read_there(bench, place.host, str(link))
    copy = host.shell.folder / "a copy of 'keys'"
    copy.write_bytes(b"# \xff\n" + host.key_file.read_bytes())
    copy.chmod(0o640)
    with pytest.raises(NotPermitted, match="can be read by others"):
        file_there.read_there(bench, place.host, str(copy))
    copy.chmod(0o600)
    with pytest.raises(StuiError, match="no UTF-8"):
        file_there.change_there(bench, place.host, str(copy), lambda data: data + b"# more\n")
    # A host that answers something else, and a folder that takes no lock.
    for answer in ("true", "echo xx", "echo '-rw------- 1'; echo 1 2; echo xx; echo 1 2"):
        with monkeypatch.context() as other:
            other.setattr(file_there, "_READ", answer)
            with pytest.raises(NotPermitted, match="does not tell"):
                file_there.read_there(bench, place.host, place.path)
    assert file_there._run(bench, place.host, file_there._WRITE, "/nowhere/keys\n1 1\n0\n").code == 44
    # A connection that ends in the middle of the new content: what there is says how long it has to be.
    mark = file_there._read(bench, place.host, str(place.path))[0]
    before = host.key_file.read_bytes()
    cut = f"{place.path}\n{mark}\n{len(before)}\n{before[:-9].decode()}"
    assert file_there._run(bench, place.host, file_there._WRITE, cut).code == 48
    assert host.key_file.read_bytes() == before
    assert not list(host.key_file.parent.glob("*.new"))
    changed = f"{place.path}\n1 1\n{len(before)}\n{before.decode()}"
    assert file_there._run(bench, place.host, file_there._WRITE, changed).code == 47
