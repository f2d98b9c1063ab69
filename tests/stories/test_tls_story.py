"""An image behind a real stunnel: from the first contact, by the command that stui tells, to all that one does."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

import pytest
from certificates import Certificates
from farm import refusing_address
from shell import Shell, own_environ
from stunnels import stunnel

from stui_cli.model.fingerprints import parse_fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from certificates import Pair
    from shell import Ran


FAR_THING = """\
Object subclass: #FarThing instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'far'!
!FarThing methodsFor: 'answering'! answer ^42! !
"""


class Far(NamedTuple):
    """An image as its own machine knows it, and the certificates of that place."""

    port: int
    key_file: str
    made: Certificates


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory, gst_path: str) -> Iterator[Far]:
    folder = tmp_path_factory.mktemp("far")
    its = Shell(own_environ(folder, gst_path), folder)
    its.launch("alpha")
    item = its.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    yield Far(int(item["address"].rpartition(":")[2]), item["key_file"], Certificates(folder))
    its.end()


def add(shell: Shell, far: Far, address: str, *options: str) -> Ran:
    return shell.stui("images", "add", "beta", address, "--key-file", far.key_file, *options)


def told_line(ran: Ran) -> str:
    """The command that a failure ends with."""
    assert ran.code == 4, ran
    return ran.err.strip().rpartition(": stui ")[2]


def test_from_the_first_contact_on(shell: Shell, far: Far, tmp_path: Path) -> None:
    pair = far.made.self_signed
    with stunnel(tmp_path, pair, far.port) as port:
        first = add(shell, far, f"tls://localhost:{port}", "-l", "role=far away")
        assert "its certificate is self-signed" in first.err
        # Nothing was pinned by itself; the line that is told, once the fingerprint was compared, does it.
        assert shell.ok("images", "list", "-o", "name").out == ""
        line = told_line(first)
        assert line.endswith(parse_fingerprint(pair.fingerprint))
        shell.ok(*shlex.split(line))

        assert shell.ok("eval", "-i", "beta", "3+4").out == "7\n"
        (item,) = shell.ok("status", "-o", "json").json["items"]
        assert (item["status"], item["metadata"]) == ("connected", {"role": "far away"})
        source = tmp_path / "Far.st"
        source.write_text(FAR_THING)
        shell.ok("load", "-i", "beta", str(source))
        assert shell.ok("eval", "-i", "beta", "FarThing new answer").out == "42\n"
        shell.ok("sessions", "create", "beta/work")
        assert "beta/work" in shell.ok("cleanup", "--older-than", "1ms", "--force", "-y").out
        assert shell.ok("sessions", "list", "-o", "name").out == ""
        shell.ok("doctor", "beta", "--case", "ping*")


def test_what_is_wrong_is_told_apart(shell: Shell, far: Far, tmp_path: Path) -> None:
    made = far.made
    ca = ("--ca-file", made.ca.pair.cert)

    def fails(pair: Pair, *options: str, settings: tuple[str, ...] = (), scheme: str = "tls") -> tuple[int, str]:
        with stunnel(tmp_path, pair, far.port, *settings) as port:
            ran = add(shell, far, f"{scheme}://localhost:{port}", *options)
        return ran.code, " ".join(ran.err.splitlines()[:1])

    checks_ours = ("verifyChain = yes", f"CAfile = {made.ca.pair.cert}")
    theirs = ("--cert", made.client.cert, "--cert-key", made.client.key)
    strange = ("--cert", made.stranger.cert, "--cert-key", made.stranger.key)
    old = ("sslVersion = TLSv1", "ciphers = ALL:@SECLEVEL=0")
    found = {
        "expired": fails(made.expired, *ca),
        "name": fails(made.elsewhere, *ca),
        "ca": fails(made.unknown, *ca),
        "pin": fails(made.renewed, "--fingerprint", made.good.fingerprint),
        "no certificate": fails(made.good, *ca, settings=checks_ours),
        "strange certificate": fails(made.good, *ca, *strange, settings=checks_ours),
        "old": fails(made.good, *ca, settings=old),
        "plain": fails(made.good, "--timeout", "1s", scheme="tcp"),
    }
    assert {kind: code for kind, (code, _) in found.items()} == {
        **dict.fromkeys(("expired", "name", "ca", "pin", "no certificate", "strange certificate"), 4),
        **dict.fromkeys(("old", "plain"), 5),
    }
    words = {
        "expired": "its certificate expired at 2024-01-02",
        "name": "its certificate is for *.example.org, db.example.org, 10.0.0.9, not for localhost",
        "ca": "issued by none of those in",
        "pin": "is the pinned one",
        "no certificate": "wants a certificate of ours",
        "strange certificate": "refused our certificate",
        "old": "only versions of TLS before 1.2",
        "plain": "TLS is spoken there",
    }
    assert {kind: words[kind] in said for kind, (_, said) in found.items()} == dict.fromkeys(words, True), found
    unencrypted = add(shell, far, f"tls://127.0.0.1:{far.port}")
    assert (unencrypted.code, "does not speak TLS" in unencrypted.err) == (5, True), unencrypted
    assert shell.ok("images", "list", "-o", "name").out == ""
    with stunnel(tmp_path, made.good, far.port, *checks_ours) as port:
        assert add(shell, far, f"tls://localhost:{port}", *ca, *theirs).code == 0
        assert shell.ok("eval", "-i", "beta", "6*7").out == "42\n"


def test_an_image_that_is_gone_behind_its_stunnel(shell: Shell, far: Far, tmp_path: Path) -> None:
    with refusing_address() as nobody, stunnel(tmp_path, far.made.good, int(nobody.rpartition(":")[2])) as port:
        ran = add(shell, far, f"tls://localhost:{port}", "--ca-file", far.made.ca.pair.cert)
    assert ran.code == 5
    assert "closed the connection instead of greeting" in ran.err
    assert "whether a stui agent listens behind it" in ran.err
