"""An image behind a real OpenSSH server: all that one does with it, many at once, and what it costs in processes."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from farm import Farm
from shell import Shell, own_environ, wait_until
from sshd import NAP, Sshd, end_all_of, processes_with, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farm import FarmImage
    from shell import Ran

FAR_THING = """\
Object subclass: #FarThing instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'far'!
!FarThing methodsFor: 'answering'! answer ^42! !
"""


class Far(NamedTuple):
    """An image as its own machine knows it: how it is reached from there."""

    address: str
    key_file: str


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory, gst_path: str) -> Iterator[Far]:
    folder = tmp_path_factory.mktemp("far")
    its = Shell(own_environ(folder, gst_path), folder)
    its.launch("alpha")
    item = its.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    yield Far(item["address"], item["key_file"])
    its.end()


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as folder:
        yield from running(Sshd(Path(folder), hosts=("box", *(f"box{n}" for n in range(60)))))


@pytest.fixture
def near(sshd: Sshd, home: Path, tmp_path: Path) -> Iterator[Shell]:
    """stui where the image is not, with the client's configuration of the server."""
    with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as run:
        (sshd.folder / "calls").unlink(missing_ok=True)
        root = str(Path(__file__).parents[2])
        yield Shell({**os.environ, **sshd.environ, "PYTHONPATH": root, "XDG_RUNTIME_DIR": run}, tmp_path)
        end_all_of(run)


def test_all_that_one_does(near: Shell, sshd: Sshd, far: Far, tmp_path: Path) -> None:
    near.ok("images", "add", "beta", sshd.address(far.address), "--key-file", far.key_file)
    assert near.ok("eval", "-i", "beta", "3+4").out == "7\n"
    (item,) = near.ok("status", "-o", "json").json["items"]
    assert (item["status"], item["address"]) == ("connected", sshd.address(far.address))
    source = tmp_path / "Far.st"
    source.write_text(FAR_THING)
    near.ok("load", "-i", "beta", str(source))
    assert near.ok("eval", "-i", "beta", "FarThing new answer").out == "42\n"
    near.ok("sessions", "create", "beta/work")
    assert "beta/work" in near.ok("cleanup", "--older-than", "1ms", "--force", "-y").out
    near.ok("doctor", "beta", "--case", "ping*")
    # One question to ssh about its configuration in each command, and one connection for all of them.
    assert len([call for call in sshd.calls if not call.startswith("-G ")]) == 1


def test_an_interrupt_reaches_the_evaluation(near: Shell, sshd: Sshd, far: Far) -> None:
    near.ok("images", "add", "beta", sshd.address(far.address), "--key-file", far.key_file)
    running = near.started("eval", "-i", "beta", "--time-limit", "50s", "(Delay forSeconds: 40) wait")
    wait_until(lambda: "40" in near.stui("jobs").out, "the evaluation begins")
    os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=40)
    assert running.returncode == 130
    wait_until(lambda: "40" not in near.stui("jobs").out, "the image stops it", 20)


def test_an_interrupt_while_it_connects_leaves_no_ssh(near: Shell, sshd: Sshd) -> None:
    sshd.configure("Host *", f"    ProxyCommand sleep {NAP}")
    try:
        near.ok("images", "add", "--offline", "a", "ssh://box1/127.0.0.1:1")
        near.ok("images", "add", "--offline", "b", "ssh://box2/127.0.0.1:1")
        running = near.started("status", "--timeout", "30s")
        wait_until(lambda: len(processes_with(f"sleep\0{NAP}")) >= 2, "both are connected to")
        os.killpg(running.pid, signal.SIGINT)
        running.communicate(timeout=40)
        assert running.returncode == 130
        wait_until(lambda: not processes_with(NAP), "what ssh had started ends")
    finally:
        sshd.configure()


def test_a_person_at_a_terminal_is_asked(near: Shell, sshd: Sshd) -> None:
    """For as long as that takes: an answer later than --timeout is one. Nobody is asked with --no-input."""
    (sshd.folder / "known_hosts").write_text("")
    try:
        with Farm() as farm:
            image = farm.add()
            words = ("images", "add", "beta", sshd.address(image.address), "--timeout", "2s")
            code, told = at_a_terminal(near, (*words, "--no-input"), b"")
            assert (code, "is not known" in told) == (4, True), told
            code, told = at_a_terminal(near, words, b"yes\n", after_s=2.5)
            assert (code, image.image_id in told) == (0, True), told
    finally:
        sshd.know_host()


def at_a_terminal(near: Shell, words: tuple[str, ...], answer: bytes, after_s: float = 0.0) -> tuple[int, str]:
    """Run a command on a terminal of its own; `answer` is typed so long after the first question."""
    terminal, theirs = pty.openpty()
    # What ssh asks it asks on /dev/tty, so a session of its own has to take the terminal.
    take = (
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", take, sys.executable, "-m", "stui_cli", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=dict(near.environ),
        cwd=near.folder,
        start_new_session=True,
    )
    os.close(theirs)
    told = b""
    with os.fdopen(terminal, "rb+", buffering=0) as screen:
        while True:
            try:
                told += (got := screen.read(4096))
            except OSError:  # how Linux says that nobody has the other end any more
                break
            if not got:
                break
            if answer and b"(yes/no" in told:
                time.sleep(after_s)
                screen.write(answer)
                answer = b""
    return process.wait(30), told.decode(errors="replace")


def added(near: Shell, images: list[FarmImage], addresses: list[str]) -> None:
    listed = "".join(
        f'[[images]]\nname = "{image.name}-{n}"\naddress = "{address}"\nimage_id = "{image.image_id}"\n'
        for n, (image, address) in enumerate(zip(images, addresses, strict=True))
    )
    path = near.folder / "images.toml"
    path.write_text(listed)
    near.ok("images", "import", str(path))


def connected(ran: Ran) -> int:
    return sum(item["status"] == "connected" for item in ran.json["items"])


def test_fifty_images_of_one_host_take_one_connection(near: Shell, sshd: Sshd) -> None:
    with Farm() as farm:
        images = farm.add_many(50)
        added(near, images, [sshd.address(image.address) for image in images])
        assert connected(near.stui("status", "--timeout", "10s", "-o", "json")) == 50
    # ssh -G, the one that logs in, and the master that it leaves behind.
    assert len(sshd.calls) == 2


@pytest.mark.long
def test_sixty_hosts_at_once_lose_nobody(near: Shell, sshd: Sshd) -> None:
    """As many names, and one server, which drops from the tenth that has not logged in (MaxStartups 10:30:100)."""
    with Farm() as farm:
        images = farm.add_many(60)
        added(
            near,
            images,
            [sshd.address(image.address, host) for image, host in zip(images, sshd.hosts[1:], strict=True)],
        )
        assert connected(near.stui("status", "--timeout", "10s", "-o", "json")) == 60
    assert "drop connection" not in sshd.log
    assert "MaxStartups" not in sshd.log
    assert len([call for call in sshd.calls if not call.startswith("-G ")]) == 60, "one had to come twice"


def test_a_refused_key_fails_and_is_no_evidence(near: Shell, sshd: Sshd) -> None:
    with Farm() as farm:
        images = farm.add_many(2)
        added(near, images, [sshd.address(image.address) for image in images])
        sshd.configure(key="other_key")
        try:
            ran = near.stui("status", "-o", "json")
            assert {item["status"] for item in ran.json["items"]} == {"failed"}
            assert "refused our keys" in ran.json["items"][0]["reason"]
            name = ran.json["items"][0]["name"]
            assert [near.stui(*words).code for words in (("eval", "-i", name, "3+4"), ("ping", name))] == [4, 4]
        finally:
            sshd.configure()
