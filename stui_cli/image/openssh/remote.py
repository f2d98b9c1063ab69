"""A short script on the host behind an ssh:// address, by the same ssh and over the same connection as its image."""

from __future__ import annotations

import shlex
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.image.openssh.children import Child
from stui_cli.image.openssh.program import Host, for_a_script, options, ssh_program
from stui_cli.image.openssh.sharing import connection_to
from stui_cli.image.openssh.words import failure_of
from stui_cli.model.asking import may_ask
from stui_cli.model.errors import TooLate

if TYPE_CHECKING:
    from stui_cli.model.addresses import SshAddress
    from stui_cli.model.deadlines import Deadline

# What ssh itself ends with when it is ssh that failed.
_SSH_FAILED = 255

_LONGEST_OUTPUT = 1024 * 1024

# A line of its own before all that a script writes: what a login says first (`echo` in a .bashrc) is not of it.
_BEGINS = "stui: the script begins"


class CompletedRemote(NamedTuple):
    """How a script ended over there. What it wrote is foreign data, cut at 1 MiB each."""

    code: int
    stdout: str
    stderr: str


def run_there(address: SshAddress, script: str, stdin: str, deadline: Deadline) -> CompletedRemote:
    """Run `script`, by sh, on the host of `address` with `stdin` as its input. Raises StuiError where ssh does not get
    there, and TooLate where the script does not end in time: what it did is not known then.

    `script` is seen by everybody who lists processes here and there, so it is fixed text of ours, one line, without an
    exclamation mark (csh); what is secret, or a name, goes through `stdin`. The script must not end with 255, which is
    how ssh says that it failed itself. What the login there says of itself is none of its output.
    """
    connection = connection_to(Host.of(address))
    asking = may_ask()
    left = deadline.remaining()
    shared = connection.shared(deadline, asking=asking)
    if asking:
        deadline = deadline.moved_to(left)
    way = ["ControlMaster=no", f"ControlPath={shared.path if shared else 'none'}"]
    way += for_a_script(connection.settings(deadline))
    words = [ssh_program(), *options(deadline, asking=asking), "-T", *(word for each in way for word in ("-o", each))]
    words += [*connection.host.words(), f"sh -c {shlex.quote(f'echo; echo {_BEGINS}; {script}')}"]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        child = Child(words, asking=asking, stdin=given, stdout=out, stderr=err)
        try:
            code = child.wait(deadline.remaining())
        finally:
            child.end()
        out.seek(0)
        err.seek(0)
        said = err.read(_LONGEST_OUTPUT)
        if code is None:
            raise TooLate(
                f"a script on {address.destination} did not end within {deadline.seconds:g} s: its outcome is unknown",
                todo=f"look there by hand: {connection.host.by_hand()}",
            )
        if code == _SSH_FAILED:
            raise failure_of(said, address.destination, connection.host.by_hand())
        text = out.read(_LONGEST_OUTPUT).decode(errors="replace")
        return CompletedRemote(code, text.partition(f"\n{_BEGINS}\n")[2], said.decode(errors="replace"))
