"""History, audit and probes: appended, bounded, chained, and read past what is broken."""

from __future__ import annotations

from pathlib import Path

from store_tools import (
    ACTOR,
    Clock,
    Kept,
    add_image,
    audit_lines,
    create_session,
    entry,
    evaluated,
    filled,
    image_id,
    open_store,
    probed,
    remove_session,
    rename_image,
    switch,
)

from stui_cli.model.audit import AuditEntry
from stui_cli.model.probes import Vitals


def test_history_is_kept_by_image_and_session(kept: Kept) -> None:
    store = open_store(kept)
    store.append_history("image-1", "s", entry("1"))
    store.append_history("image-2", "s", entry("2"), entry("3\n'é'\udcff"))
    assert store.history("image-1", "s") == [entry("1")]
    assert store.history("image-2", "s") == [entry("2"), entry("3\n'é'\udcff")]
    assert store.history("image-2", "t") == []
    store.append_history("../../../up", "../s", entry("4"))
    assert store.history("../../../up", "../s") == [entry("4")]


def test_history_is_bounded_and_forgets_the_oldest(kept: Kept) -> None:
    store = open_store(kept, history_limit=4_000)
    for number in range(100):
        store.append_history("image", "s", entry(f"source {number}"))
        if (history := Path(store.home.history("image", "s"))).exists():
            assert history.stat().st_size <= 4_000
    sources = [each.source for each in store.history("image", "s")]
    assert sources[-1] == "source 99"
    assert 10 < len(sources) < 40
    assert sources == [f"source {number}" for number in range(100 - len(sources), 100)]
    store.append_history("image", "s", entry("x" * 9_000))
    assert [len(each.source) for each in store.history("image", "s")] == [9_000]


def test_every_change_is_in_the_audit_log_once_and_in_order(kept: Kept) -> None:
    store = open_store(kept)
    store.append_audit(evaluated("before any change"))
    filled(store)
    store.append_audit(evaluated("after"))
    store.commit(switch("beta"))
    store.commit(switch("alpha"))
    # A switch leaves its line to the next one, and is shown all the same.
    assert b"".join(audit_lines(store)).count(b"context.switch") == 1
    expected = [None, 1, 2, 3, 4, 5, 6, None, None, 7, 8]
    assert [each.operation for each in store.audit()] == expected
    store.commit(add_image("gamma"))
    assert [each.operation for each in store.audit()] == [*expected, 9]
    assert len(audit_lines(store)) == len(expected) + 1
    created = next(each for each in store.audit() if each.operation == 3)
    assert (created.action, created.image, created.session) == ("session.create", "alpha", "work")
    assert created.actor == ACTOR
    assert created.time == store.operation(3).time
    assert store.verify_audit().line is None


def test_undo_leaves_the_audit_log_alone(kept: Kept) -> None:
    store = open_store(kept)
    filled(store)
    store.append_audit(evaluated("x"))
    before = audit_lines(store)
    store.rollback(1)
    assert audit_lines(store)[: len(before)] == before
    assert [each.action for each in store.audit()][-1] == "rollback"


def test_audit_since_a_time(kept: Kept) -> None:
    clock = Clock()
    store = open_store(kept, clock=clock)
    filled(store)
    since = clock.now + 1
    clock.now += 1000
    store.commit(add_image("gamma"))
    store.commit(switch("gamma"))
    assert [each.action for each in store.audit(since)] == ["image.add", "context.switch"]


def test_audit_text_cannot_forge_a_line(kept: Kept) -> None:
    store = open_store(kept)
    hostile = '1"}\n{"schema":1,"time":0}\n\x1b[31m\u2028'
    store.append_audit(AuditEntry(1, ACTOR._replace(command=hostile), "evaluate", source=hostile))
    assert [each.source for each in store.audit()] == [hostile]
    (line,) = audit_lines(store)
    assert line.isascii()
    assert b"\n" not in line


def test_probes_come_back_as_they_went(kept: Kept) -> None:
    store = open_store(kept)
    store.commit(add_image("alpha"))
    store.commit(add_image("beta", image_id=None))
    vitals = Vitals(1, 2, 3, None, 5, 6, 7, 8, None)
    record = probed("alpha")
    full = record._replace(last=record.last._replace(vitals=vitals), last_answer=None)
    store.update_probes(lambda probes: probes.update(alpha=full, beta=record))
    assert open_store(kept).probes() == {"alpha": full, "beta": record}
    store.update_probes(lambda probes: probes.pop("alpha"))
    assert set(store.probes()) == {"beta"}


def test_every_image_that_was_touched_is_named(kept: Kept) -> None:
    store = open_store(kept)
    filled(store)
    store.commit(remove_session("alpha", "play"))
    store.undo()
    store.commit(switch("beta"))
    store.commit(rename_image("beta", "omega"))
    store.commit(create_session("alpha", "new"))
    named = {each.action: each.images or (each.image,) for each in store.audit()}
    assert named["cleanup"] == ("alpha",)
    assert named["undo"] == ("alpha",)
    assert named["context.switch"] == ("alpha", "beta")
    assert named["session.create"] == ("alpha",)
    assert image_id("alpha")
