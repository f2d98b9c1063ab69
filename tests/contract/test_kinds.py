"""What scripts read: no key that was ever promised is gone, and what names an item is one of its keys."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import stui_cli.contract
from stui_cli.contract import (
    agent,
    audit,
    check,
    code,
    context,
    evaluation,
    export,
    finding,
    history,
    image,
    inspection,
    job,
    key,
    log_line,
    operation,
    orphan,
    piece,
    ping,
    session,
    setting,
    stats,
    store,
    test_result,
    topic,
)
from stui_cli.model.images import Image
from stui_cli.model.results import ItemKind

OF_AN_IMAGE = (
    "name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s "
    "latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen "
    "last_activity parked reached blocked measured_at role role_checked_at"
)

# The keys as they were published. More may be added, which needs no change here; none may be renamed or dropped.
PROMISED = {
    agent.AGENT: f"{OF_AN_IMAGE} registered",
    agent.FILE: "name part",
    audit.ENTRY: "time user host pid command action image images session role outcome source operation",
    audit.VERDICT: "name sound lines line reason",
    check.CHECK: f"{OF_AN_IMAGE} check",
    code.CODE: "name image package class side selector category superclass source",
    context.CONTEXT: "name image session source path session_source session_path",
    evaluation.EVALUATION: "image session outcome value error output output_truncated elapsed_ms incarnation",
    export.EXPORT: "name file session_id image_id bindings history",
    finding.FINDING: "request case verdict expected got rule elapsed_ms",
    history.HISTORY: "number time image session source kind outcome print class error result elapsed_ms incarnation",
    image.IMAGE: OF_AN_IMAGE,
    inspection.INSPECTION: "class print hash size ref named indexed",
    inspection.SLOT: "slot class print ref level",
    job.JOB: "image id state session session_id client_id ours method source started_at elapsed_ms",
    log_line.LOG_LINE: "image line",
    key.KEY: "key_id role image file host used_by key_file commands accepted",
    operation.OPERATION: "number time user host pid command kind details undone_by summary",
    orphan.ORPHAN: ("session image reason evidence action since probes found_image_id incarnation image_id session_id"),
    piece.PIECE: "image session file kind name line outcome value error output",
    ping.PING: f"{OF_AN_IMAGE} level sent received min_ms avg_ms max_ms stddev_ms",
    session.SESSION: (
        "name session_id image owner image_id image_address image_name image_version image_metadata connection_status "
        "state description created_at last_activity bindings current"
    ),
    setting.SETTING: "key value source where path line default about",
    setting.CONFIG_FILE: "path exists",
    store.STORE: "place kind schema schema_known head operations size latency_ms server role mode folder",
    store.STORE_SQL: "place created upgraded_from schema sql",
    store.STORE_COPY: "from to head operations objects histories audit_lines",
    topic.TOPIC: "name about page section text",
    test_result.TEST: "name image class selector outcome message stack output elapsed_ms",
    stats.STATS: (
        "image image_id source recorded total active idle orphaned bindings memory_estimate last_activity clients "
        "per_client reason"
    ),
}

# An object is named by its slots.
NAMED = [kind for kind in PROMISED if kind is not inspection.INSPECTION]


def kinds() -> set[ItemKind]:
    """Every kind that a file of the contract has."""
    names = [found.name for found in pkgutil.iter_modules(stui_cli.contract.__path__)]
    modules = [importlib.import_module(f"stui_cli.contract.{name}") for name in names]
    return {value for module in modules for value in vars(module).values() if isinstance(value, ItemKind)}


@pytest.mark.parametrize("kind", PROMISED, ids=lambda kind: kind.name)
def test_no_promised_key_is_gone(kind: ItemKind) -> None:
    assert set(PROMISED[kind].split()) <= set(kind.keys)


def test_every_kind_is_promised() -> None:
    assert kinds() == set(PROMISED)


@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.name)
def test_what_names_an_item_is_one_of_its_keys(kind: ItemKind) -> None:
    assert set(kind.name_key.split("/")) <= set(kind.keys)


def test_an_image_of_which_nothing_is_known_has_all_keys_too() -> None:
    found = image.image_item(Image("alpha", "tcp://127.0.0.1:1", 0), None, 0)
    assert set(found) == set(image.IMAGE.keys)
