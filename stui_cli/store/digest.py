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


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return str(sha256(data).hexdigest())
