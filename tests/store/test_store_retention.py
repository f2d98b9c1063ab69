"""What is pruned, what stays because an undo may need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from store_tools import (
    DAY,
    Clock,
    Kept,
    add_image,
    change_image,
    change_session,
    create_session,
    damage_operation,
    entry,
    filled,
    image_id,
    log_numbers,
    objects_of,
    open_store,
    place_of,
    records,
    remove_session,
    switch,
)

from stui_cli.model.errors import NotFound
from stui_cli.store.retention import prune
from stui_cli.store.values import Pruned

if TYPE_CHECKING:
    from stui_cli.store.store import Store

ALPHA = image_id("alpha")


def pruned(store: Store, clock: Clock, keep: int) -> Pruned:
    with store.held():
        return prune(place_of(store, clock), keep=keep)


def test_the_last_ones_and_the_young_ones_stay(kept: Kept) -> None:
    clock = Clock()
    store = open_store(kept, clock=clock)
    for number in range(20):
        store.commit(add_image(f"image{number}"))
    assert pruned(store, clock, keep=5) == Pruned()
    clock.now += 29 * DAY
    store.commit(add_image("later"))
    assert pruned(store, clock, keep=5) == Pruned()
    clock.now += 2 * DAY
    before = records(store)
    assert pruned(store, clock, keep=5).operations == 15
    # Five count, and the parent of the oldest of them, without which it could not be undone.
    assert log_numbers(store) == [21, 20, 19, 18, 17, 16]
    assert {**records(store), "evaluations": []} == {**before, "evaluations": []}
    store.undo(17)
    assert "image16" not in store.read().images
    with pytest.raises(NotFound, match="no operation 15"):
        store.undo(16)
    assert [each.operation for each in store.audit()] == list(range(1, 23))


def test_switches_do_not_count_and_old_ones_go(kept: Kept) -> None:
    clock = Clock()
    store = open_store(kept, clock=clock)
    store.commit(add_image("alpha"))
    store.commit(add_image("beta"))
    for number in range(5):
        for _ in range(3):
            store.commit(switch("beta"))
            store.commit(switch("alpha"))
        store.commit(change_image("alpha", dialect=f"dialect {number}"))
    clock.now += 31 * DAY
    store.commit(switch("beta"))
    before = records(store)
    result = pruned(store, clock, keep=7)
    assert records(store) == before
    kinds = [(operation.number, str(operation.details.kind)) for operation in store.operations()]
    # Each change that stays has its parent, so each can be undone.
    numbers = {number for number, _ in kinds}
    for operation in store.operations():
        if operation.details.kind != "context.switch" and operation.parent is not None:
            assert operation.parent in numbers
    assert [number for number, kind in kinds if kind != "context.switch"] == [37, 30, 23, 16, 9, 2, 1]
    assert result.operations == 38 - len(kinds)
    store.undo(37)


def test_objects_and_histories_go_with_the_last_operation_that_needs_them(kept: Kept) -> None:
    clock = Clock()
    store = open_store(kept, clock=clock)
    filled(store)
    store.commit(create_session("alpha", "gone", bindings=4))
    store.append_history(ALPHA, "id-of-alpha-gone", entry("1"))
    checkpoint = store.sessions(store.read(), ALPHA)["gone"].checkpoint
    store.commit(remove_session("alpha", "gone"))
    assert pruned(store, clock, keep=2) == Pruned()
    assert store.history(ALPHA, "id-of-alpha-gone")
    store.undo()
    assert store.sessions(store.read(), ALPHA)["gone"].checkpoint == checkpoint
    store.redo()
    clock.now += 31 * DAY
    for number in range(4):
        store.commit(change_session("beta", "other", description=f"{number}"))
    result = pruned(store, clock, keep=2)
    assert result.histories == 1
    assert checkpoint not in objects_of(store)
    assert store.history(ALPHA, "id-of-alpha-gone") == []
    assert [each.source for each in store.history(ALPHA, "id-of-alpha-work")] == ["3 + 4", "6 * 7"]
    assert store.damage() == []
    for image in ("alpha", "beta"):
        for session in store.sessions(store.read(), image_id(image)).values():
            assert session.checkpoint is None or store.checkpoint(session.checkpoint)


def test_nothing_that_a_damaged_operation_may_need_goes(kept: Kept) -> None:
    clock = Clock()
    store = open_store(kept, clock=clock)
    filled(store)
    objects = objects_of(store)
    store.commit(change_session("alpha", "work", description="x"))
    damage_operation(store, 4)
    clock.now += 31 * DAY
    pruned(store, clock, keep=1)
    assert objects <= objects_of(store)
    assert list(store._backend.list_operations(7)) == [7, 6, 4]
