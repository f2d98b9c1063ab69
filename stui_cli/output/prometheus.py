"""Prometheus' text format for the items of images (exposition format 0.0.4).

One family of samples for each thing measured; what is not known has no sample. Times and durations in seconds,
as Prometheus wants its base units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.model.times import Moment
from stui_cli.output.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stui_cli.model.results import Item

Labels = Mapping[str, str]
Sample = tuple[Labels, float]

_NOT_IN_A_LABEL: Final = re.compile(r"[^a-zA-Z0-9_]")


class Family(NamedTuple):
    """One metric: its name, what it tells, and the samples that one item gives."""

    name: str
    help: str
    samples: Callable[[Item], Iterable[Sample]]


def exposition(items: Sequence[Item], now: int) -> str:
    """All families that have a sample; `now` is in ms."""
    written = []
    for family in _FAMILIES:
        samples = [
            _line(family.name, {"image": str(item.get("name")), **labels}, value)
            for item in items
            for labels, value in family.samples(item)
        ]
        if samples:
            written.append(_family(family.name, family.help, samples))
    written.append(_family("stui_images", "Registered images that were looked at.", [f"stui_images {len(items)}\n"]))
    stamp = f"stui_exposition_timestamp_seconds {now / 1000:.3f}\n"
    written.append(_family("stui_exposition_timestamp_seconds", "When stui wrote this.", [stamp]))
    return "".join(written)


def _family(name: str, help_text: str, samples: Iterable[str]) -> str:
    return f"# HELP {name} {help_text}\n# TYPE {name} gauge\n{''.join(samples)}"


def _line(name: str, labels: Labels, value: float) -> str:
    written = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    number = int(value) if value == int(value) else round(value, 6)
    return f"{name}{{{written}}} {number}\n"


def _escaped(text: str) -> str:
    """A label's value. It may come from an image, so nothing in it steers a terminal or breaks UTF-8."""
    return clean(text).replace("\\", "\\\\").replace('"', '\\"')


def _number(key: str, factor: float = 1.0) -> Callable[[Item], Iterator[Sample]]:
    def samples(item: Item) -> Iterator[Sample]:
        value = item.get(key)
        if isinstance(value, int | float) and abs(value) < 1e18:  # not infinite, not NaN, and an integer exactly
            yield {}, value * factor

    return samples


def _truth(key: str) -> Callable[[Item], Iterator[Sample]]:
    def samples(item: Item) -> Iterator[Sample]:
        yield {}, int(bool(item.get(key)))

    return samples


def _time(key: str) -> Callable[[Item], Iterator[Sample]]:
    def samples(item: Item) -> Iterator[Sample]:
        then = item.get(key)
        if isinstance(then, Moment):
            yield {}, then.ms / 1000

    return samples


def _up(item: Item) -> Iterator[Sample]:
    yield {}, int(item.get("status") == ConnectionStatus.CONNECTED)


def _one_of(key: str, words: Iterable[str]) -> Callable[[Item], Iterator[Sample]]:
    """One sample for each possible word, 1 for the one that is true: so a graph needs no knowledge of the words."""
    known = tuple(map(str, words))

    def samples(item: Item) -> Iterator[Sample]:
        for word in known:
            yield {key: word}, int(item.get(key) == word)

    return samples


def _info(item: Item) -> Iterator[Sample]:
    labels = {
        key: str(value)
        for key in ("image_id", "address", "dialect", "image_version", "incarnation")
        if (value := item.get(key)) is not None
    }
    metadata = item.get("metadata")
    if isinstance(metadata, Mapping):
        labels |= {f"label_{_NOT_IN_A_LABEL.sub('_', str(key))}": str(value) for key, value in metadata.items()}
    yield labels, 1


_FAMILIES: Final = (
    Family("stui_image_info", "What an image is; always 1.", _info),
    Family("stui_image_up", "Whether the image answered as the one that is registered.", _up),
    Family(
        "stui_image_status", "The connection status; 1 for the one that holds.", _one_of("status", ConnectionStatus)
    ),
    Family("stui_image_health", "The health; 1 for the one that holds.", _one_of("health", ConnectionHealth)),
    Family("stui_image_parked", "Whether the image is parked.", _truth("parked")),
    Family("stui_image_blocked", "Whether something lives there that does not get on.", _truth("blocked")),
    Family("stui_image_latency_seconds", "Connect, handshake and ping together.", _number("latency_ms", 0.001)),
    Family(
        "stui_image_scheduled_seconds", "How long a fresh process waited for its turn.", _number("scheduled_ms", 0.001)
    ),
    Family("stui_image_uptime_seconds", "How long the image runs.", _number("uptime_ms", 0.001)),
    Family("stui_image_memory_used_bytes", "Memory in use.", _number("memory_used")),
    Family("stui_image_memory_limit_bytes", "Memory that the image may use.", _number("memory_limit")),
    Family("stui_image_sessions", "Sessions in the image.", _number("session_count")),
    Family("stui_image_evaluating", "Evaluations that run.", _number("evaluating")),
    Family("stui_image_since_timestamp_seconds", "When the connection status was entered.", _time("since")),
    Family("stui_image_checked_timestamp_seconds", "When the image was probed last.", _time("checked_at")),
    Family("stui_image_last_seen_timestamp_seconds", "When the image answered last.", _time("last_seen")),
)
