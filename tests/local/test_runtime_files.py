"""Runtime files: only what an agent of this user wrote, whole, and only while its process lives."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from farm import Behaviour, Farm

from stui_cli.local.processes import Liveness
from stui_cli.local.runtime_files import (
    agent_liveness,
    private_directory,
    read_runtime_file,
    running_agents,
    runtime_directory,
    sweep_stale,
)
from stui_cli.model.errors import Refused

LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc: start times of processes")
ROOT = pytest.mark.skipif(os.getuid() != 0, reason="needs root: gives a file to another user")


def own_start() -> int:
    return int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])


def content(**changes: Any) -> dict[str, Any]:
    raw = {
        "schema": 1,
        "name": "alpha",
        "address": "tcp://127.0.0.1:7001",
        "image_id": "id-1",
        "incarnation": "inc-1",
        "pid": os.getpid(),
        "process_start": own_start() if Path("/proc").exists() else 0,
        "dialect": "gst",
        "key_id": "admin",
        "key_file": "/keys",
    } | changes
    return {key: value for key, value in raw.items() if value is not None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "stui"
    made.mkdir(mode=0o700)
    return made


def put(folder: Path, file_name: str = "alpha-1.toml", /, **changes: Any) -> Path:
    path = folder / file_name
    path.write_text(tomli_w.dumps(content(**changes)))
    path.chmod(0o600)
    return path


def test_a_whole_file(folder: Path) -> None:
    path = put(folder)
    found = read_runtime_file(path)
    assert found is not None
    assert found.path == path
    assert (found.name, found.address, found.image_id, found.incarnation) == (
        "alpha",
        "tcp://127.0.0.1:7001",
        "id-1",
        "inc-1",
    )
    assert (found.pid, found.dialect, found.key_id, found.key_file) == (os.getpid(), "gst", "admin", "/keys")
    assert [each.path for each in running_agents(folder)] == [path]


@pytest.mark.parametrize("missing", ["schema", "name", "address", "image_id", "incarnation", "pid", "dialect"])
def test_a_file_that_lacks_something_is_passed_over(folder: Path, missing: str) -> None:
    assert read_runtime_file(put(folder, **{missing: None})) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": 2},
        {"schema": "1"},
        {"name": 5},
        {"address": ["tcp://x:1"]},
        {"pid": "1"},
        {"pid": 1.5},
        {"pid": True},
        {"pid": 0},  # to kill(2) this is our own group,
        {"pid": -1},  # everybody,
        {"pid": -4711},  # a group,
        {"pid": 2**31},  # and an OverflowError
        {"pid": 2**80},
    ],
    ids=repr,
)
def test_a_mistyped_or_impossible_field(folder: Path, changes: dict[str, Any]) -> None:
    assert read_runtime_file(put(folder, **changes)) is None
    assert list(running_agents(folder)) == []
    assert sweep_stale(folder) == []


def test_optional_fields(folder: Path) -> None:
    found = read_runtime_file(put(folder, key_id=None, key_file="", process_start=None))
    assert found is not None
    assert (found.key_id, found.key_file, found.process_start) == (None, None, None)
    found = read_runtime_file(put(folder, key_id=5, key_file=["x"], process_start="soon"))
    assert found is not None
    assert (found.key_id, found.key_file, found.process_start) == (None, None, None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'schema = 1\nname = "al',
        b"\xff\xfe",
        b"\x00" * 100,
        b"x = [" * 20_000,
        b"pid = " + b"9" * 6_000,
        b"= = =",
    ],
    ids=["empty", "half", "no UTF-8", "zeros", "nested", "digits", "nonsense"],
)
def test_half_written_or_hostile_content(folder: Path, data: bytes) -> None:
    path = folder / "x.toml"
    path.write_bytes(data)
    assert read_runtime_file(path) is None
    good = put(folder)
    assert [each.path for each in running_agents(folder)] == [good]
    assert sweep_stale(folder) == []
    assert path.exists()  # whatever it is, it is not ours to remove


def test_every_prefix_of_a_file_is_passed_over_or_whole(folder: Path) -> None:
    whole = tomli_w.dumps(content()).encode()
    path = folder / "x.toml"
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        found = read_runtime_file(path)
        assert found is None or found.image_id == "id-1"


def test_a_huge_file_is_not_read(folder: Path) -> None:
    path = put(folder)
    with path.open("ab") as file:
        file.write(b"# padding\n" * 10_000)
    assert read_runtime_file(path) is None


def test_what_is_no_plain_file(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(folder / "pipe.toml")  # opening it would wait for a writer
    (folder / "folder.toml").mkdir()
    (folder / "gone.toml").symlink_to(folder / "nowhere")
    (folder / "endless.toml").symlink_to("/dev/zero")
    elsewhere = put(tmp_path, "elsewhere.toml")
    (folder / "link.toml").symlink_to(elsewhere)
    assert list(running_agents(folder)) == []
    assert sweep_stale(folder) == []
    assert len(os.listdir(folder)) == 5


@ROOT
def test_a_file_of_somebody_else(folder: Path) -> None:
    path = put(folder)
    os.chown(path, 12345, -1)
    assert read_runtime_file(path) is None
    assert list(running_agents(folder)) == []


@ROOT
def test_a_folder_of_somebody_else(folder: Path) -> None:
    """In a shared temporary folder a neighbour can be there first, and keep what we wrote to a folder of his."""
    put(folder, pid=2**22 + 1, process_start=1)
    os.chown(folder, 12345, -1)
    assert list(running_agents(folder)) == []
    assert sweep_stale(folder) == []
    with pytest.raises(Refused, match="belongs to somebody else"):
        private_directory(folder)


def test_a_folder_behind_a_link(folder: Path, tmp_path: Path) -> None:
    put(folder)
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert list(running_agents(link)) == []
    with pytest.raises(Refused):
        private_directory(link)


def test_no_folder(tmp_path: Path) -> None:
    assert list(running_agents(tmp_path / "none")) == []
    assert sweep_stale(tmp_path / "none") == []


def test_other_files_are_left_alone(folder: Path) -> None:
    (folder / "alpha-1.toml.new").write_text(tomli_w.dumps(content()))
    (folder / "readme").write_text("x")
    assert list(running_agents(folder)) == []


# --- stale ------------------------------------------


@pytest.fixture
def ended() -> int:
    """The pid of a process that has ended and was waited for."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_process_that_is_gone(folder: Path, ended: int) -> None:
    stale, good = put(folder, "beta-1.toml", pid=ended, process_start=1), put(folder)
    assert [each.path for each in running_agents(folder)] == [good]
    assert sweep_stale(folder) == [stale]
    assert os.listdir(folder) == [good.name]


@LINUX
def test_a_pid_that_somebody_else_has_now(folder: Path) -> None:
    with socket.socket() as deaf:  # bound, but it does not listen: another process may have started in that tick
        deaf.bind(("127.0.0.1", 0))
        address = "tcp://{}:{}".format(*deaf.getsockname())
        stale = put(folder, process_start=own_start() - 1, address=address, key_id=None, key_file=None)
        assert list(running_agents(folder)) == []
        assert sweep_stale(folder) == [stale]


def test_a_process_that_is_not_seen_is_not_gone_while_its_address_answers(folder: Path, ended: int) -> None:
    """It may live in another pid namespace."""
    with Farm() as farm:
        image = farm.add(Behaviour())
        there = {"address": image.address, "pid": ended, "process_start": None, "key_file": ""}
        path = put(folder, **there, image_id=image.image_id, incarnation=image.incarnation)
        assert [each.path for each in running_agents(folder)] == [path]
        assert sweep_stale(folder) == []
        path = put(folder, **there, image_id=image.image_id, incarnation="the one before")
        assert list(running_agents(folder)) == []
        before = read_runtime_file(path)
        assert before is not None
        assert agent_liveness(before, any_incarnation=True) is Liveness.LIVES, "its image is there, launched anew"
        path = put(folder, **there, image_id="another", incarnation=image.incarnation)
        assert list(running_agents(folder)) == []
    assert sweep_stale(folder) == [path]


@pytest.mark.parametrize("address", ["tcp://192.0.2.1:1", "nonsense", "ssh://somewhere/x:1"])
def test_an_address_elsewhere_proves_nothing_and_is_not_asked(folder: Path, ended: int, address: str) -> None:
    path = put(folder, address=address, pid=ended, process_start=None)
    assert [each.path for each in running_agents(folder)] == [path]
    assert sweep_stale(folder) == []


# --- the folder ------------------------------------------


def test_where_agents_write(tmp_path: Path) -> None:
    assert runtime_directory({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path / "stui"
    user = os.getuid()
    assert runtime_directory({}) == Path(f"/tmp/stui-{user}")
    assert runtime_directory({"XDG_RUNTIME_DIR": ""}) == Path(f"/tmp/stui-{user}")
    assert runtime_directory({"XDG_RUNTIME_DIR": "relative"}) == Path(f"/tmp/stui-{user}")
    assert runtime_directory({"TMPDIR": "/var/tmp"}) == Path(f"/var/tmp/stui-{user}")


def test_the_folder_is_made_private(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        made = private_directory(tmp_path / "a" / "b")
    finally:
        os.umask(old)
    assert made.stat().st_mode & 0o777 == 0o700
    assert made.parent.stat().st_mode & 0o077 == 0
    made.chmod(0o755)
    assert private_directory(made).stat().st_mode & 0o777 == 0o700


def test_a_runtime_folder_counts_only_if_it_is_there_and_ours(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "TMPDIR": str(tmp_path)}
    fallback = tmp_path / f"stui-{os.getuid()}"
    assert runtime_directory(environ) == fallback
    (tmp_path / "run").write_text("no folder")
    assert runtime_directory(environ) == fallback
    (tmp_path / "run").unlink()
    (tmp_path / "run").mkdir()
    assert runtime_directory(environ) == tmp_path / "run" / "stui"


@ROOT
def test_the_runtime_folder_of_somebody_else_is_passed_over(tmp_path: Path) -> None:
    """As after `su`, which leaves the variable as it was."""
    os.chown(tmp_path, 12345, -1)
    assert runtime_directory({"XDG_RUNTIME_DIR": str(tmp_path), "TMPDIR": "/t"}) == Path(f"/t/stui-{os.getuid()}")


@pytest.mark.parametrize("kind", ["dangling link", "link", "file"])
def test_what_is_no_folder_is_told_with_advice(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "stui-1"
    if kind == "file":
        path.write_text("")
    else:
        path.symlink_to(tmp_path / "nowhere" if kind == "dangling link" else tmp_path)
    with pytest.raises(Refused) as refused:
        private_directory(path)
    assert "XDG_RUNTIME_DIR" in str(refused.value.todo)
    if kind != "link":
        with pytest.raises(Refused):
            private_directory(path / "below")
