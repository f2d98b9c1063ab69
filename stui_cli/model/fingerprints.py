"""The fingerprint of a certificate, its SHA-256: in the one spelling that stui writes, and the usual ones it reads."""

from __future__ import annotations

import re

from stui_cli.model.errors import UsageProblem

DIGEST_BYTES = 32

_HEX = re.compile(rf"[0-9A-Fa-f]{{{2 * DIGEST_BYTES}}}\Z")
_PAIRS = re.compile(rf"[0-9A-Fa-f]{{2}}(?:[: ][0-9A-Fa-f]{{2}}){{{DIGEST_BYTES - 1}}}\Z")
# As ssh writes the digests of host keys: base64 without its padding.
_BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=?\Z")
# `openssl x509 -fingerprint -sha256` writes "sha256 Fingerprint=AB:CD...", and older ones "SHA256 Fingerprint=".
_PREFIX = re.compile(r"sha-?256(?:\s+fingerprint\s*=|[:=]|\s)\s*", re.IGNORECASE)
_SHA1 = re.compile(r"(?:sha-?1[^:=]*[:=]?\s*)?[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){19}\Z", re.IGNORECASE)


def fingerprint_of(certificate: bytes) -> str:
    """The SHA-256 of a certificate in DER, as stui and openssl write it: SHA256:AB:CD:..."""
    import hashlib

    return _written(hashlib.sha256(certificate).digest())


def parse_fingerprint(text: str) -> str:
    """A fingerprint in its one spelling, whichever of the usual ones `text` has: hexadecimal digits with or without
    colons, what openssl prints, or base64 after SHA256:. Raises UsageProblem for anything else."""
    bare = text.strip()
    told = _PREFIX.match(bare)
    digits = bare[told.end() :] if told else bare
    if _HEX.match(digits) or _PAIRS.match(digits):
        return _written(bytes.fromhex(re.sub("[: ]", "", digits)))
    if told and _BASE64.match(digits):
        import base64

        return _written(base64.b64decode(f"{digits.rstrip('=')}="))
    what = "a SHA-1, which can be forged" if _SHA1.match(bare) else "no fingerprint of a certificate"
    raise UsageProblem(
        f"{text!r} is {what}",
        todo="give its SHA-256, as this prints it: openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE.pem",
    )


def _written(digest: bytes) -> str:
    return f"SHA256:{digest.hex(':').upper()}"
