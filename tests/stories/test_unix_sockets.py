"""An image on a unix socket: of this user, and of another one, who has to be named first."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shell import Shell

STRANGER = 54_321

NEAR_THING = """\
Object subclass: #NearThing instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'near'!
!NearThing methodsFor: 'answering'! answer ^42! !
"""


@pytest.fixture
def socket(shell: Shell) -> Iterator[Path]:
    """A real image called `mine` that listens on it."""
    line = shlex.split(shell.ok("images", "agent", "gst", "--start", "mine").out)
    start, path = Path(line[-1]), Path(shell.environ["XDG_RUNTIME_DIR"]) / "mine.sock"
    start.write_text(start.read_text().replace("#(#name", f"#(#unixPath '{path}' #name"))
    image = subprocess.Popen(
        line, env=dict(shell.environ), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: shell.stui("images", "discover", "--add").out != "", "the agent tells where it is")
        yield path
    finally:
        image.kill()
        image.wait()


def test_it_is_found_and_used_and_told_what_protects_it(shell: Shell, socket: Path) -> None:
    assert shell.ok("eval", "-i", "mine", "3 + 4").out == "7\n"
    (item,) = shell.ok("images", "show", "mine", "-o", "json").json["items"]
    assert item["address"] == f"unix://{socket}"
    assert item["protected_by"] == "a socket that is this user's or root's, and a key that both sides prove"
    assert "protected by" in shell.ok("images", "show", "mine").out
    (item,) = shell.ok("status", "-o", "json").json["items"]
    assert item["status"] == "connected"
    source = shell.folder / "near.st"
    source.write_text(NEAR_THING)
    shell.ok("load", "-i", "mine", str(source))
    assert shell.ok("eval", "-i", "mine", "NearThing new answer").out == "42\n"
    shell.ok("sessions", "create", "mine/work")
    assert "mine/work" in shell.ok("cleanup", "--older-than", "1ms", "--force", "-y").out


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a socket to somebody else")
def test_that_of_another_user_is_refused_until_the_user_is_named(shell: Shell, socket: Path) -> None:
    os.chown(socket, STRANGER, -1)
    refused = shell.stui("eval", "-i", "mine", "3 + 4")
    assert refused.code == 5
    assert f"belongs to the user {STRANGER}, so that others may answer there; nothing was sent" in refused.err
    advised = re.search("stui (images set mine --socket-owner .*)", refused.err)
    assert advised
    shell.ok(*advised[1].split())
    assert shell.ok("eval", "-i", "mine", "3 + 4").out == "7\n"
    assert f"root's or {STRANGER}'s" in shell.ok("images", "show", "mine").out
    shell.ok("images", "set", "mine", "--socket-owner", "")
    assert shell.stui("eval", "-i", "mine", "3 + 4").code == 5
    unknown = shell.stui("images", "set", "mine", "--socket-owner", "nobody-here")
    assert (unknown.code, "there is no user 'nobody-here'" in unknown.err) == (2, True)
    useless = shell.stui("images", "add", "other", "tcp://127.0.0.1:9", "--offline", "--socket-owner", "root")
    assert (useless.code, "would do nothing" in useless.err) == (2, True)
