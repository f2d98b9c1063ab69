"""A store as an earlier stui left it, kept under data/, loads for ever.

Never make it anew: where reading it fails, it is reading that broke. A new schema gets a folder beside it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from store_tools import add_image, checkpoint_of, image_id, log_numbers, open_store

from stui_cli.model.names import Target
from stui_cli.model.operations import CleanupDetails, Kind, Removal, ReversalDetails, SwitchDetails
from stui_cli.model.sessions import SessionState
from stui_cli.model.status import ConnectionStatus
from stui_cli.store.damage import DamageKind
from stui_cli.store.files.names import read_names

SCHEMA_1 = Path(__file__).parents[1] / "data" / "schema-1"


def test_a_store_of_schema_1(folder: Path) -> None:
    shutil.copytree(SCHEMA_1, folder)
    store = open_store(folder)
    state = store.read()
    assert state.head == 14
    assert list(state.images) == ["alpha", "beta"]
    alpha = state.images["alpha"]
    assert (alpha.address, alpha.image_id) == ("tcp://127.0.0.1:4005", image_id("alpha"))
    assert (alpha.dialect, alpha.image_version, alpha.key_id) == ("pharo", "Pharo 12.0", "admin")
    assert (alpha.launch_directory, alpha.allow_plaintext, alpha.metadata) == ("/images/alpha", True, {"env": "test"})
    assert state.contexts["default"].target == Target("beta")
    assert state.contexts["default"].trail == (Target("alpha", "work"),)
    assert state.contexts["12345-678-boot"].target == Target("beta", "other")

    work = store.sessions(state, image_id("alpha"))["work"]
    assert (work.session_id, work.state, work.bindings) == ("id-of-alpha-work", SessionState.ACTIVE, 2)
    assert work.checkpoint is not None
    assert store.checkpoint(work.checkpoint) == checkpoint_of(work)
    assert store.sessions(state, image_id("beta"))["other"].state is SessionState.ACTIVE
    assert store.sessions(store.operation_state(8), image_id("beta"))["other"].state is SessionState.CLOSED

    assert [entry.source for entry in store.history(image_id("alpha"), "id-of-alpha-work")] == ["3 + 4", "6 * 7"]
    assert store.probes()["alpha"].status is ConnectionStatus.CONNECTED
    assert read_names(store.home) == ["alpha", "beta"]
    assert [each.operation for each in store.audit()] == [1, 2, 3, 4, 5, 6, None, 7, 8, 9, 10, 11, 12, 13, 14]
    assert store.verify_audit().line is None


def test_the_log_of_schema_1(folder: Path) -> None:
    shutil.copytree(SCHEMA_1, folder)
    store = open_store(folder)
    assert log_numbers(store) == list(range(14, 0, -1))
    details = {operation.number: operation.details for operation in store.operations()}
    assert details[9] == ReversalDetails(Kind.UNDO, (8,), 7)
    assert details[10] == ReversalDetails(Kind.REDO, (8,), 8)
    assert details[12] == CleanupDetails(Kind.CLEANUP, (Removal("alpha", "play", "expired"),))
    assert details[14] == SwitchDetails(Kind.SWITCH, "default", "alpha/work", "beta")
    assert [store.operation_state(number).head for number in range(15)] == list(range(15))
    for number in range(1, 15):
        store.difference(number)


def test_a_store_of_schema_1_goes_on(folder: Path) -> None:
    shutil.copytree(SCHEMA_1, folder)
    store = open_store(folder)
    assert {damage.kind for damage in store.damage()} <= {DamageKind.MODE}  # as the checkout left them
    store.repair()
    assert store.damage() == []
    store.undo(12)
    assert "play" in store.sessions(store.read(), image_id("alpha"))
    store.commit(add_image("gamma"))
    store.rollback(1)
    assert list(open_store(folder).read().images) == ["alpha"]
    assert store.damage() == []
