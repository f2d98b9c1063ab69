"""The list that `stui status` prints, once or round by round: which images, in which groups, with which columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.commands.arrangement import group_key, grouped, grouped_columns
from stui_cli.contract.image import IMAGE, PROBED, image_items, measured_before
from stui_cli.model.errors import StuiError
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.model.status import ConnectionHealth
from stui_cli.model.times import Moment
from stui_cli.named_tuples import NamedTuple
from stui_cli.work.meant.images import chosen_images

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.state import State


class View(NamedTuple):
    """Which images, from which probes, which of them together. `max_age` in ms: older probes are made again; None with
    `cached` takes any. No dataclass, for which a status would import their module and copy: 1.5 ms with this class."""

    names: Sequence[str]
    labels: Mapping[str, str]
    group_by: str | None = None
    cached: bool = False
    max_age: int | None = None
    exit_code: bool = False

    def images(self, state: State) -> list[Image]:
        return chosen_images(state, self.names, self.labels)


def listing(images: Sequence[Image], records: Mapping[str, ProbeRecord], view: View, now: int) -> Result:
    """The images as rows. A dead one is a row like any other, not a failure."""
    items = grouped(image_items(images, records, now), view.group_by)
    # Nothing is the matter anywhere, or all was asked just now: no need for a column that says so.
    unneeded = set() if any(item["reason"] for item in items) else {"reason"}
    if not any(measured_before(item) for item in items):
        unneeded.add("measured_at")
    if not any(item["seen_by"] for item in items):
        unneeded.add("seen_by")
    columns = [column for column in PROBED if column.key not in unneeded]
    healthy = all(item["parked"] or item["health"] is ConnectionHealth.HEALTHY for item in items)
    return Result(
        IMAGE,
        items,
        grouped_columns(columns, view.group_by) if view.group_by else columns,
        notes=[*([_summary(items)] if len(items) > 1 else []), *_seen_by(items, now)],
        exit_code=Exit.PARTLY_DONE if view.exit_code and not healthy else Exit.DONE,
        empty="no image fits" if view.names or view.labels else "no image is registered yet: stui images launch NAME",
        group_key=group_key(view.group_by) if view.group_by else None,
    )


def _summary(items: Sequence[Mapping[str, object]]) -> str:
    states = [("parked" if item["parked"] else str(item["status"])) for item in items]
    healths = [str(item["health"]) for item in items if not item["parked"]]
    told = [", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words)) for words in (states, healths)]
    return f"{len(items)} images: {'; '.join(text for text in told if text)}"


def _seen_by(items: Sequence[Mapping[str, object]], now: int) -> list[str]:
    """Whose word it is that is not our own, and how old the newest of it is."""
    seen: dict[str, list[int]] = {}
    for item in items:
        who, at = item["seen_by"], item["checked_at"]
        if isinstance(who, str) and isinstance(at, Moment):
            seen.setdefault(who, []).append(at.ms)
    if not seen:
        return []
    from stui_cli.output.cleaning import clean
    from stui_cli.output.units import duration

    here = sum(item["seen_by"] is None and item["checked_at"] is not None and not item["parked"] for item in items)
    told = [
        f"{len(times)} seen by {clean(who)} {duration(max(1, (now - max(times)) // 1000) * 1000)} ago"
        for who, times in seen.items()
    ]
    return [", ".join([*told, *([f"{here} by this monitor"] if here else [])])]


def write_textfile(path: str, result: Result, now: int) -> None:
    """Put the Prometheus text where a collector reads it, in one step."""
    from stui_cli.output.prometheus import exposition
    from stui_cli.store.files.exported_file import publish

    try:
        publish(path, exposition(result.items, now).encode("utf-8"))
    except OSError as error:
        raise StuiError(
            f"{path} cannot be written: {error.strerror}", todo="name a file in a folder of yours: --textfile PATH"
        ) from error
