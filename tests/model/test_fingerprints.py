"""Fingerprints of certificates: the usual spellings are one, and everything else is told."""

from __future__ import annotations

import base64
import hashlib

import pytest

from stui_cli.model.errors import UsageProblem
from stui_cli.model.fingerprints import fingerprint_of, parse_fingerprint

DIGEST = hashlib.sha256(b"certificate").digest()
PAIRS = DIGEST.hex(":").upper()
WRITTEN = f"SHA256:{PAIRS}"


def test_how_it_is_written() -> None:
    assert fingerprint_of(b"certificate") == WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN,
        PAIRS,
        PAIRS.lower(),
        DIGEST.hex(),
        DIGEST.hex(" "),
        f"sha256 Fingerprint={PAIRS}",  # openssl 3
        f"SHA256 Fingerprint={PAIRS}",  # openssl 1
        f"SHA-256: {PAIRS}",  # browsers
        f" sha256:{DIGEST.hex()}\n",
        f"SHA256:{base64.b64encode(DIGEST).decode()}",
        f"SHA256:{base64.b64encode(DIGEST).decode().rstrip('=')}",  # as ssh writes those of host keys
    ],
)
def test_the_usual_spellings(text: str) -> None:
    assert parse_fingerprint(text) == WRITTEN


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (":".join(["AB"] * 20), "a SHA-1, which can be forged"),
        ("sha1 Fingerprint=" + ":".join(["AB"] * 20), "a SHA-1"),
        ("ab" * 20, "a SHA-1"),
        ("AB:CD", "no fingerprint"),
        ("ab" * 33, "no fingerprint"),
        ("", "no fingerprint"),
        (base64.b64encode(DIGEST).decode(), "no fingerprint"),  # of what, it does not say
        ("sha256//" + base64.b64encode(DIGEST).decode(), "no fingerprint"),  # curl's, of the key
        (f"MD5:{PAIRS}", "no fingerprint"),
    ],
)
def test_anything_else_is_told(text: str, why: str) -> None:
    with pytest.raises(UsageProblem, match=why) as caught:
        parse_fingerprint(text)
    assert "openssl x509 -noout -fingerprint -sha256" in caught.value.todo
