"""History, audit and probes as files: torn, damaged, of a newer stui; bounded, and never outside the folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from store_tools import (
    QuickDisk,
    add_image,
    create_session,
    entry,
    evaluated,
    filled,
    image_id,
    open_store,
    probed,
)

from stui_cli.store.envelope import seal
from stui_cli.store.files.history import SCHEMA
from stui_cli.store.problems import Newer


def test_a_torn_record_is_ignored_and_mended(folder: Path) -> None:
    store = open_store(folder)
    store.append_history("image", "s", entry("1"), entry("2"))
    path = Path(store.home.history("image", "s"))
    whole = path.read_bytes()
    store.append_history("image", "s", entry("3", "x" * 10_000))
    torn = path.read_bytes()
    for length in (len(torn) - 1, len(torn) - 6_000, len(whole) + 1):
        path.write_bytes(torn[:length])
        assert [each.source for each in store.history("image", "s")] == ["1", "2"]
        assert store.damage() == []
        store.append_history("image", "s", entry("4"))
        assert [each.source for each in store.history("image", "s")] == ["1", "2", "4"]
    path.write_bytes(torn[:5])
    store.append_history("image", "s", entry("5"))
    assert [each.source for each in store.history("image", "s")] == ["5"]


def test_a_history_of_a_newer_stui_is_refused(folder: Path) -> None:
    from binascii import crc32

    store = open_store(folder)
    store.append_history("image", "s", entry("1"))
    text = json.dumps({"schema": SCHEMA + 1}).encode()
    Path(store.home.history("image", "s")).write_bytes(b"%08x %s\n" % (crc32(text), text))
    with pytest.raises(Newer):
        store.history("image", "s")


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_changed_or_missing_line_breaks_the_chain(folder: Path, number: int) -> None:
    store = open_store(folder)
    filled(store)
    for source in ("1", "2", "3"):
        store.append_audit(evaluated(source))
    lines = Path(store.home.audit).read_bytes().splitlines(keepends=True)
    changed = [*lines[: number - 1], lines[number - 1].replace(b'"ada"', b'"eve"'), *lines[number:]]
    Path(store.home.audit).write_bytes(b"".join(changed))
    verdict = store.verify_audit()
    assert (verdict.lines, verdict.line) == (len(lines), number + 1)
    assert f"line {number} was changed" in verdict.reason
    Path(store.home.audit).write_bytes(b"".join((*lines[: number - 1], *lines[number:])))
    verdict = store.verify_audit()
    assert (verdict.line, len(list(store.audit()))) == (number, len(lines) - 1)


def test_a_broken_last_line_is_passed_over_and_chained_on(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    lines = len(Path(store.home.audit).read_bytes().splitlines())
    with Path(store.home.audit).open("ab") as file:
        file.write(b"garbage\n")
    store.append_audit(evaluated("after"))
    assert [each.source for each in store.audit()][-1] == "after"
    assert len(Path(store.home.audit).read_bytes().splitlines()) == lines + 2
    assert store.verify_audit().line == lines + 1
    with Path(store.home.audit).open("ab") as file:
        file.write(b'{"torn')
    store.append_audit(evaluated("and after"))
    assert b"torn" not in Path(store.home.audit).read_bytes()


def test_a_lost_audit_log_begins_anew_with_what_the_operations_know(folder: Path) -> None:
    store = open_store(folder)
    filled(store)
    Path(store.home.audit).unlink()
    store.commit(add_image("gamma"))
    assert [each.operation for each in store.audit()] == [1, 2, 3, 4, 5, 6, 7]
    verdict = store.verify_audit()
    assert (verdict.line, verdict.reason) == (1, "lines before it are missing")


def test_probes_that_cannot_be_read_are_none(folder: Path) -> None:
    store = open_store(folder)
    store.commit(add_image("alpha"))
    store.commit(add_image("beta"))
    store.update_probes(lambda probes: probes.update(alpha=probed("alpha")))
    whole = Path(store.home.probes).read_bytes()
    for content in (b"", whole[:-1], b"\x93", seal(["list"]), seal({"alpha": {"status": "new"}}), seal({"alpha": 3})):
        Path(store.home.probes).write_bytes(content)
        assert store.probes() == {}
    store.update_probes(lambda probes: probes.update(beta=probed("beta")))
    assert set(store.probes()) == {"beta"}


def test_probes_are_no_operation_and_not_synced(folder: Path) -> None:
    from store_tools import Steps

    store = open_store(folder)
    store.commit(add_image("alpha"))
    store.commit(create_session("alpha", "work"))
    steps = Steps()
    open_store(folder, QuickDisk(steps)).update_probes(lambda probes: probes.update(alpha=probed("alpha")))
    assert not [step for step in steps if step[0].startswith("sync")]
    assert store.read().head == 2
    assert image_id("alpha") in store.read().shards


def test_whatever_an_image_calls_itself_its_files_are_in_the_folder(folder: Path) -> None:
    store = open_store(folder)
    store.append_history("../../../up", "../s", entry("4"))
    assert store.history("../../../up", "../s") == [entry("4")]
    assert all(path.is_relative_to(folder) for path in folder.parent.rglob("*") if path != folder)
