"""Ids that we give."""

from __future__ import annotations


def fresh_id() -> str:
    """A random UUID (RFC 9562, version 4), of a session or of a client."""
    # Late: click 8.5 has imported it before, click 8.1 has not; then only what gives an id pays the 2 ms.
    import uuid

    return str(uuid.uuid4())
