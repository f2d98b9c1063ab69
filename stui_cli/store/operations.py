"""An operation <-> the bytes that a store keeps of it, which carry the whole state that it made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from stui_cli.model.operations import (
    Actor,
    CleanupDetails,
    Details,
    ImageDetails,
    KeptCheckpoint,
    Kind,
    Operation,
    Removal,
    RepairDetails,
    ReversalDetails,
    SessionDetails,
    SwitchDetails,
)
from stui_cli.store.encoding import state_fields, state_of
from stui_cli.store.envelope import pack, seal, unpack, unseal
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from stui_cli.model.state import State
    from stui_cli.store.values import Piece

# A state of some hundred images is compressed: a thousand operations of a thousand images take 60 MB instead of
# 300. Below this size importing zlib costs more than it saves.
_COMPRESSED_ABOVE = 16 * 1024


class Logged:
    """An operation as read, with the state it made still packed."""

    __slots__ = ("_compressed", "_packed", "_where", "audit_mark", "operation")

    def __init__(
        self, operation: Operation, where: str, packed: bytes, compressed: bool, audit_mark: str | None
    ) -> None:
        self.operation = operation
        self.audit_mark = audit_mark
        self._where = where
        self._packed = packed
        self._compressed = compressed

    def state(self) -> State:
        """The state that the operation made."""
        packed = self._packed
        if self._compressed:
            import zlib

            packed = zlib.decompress(packed)
        try:
            return state_of(self.operation.number, unpack(packed))
        except ValueError as error:
            raise Damaged(self._where, str(error)) from error


def pack_state(state: State) -> bytes:
    """A whole state as operations and the cache carry it."""
    return pack(state_fields(state))


def encode_operation(operation: Operation, packed: bytes, audit_mark: str | None = None) -> bytes:
    """The bytes of an operation; `packed` is the state that it made, `audit_mark` says how far the audit log was before
    it (audit_chain.py), None where that was not looked at."""
    compressed = len(packed) > _COMPRESSED_ABOVE
    if compressed:
        import zlib

        packed = zlib.compress(packed, 1)
    return seal(
        {
            "number": operation.number,
            "parent": operation.parent,
            "time": operation.time,
            "user": operation.actor.user,
            "host": operation.actor.host,
            "pid": operation.actor.pid,
            "command": operation.actor.command,
            "details": _details_fields(operation.details),
            "state": packed,
            "compressed": compressed,
            "audit_mark": audit_mark,
        }
    )


def _details_fields(details: Details) -> dict[str, Any]:
    """The details as plain values. Beside what is structured stands what earlier versions read."""
    fields: dict[str, Any] = {
        key: dict(value) if key == "changed" else value
        for key, value in details._asdict().items()
        if key not in ("kept", "ended") or value is not None
    }
    if isinstance(details, CleanupDetails):
        fields["removed"] = list(map(str, details.removed))
        fields["sessions"] = details.removed
    return fields


def decode_operation(piece: Piece, number: int) -> Logged:
    """The operation `number` that a store keeps as `piece`. Raises Damaged, or Newer."""
    body = unseal(*piece)
    try:
        if body["number"] != number:
            raise Damaged(piece.where, f"it is operation {body['number']}")
        actor = Actor(body["user"], body["host"], body["pid"], body["command"])
        operation = Operation(number, body["parent"], body["time"], actor, details_of(body["details"]))
        return Logged(operation, piece.where, body["state"], body["compressed"], body.get("audit_mark"))
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged(piece.where, f"it does not read as an operation ({error})") from error


def details_of(raw: dict[str, Any]) -> Details:
    """The typed details of an operation's map; raises KeyError, TypeError or ValueError."""
    kind = Kind(raw["kind"])
    match kind:
        case Kind.IMAGE_ADD | Kind.IMAGE_CHANGE | Kind.IMAGE_RENAME | Kind.IMAGE_REMOVE:
            return ImageDetails(kind, raw["image"], raw.get("changed", {}))
        case (
            Kind.SESSION_CREATE
            | Kind.SESSION_CHANGE
            | Kind.SESSION_RENAME
            | Kind.SESSION_CLOSE
            | Kind.SESSION_REMOVE
            | Kind.SESSION_RESTORE
            | Kind.SESSION_IMPORT
        ):
            kept = KeptCheckpoint(*raw["kept"]) if "kept" in raw else None
            return SessionDetails(kind, raw["image"], raw["session"], raw.get("changed", {}), kept, raw.get("ended"))
        case Kind.SWITCH:
            return SwitchDetails(kind, raw["scope"], raw["left"], raw["entered"])
        case Kind.CLEANUP:
            if "sessions" in raw:
                return CleanupDetails(kind, tuple(Removal(*each) for each in raw["sessions"]))
            return CleanupDetails(kind, tuple(map(Removal.of_text, raw["removed"])))
        case Kind.UNDO | Kind.REDO | Kind.ROLLBACK:
            return ReversalDetails(kind, tuple(raw["operations"]), raw["state_of"], tuple(raw.get("images", ())))
        case Kind.REPAIR:
            return RepairDetails(kind, tuple(raw["damaged"]), raw["state_of"])
        case _:
            assert_never(kind)
