"""The one-machine store: a folder of files behind the seam of the store (backend.py).

A facade, and the one place where the system's errors become Obstructed. What an operation needs is imported when it is
asked for: importing all of it would cost `stui context` more than reading the state.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.store.files.disk import Disk
from stui_cli.store.files.state_file import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from stui_cli.model.contexts import Context
    from stui_cli.model.history import Entry
    from stui_cli.model.operations import Actor, Operation
    from stui_cli.model.state import State
    from stui_cli.model.store_facts import Facts, SetUp
    from stui_cli.store.audit_chain import Mark
    from stui_cli.store.chunks import PackedState
    from stui_cli.store.damage import Damage, Repaired
    from stui_cli.store.files.location import Home
    from stui_cli.store.files.state_file import Loaded
    from stui_cli.store.operations import Logged
    from stui_cli.store.personal import Personal
    from stui_cli.store.values import Needed, Pruned


class FileBackend:
    """The store in the folder of `home`, for one command. Each method promises what Backend says of it.

    `announce` gets what a person should know while it happens.
    """

    def __init__(self, home: Home, announce: Callable[[str], None], disk: Disk | None = None) -> None:
        self._home = home
        self._announce = announce
        self._disk = disk or Disk()
        self._loaded: Loaded | None = None
        self._is_alone = False  # whether this process holds the lock
        self._is_head = False  # whether what is loaded is the head that the lock keeps from moving
        self._names_before: int | None = None
        self._names_of: int | None = None
        self._newest: Operation | None = None

    @property
    def where(self) -> str:
        return self._home.folder

    @property
    def is_shared(self) -> bool:
        return False

    @property
    def personal(self) -> Personal:
        from stui_cli.store.files.personal import PersonalFiles

        return PersonalFiles(self._home, self._announce, self._disk)

    @property
    def sharing(self) -> None:
        return None

    @contextmanager
    def exclusive(self, actor: Actor, timeout: float, announce: Callable[[str], None]) -> Iterator[None]:
        with self.personal.exclusive(actor, timeout, announce):
            self._is_head, self._is_alone = False, True
            try:
                yield
            finally:
                self._is_alone = False

    def read_head(self) -> State | None:
        if self._is_alone and self._is_head and self._loaded is not None:
            return self._loaded.state
        with self._translating():
            if not self._home.exists():
                return None
            loaded = load(self._home, self._disk, self._loaded)
            self._loaded, self._is_head = loaded, True
        return None if loaded is None else loaded.state

    def swap_head(self, operation: Operation, state: State, expected: int, audit_mark: Mark | None) -> None:
        from stui_cli.store.files.publishing import begin, publish

        if not self._is_head:
            self.read_head()
        loaded = self._loaded
        found = 0 if loaded is None else loaded.state.head
        if found != expected:
            from stui_cli.store.problems import HeadMoved

            raise HeadMoved(expected, found)
        before = None if loaded is None else loaded.state
        names_before = None if loaded is None else loaded.names_of
        same = before is not None and state.images is before.images and state.shards is before.shards
        self._names_before = names_before
        self._names_of = names_before if same and names_before is not None else state.head
        mark = None
        if audit_mark is not None:
            from stui_cli.store.audit_chain import text_of

            mark = text_of(audit_mark)
        home, disk = self._home, self._disk
        with self._translating():
            if loaded is None:
                begin(home, disk, state.client_id)
            self._loaded = publish(home, disk, self._announce, operation, state, loaded, self._names_of, mark)
        self._is_head = False
        self._newest = operation

    def read_operation(self, number: int) -> Logged:
        from stui_cli.store.files.operations import read_operation

        return read_operation(self._home, self._disk, number, self._packed)

    def operation_content(self, number: int) -> bytes:
        from stui_cli.store.files.operations import operation_content

        return operation_content(self._home, self._disk, number)

    def list_operations(self, head: int) -> Iterator[int]:
        from stui_cli.store.files.operations import walk

        with self._translating():
            yield from walk(self._home, head)

    def read_object(self, sha256: str, kind: str) -> tuple[str, bytes]:
        from stui_cli.store.files.objects import read_object

        return read_object(self._home, self._disk, sha256, kind)

    def write_objects(self, objects: Mapping[str, bytes]) -> None:
        from stui_cli.store.files.objects import write_objects

        with self._translating():
            write_objects(self._home, self._disk, objects)

    def prune(self, head: int, going: Iterable[int], needed: Needed | None) -> Pruned:
        from stui_cli.store.files.pruning import prune

        with self._translating():
            return prune(self._home, self._disk, head, going, needed)

    def append_history(self, image_id: str, session_id: str, entries: Sequence[Entry], limit: int) -> None:
        from stui_cli.store.files.history import append

        with self._translating():
            append(self._home.history(image_id, session_id), self._disk, entries, limit)

    def read_history(self, image_id: str, session_id: str) -> list[Entry]:
        from stui_cli.store.files.history import read

        with self._translating():
            return read(self._home.history(image_id, session_id), self._disk)

    def last_evaluations(self, image_id: str, since: Mapping[str, int]) -> dict[str, Entry]:
        from stui_cli.store.files.activity import last_evaluations

        with self._translating():
            return last_evaluations(self._home, image_id, since)

    def read_audit(self) -> list[tuple[str, list[bytes]]]:
        from stui_cli.store.files.audit_files import read_lines

        with self._translating():
            return read_lines(self._home, self._disk)

    def audit_end(self) -> tuple[bytes | None, Mark | None]:
        from stui_cli.store.files.audit_files import newest_line, read_mark

        with self._translating():
            return newest_line(self._home, self._disk), read_mark(self._home)

    def audit_mark(self) -> Mark | None:
        from stui_cli.store.files.audit_files import read_mark

        return read_mark(self._home)

    def append_audit(self, lines: Sequence[bytes], mark: Mark, *, durable: bool) -> None:
        from stui_cli.store.files.audit_files import append_lines

        with self._translating():
            append_lines(self._home, self._disk, lines, mark, durable=durable)

    def check_recordable(self, image_id: str | None, session_id: str | None) -> None:
        from stui_cli.store.files.recordable import check_recordable

        with self._translating():
            check_recordable(self._home, image_id, session_id)

    def keep_contexts(self, before: Mapping[str, Context], after: Mapping[str, Context]) -> bool:
        del before, after
        return False

    def write_names(self, before: State, after: State, session_names: Callable[[str], Iterable[str]]) -> None:
        self._write_lasting_names(before, after, session_names)
        if self._newest is not None:
            from stui_cli.store.files.recent_names import write_recent_names

            with self._translating():
                write_recent_names(self._home, self._disk, self, self._newest, before, after)

    def _write_lasting_names(self, before: State, after: State, session_names: Callable[[str], Iterable[str]]) -> None:
        """Those of images, labels and sessions, where they changed."""
        from stui_cli.store.files.names_mark import names_are_of

        stale = self._names_before is None or not names_are_of(self._home, self._names_before)
        if not stale and self._names_of == self._names_before:
            return
        from stui_cli.store.files.names import write_names

        known = None if stale else before
        with self._translating():
            write_names(self._home, self._disk, known, after, session_names, self._names_of or 0)

    def wait_for_news(self, seconds: float) -> bool:
        raise NotImplementedError("a folder tells nobody")

    def facts(self) -> Facts:
        from stui_cli.store.files.place import facts

        with self._translating():
            return facts(self._home, self.read_head())

    def set_up(self) -> SetUp:
        from stui_cli.model.store_facts import SetUp

        return SetUp(None, None)

    def set_up_sql(self) -> tuple[str, str]:
        return "", ""

    def salvaged_state(self) -> State | None:
        from stui_cli.store.files.damage import newest_sound_state

        with self._translating():
            return newest_sound_state(self._home, self._disk)

    def find_damage(self) -> list[Damage]:
        from stui_cli.store.files.damage import find_damage

        with self._translating():
            return find_damage(self._home, self._disk, self) if self._home.exists() else []

    def repair(self, actor: Actor, clock: Callable[[], int]) -> Repaired:
        from stui_cli.store.files.place import FilePlace
        from stui_cli.store.files.repair import repair

        with self._translating():
            return repair(FilePlace(self._home, self._disk, self, actor, clock, self._announce))

    def _packed(self) -> PackedState | None:
        return None if self._loaded is None else self._loaded.rendered().packed

    @contextmanager
    def _translating(self) -> Iterator[None]:
        """Turn the system's errors into Obstructed."""
        try:
            yield
        except OSError as error:
            from stui_cli.store.files.problems import problem_of  # errors are rare, and a start should not pay for them

            raise problem_of(error, self._home.folder) from error
