"""SHA-256, by whichever implementation is the quicker one by now."""

import hashlib

from stui_cli.model import digest


def test_a_process_that_hashes_much_gets_the_same_digests() -> None:
    hasher = digest._Hasher()
    block = bytes(range(256)) * 1024
    for number in range(8):  # OpenSSL takes over after four of them
        data = block + bytes([number])
        assert hasher(data) == digest.sha256_hex(data) == hashlib.sha256(data).hexdigest()
        assert hasher(b"") == hashlib.sha256().hexdigest()
