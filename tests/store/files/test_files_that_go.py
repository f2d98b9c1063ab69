"""Pruning of files: that it happens by itself, and that a folder stays small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from store_tools import (
    DAY,
    Clock,
    add_image,
    change_session,
    filled,
    log_numbers,
    objects_of,
    open_store,
    switch,
)

from stui_cli.store import aftercare

if TYPE_CHECKING:
    from pathlib import Path


def test_it_happens_by_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aftercare, "PRUNED_EVERY", 10)
    monkeypatch.setattr("stui_cli.store.retention.KEPT_OPERATIONS", 4)
    clock = Clock()
    store = open_store(folder, clock=clock)
    litter = folder / "objects" / f"{'0' * 64}.msgpack"
    for number in range(9):
        store.commit(add_image(f"image{number}"))
    litter.parent.mkdir()
    litter.write_bytes(b"")
    store.commit(add_image("image9"))
    assert not litter.exists()


@pytest.mark.long
def test_a_year_of_use_stays_small(folder: Path) -> None:
    clock = Clock()
    store = open_store(folder, clock=clock)
    filled(store)
    for day in range(365):
        for _ in range(5):
            store.commit(switch("beta"))
            store.commit(switch("alpha"))
        for number in range(8):
            store.commit(change_session("alpha", "work", description=f"{day} {number}"))
        clock.now += DAY
    store.prune()
    numbers = log_numbers(store)
    assert len(numbers) < 2_000
    assert len(objects_of(store)) < 1_100
    assert store.damage() == []
