"""What can go wrong on the wire, told apart by whose fault it is."""

from __future__ import annotations

from enum import StrEnum

from stui_cli.named_tuples import NamedTuple


class ErrorCode(StrEnum):
    """The closed set of error codes that an agent answers."""

    INVALID_REQUEST = "InvalidRequest"
    UNSUPPORTED_METHOD = "UnsupportedMethod"
    NOT_AUTHENTICATED = "NotAuthenticated"
    PERMISSION_DENIED = "PermissionDenied"
    SESSION_NOT_FOUND = "SessionNotFound"
    OBJECT_NOT_FOUND = "ObjectNotFound"
    IMAGE_MISMATCH = "ImageMismatch"
    BUSY = "Busy"
    TIMEOUT = "Timeout"
    INTERRUPTED = "Interrupted"
    LIMIT_EXCEEDED = "LimitExceeded"
    INTERNAL_ERROR = "InternalError"


class LocalProtocolError(Exception):
    """We tried to send what the protocol forbids: our bug, or a user's value over a limit."""


class RemoteProtocolError(Exception):
    """The peer sent what the protocol forbids. The connection is dead from here on; `code` is what to tell the peer."""

    def __init__(self, what: str, code: ErrorCode = ErrorCode.INVALID_REQUEST) -> None:
        super().__init__(what)
        self.code = code


class Mistyped(Exception):
    """A map lacks a field or holds a wrong type in it. `field` is its dotted path."""

    def __init__(self, field: str, expected: str, got: object) -> None:
        super().__init__(f"{field}: expected {expected}, got {_described(got)}")
        self.field = field


class WireError(NamedTuple):
    """An agent's error answer. `code` is text, since an agent of tomorrow may know more codes than we do."""

    code: str
    message: str
    details: object = None
    stack: object = None


def _described(value: object) -> str:
    return "nothing" if value is None else type(value).__name__
