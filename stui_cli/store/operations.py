"""An operation <-> the bytes that a store keeps of it, which carry the whole state that it made."""

from collections.abc import Callable
from contextlib import suppress

from stui_cli.annotations import Form
from stui_cli.model.operations import CleanupDetails, KeptCheckpoint, Kind, Operation, Removal, SwitchDetails
from stui_cli.model.state import State
from stui_cli.named_tuples import NamedTuple
from stui_cli.records import Codec
from stui_cli.store.chunks import PackedState, unpack_state
from stui_cli.store.encoding import STATES, Fields, misfit_in_words
from stui_cli.store.envelope import seal, unpack, unseal
from stui_cli.store.problems import Damaged, Newer

# A state of some hundred images is compressed: a thousand operations of a thousand images take 60 MB instead of
# 300. Below this size importing zlib costs more than it saves.
_COMPRESSED_ABOVE = 16 * 1024


# What had no default when it was first written is always written; `removed` has another key since it is no text.
OPERATIONS = Codec(
    {
        Operation: Form(inlined=("actor",), always=("parent",)),
        SwitchDetails: Form(always=("left", "entered")),
        CleanupDetails: Form(keys={"removed": "sessions"}),
        Removal: Form(row=True),
        KeptCheckpoint: Form(row=True),
    },
    error=misfit_in_words,
)


class Packed(NamedTuple):
    """What is kept beside an operation: the state that it made; how far the audit log was before it (audit_chain.py),
    None where that was not looked at; and of which pieces the state is (chunks.py), empty of an earlier stui."""

    state: bytes
    compressed: bool
    audit_mark: str | None = None
    pieces: tuple[int, ...] = ()


# Returns a state in pieces that is read already, if there is one.
Known = Callable[[], PackedState | None]


def nothing_known() -> None:
    return None


class Logged:
    """An operation as read, with the state it made still packed. `known` returns a state in pieces that is read
    already, if there is one: of another only what differs is unpacked."""

    __slots__ = ("_known", "_packed", "_where", "audit_mark", "operation")

    def __init__(self, operation: Operation, where: str, packed: Packed, known: Known = nothing_known) -> None:
        self.operation = operation
        self.audit_mark = packed.audit_mark
        self._where = where
        self._packed = packed
        self._known = known

    def state(self) -> State:
        """The state that the operation made."""
        try:
            return self._by_pieces() or STATES.decode(State, unpack(self._plain_state()), self.operation.number)
        except ValueError as error:
            raise Damaged(self._where, str(error)) from error

    def _by_pieces(self) -> State | None:
        packed = self._packed
        known = self._known() if packed.pieces else None
        if known is None:
            return None
        with suppress(ValueError):  # which tells nothing of what the whole says
            return unpack_state(packed.state, packed.pieces, known, self.operation.number, squeezed=packed.compressed)
        return None

    def _plain_state(self) -> bytes:
        if not self._packed.compressed:
            return self._packed.state
        import zlib

        try:
            return zlib.decompress(self._packed.state)
        except zlib.error as error:
            raise ValueError(f"its state cannot be decompressed ({error})") from error


def encode_operation(operation: Operation, packed: PackedState, audit_mark: str | None = None) -> bytes:
    """The bytes of an operation; `packed` is the state that it made."""
    compressed = len(packed.whole) > _COMPRESSED_ABOVE
    state, pieces = packed.squeezed() if compressed else (packed.whole, packed.lengths())
    body = OPERATIONS.encode(operation) | OPERATIONS.encode(Packed(state, compressed, audit_mark, pieces))
    if isinstance(operation.details, CleanupDetails):
        body["details"]["removed"] = list(map(str, operation.details.removed))  # all that stui 0.1.0 reads of it
    return seal(body)


def decode_operation(where: str, content: bytes, number: int, known: Known = nothing_known) -> Logged:
    """The operation `number`, from what a store keeps of it as `where`; `known` is as for Logged. Raises Damaged, or
    Newer."""
    body = unseal(where, content)
    if kind := _kind_of_tomorrow(body):
        raise Newer(where, f"it is of the kind {kind!r}, which this one does not know")
    try:
        operation, packed = OPERATIONS.decode(Operation, _of_today(body)), OPERATIONS.decode(Packed, body)
    except ValueError as error:
        raise Damaged(where, f"it does not read as an operation ({error})") from error
    if operation.number != number:
        raise Damaged(where, f"it is operation {operation.number}")
    return Logged(operation, where, packed, known)


def _kind_of_tomorrow(body: Fields) -> str | None:
    """The kind of an operation that no stui up to this one makes."""
    match body:
        case {"details": {"kind": str(kind)}} if kind not in set(Kind):
            return kind
        case _:
            return None


def _of_today(body: Fields) -> Fields:
    """The map of an operation; a sweep of an earlier stui says in texts what it removed."""
    match body:
        case {"details": {"kind": Kind.CLEANUP, "removed": list(texts)} as details} if "sessions" not in details:
            return body | {"details": details | {"sessions": [[*Removal.of_text(str(text))] for text in texts]}}
        case _:
            return body
