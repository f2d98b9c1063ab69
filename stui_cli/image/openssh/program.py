"""Running ssh: which program it is, what it is told for every purpose, and what it says of a host."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.image.openssh.words import failure_of
from stui_cli.model.errors import Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.model.addresses import SshAddress
    from stui_cli.model.deadlines import Deadline

# A question to ssh about its own configuration; a `Match exec` of the user's may take its time.
_LONGEST_TEXT = 256 * 1024


class Host(NamedTuple):
    """Whom ssh is told to reach: a name, which may be an alias of ~/.ssh/config, and a port if one was given."""

    destination: str
    port: int | None

    @classmethod
    def of(cls, address: SshAddress) -> Host:
        return cls(address.destination, address.ssh_port)

    def words(self) -> list[str]:
        return [*([] if self.port is None else ["-p", str(self.port)]), self.destination]

    def by_hand(self, environ: Mapping[str, str] = os.environ) -> str:
        """The command by which a person logs in there, and sees what is asked."""
        return " ".join([environ.get("STUI_SSH") or "ssh", *self.words(), "exit"])


def ssh_program(environ: Mapping[str, str] = os.environ) -> str:
    """The path of ssh: STUI_SSH, or the `ssh` of the PATH. Raises Unreachable where there is none, which says nothing
    of any image."""
    wanted = environ.get("STUI_SSH") or "ssh"
    found = shutil.which(wanted, path=environ.get("PATH"))
    if found is None:
        raise Unreachable(
            f"there is no program {wanted!r} on the PATH, by which ssh:// addresses are reached",
            todo="install OpenSSH's client (the package openssh-client), or name it with STUI_SSH",
            outcome=ProbeOutcome.NO_ROUTE,
        )
    return found


def openssh_version(program: str, seconds: float) -> tuple[int, int] | None:
    """As in 9.2; None where it says none within that time, or is another ssh."""
    try:
        done = subprocess.run(
            [program, "-V"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(rb"OpenSSH(?:_for_Windows)?_(\d{1,4})\.(\d{1,4})", done.stderr[:_LONGEST_TEXT])
    return None if found is None else (int(found[1]), int(found[2]))


def said_of(program: str, host: Host, deadline: Deadline) -> dict[str, str]:
    """What `ssh -G` says of a host: each setting with its value, in lower case names. Raises StuiError."""
    try:
        done = subprocess.run(
            [program, "-G", *host.words()],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=max(deadline.remaining(), 0.01),
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreachable(
            f"ssh did not read its configuration of {host.destination} within {deadline.seconds:g} s",
            todo=f"see what it waits for: ssh -G {' '.join(host.words())}",
            outcome=ProbeOutcome.NO_ROUTE,
        ) from error
    except OSError as error:
        raise not_run(program, error) from error
    if done.returncode:
        raise failure_of(done.stderr[:_LONGEST_TEXT], host.destination, host.by_hand())
    lines = done.stdout[:_LONGEST_TEXT].decode(errors="replace").splitlines()
    return {name: value for name, _, value in reversed([line.partition(" ") for line in lines])}


def not_run(program: str, error: OSError) -> Unreachable:
    """ssh could not even be started."""
    return Unreachable(
        f"{program} cannot be run: {error.strerror or error}",
        todo="see whether it runs by hand: ssh -V",
        outcome=ProbeOutcome.NO_ROUTE,
    )


def out_of_means(error: OSError) -> Unreachable:
    """This machine lacks what a connection takes: files, sockets, room in a folder. It says nothing of any image."""
    where = f"{error.filename}: " if error.filename else ""
    return Unreachable(
        f"ssh cannot be used: {where}{error.strerror or error}",
        todo="make room (df, ulimit -n), or set XDG_RUNTIME_DIR to a private folder of yours",
        outcome=ProbeOutcome.NO_ROUTE,
    )


def options(deadline: Deadline, *, asking: bool, forwards: bool = False) -> list[str]:
    """What every connection of ours is told: to take no longer than `deadline` for the way there, to ask nothing where
    nobody answers, and to do no more than carry bytes. With `forwards` it is told a forwarding of its own, beside those
    of its configuration."""
    seconds = max(1, min(3600, -int(-deadline.remaining() // 1)))
    return [
        *_each(
            f"ConnectTimeout={seconds}",
            "LogLevel=INFO",
            "PermitLocalCommand=no",
            "RemoteCommand=none",
            "RequestTTY=no",
            "ForwardX11=no",
            "ForwardAgent=no",
        ),
        *([] if asking else _each("BatchMode=yes")),
        *([] if forwards else _each("ClearAllForwardings=yes")),
    ]


def for_a_script(settings: Mapping[str, str]) -> list[str]:
    """What of the user's configuration would keep a script from running, or from its input, set right. An ssh that does
    not know a setting does not say it, and would refuse to be told of it."""
    amiss = {"stdinnull": ("yes", "StdinNull=no"), "sessiontype": ("none", "SessionType=default")}
    return [right for name, (wrong, right) in amiss.items() if settings.get(name) == wrong]


def _each(*settings: str) -> Sequence[str]:
    return [word for setting in settings for word in ("-o", setting)]
