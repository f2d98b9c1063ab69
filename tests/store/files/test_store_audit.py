"""The audit log: what was cut off is noticed, it goes on over many files, and it names every image that was touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_tools import (
    add_image,
    evaluated,
    filled,
    in_child,
    open_store,
)  # fmt: skip

from stui_cli.store.damage import DamageKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.store.store import Store

SCHEMA_1 = Path(__file__).parents[1] / "data" / "schema-1"


def cut_last_line(store: Store) -> None:
    path = Path(store.home.audit)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def lose(*names: str) -> Callable[[Store], None]:
    return lambda store: [(Path(store.home.folder) / name).unlink() for name in names] and None


LOSSES: dict[str, Callable[[Store], None]] = {
    "the last line": cut_last_line,
    "the file": lose("audit.jsonl"),
    "the file and its mark": lose("audit.jsonl", "audit.mark"),
    "all lines": lambda store: Path(store.home.audit).write_bytes(b""),
}


@pytest.mark.parametrize("what", LOSSES)
@pytest.mark.parametrize("last", ["evaluation", "operation"])
def test_an_end_that_was_cut_off_is_noticed_at_once_and_after_more_lines(what: str, last: str, folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    store.commit(add_image("gamma"))
    if last == "evaluation":
        store.append_audit(evaluated("3 + 4"))
    assert store.verify_audit().line is None
    LOSSES[what](store)
    verdict = store.verify_audit()
    assert verdict.line == verdict.lines + 1
    assert verdict.reason.endswith("are missing")
    assert [damage.kind for damage in store.damage()] == [DamageKind.AUDIT]
    if what != "the file and its mark":
        store.append_audit(evaluated("after"))
        assert store.verify_audit().line is not None


def test_repair_counts_anew_what_is_there(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    cut_last_line(store)
    assert "counted anew" in store.repair().done[0]
    assert store.damage() == []
    store.append_audit(evaluated("after"))
    assert store.verify_audit().line is None


def test_the_last_line_changed_is_noticed(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    store.append_audit(evaluated("3 + 4"))
    path = Path(store.home.audit)
    path.write_bytes(path.read_bytes().replace(b"3 + 4", b"3 + 5"))
    assert store.verify_audit().line is not None


def test_a_process_killed_between_line_and_mark_is_no_loss(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    mark = Path(store.home.audit_mark).read_bytes()
    store.append_audit(evaluated("3 + 4"))
    Path(store.home.audit_mark).write_bytes(mark)
    assert store.verify_audit().line is None
    store.append_audit(evaluated("after"))
    assert store.verify_audit().line is None


def test_a_log_of_an_earlier_stui_goes_on_counted(folder: Path) -> None:
    shutil.copytree(SCHEMA_1, folder)
    store = open_store(folder)
    assert store.verify_audit().line is None
    before = len(Path(store.home.audit).read_bytes().splitlines())
    store.append_audit(evaluated("after"))
    last = json.loads(Path(store.home.audit).read_bytes().splitlines()[-1])
    assert last["line"] == len(Path(store.home.audit).read_bytes().splitlines()) > before
    assert store.verify_audit().line is None
    swept = next(each for each in store.audit() if each.action == "cleanup")
    assert swept.images == ("alpha",)


def test_the_log_goes_on_over_files_and_a_missing_one_is_noticed(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    Path(store.home.config).write_text('audit_limit = "64K"\n')
    for number in range(12):
        store.append_audit(evaluated(f"{number} {'x' * 20_000}"))
    files = sorted(path.name for path in folder.glob("audit.jsonl*"))
    assert files == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2", "audit.jsonl.3"]
    assert all(path.stat().st_size <= 64 * 1024 for path in folder.glob("audit.jsonl*"))
    sources = [each.source for each in store.audit() if each.source and "xxx" in each.source]
    assert [source.split()[0] for source in sources] == [str(number) for number in range(12)]
    assert store.verify_audit().line is None
    assert store.damage() == []
    store.commit(add_image("gamma"))
    (folder / "audit.jsonl.2").unlink()
    verdict = store.verify_audit()
    assert verdict.line is not None
    assert verdict.file.endswith("audit.jsonl.3")


def test_who_looks_while_a_file_becomes_full_sees_each_line_once(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    Path(store.home.config).write_text('audit_limit = "64K"\n')

    def write() -> None:
        for number in range(60):
            open_store(folder).append_audit(evaluated(f"{number} {'x' * 20_000}"))

    def look() -> None:
        seen = [each.source.split()[0] for each in store.audit() if each.source and "xxx" in each.source]
        assert seen == [str(number) for number in range(len(seen))]

    assert in_child(write, look) == 0
    assert store.verify_audit().line is None
