"""What a colleague is told to run, by the address of the image and the terms of its entry."""

from __future__ import annotations

import os

import pytest

from stui_cli.model.images import Image
from stui_cli.work.keys.users import registering

HOST = os.uname().nodename


@pytest.mark.parametrize(
    ("address", "terms", "told"),
    [
        (
            "tcp://127.0.0.1:7001",
            {},
            ["tcp://127.0.0.1:7001 --key-file '/a b/bob.key'", f"ssh://{HOST}/127.0.0.1:7001 --key-file bob.key"],
        ),
        (
            "unix:///run/a.sock",
            {},
            ["unix:///run/a.sock --key-file '/a b/bob.key'", f"ssh://{HOST}//run/a.sock --key-file bob.key"],
        ),
        ("ssh://ann@box:22/127.0.0.1:7001", {}, ["ssh://box:22/127.0.0.1:7001 --key-file bob.key"]),
        (
            "tcp://192.0.2.7:7001",
            {"allow_plaintext": True},
            ["tcp://192.0.2.7:7001 --allow-plaintext --key-file bob.key"],
        ),
        (
            "tls://box:7001",
            {"fingerprint": "ab:cd", "cert": "mine.pem", "cert_key": "mine.key"},
            ["tls://box:7001 --fingerprint ab:cd --key-file bob.key"],
        ),
        (
            "tls://localhost:7001",
            {"ca_file": "/etc/our ca.pem"},
            ["tls://localhost:7001 --ca-file '/etc/our ca.pem' --key-file '/a b/bob.key'"],
        ),
    ],
)
def test_what_a_colleague_runs(address: str, terms: dict[str, object], told: list[str]) -> None:
    image = Image("alpha", address, 0, **terms)  # type: ignore[arg-type]
    assert registering(image, "/a b/bob.key") == [f"stui images add alpha {line}" for line in told]
