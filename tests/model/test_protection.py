"""What protects the way to an image is told in one line, by its entry."""

from __future__ import annotations

import pytest

from stui_cli.model.images import Image
from stui_cli.model.protection import protection_of


@pytest.mark.parametrize(
    ("address", "more", "told"),
    [
        ("tcp://127.0.0.1:1", {}, "this machine alone (plain text), and no key"),
        ("tcp://[::1]:1", {"key_file": "/k"}, "this machine alone (plain text), and a key that both sides prove"),
        ("tcp://host:1", {}, "plain text, not allowed here; no key"),
        (
            "tcp://host:1",
            {"allow_plaintext": True, "key_file": "/k"},
            "nothing: plain text over the network; a key that both sides prove",
        ),
        ("unix:///s", {}, "a socket that is this user's or root's, and no key"),
        ("unix:///s", {"socket_owner": "pat"}, "a socket that is this user's, root's or pat's, and no key"),
        ("tls://host:1", {}, "TLS, trusted by this machine's CAs, and no key"),
        ("tls://host:1", {"ca_file": "/ca"}, "TLS, trusted by a CA of ours, and no key"),
        (
            "tls://host:1",
            {"fingerprint": "2A", "cert": "/c"},
            "TLS, trusted by its pinned certificate, with our certificate, and no key",
        ),
        ("ssh://me@host/127.0.0.1:1", {}, "ssh to me@host, and no key"),
        ("no address", {}, None),
    ],
)
def test_each_kind_of_address(address: str, more: dict[str, object], told: str | None) -> None:
    assert protection_of(Image("alpha", address, 0, **more)) == told  # type: ignore[arg-type]
