"""A copy of a whole store in another place: byte for byte, the head last, and gone on with where it was stopped.

Until the head is there the copy is no store: whoever is killed half way has lost nothing, and begins again by copying
again. What is there already is left alone if its hash fits.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from stui_cli.model.digest import sha256_hex
from stui_cli.model.errors import Refused, StoreProblem
from stui_cli.model.store_facts import Copied
from stui_cli.store.audit_chain import EMPTY, Mark
from stui_cli.store.problems import Damaged
from stui_cli.store.retention import needed_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from stui_cli.model.history import Entry
    from stui_cli.model.state import State
    from stui_cli.store.backend import Backend

T = TypeVar("T")

# So much goes at once: a server is asked once for many, and no more than this is in memory.
_AT_ONCE = 100


class Receiver(Protocol):
    """A place that takes a copy. What it was given before, by a copy that was stopped, counts."""

    @property
    def backend(self) -> Backend:
        """What is there so far, to be read."""

    def receiving(self) -> AbstractContextManager[None]:
        """Let nobody else copy to it meanwhile; what is done is kept, whatever happens inside."""

    def head_there(self) -> State | None:
        """The state of a whole store that is there; None where it is none, or not one yet."""

    def objects_there(self) -> set[str]:
        """The objects that it has, by their SHA-256."""

    def operations_there(self) -> set[int]:
        """The operations that it has."""

    def take_objects(self, objects: Mapping[str, bytes]) -> None:
        """Keep objects, in place of what is there by their names."""

    def take_operations(self, operations: Mapping[int, bytes]) -> None:
        """Keep operations, in place of what is there by their numbers."""

    def take_history(self, image_id: str, session_id: str, entries: Sequence[Entry]) -> None:
        """Keep the history of a session, in place of what is there."""

    def take_head(self, state: State) -> None:
        """Make it a store: the last step."""


def copy(source: Backend, to: Receiver) -> Copied:
    """Copy everything. Raises Refused where another store is there, Damaged where the source, or the copy, is not
    whole: the copy is no store then."""
    audit = _lines(source)  # before the head: no line tells of an operation that is not copied
    state = source.read_head()
    if state is None:
        raise StoreProblem(f"{source.where} has nothing to copy: nothing was changed there yet", todo="look at FROM")
    there = to.head_there()
    if there is not None:
        return _there_already(source, to.backend, state, there)
    needed = needed_by(source, state)
    if needed is None:
        raise Damaged(source.where, "not everything that its operations refer to can be read")
    numbers = list(source.list_operations(state.head))
    with to.receiving():
        objects = _copy_objects(source, to, needed.objects)
        operations = _copy_operations(source, to, numbers)
        histories = _copy_histories(source, to, needed.sessions)
        lines = _copy_audit(to.backend, audit)
        to.take_head(state)
    found = to.backend.read_head()
    if found != state:
        raise Damaged(to.backend.where, "its state is not the one that was copied")
    return Copied(source.where, to.backend.where, state.head, operations, objects, histories, lines)


def _there_already(source: Backend, target: Backend, state: State, there: State) -> Copied:
    bare = state._replace(contexts={}), there._replace(contexts={})
    if bare[0] == bare[1] and source.operation_content(state.head) == target.operation_content(there.head):
        return Copied(source.where, target.where, state.head, 0, 0, 0, 0)
    raise Refused(
        f"{target.where} holds another store already, whose last operation is {there.head}; nothing was changed",
        todo="name a folder that is not there yet, or a schema that nothing was changed in",
    )


def _copy_objects(source: Backend, to: Receiver, names: Iterable[str]) -> int:
    missing = sorted(set(names) - to.objects_there())
    for part in _parts(missing):
        objects = {sha256: source.read_object(sha256, "object")[1] for sha256 in part}
        for sha256, content in objects.items():
            if sha256_hex(content) != sha256:
                raise Damaged(f"object {sha256} of {source.where}", "its content does not fit its name")
        to.take_objects(objects)
    for sha256 in names:
        where, content = to.backend.read_object(sha256, "object")
        if sha256_hex(content) != sha256:
            raise Damaged(where, "its content does not fit its name")
    return len(missing)


def _copy_operations(source: Backend, to: Receiver, numbers: Sequence[int]) -> int:
    there = to.operations_there()
    copied = 0
    for part in _parts(sorted(numbers)):
        contents = {number: source.operation_content(number) for number in part}
        missing = {
            number: content
            for number, content in contents.items()
            if number not in there or to.backend.operation_content(number) != content
        }
        if missing:
            to.take_operations(missing)
        copied += len(missing)
        for number in missing:
            if to.backend.operation_content(number) != contents[number]:
                raise Damaged(to.backend.where, f"operation {number} is not as it was copied")
    return copied


def _copy_histories(source: Backend, to: Receiver, sessions: Iterable[tuple[str, str]]) -> int:
    copied = 0
    for image_id, session_id in sorted(sessions):
        entries = source.read_history(image_id, session_id)
        if entries and to.backend.read_history(image_id, session_id) != entries:
            to.take_history(image_id, session_id, entries)
            copied += 1
    return copied


def _copy_audit(target: Backend, lines: Sequence[bytes]) -> int:
    there = _lines(target)
    if there != list(lines[: len(there)]):
        raise Damaged(f"the audit log of {target.where}", "its lines are not those that are copied")
    target.audit_end()
    mark = Mark(len(there), sha256_hex(there[-1])) if there else EMPTY
    for part in _parts(lines[len(there) :]):
        for line in part:
            mark = mark.after(line)
        target.append_audit(part, mark, durable=True)
    return len(lines) - len(there)


def _lines(backend: Backend) -> list[bytes]:
    return [line for _, lines in backend.read_audit() for line in lines]


def _parts(items: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while part := list(islice(rest, _AT_ONCE)):
        yield part
