"""The Prometheus text, read by Prometheus' own parser."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.model.times import Moment
from stui_cli.output.prometheus import exposition

if TYPE_CHECKING:
    from collections.abc import Mapping

parser = pytest.importorskip("prometheus_client.parser", reason="needs the package prometheus-client")

ITEM: dict[str, object] = {
    "name": "alpha",
    "image_id": "id",
    "address": "tcp://127.0.0.1:1",
    "dialect": "gst",
    "image_version": 'one "two" \\three\nfour \udcff é',
    "incarnation": None,
    "metadata": {"role": "build", "what-ever": "a=b"},
    "status": ConnectionStatus.CONNECTED,
    "health": ConnectionHealth.WARNING,
    "since": Moment(1_767_323_045_678),
    "checked_at": Moment(1_767_323_046_000),
    "last_seen": None,
    "latency_ms": 1.5,
    "uptime_ms": 3_600_000,
    "memory_used": 12_345_678_901,
    "memory_limit": None,
    "session_count": 2,
    "evaluating": 1,
    "scheduled_ms": 0,
    "parked": False,
    "blocked": True,
}


def samples(*items: Mapping[str, object]) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = parser.text_string_to_metric_families(exposition(items, 1_000_500))
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def one(name: str, **labels: str) -> float | None:
    return samples(ITEM).get((name, frozenset(({"image": "alpha"} | labels).items())))


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("stui_image_up", {}, 1),
        ("stui_image_status", {"status": "connected"}, 1),
        ("stui_image_status", {"status": "failed"}, 0),
        ("stui_image_health", {"health": "warning"}, 1),
        ("stui_image_health", {"health": "healthy"}, 0),
        ("stui_image_latency_seconds", {}, 0.0015),
        ("stui_image_uptime_seconds", {}, 3_600),
        ("stui_image_memory_used_bytes", {}, 12_345_678_901),
        ("stui_image_memory_limit_bytes", {}, None),
        ("stui_image_sessions", {}, 2),
        ("stui_image_evaluating", {}, 1),
        ("stui_image_blocked", {}, 1),
        ("stui_image_parked", {}, 0),
        ("stui_image_since_timestamp_seconds", {}, 1_767_323_045.678),
        ("stui_image_last_seen_timestamp_seconds", {}, None),
    ],
)
def test_each_family(name: str, labels: dict[str, str], value: float | None) -> None:
    found = one(name, **labels)
    assert found is None if value is None else found == pytest.approx(value)


def test_what_an_image_says_of_itself_stays_in_its_label() -> None:
    info = next(dict(labels) for (name, labels) in samples(ITEM) if name == "stui_image_info")
    assert info["image_version"] == 'one "two" \\three\\x0afour \\udcff é'
    assert info["label_role"] == "build"
    assert info["label_what_ever"] == "a=b"
    assert "incarnation" not in info


def test_every_family_is_there_once_with_help_and_type() -> None:
    text = exposition([ITEM, ITEM | {"name": "beta"}], 0)
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert text.count("# HELP") == len(names)
    assert text.endswith("\n")


# A collector that merges files loses the series of one if these differ by a byte: from another home, or another stui.
HEADERS = """\
# HELP stui_image_info What an image is; always 1.
# HELP stui_image_up Whether the image answered as the one that is registered.
# HELP stui_image_status The connection status; 1 for the one that holds.
# HELP stui_image_health The health; 1 for the one that holds.
# HELP stui_image_parked Whether the image is parked.
# HELP stui_image_blocked Whether something lives there that does not get on.
# HELP stui_image_latency_seconds Connect, handshake and ping together.
# HELP stui_image_scheduled_seconds How long a fresh process waited for its turn.
# HELP stui_image_uptime_seconds How long the image runs.
# HELP stui_image_memory_used_bytes Memory in use.
# HELP stui_image_memory_limit_bytes Memory that the image may use.
# HELP stui_image_sessions Sessions in the image.
# HELP stui_image_evaluating Evaluations that run.
# HELP stui_image_since_timestamp_seconds When the connection status was entered.
# HELP stui_image_checked_timestamp_seconds When the image was probed last.
# HELP stui_image_last_seen_timestamp_seconds When the image answered last.
# HELP stui_images Registered images that were looked at.
# HELP stui_exposition_timestamp_seconds When stui wrote this.
""".splitlines()
FULL = ITEM | {"last_seen": Moment(0), "memory_limit": 2}


def headers(*items: Mapping[str, object]) -> list[str]:
    """HELP and TYPE of each family, in the order of the text."""
    return [line for line in exposition(items, 7).splitlines() if line.startswith("#")]


def test_help_and_type_are_the_same_to_the_byte_in_every_file() -> None:
    full = headers(FULL)
    assert full[::2] == HEADERS
    assert full[1::2] == [f"# TYPE {line.split()[2]} gauge" for line in HEADERS]
    for items in ((), (ITEM,), (FULL, ITEM | {"name": "beta"}), ({"name": "bare"},)):
        found = headers(*items)
        assert [line for line in full if line in found] == found


def test_several_files_are_one_valid_text_together() -> None:
    texts = [exposition(items, 7) for items in ((FULL,), (ITEM | {"name": "beta"},), ())]
    families = [family for text in texts for family in parser.text_string_to_metric_families(text)]
    told = {(family.name, family.documentation, family.type) for family in families}
    assert len(told) == len({family.name for family in families}) == len(HEADERS)


def test_numbers_that_are_none_have_no_sample() -> None:
    found = samples(ITEM | {"memory_used": math.nan, "latency_ms": math.inf, "session_count": "many"})
    kinds = {name for name, _ in found}
    assert kinds.isdisjoint({"stui_image_memory_used_bytes", "stui_image_latency_seconds", "stui_image_sessions"})


def test_no_image_is_a_valid_text_too() -> None:
    assert samples() == {
        ("stui_images", frozenset()): 0,
        ("stui_exposition_timestamp_seconds", frozenset()): pytest.approx(1_000.5),
    }
