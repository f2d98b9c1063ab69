"""What can be told of the place of a store, of its tables, and of a copy of it."""

from typing import NamedTuple


class Facts(NamedTuple):
    """What can be told of a place that keeps a store. `schema` is the version that it has, `known` the one that this
    stui makes. `size` is in bytes,
    `latency_ms` what one question takes there; `server` is its version, `role` what this user may do, `mode` whether
    the server takes changes at all: "read-write", "read-only", "replica". None where that has no meaning."""

    kind: str
    where: str
    schema: int | None
    head: int
    operations: int
    size: int
    latency_ms: float | None = None
    server: str | None = None
    role: str | None = None
    mode: str | None = None
    known: int | None = None

    @property
    def is_older(self) -> bool:
        """Whether its tables can be brought up."""
        return self.known is not None and self.schema is not None and self.schema < self.known


class SetUp(NamedTuple):
    """What `stui store init` did: which version of the tables was there before, None for none, and which is there now.
    Both are None of a place that has no tables."""

    before: int | None
    after: int | None


class Copied(NamedTuple):
    """What a copy of a store put there, from one place to another: none of it where all was there already. `head` is
    the last operation."""

    source: str
    target: str
    head: int
    operations: int
    objects: int
    histories: int
    lines: int
