"""Mutual proof of a shared key (DESIGN section 4): neither side sends it, and no proof can be replayed."""

from __future__ import annotations

# What `hmac` itself offers as compare_digest, where it has no OpenSSL.
from _operator import _compare_digest as compare_digest

from stui_cli.model.digest import hmac_sha256

NONCE_BYTES = 16


def server_proof(key: bytes, client_nonce: bytes, server_nonce: bytes, image_id: str) -> bytes:
    """HMAC-SHA256 by which the image shows that it holds the key."""
    return _proof(key, b"stui-server", client_nonce, server_nonce, image_id)


def client_proof(key: bytes, client_nonce: bytes, server_nonce: bytes, image_id: str) -> bytes:
    """HMAC-SHA256 by which the client shows it; the nonces stand the other way round."""
    return _proof(key, b"stui-client", server_nonce, client_nonce, image_id)


def same_proof(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return compare_digest(one, other)


def _proof(key: bytes, label: bytes, first: bytes, second: bytes, image_id: str) -> bytes:
    return hmac_sha256(key, label + first + second + image_id.encode("ascii"))
