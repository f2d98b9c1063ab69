"""Mutual proof of a shared key (DESIGN section 4): neither side sends it, and no proof can be replayed."""

from __future__ import annotations

NONCE_BYTES = 16


def server_proof(key: bytes, client_nonce: bytes, server_nonce: bytes, image_id: str) -> bytes:
    """HMAC-SHA256 by which the image shows that it holds the key."""
    return _proof(key, b"stui-server", client_nonce, server_nonce, image_id)


def client_proof(key: bytes, client_nonce: bytes, server_nonce: bytes, image_id: str) -> bytes:
    """HMAC-SHA256 by which the client shows it; the nonces stand the other way round."""
    return _proof(key, b"stui-client", server_nonce, client_nonce, image_id)


def same_proof(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    import hmac

    return hmac.compare_digest(one, other)


def _proof(key: bytes, label: bytes, first: bytes, second: bytes, image_id: str) -> bytes:
    import hmac  # 4 ms of import that a conversation without a key does not pay

    return hmac.digest(key, label + first + second + image_id.encode("ascii"), "sha256")
