"""Random changes, undo, redo and rollback against a plain dict."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from memory_store import Memory
from store_tools import (
    MEMORY,
    Clock,
    Kept,
    add_image,
    change_image,
    change_session,
    close_session,
    create_session,
    image_id,
    log_numbers,
    open_store,
    remove_image,
    remove_session,
    switch,
)
from team_server import Team

if TYPE_CHECKING:
    from stui_cli.store.store import Store
    from stui_cli.store.undo.results import Reversal

NAMES = ("ant", "bee", "cat")
SESSIONS = ("one", "two")

# What the store should say, flat: ("image", name), ("session", image id, name) and ("context", scope) to a value.
Plain = dict[tuple[str, ...], Any]


def said(store: Store) -> Plain:
    state = store.read()
    plain: Plain = {("image", name): (i.address, i.dialect) for name, i in state.images.items()}
    plain |= {("context", scope): context for scope, context in state.contexts.items()}
    for each in state.shards:
        for name, session in store.sessions(state, each).items():
            plain["session", each, name] = (str(session.state), session.description)
    return plain


def _without_live_state(key: tuple[str, ...], wanted: Any, seen: Any) -> Any:
    """What comes back of a session that was closed: no live state."""
    if key[0] == "session" and seen and wanted and wanted[0] == "active" != seen[0]:
        return ("lost", wanted[1])
    return wanted


class StoreMachine(RuleBasedStateMachine):
    """`done` and `undone` are stacks of changes, each as the plain state before and after it."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = self.make()
        self.clock = Clock()
        self.plain: Plain = {}
        self.log: list[Plain] = [{}]
        self.done: list[tuple[Plain, Plain]] = []
        self.undone: list[tuple[Plain, Plain]] = []

    def make(self) -> Kept:
        """What keeps the store of one run."""
        raise NotImplementedError

    @property
    def store(self) -> Store:
        """A new one each time: no command has more than what is kept."""
        return open_store(self.kept, clock=self.clock)

    @initialize()
    def begin(self) -> None:
        self._commit(add_image("ant"), {("image", "ant"): ("tcp://127.0.0.1:4003", None)})

    def _commit(self, change: Any, update: Plain, *, remove: Any = None) -> None:
        after = {**self.plain, **update}
        if remove is not None:
            after.pop(remove)
        committed = self.store.commit(change)
        if committed is not None:
            self._record(after, is_switch=False)
        else:
            assert after == self.plain

    def _record(self, after: Plain, *, is_switch: bool) -> None:
        if not is_switch:  # an undo passes over switches
            self.done.append((self.plain, after))
            self.undone.clear()
        self.plain = after
        self.log.append(after)

    @rule(name=st.sampled_from(NAMES))
    def add(self, name: str) -> None:
        self._commit(add_image(name), {("image", name): ("tcp://127.0.0.1:4003", None)})

    @rule(name=st.sampled_from(NAMES), dialect=st.sampled_from(["pharo", "squeak"]))
    def change(self, name: str, dialect: str) -> None:
        if (old := self.plain.get(("image", name))) is not None:
            self._commit(change_image(name, dialect=dialect), {("image", name): (old[0], dialect)})

    @rule(name=st.sampled_from(NAMES))
    def remove(self, name: str) -> None:
        if ("image", name) in self.plain:
            self._commit(remove_image(name), {}, remove=("image", name))

    @rule(image=st.sampled_from(NAMES), name=st.sampled_from(SESSIONS))
    def create(self, image: str, name: str) -> None:
        self._commit(create_session(image, name), {("session", image_id(image), name): ("active", None)})

    @rule(image=st.sampled_from(NAMES), name=st.sampled_from(SESSIONS), text=st.sampled_from(["x", "y"]))
    def describe(self, image: str, name: str, text: str) -> None:
        key = ("session", image_id(image), name)
        if key in self.plain:
            self._commit(change_session(image, name, description=text), {key: (self.plain[key][0], text)})

    @rule(image=st.sampled_from(NAMES), name=st.sampled_from(SESSIONS))
    def close(self, image: str, name: str) -> None:
        key = ("session", image_id(image), name)
        if key in self.plain:
            self._commit(close_session(image, name), {key: ("closed", self.plain[key][1])})

    @rule(image=st.sampled_from(NAMES), name=st.sampled_from(SESSIONS))
    def forget(self, image: str, name: str) -> None:
        key = ("session", image_id(image), name)
        if key in self.plain:
            self._commit(remove_session(image, name), {}, remove=key)

    @rule(image=st.sampled_from(NAMES), scope=st.sampled_from(["default", "tty"]))
    def go(self, image: str, scope: str) -> None:
        old = self.plain.get(("context", scope))
        committed = self.store.commit(switch(image, scope=scope))
        if committed is None:
            assert str(old.target) == image
            return
        context = committed.state.contexts[scope]
        assert str(context.target) == image
        self._record({**self.plain, ("context", scope): context}, is_switch=True)

    @precondition(lambda self: self.done)
    @rule()
    def undo(self) -> None:
        before, after = self.done[-1]
        if self._set_back(before, after, self.store.undo(), forward=False):
            self.undone.append(self.done.pop())

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        before, after = self.undone[-1]
        if self._set_back(after, before, self.store.redo(), forward=True):
            self.done.append(self.undone.pop())

    @rule(data=st.data())
    def rollback(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.log) - 1))
        wanted = {key: _without_live_state(key, value, self.plain.get(key)) for key, value in self.log[number].items()}
        reversal = self.store.rollback(number)
        if reversal.operation is not None:
            self._record(dict(wanted), is_switch=False)
        assert self.plain == wanted

    def _set_back(self, wanted: Plain, seen: Plain, reversal: Reversal, *, forward: bool) -> bool:
        """Whether it is taken back: what could be is, and what is so already counts. If not there is no operation."""
        plain = dict(self.plain)
        left = False
        for key in wanted.keys() | seen.keys():
            old, new, now = wanted.get(key), seen.get(key), plain.get(key)
            if old == new:
                continue
            if not forward:
                old = _without_live_state(key, old, new)
            if key[0] == "session" and old and new and now:
                fits = [n == s or (n, s) == ("lost", "active") for n, s in zip(now, new, strict=True)]
                changed = [o != s for o, s in zip(old, new, strict=True)]
                plain[key] = tuple(o if c and f else n for o, n, c, f in zip(old, now, changed, fits, strict=True))
                left = left or any(c and o != n for c, o, n in zip(changed, old, plain[key], strict=True))
            elif now == new:
                plain.pop(key, None)
                if old is not None:
                    plain[key] = old
            elif now != old:
                left = True
        assert (reversal.operation is not None) == (plain != self.plain or not left)
        if reversal.operation is None:
            return False
        self.plain = plain
        self.log.append(plain)
        return True

    @rule()
    def clean_up(self) -> None:
        store = self.store
        store.prune()
        assert store.damage() == []

    @invariant()
    def the_store_says_the_same(self) -> None:
        store = self.store
        assert said(store) == self.plain
        if self.log[1:]:
            assert log_numbers(store) == list(range(store.read().head, 0, -1))
            assert store.read().head == len(self.log) - 1


class FilesMachine(StoreMachine):
    def make(self) -> Kept:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY))
        return self.folder / "store"

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


class MemoryMachine(StoreMachine):
    def make(self) -> Kept:
        return Memory()


class TeamMachine(StoreMachine):
    def make(self) -> Kept:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY))
        return Team(self.folder / "store")

    def go(self, image: str, scope: str) -> None:
        """No rule here: contexts are each person's own, and no undo takes a move back."""

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


TestFiles = FilesMachine.TestCase
TestFiles.settings = settings(stateful_step_count=25, max_examples=20)  # what it means is tried in memory too


@pytest.mark.long
class TestManyFiles(FilesMachine.TestCase):  # type: ignore[misc,name-defined]
    settings = settings(stateful_step_count=25, max_examples=60)


TestMemory = MemoryMachine.TestCase
TestMemory.settings = settings(stateful_step_count=25)
TestTeam = TeamMachine.TestCase
TestTeam.settings = settings(stateful_step_count=15, max_examples=4)
