"""ssh:// against a real OpenSSH server: a way to an image, one connection for many, and what each failure is called."""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Farm
from sshd import NAP, Sshd, processes_with

from stui_cli.image.client import Caller, open_client
from stui_cli.image.openssh import sharing
from stui_cli.image.openssh.remote import run_there
from stui_cli.image.openssh.words import Dropped, ForwardForbidden, HostNotTrusted, KeyRefused, failure_of
from stui_cli.image.probing import probe_all
from stui_cli.model.addresses import SshAddress, parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotPermitted, StuiError, TooLate, Unreachable
from stui_cli.model.exits import Exit
from stui_cli.model.images import Image
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.status import ProbeLevel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm() as made:
        yield made


def image_at(address: str, seconds: float = 10.0) -> str:
    """The id of the image that greets at `address`."""
    with open_client(parse_address(address), Caller("tester"), Deadline.after(seconds)) as client:
        return client.greeting.image_id


def failure_at(address: str, seconds: float = 10.0) -> StuiError:
    with pytest.raises(StuiError) as caught:
        image_at(address, seconds)
    assert caught.value.todo
    assert caught.value.exit_code in (Exit.NOT_PERMITTED, Exit.UNREACHABLE)
    assert caught.value.what.isprintable()
    return caught.value


def outcome_at(address: str, seconds: float = 10.0) -> ProbeOutcome:
    failure = failure_at(address, seconds)
    return failure.outcome if isinstance(failure, Unreachable) else ProbeOutcome.NOT_PERMITTED


def starts(sshd: Sshd) -> list[str]:
    """The calls that made a connection, not the questions to ssh about itself."""
    return [call for call in sshd.calls if not call.startswith("-G ")]


@pytest.fixture
def unshared(monkeypatch: pytest.MonkeyPatch) -> None:
    """No path is short enough for a master."""
    monkeypatch.setattr(sharing, "_LONGEST_PATH", 1)


def test_many_conversations_share_one_connection(sshd: Sshd, farm: Farm) -> None:
    images = farm.add_many(12)
    asked = [Image(image.name, sshd.address(image.address), 0) for image in images]
    probes = probe_all(asked, "tester", 10.0, lambda: 0)
    assert [probe.image_id for probe in probes] == [image.image_id for image in images]
    assert len(starts(sshd)) == 1
    assert len(processes_with(f"{sharing.connection_to(sharing.Host('box', None))._shared.path}")) == 1  # type: ignore[union-attr]
    # Another command of the same user finds the master, and starts none.
    sharing._connections.clear()
    assert image_at(asked[0].address) == images[0].image_id
    assert len(starts(sshd)) == 1


def test_two_commands_at_once_start_one_master(sshd: Sshd, farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    image = farm.add()
    # Two registries, as two processes have them; what is between processes is the lock of the file.
    both = [sharing.Connection(sharing.Host("box", None)) for _ in range(2)]
    found = []
    threads = [
        threading.Thread(target=lambda each=each: found.append(each.shared(Deadline.after(10)))) for each in both
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(starts(sshd)) == 1
    assert image_at(sshd.address(image.address)) == image.image_id


def test_unix_sockets_and_ports(sshd: Sshd, farm: Farm) -> None:
    path = f"{os.environ['XDG_RUNTIME_DIR']}/image.sock"
    image = farm.add(Behaviour(unix_path=path))
    assert image_at(f"ssh://box/{path}") == image.image_id
    assert outcome_at("ssh://box//no/such.sock") is ProbeOutcome.BROKEN
    left = os.listdir(f"{os.environ['XDG_RUNTIME_DIR']}/stui/ssh")
    assert not [name for name in left if len(name) == 12], "a socket of one conversation"


def test_without_sharing(sshd: Sshd, farm: Farm, unshared: None) -> None:
    path = f"{os.environ['XDG_RUNTIME_DIR']}/image.sock"
    tcp, unix = farm.add(), farm.add(Behaviour(unix_path=path))
    assert image_at(sshd.address(tcp.address)) == tcp.image_id
    assert image_at(f"ssh://box/{path}") == unix.image_id
    assert outcome_at("ssh://box/127.0.0.1:1") is ProbeOutcome.REFUSED
    assert outcome_at("ssh://box//no/such.sock") is ProbeOutcome.BROKEN
    sshd.configure(key="other_key")
    assert isinstance(failure_at(sshd.address(tcp.address)), KeyRefused)
    assert not processes_with(f"{sshd.folder}/config"), "an ssh outlived its conversation"


def test_a_level_of_tcp_is_claimed_of_an_open_way_alone(sshd: Sshd, farm: Farm) -> None:
    image = farm.add()
    asked = [Image("a", sshd.address(image.address), 0), Image("b", "ssh://box/127.0.0.1:1", 0)]
    up, down = probe_all(asked, "tester", 10.0, lambda: 0, ProbeLevel.TCP)
    assert (up.outcome, up.reached) == (ProbeOutcome.ANSWERED, ProbeLevel.TCP)
    assert (down.outcome, down.reached) == (ProbeOutcome.REFUSED, None)


def test_reasons_are_told_apart_where_many_fail_at_once(sshd: Sshd, farm: Farm) -> None:
    """The master's answer is the same for all; its log says which was which."""
    asked = [Image(f"r{n}", f"ssh://box/127.0.0.1:{n + 1}", 0) for n in range(5)]
    asked += [Image(f"n{n}", f"ssh://box/no-such-host-{n}.invalid:7", 0) for n in range(2)]
    probes = probe_all(asked, "tester", 20.0, lambda: 0)
    assert {probe.outcome for probe in probes[:5]} == {ProbeOutcome.REFUSED}
    assert {probe.outcome for probe in probes[5:]} == {ProbeOutcome.BROKEN}


def test_a_refused_key_is_shown_once(sshd: Sshd) -> None:
    """Servers lock out who comes again and again."""
    sshd.configure(key="other_key")
    asked = [Image(f"i{n}", f"ssh://box/127.0.0.1:{n + 1}", 0) for n in range(4)]
    for _ in range(3):
        probes = probe_all(asked, "tester", 10.0, lambda: 0)
        assert {probe.outcome for probe in probes} == {ProbeOutcome.NOT_PERMITTED}
    assert "refused our keys" in probes[0].reason
    assert len(starts(sshd)) == 1
    failure = failure_at("ssh://box/127.0.0.1:1")
    assert isinstance(failure, KeyRefused)
    assert failure.exit_code is Exit.NOT_PERMITTED
    assert failure.todo.endswith("ssh box exit")


def test_hosts_that_are_not_trusted(sshd: Sshd) -> None:
    (sshd.folder / "known_hosts").write_text("")
    unknown = failure_at("ssh://box/127.0.0.1:1")
    sshd.know_host("other_key")
    changed = failure_at("ssh://box/127.0.0.1:1")
    assert isinstance(unknown, HostNotTrusted)
    assert isinstance(changed, HostNotTrusted)
    assert "is not known" in unknown.what
    assert "another one than the known" in changed.what


@pytest.mark.parametrize(
    ("settings", "outcome", "word"),
    [
        (("HostName no-such-host.invalid",), ProbeOutcome.NO_ROUTE, "has no address"),
        (("HostName 127.0.0.1", "Port 1"), ProbeOutcome.BROKEN, "no ssh server listens"),
        (("ProxyCommand /nowhere/nc %h %p",), ProbeOutcome.BROKEN, "ProxyCommand or its jump host"),
        (("NoSuchSetting x",), ProbeOutcome.NO_ROUTE, "NoSuchSetting|nosuchsetting|configuration"),
        ((f"ProxyCommand sleep {NAP}",), ProbeOutcome.TIMED_OUT, "within 1 s"),
    ],
)
def test_hosts_that_are_not_reached(sshd: Sshd, settings: tuple[str, ...], outcome: ProbeOutcome, word: str) -> None:
    sshd.configure("Host box", *settings, "Host *")
    failure = failure_at("ssh://box/127.0.0.1:1", 1.0 if outcome is ProbeOutcome.TIMED_OUT else 10.0)
    assert isinstance(failure, Unreachable)
    assert failure.outcome is outcome
    assert re.search(word, failure.what)
    assert not processes_with(f"sleep\0{NAP}")


def test_a_proxy_command_that_is_not_there_is_named(sshd: Sshd, unshared: None) -> None:
    """A master does not tell what its ProxyCommand said."""
    sshd.configure("Host box", "ProxyCommand /nowhere/nc %h %p", "Host *")
    failure = failure_at("ssh://box/127.0.0.1:1")
    assert isinstance(failure, Unreachable)
    assert failure.outcome is ProbeOutcome.NO_ROUTE
    assert re.search(r"cannot be run: .*/nowhere/nc: ", failure.what)


def test_no_ssh_program(sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUI_SSH", "no-such-ssh")
    failure = failure_at("ssh://box/127.0.0.1:1")
    assert isinstance(failure, Unreachable)
    assert failure.outcome is ProbeOutcome.NO_ROUTE
    assert "no-such-ssh" in failure.what


def test_a_master_that_is_gone_or_hangs_is_replaced(sshd: Sshd, farm: Farm) -> None:
    image = farm.add()
    address = sshd.address(image.address)
    assert image_at(address) == image.image_id
    path = sharing.connection_to(sharing.Host("box", None))._shared.path  # type: ignore[union-attr]
    # Killed, it leaves its socket behind.
    (master,) = processes_with(path)
    os.kill(master, signal.SIGKILL)
    assert image_at(address) == image.image_id
    # The server ends the connection.
    sshd.drop()
    assert image_at(address) == image.image_id
    # A stopped one accepts and says nothing.
    (master,) = processes_with(path)
    os.kill(master, signal.SIGSTOP)
    try:
        sharing._connections.clear()
        assert image_at(address) == image.image_id
    finally:
        os.kill(master, signal.SIGKILL)


def test_the_users_own_master_is_used(sshd: Sshd, farm: Farm) -> None:
    image = farm.add()
    sshd.configure(
        "Host *",
        "    ControlMaster auto",
        f"    ControlPath {os.environ['XDG_RUNTIME_DIR']}/cm",
        "    ControlPersist 9",
    )
    assert image_at(sshd.address(image.address)) == image.image_id
    assert outcome_at("ssh://box/127.0.0.1:1") is ProbeOutcome.REFUSED
    assert os.path.exists(f"{os.environ['XDG_RUNTIME_DIR']}/cm")
    assert len(starts(sshd)) == 1
    assert "ControlPath" not in starts(sshd)[0]


def test_a_user_whose_master_would_end_with_its_first_session_gets_one_of_ours(sshd: Sshd, farm: Farm) -> None:
    image = farm.add()
    sshd.configure("Host *", "    ControlMaster auto", f"    ControlPath {os.environ['XDG_RUNTIME_DIR']}/cm")
    assert image_at(sshd.address(image.address)) == image.image_id
    assert not os.path.exists(f"{os.environ['XDG_RUNTIME_DIR']}/cm")


def test_a_script_there(sshd: Sshd) -> None:
    box = parse_address("ssh://box/127.0.0.1:1")
    assert isinstance(box, SshAddress)
    done = run_there(box, "cat; echo 'no \"such' >&2; exit 3", "a secret\n", Deadline.after(10))
    assert done == (3, "a secret\n", 'no "such\n')
    assert run_there(box, "wc -c", "", Deadline.after(10)).stdout.strip() == "0"
    assert not any("secret" in call for call in sshd.calls)
    with pytest.raises(TooLate):
        run_there(box, f"sleep {NAP}", "", Deadline.after(0.5))
    sshd.configure(key="other_key")
    sharing._connections.clear()
    with pytest.raises(KeyRefused):
        run_there(box, "cat", "", Deadline.after(10))


def test_a_script_runs_whatever_the_configuration_says_of_sessions(sshd: Sshd, unshared: None) -> None:
    box = parse_address("ssh://box/127.0.0.1:1")
    assert isinstance(box, SshAddress)
    sshd.configure("Host *", "    StdinNull yes", "    SessionType none")
    assert run_there(box, "cat", "a line\n", Deadline.after(10)) == (0, "a line\n", "")


def test_what_a_login_says_first_is_no_answer_of_a_script(tmp_path_factory: pytest.TempPathFactory, sshd: Sshd) -> None:
    chatty = Sshd(tmp_path_factory.mktemp("chatty"), 'ForceCommand printf Welcome; eval "$SSH_ORIGINAL_COMMAND"')
    chatty.start()
    try:
        sshd.configure("Host box", f"    Port {chatty.port}", f"    IdentityFile {chatty.folder}/user_key")
        (sshd.folder / "known_hosts").write_text((chatty.folder / "known_hosts").read_text())
        box = parse_address("ssh://box/127.0.0.1:1")
        assert isinstance(box, SshAddress)
        assert run_there(box, "cat", "a line\n", Deadline.after(10)) == (0, "a line\n", "")
    finally:
        chatty.end()


def test_a_server_that_forbids_to_forward(tmp_path_factory: pytest.TempPathFactory, sshd: Sshd) -> None:
    strict = Sshd(tmp_path_factory.mktemp("strict"), "AllowTcpForwarding no", hosts=("box",))
    strict.start()
    try:
        sshd.configure("Host box", f"    Port {strict.port}", f"    IdentityFile {strict.folder}/user_key")
        (sshd.folder / "known_hosts").write_text((strict.folder / "known_hosts").read_text())
        failure = failure_at("ssh://box/127.0.0.1:1")
    finally:
        strict.end()
    assert isinstance(failure, ForwardForbidden)
    assert "does not allow" in failure.what


def test_a_host_that_drops_is_tried_again_and_then_told(sshd: Sshd) -> None:
    """As a server does that has too many connections which have not logged in."""
    dropped = 0

    def drop(listener: socket.socket) -> None:
        nonlocal dropped
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                return
            dropped += 1

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drop, args=(listener,))
        thread.start()
        try:
            sshd.configure("Host box", f"    Port {listener.getsockname()[1]}")
            failure = failure_at("ssh://box/127.0.0.1:1")
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
    assert isinstance(failure, Dropped)
    assert dropped == 3


def test_a_runtime_folder_that_takes_nothing_says_nothing_of_images(
    sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: str, flags: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    monkeypatch.setattr(sharing, "_privately", full)
    (probe,) = probe_all([Image("a", "ssh://box/127.0.0.1:1", 0)], "tester", 10.0, lambda: 0)
    assert probe.outcome is ProbeOutcome.NO_ROUTE
    assert os.strerror(errno.ENOSPC) in probe.reason


@pytest.mark.parametrize(
    "said",
    [b"Connection closed by UNKNOWN port 65535", b"banner exchange: Connection to UNKNOWN port 65535: Broken pipe"],
)
def test_a_command_that_ended_is_told_whether_it_was_read_from_or_written_to(said: bytes) -> None:
    """Which of the two ssh meets first is chance."""
    failure = failure_of(said + b"\n", "box", "ssh box exit")
    assert isinstance(failure, Dropped)
    assert "ProxyCommand or its jump host ended" in failure.what


def test_what_ssh_says_is_cleaned_and_cut() -> None:
    said = b"Warning: Permanently added 'x'\n\x1b]0;owned\x07" + "‮".encode() + b"x" * 100_000 + b"\n"
    told = failure_of(said, "box", "ssh box exit").what
    assert told.isprintable()
    assert len(told) < 500
    assert isinstance(failure_of(b"root@box: Permission denied (publickey).\n", "box", "-"), NotPermitted)
    assert not isinstance(failure_of(b"connect to host x port 22: Permission denied\n", "box", "-"), NotPermitted)


def test_a_silent_image_behind_a_living_host_costs_its_deadline(sshd: Sshd, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        image_behind = f"ssh://box/127.0.0.1:{port}"
        assert failure_at(image_behind, 0.01) is not None
        started = time.monotonic()
        assert outcome_at(image_behind, 1.0) is ProbeOutcome.TIMED_OUT
        assert time.monotonic() - started < 10
