"""What the doctor looks at on this machine: real files with real modes, and advice that mends what it is about."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest
import tomli_w
from farm import Behaviour, Farm
from needs import program

from stui_cli.api import open_manager
from stui_cli.image.keys import fresh_key_file
from stui_cli.image.openssh.program import openssh_version
from stui_cli.local.completion_scripts import completion_script
from stui_cli.local.manual_pages import manual_page
from stui_cli.main import run
from stui_cli.model.images import Image
from stui_cli.work.checkup.around import Terminal
from stui_cli.work.checkup.looking import CHECKS, Check, look_around
from stui_cli.work.checkup.observation import Verdict, passed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Doctor, Registered

    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

CALM = {"passed", "skipped", "warning"}


def test_a_machine_on_which_all_is_well(doctor: Doctor) -> None:
    found = doctor.items()
    assert doctor.code == 0
    assert {item["verdict"] for item in found.values()} <= CALM
    assert set(found) >= {
        *("store/readable", "config/readable", "disk/folder", "disk/writable", "disk/room"),
        *("machine/stui", "machine/python", "machine/libraries", "machine/tls", "machine/runtime folder"),
        *("machine/playground", "machine/pharo", "machine/squeak", "machine/cuis"),
        *("shell/completion", "shell/manual", "terminal/output", "terminal/letters", "terminal/pager"),
    }
    assert all(item["todo"] for item in found.values() if item["verdict"] in ("warning", "failed"))


def test_what_to_do_next_stands_in_a_line_of_its_own(doctor: Doctor, home: Path) -> None:
    (home / "stui").mkdir(mode=0o755)
    (home / "stui").chmod(0o755)
    doctor.run()
    assert doctor.code == 8  # the store's own files say so, too
    assert "disk/folder: chmod 700 ~/stui\n" in doctor.said
    doctor.paste("disk/folder")
    assert doctor("disk/folder") == ("passed", "~/stui, named by STUI_HOME: mode 0700")
    assert doctor.code == 0


def test_a_narrow_table_has_what_was_found(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = doctor.run("-o", "table")
    assert "3.11 or newer" not in said
    assert "config.toml is not there, and need not be" in said
    # Rows for scripts keep their order.
    assert doctor.run("-o", "tsv").startswith("request\tcase\tverdict\texpected\tgot\n")


def test_a_store_that_was_named_is_meant_by_the_advice(
    doctor: Doctor, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = str(home / "another one")
    assert run(["--home", other, "images", "add", "alpha", "tcp://127.0.0.1:1", "--offline"]) == 0
    (home / "another one" / "state.toml").write_bytes(b"")
    assert doctor.items("--home", other)["store/state"]["todo"] == "stui --home ~/'another one' doctor --repair"
    doctor.paste("store/state", "--home", other)
    assert "store/state" not in doctor.items("--home", other)


# --- the disk ---------------------------------------------------------------------------------------------------


def test_who_holds_the_lock_is_told_and_not_disturbed(doctor: Doctor, register: Registered, home: Path) -> None:
    register(Image("alpha", "tcp://127.0.0.1:1", 0))
    assert doctor("disk/lock") == ("passed", "nobody holds it")
    with (home / "stui" / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert doctor("disk/lock") == ("warning", f"process {os.getpid()} holds it")
    assert doctor("disk/lock")[0] == "passed"


def test_how_large_the_store_is(doctor: Doctor, register: Registered, home: Path) -> None:
    register(Image("alpha", "tcp://127.0.0.1:1", 0))
    launched = home / "stui" / "launched" / "i"
    launched.mkdir(parents=True)
    (launched / "saved.im").write_bytes(bytes(3 * 1024 * 1024))
    told = doctor("disk/size")[1]
    assert told.endswith(" files of 3.0 MB, 3.0 MB of them of launched images")


# --- settings ---------------------------------------------------------------------------------------------------


def test_a_variable_and_a_file_that_others_may_write(
    doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUI_TIMEOUT", "soon")
    assert doctor.items()["config/STUI_TIMEOUT"]["todo"] == "unset STUI_TIMEOUT"
    monkeypatch.delenv("STUI_TIMEOUT")
    (home / "stui").mkdir(mode=0o700)
    config = home / "stui" / "config.toml"
    config.write_text("timeout = '3s'\n")
    for mode, name, verdict in ((0o666, "config/readable", "failed"), (0o660, "config/mode", "warning")):
        config.chmod(mode)
        assert doctor(name)[0] == verdict
        doctor.paste(name)
        assert doctor("config/readable") == ("passed", "config.toml sets timeout")
        assert "config/mode" not in doctor.items()


# --- images -----------------------------------------------------------------------------------------------------


def test_keys_that_others_can_read(doctor: Doctor, register: Registered, home: Path) -> None:
    keys = home / "it's a key"
    fresh_key_file(keys)
    register(Image("alpha", "tcp://127.0.0.1:1", 0, key_file=str(keys)))
    assert doctor("keys/image 1") == ("passed", "mode 0600")
    keys.chmod(0o640)
    item = doctor.items()["keys/image 1"]
    assert (item["verdict"], item["todo"]) == ("failed", "stui doctor -v")
    assert item["got"] == "the key file can be read by others (mode 0640), so its keys count as known"
    assert doctor.code == 8
    doctor.paste("keys/alpha", "-v")
    assert doctor("keys/alpha", "-v") == ("passed", "~/it's a key, mode 0600")
    keys.unlink()
    assert doctor("keys/image 1") == ("failed", "the key file is not there")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives a file away")
def test_keys_of_another_user(doctor: Doctor, register: Registered, home: Path) -> None:
    keys = home / "keys"
    fresh_key_file(keys)
    os.chown(keys, 12345, -1)
    register(Image("alpha", "tcp://127.0.0.1:1", 0, key_file=str(keys)))
    assert doctor("keys/image 1") == ("failed", "its key file belongs to another user (number 12345)")


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm() as made:
        yield made


def test_an_image_that_moved_is_told_with_its_new_address(
    doctor: Doctor, register: Registered, farm: Farm, home: Path
) -> None:
    moved, gone = farm.add(Behaviour(name="alpha")), farm.add(Behaviour(name="beta"))
    gone.close()
    register(Image("alpha", gone.address, 0, image_id=moved.image_id))
    told = {"schema": 1, "name": "alpha", "dialect": "playground", "pid": os.getpid(), "incarnation": moved.incarnation}
    (home / "run" / "stui").mkdir(mode=0o700)
    file = home / "run" / "stui" / "alpha-1.toml"
    file.write_text(tomli_w.dumps(told | {"address": moved.address, "image_id": moved.image_id}))
    file.chmod(0o600)
    verdict, found = doctor("addresses/image 1")
    assert (verdict, moved.address in found) == ("warning", True)
    assert doctor.code == 0
    doctor.paste("addresses/alpha", "-v")
    assert doctor("addresses/alpha", "-v") == ("passed", moved.address)
    assert doctor("machine/runtime files")[1] == "of agents that run: 1, of agents that are gone: 0"


def test_files_of_agents_that_are_gone(doctor: Doctor, farm: Farm, home: Path) -> None:
    gone = farm.add(Behaviour(name="alpha"))
    gone.close()
    told = {"schema": 1, "name": "alpha", "dialect": "gst", "pid": 2**22 + 1, "process_start": 1, "incarnation": "i"}
    (home / "run" / "stui").mkdir(mode=0o700)
    file = home / "run" / "stui" / "alpha-1.toml"
    file.write_text(tomli_w.dumps(told | {"address": gone.address, "image_id": gone.image_id}))
    assert doctor("machine/runtime files")[0] == "warning"
    assert file.exists()  # it looks, and no more
    doctor.paste("machine/runtime files")
    assert not file.exists()


def test_launched_images_that_do_not_run(doctor: Doctor, register: Registered, home: Path) -> None:
    there = str(home / "launched")
    register(
        Image("alpha", "tcp://127.0.0.1:1", 0, image_id="i", launch_directory=there),
        Image("beta", "tcp://127.0.0.1:2", 0, image_id="j", launch_directory=there, parked=True),
    )
    assert doctor("launched/image 1") == ("warning", "it does not run any more")
    assert doctor.items("-v")["launched/alpha"]["todo"] == "stui images launch alpha"
    assert doctor("launched/image 2") == ("skipped", "it was stopped on purpose")


# --- the shell --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_by_the_advice(shell: str, doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    assert doctor("shell/completion") == ("warning", f"not installed for {shell}")
    doctor.paste("shell/completion")
    assert doctor("shell/completion")[0] == "passed"


def test_a_completion_script_of_another_version(doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/bash")
    (home / ".bashrc").write_text("# stui completion bash: no more\n")
    there = home / ".local/share/bash-completion/completions/stui"
    there.parent.mkdir(parents=True)
    there.write_text(f"# older\n{completion_script('bash')}")
    shown = "~/.local/share/bash-completion/completions/stui"
    assert doctor("shell/completion") == ("warning", f"{shown} is of another version of stui")
    doctor.paste("shell/completion")
    assert doctor("shell/completion") == ("passed", f"{shown} is of this version")
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert doctor("shell/completion") == ("skipped", "no script for the shell tcsh")


def test_which_manual_man_finds(doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program("man")
    pages = home / "man" / "man1"
    pages.mkdir(parents=True)
    (pages / "stui.1").write_text(manual_page("stui.1"))
    monkeypatch.setenv("MANPATH", str(home / "man"))
    assert doctor("shell/manual") == ("passed", "man finds ~/man/man1/stui.1")
    (pages / "stui.1").write_text(".TH OLD 1\n")
    assert doctor("shell/manual") == ("warning", "man finds ~/man/man1/stui.1, which is of another version of stui")
    (pages / "stui.1").unlink()
    assert doctor("shell/manual")[0] == "warning"
    monkeypatch.setenv("PATH", "")
    assert doctor("shell/manual")[0] == "skipped"


def test_the_terminal(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "no-such-pager -x")
    item = doctor.items()["terminal/pager"]
    assert (item["verdict"], item["todo"]) == ("warning", "unset PAGER")
    monkeypatch.setenv("PAGER", "cat")
    assert doctor("terminal/pager")[0] == "skipped"


@pytest.mark.parametrize(
    ("term", "more", "colored", "told"),
    [
        ("xterm", {}, True, "16 colours"),
        ("tmux-256color", {}, True, "256 colours"),
        ("xterm", {"COLORTERM": "truecolor"}, True, "all colours"),
        ("dumb", {}, False, "no colours (NO_COLOR, TERM=dumb or --color)"),
    ],
)
def test_what_a_terminal_can(
    term: str, more: dict[str, str], colored: bool, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ({"TERM": term, "COLORTERM": ""} | more).items():
        monkeypatch.setenv(name, value)
    seen = look_around(open_manager()._bench, Terminal(True, 120, "utf-8", colored), checks=CHECKS[-1:])
    assert seen[0] == passed("terminal", "output", f"120 columns, TERM is {term}: {told}")


# --- time -------------------------------------------------------------------------------------------------------


def test_an_ssh_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\nexec sleep 60\n")
    ssh.chmod(0o755)
    begun = time.monotonic()
    assert openssh_version(str(ssh), 0.2) is None
    assert time.monotonic() - begun < 30
    ssh.write_text("#!/bin/sh\necho 'OpenSSH_10.0p2 Debian-7, OpenSSL 3.5' >&2\n")
    assert openssh_version(str(ssh), 30) == (10, 0)
    assert openssh_version(str(tmp_path / "none"), 5) is None


def test_what_hangs_does_not_hold_up_the_others(register: Registered) -> None:
    released = threading.Event()

    def hang(around: Around) -> Iterator[Observation]:
        yield passed("disk", "first", "seen")
        released.wait(50)

    def fail(around: Around) -> Iterator[Observation]:
        yield passed("keys", "first", "seen")
        raise OSError(5, "a secret")

    checks = [Check("disk", "all", hang, 0.2), Check("keys", "all", fail), *CHECKS[-1:]]
    begun = time.monotonic()
    seen = look_around(open_manager()._bench, Terminal(True, 60, "ascii", False), checks=checks)
    assert time.monotonic() - begun < 25
    released.set()  # a thread that is left keeps a later test from forking
    assert [(each.of, each.what, each.verdict) for each in seen] == [
        ("disk", "first", Verdict.PASSED),
        ("disk", "all", Verdict.WARNING),
        ("keys", "first", Verdict.PASSED),
        ("keys", "all", Verdict.WARNING),
        ("terminal", "output", Verdict.WARNING),
        ("terminal", "letters", Verdict.WARNING),
        *[(each.of, each.what, each.verdict) for each in seen[6:]],
    ]
    assert not any("secret" in each.found for each in seen)
