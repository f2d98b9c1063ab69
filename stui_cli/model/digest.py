"""SHA-256 without OpenSSL: importing hashlib costs 2.5 ms, a quarter of what `stui switch` may take.

The standard library's own fallback module is used, as `random` does; the digests are the same.
"""

from __future__ import annotations

try:
    from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]  # CPython 3.12 and later
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found, unused-ignore]  # CPython 3.11
    except ImportError:
        from hashlib import sha256

# So many bytes take as long as loading OpenSSL.
_WORTH_LOADING = 1024 * 1024

_BLOCK = 64
_INNER = bytes(octet ^ 0x36 for octet in range(256))
_OUTER = bytes(octet ^ 0x5C for octet in range(256))


class _Hasher:
    """SHA-256, by OpenSSL for whoever hashes much: that is five times as quick there, which saves 25 of 400 ms where
    100,000 sessions are listed, and so pays for loading it."""

    def __init__(self) -> None:
        self._left = _WORTH_LOADING
        self._hash = sha256

    def __call__(self, data: bytes) -> str:
        if self._left > 0:
            self._left -= len(data)
            if self._left <= 0:
                import hashlib

                self._hash = hashlib.sha256
        return str(self._hash(data).hexdigest())


_hasher = _Hasher()


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return _hasher(data)


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104), 32 bytes.

    The module `hmac` gives the same, and loads OpenSSL for it: 3.2 ms of every `stui eval`, whose imports take 40 in
    all, even where it is imported only for the handshake; a test compares the two.
    """
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = sha256(block.translate(_INNER) + message).digest()
    return bytes(sha256(block.translate(_OUTER) + inner).digest())
