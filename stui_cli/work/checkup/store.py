"""What is kept: whether it can be read, and every file of it that is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import StuiError
from stui_cli.work.checkup.observation import Observation, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.work.workbench import Workbench


def look_at_store(bench: Workbench) -> Iterator[Observation]:
    """Whether the store can be read, and every file of it that is damaged, with what repair would do about it."""
    try:
        state = bench.store.read()
        damage = bench.store.damage()
    except StuiError as error:
        wanted = "a store that can be read"
        yield Observation("store", "readable", Verdict.FAILED, wanted, f"{error.what}: {error.todo}")
        return
    yield Observation("store", "readable", Verdict.PASSED, None, f"{len(state.images)} images registered")
    for found in damage:
        told = f"{found.where}: {found.reason}"
        yield Observation("store", str(found.kind), Verdict.FAILED, f"stui doctor --repair: {found.remedy}", told)
