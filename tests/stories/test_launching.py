"""Launching: a folder belongs to an image id, and whatever ends a launch, nothing is doubled or lost."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from needs import missing
from shell import alive, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shell import Ran, Shell


def processes(shell: Shell) -> list[int]:
    """The images and supervisors that work for the home of this test: their command lines name it."""
    home = os.fsencode(f"{shell.environ['STUI_HOME']}/launched/")
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.startswith(home) for word in words) and alive(int(entry.name)):
            found.append(int(entry.name))
    return found


def image(shell: Shell, name: str) -> dict[str, object]:
    """What the registry has of an image."""
    (item,) = [each for each in shell.ok("images", "-o", "json").json["items"] if each["name"] == name]
    return item


def pid_in(ran: Ran) -> int:
    found = re.search(r"\(pid (\d+)\)", ran.out)
    assert found, ran
    return int(found[1])


@pytest.fixture(autouse=True)
def _nothing_left(shell: Shell) -> Iterator[None]:
    yield
    for pid in processes(shell):
        os.kill(pid, signal.SIGKILL)


def runtime(shell: Shell) -> Path:
    return Path(shell.environ["XDG_RUNTIME_DIR"]) / "stui"


class TestAFolderBelongsToAnImage:
    def test_a_renamed_image_comes_back_with_what_was_saved(self, shell: Shell) -> None:
        shell.ok("images", "launch", "a")
        shell.ok("sessions", "create", "a/work")
        shell.ok("eval", "-i", "a/work", "x := 41")
        shell.ok("images", "save", "a")
        before = image(shell, "a")
        shell.ok("images", "stop", "a")
        shell.ok("images", "rename", "a", "b")
        shell.ok("images", "launch", "b")
        assert shell.ok("eval", "-i", "b/work", "x + 1").out == "42\n"
        after = image(shell, "b")
        assert (after["image_id"], after["address"]) == (before["image_id"], before["address"])

    def test_a_name_that_became_free_begins_a_new_image(self, shell: Shell) -> None:
        first = pid_in(shell.ok("images", "launch", "c"))
        shell.ok("images", "rename", "c", "d")
        second = pid_in(shell.ok("images", "launch", "c"))
        assert image(shell, "c")["image_id"] != image(shell, "d")["image_id"]
        folders = sorted((Path(shell.environ["STUI_HOME"]) / "launched").iterdir())
        assert len(folders) == 2
        assert (folders[0] / "keys").read_bytes() != (folders[1] / "keys").read_bytes()
        assert pid_in(shell.ok("images", "stop", "d")) == first
        assert not alive(first)
        assert alive(second)

    def test_the_folder_of_an_older_stui_goes_on_being_used(self, shell: Shell) -> None:
        shell.ok("images", "launch", "a")
        shell.ok("images", "stop", "a")
        home = Path(shell.environ["STUI_HOME"])
        (folder,) = (home / "launched").iterdir()
        for name in ("process", "alive", "started"):
            (folder / name).unlink()
        old = folder.rename(home / "launched" / "a")
        change_launch_directory(shell, "a", str(old))
        assert shell.ok("images", "stop", "a").out == "a: was not running\n"
        keys = (old / "keys").read_bytes()
        shell.ok("images", "launch", "a")
        assert [each.name for each in (home / "launched").iterdir()] == ["a"]
        assert (old / "keys").read_bytes() == keys


def change_launch_directory(shell: Shell, name: str, folder: str) -> None:
    """What no command does: move an image's folder, as an older stui would have it."""
    code = (
        "import sys; from stui_cli.api import open_manager; from stui_cli.work.images.register import change_image\n"
        "change_image(open_manager().bench, sys.argv[1],"
        " lambda image: image._replace(launch_directory=sys.argv[2], key_file=sys.argv[2] + '/keys'))"
    )
    subprocess.run([sys.executable, "-c", code, name, folder], env=dict(shell.environ), check=True)


class TestRemovingAnImageThatRuns:
    def test_is_refused_and_says_how_to_end_it(self, shell: Shell) -> None:
        pid = pid_in(shell.ok("images", "launch", "a"))
        refused = shell.stui("images", "remove", "-y", "a")
        assert (refused.code, refused.out) == (9, "")
        assert f"a runs (process {pid})" in refused.err
        assert "stui images stop a" in refused.err
        shell.ok("images", "stop", "a")
        shell.ok("images", "remove", "-y", "a")
        assert shell.ok("images", "-o", "json").json["items"] == []

    def test_with_keep_running_it_can_be_taken_back_and_stopped(self, shell: Shell) -> None:
        pid = pid_in(shell.ok("images", "launch", "a"))
        before = image(shell, "a")["image_id"]
        assert "stui images discover --add" in shell.ok("images", "remove", "-y", "--keep-running", "a").err
        doubled = shell.stui("images", "launch", "a")
        assert (doubled.code, processes(shell)) == (9, [pid])
        assert "stui images discover --add" in doubled.err
        shell.ok("images", "discover", "--add")
        assert image(shell, "a")["image_id"] == before
        assert pid_in(shell.ok("images", "stop", "a")) == pid
        assert not alive(pid)

    def test_its_saved_memory_is_never_started_under_another_id(self, shell: Shell) -> None:
        shell.ok("images", "launch", "a")
        shell.ok("eval", "-i", "a", "Smalltalk at: #Kept put: 7")
        before = image(shell, "a")["image_id"]
        shell.ok("images", "save", "a")
        shell.ok("images", "stop", "a")
        shell.ok("images", "remove", "-y", "a")
        shell.ok("images", "launch", "a")
        assert image(shell, "a")["image_id"] != before
        assert shell.ok("eval", "-i", "a", "Smalltalk includesKey: #Kept").out == "false\n"


class TestWhatCannotBeSeenIsNotGone:
    def test_without_the_runtime_folder_it_is_stopped_all_the_same(self, shell: Shell) -> None:
        pid = pid_in(shell.ok("images", "launch", "a"))
        shutil.rmtree(runtime(shell))
        refused = shell.stui("images", "launch", "a")
        assert (refused.code, processes(shell)) == (9, [pid])
        assert "a is running already" in refused.err
        assert shell.ok("images", "stop", "a").out == f"a: stopped (pid {pid})\n"
        assert not alive(pid)
        assert shell.ok("images", "stop", "a").out == "a: was not running\n"

    def test_without_marks_and_runtime_folder_it_is_asked_at_its_address(self, shell: Shell) -> None:
        """As of an image that an older stui launched."""
        pid = pid_in(shell.ok("images", "launch", "a"))
        shutil.rmtree(runtime(shell))
        (folder,) = (Path(shell.environ["STUI_HOME"]) / "launched").iterdir()
        for name in ("process", "alive", "started"):
            (folder / name).unlink()
        assert shell.stui("images", "launch", "a").code == 9
        assert shell.ok("images", "stop", "a").out == f"a: stopped (pid {pid})\n"
        assert shell.ok("images", "stop", "a").out == "a: was not running\n"

    def test_from_another_pid_namespace_nothing_is_claimed_deleted_or_doubled(self, shell: Shell) -> None:
        inside = unshared()
        pid = pid_in(shell.ok("images", "launch", "a"))
        (file,) = runtime(shell).glob("*.toml")

        def there(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*inside, sys.executable, "-m", "stui_cli", *words],
                env=dict(shell.environ),
                cwd=shell.folder,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        assert there("images", "discover", "-o", "name").stdout == "a\n"
        assert there("cleanup", "-y", "--all").returncode == 0
        assert file.exists()
        assert there("images", "launch", "a").returncode == 9
        stopped = there("images", "stop", "a")
        assert (stopped.returncode, stopped.stdout) == (9, "")
        assert "stop it where it was launched" in stopped.stderr
        assert there("images", "remove", "-y", "a").returncode == 9
        assert processes(shell) == [pid]
        assert shell.ok("images", "stop", "a").out == f"a: stopped (pid {pid})\n"
        # The kernel has let its lock go: that is seen from there, too.
        assert there("images", "stop", "a").stdout == "a: was not running\n"


def unshared() -> list[str]:
    """A command that runs another in a pid namespace of its own; skips where that is not allowed."""
    command = ["unshare", "-pf", "--mount-proc"]
    try:
        done = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode != 0:
        pytest.skip(f"no pid namespace for us: {done.stderr.strip()}")
    return command


class TestPorts:
    def test_a_launch_keeps_the_port_if_it_is_free(self, shell: Shell) -> None:
        shell.ok("images", "launch", "a")
        first = str(image(shell, "a")["address"])
        shell.kill(processes(shell)[0])
        shell.ok("images", "launch", "a")
        assert image(shell, "a")["address"] == first
        shell.ok("images", "stop", "a")
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", int(first.rpartition(":")[2])))
            taken.listen()
            shell.ok("images", "launch", "a")
            assert image(shell, "a")["address"] != first

    def test_a_port_can_be_named(self, shell: Shell) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            refused = shell.stui("images", "launch", "a", "--port", str(port))
            assert refused.code == 9
            assert f"the port {port} is taken" in refused.err
        shell.ok("images", "launch", "a", "--port", str(port))
        assert image(shell, "a")["address"] == f"tcp://127.0.0.1:{port}"


class TestALaunchThatIsEnded:
    @pytest.mark.parametrize(
        ("number", "supervise"),
        [
            (signal.SIGKILL, ()),
            (signal.SIGKILL, ("--supervise",)),
            (signal.SIGTERM, ("--supervise",)),
            pytest.param(signal.SIGTERM, (), marks=pytest.mark.long),
            pytest.param(signal.SIGHUP, (), marks=pytest.mark.long),
            pytest.param(signal.SIGHUP, ("--supervise",), marks=pytest.mark.long),
            pytest.param(signal.SIGINT, (), marks=pytest.mark.long),
            pytest.param(signal.SIGINT, ("--supervise",), marks=pytest.mark.long),
        ],
    )
    def test_leaves_nothing_that_the_next_one_doubles(
        self, shell: Shell, number: signal.Signals, supervise: tuple[str, ...]
    ) -> None:
        launching = shell.started("images", "launch", "a", *supervise)
        wait_until(lambda: bool(processes(shell)), "the first process is there")
        launching.send_signal(number)
        launching.communicate()
        if number is not signal.SIGKILL:
            wait_until(lambda: not processes(shell), "what was started is ended")
        shell.ok("images", "launch", "a", *supervise)
        wait_until(lambda: len(processes(shell)) == 1 + bool(supervise), "there is one of each")
        shell.ok("images", "stop", "a")
        assert processes(shell) == []

    @pytest.mark.long
    @pytest.mark.parametrize("supervise", [(), ("--supervise",)])
    def test_at_any_moment(self, shell: Shell, supervise: tuple[str, ...]) -> None:
        for hundredths in range(10, 90, 10):
            name = f"at-{hundredths}"
            launching = shell.started("images", "launch", name, *supervise)
            try:
                launching.wait(hundredths / 100)
            except subprocess.TimeoutExpired:
                launching.kill()
            launching.communicate()
            codes = []
            wait_until(lambda codes=codes, name=name: launched(shell, name, codes, *supervise), "it is launched", 30)
            assert set(codes) <= {0, 9}
            wait_until(lambda: len(processes(shell)) == 1 + bool(supervise), f"one of each, killed at {hundredths}")
            shell.ok("images", "stop", name)
            assert processes(shell) == []


def launched(shell: Shell, name: str, codes: list[int], *words: str) -> bool:
    """Launch it once more; tells whether it runs then."""
    ran = shell.stui("images", "launch", name, *words)
    codes.append(ran.code)
    return ran.code == 0 or "is running already" in ran.err


@pytest.fixture
def gate(shell: Shell, tmp_path: Path) -> Path:
    """Images come up only once this file is there."""
    folder, gate = tmp_path / "bin", tmp_path / "gate"
    folder.mkdir()
    real = shutil.which("gst", path=shell.environ["PATH"])
    script = folder / "gst"
    script.write_text(f"#!/bin/sh\nwhile [ ! -e '{gate}' ]; do sleep 0.02; done\nexec '{real}' \"$@\"\n")
    script.chmod(0o755)
    shell.environ = {**shell.environ, "PATH": f"{folder}{os.pathsep}{shell.environ['PATH']}"}
    gate.touch()
    return gate


class TestALaunchBesideAnotherCommand:
    def test_keeps_what_the_other_one_changed(self, shell: Shell, gate: Path) -> None:
        shell.ok("images", "launch", "a")
        shell.ok("images", "stop", "a")
        gate.unlink()
        launching = shell.started("images", "launch", "a")
        wait_until(lambda: bool(processes(shell)), "it starts")
        shell.ok("images", "set", "a", "env=test")
        shell.ok("images", "rename", "a", "b")
        shell.ok("images", "disconnect", "b")
        gate.touch()
        out, err = launching.communicate(timeout=30)
        assert launching.returncode == 0, err
        assert out.startswith("b:")
        (item,) = shell.ok("images", "-o", "json").json["items"]
        assert (item["name"], item["metadata"], item["parked"]) == ("b", {"env": "test"}, True)

    def test_ends_what_it_started_if_its_image_was_removed(self, shell: Shell, gate: Path) -> None:
        shell.ok("images", "launch", "a")
        shell.ok("images", "stop", "a")
        gate.unlink()
        launching = shell.started("images", "launch", "a")
        wait_until(lambda: bool(processes(shell)), "it starts")
        removed = shell.stui("images", "remove", "-y", "--keep-running", "a")
        gate.touch()
        _, err = launching.communicate(timeout=30)
        assert (removed.code, launching.returncode) == (0, 9), err
        assert "a was removed while it was launched" in err
        assert processes(shell) == []
        assert shell.ok("images", "-o", "json").json["items"] == []

    def test_goes_to_another_port_if_its_own_is_taken_meanwhile(self, shell: Shell, gate: Path) -> None:
        shell.ok("images", "launch", "a")
        before = str(image(shell, "a")["address"])
        shell.ok("images", "stop", "a")
        gate.unlink()
        launching = shell.started("images", "launch", "a")
        wait_until(lambda: bool(processes(shell)), "it starts")
        with socket.create_server(("127.0.0.1", int(before.rpartition(":")[2]))):
            gate.touch()
            told = launching.communicate(timeout=30)
        assert launching.returncode == 0, told
        assert image(shell, "a")["address"] != before
        assert shell.ok("eval", "-i", "a", "3 + 4").out == "7\n"

    def test_of_several_first_launches_of_one_name_one_starts(self, shell: Shell, gate: Path) -> None:
        gate.unlink()
        launching = [shell.started("images", "launch", "a") for _ in range(4)]
        wait_until(lambda: sum(each.poll() is not None for each in launching) == 3, "three are refused")
        gate.touch()
        told = [each.communicate(timeout=30)[1] for each in launching]
        assert sorted(each.returncode for each in launching) == [0, 9, 9, 9], told
        assert sum("a is being started by another command" in text for text in told) == 3
        assert len(processes(shell)) == len(list((Path(shell.environ["STUI_HOME"]) / "launched").iterdir())) == 1


def test_several_saves_at_once_all_succeed(shell: Shell) -> None:
    shell.ok("images", "launch", "a")
    saving = [shell.started("images", "save", "a") for _ in range(3)]
    assert [(each.communicate(timeout=50)[1], each.returncode) for each in saving] == [("", 0)] * 3
    (folder,) = (Path(shell.environ["STUI_HOME"]) / "launched").iterdir()
    (saved,) = folder.glob("saved.im*")
    assert (saved.name, saved.stat().st_mode & 0o777) == ("saved.im", 0o600)


class TestSurroundings:
    def test_the_least_memory_is_known_and_the_example_of_the_help_works(self, shell: Shell) -> None:
        refused = shell.stui("images", "launch", "a", "--memory-limit", "512M")
        assert refused.code == 2
        assert "--memory-limit 768M" in refused.err
        example = re.search(r"such as (\w+)", shell.ok("images", "launch", "--help").out)
        assert example
        assert example[1] == "1G"
        shell.ok("images", "launch", "a", "--memory-limit", "768M")

    def test_an_exclamation_mark_in_the_path(self, shell: Shell, tmp_path: Path) -> None:
        shell.environ = {**shell.environ, "STUI_HOME": str(tmp_path / "wow! it's" / "stui")}
        shell.ok("images", "launch", "a")
        shell.ok("images", "save", "a")
        shell.ok("images", "stop", "a")
        shell.ok("images", "launch", "a")
        assert shell.ok("eval", "-i", "a", "3 + 4").out == "7\n"

    def test_a_runtime_folder_that_nobody_made_is_passed_over(self, shell: Shell, tmp_path: Path) -> None:
        more = {"XDG_RUNTIME_DIR": str(tmp_path / "none"), "TMPDIR": str(tmp_path)}
        shell.environ = {**shell.environ, **more}
        shell.ok("images", "launch", "a")
        assert list((tmp_path / f"stui-{os.getuid()}").glob("a-*.toml"))
        assert not (tmp_path / "none").exists()

    def test_a_dangling_link_in_its_place_is_told(self, shell: Shell, tmp_path: Path) -> None:
        link = tmp_path / f"stui-{os.getuid()}"
        link.symlink_to(tmp_path / "nowhere")
        more = {"XDG_RUNTIME_DIR": str(tmp_path / "none"), "TMPDIR": str(tmp_path)}
        refused = shell.stui("images", "launch", "a", more=more)
        assert refused.code == 9
        assert f"rm {link}" in refused.err
        assert "bug of stui" not in refused.err

    def test_a_folder_whose_name_is_no_text(self, shell: Shell, tmp_path: Path) -> None:
        folders = {name: os.fsdecode(os.fsencode(tmp_path) + b"/\xe9" + name.encode()) for name in ("home", "run")}
        Path(folders["run"]).mkdir(mode=0o700)
        shell.environ = {**shell.environ, "STUI_HOME": folders["home"], "XDG_RUNTIME_DIR": folders["run"]}
        shell.ok("images", "launch", "a")
        shell.ok("images", "save", "a")
        shell.ok("images", "stop", "a")
        shell.ok("images", "launch", "a")
        assert shell.ok("eval", "-i", "a", "3 + 4").out == "7\n"
        assert [each["name"] for each in shell.ok("images", "discover", "-o", "json").json["items"]] == ["a"]

    def test_a_full_disk_is_told(self, shell: Shell, tmp_path: Path) -> None:
        home = tmp_path / "small"
        home.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(home)]
        if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            missing("only root may mount a small disk")
        try:
            shell.environ = {**shell.environ, "STUI_HOME": str(home)}
            shell.ok("images", "launch", "a")
            shell.ok("images", "stop", "a")
            with (home / "filling").open("wb", buffering=0) as file, suppress(OSError):
                while file.write(bytes(4096)):
                    pass
            for name in ("a", "b"):
                refused = shell.stui("images", "launch", name)
                assert refused.code == 10, refused
                assert "the disk is full" in refused.err
            assert processes(shell) == []
        finally:
            subprocess.run(["umount", "-l", str(home)], check=True)
