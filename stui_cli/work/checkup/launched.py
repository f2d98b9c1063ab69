"""The images that were launched here, and do not run any more."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from stui_cli.local.launching import seen_in
from stui_cli.local.processes import Liveness
from stui_cli.model.errors import StuiError
from stui_cli.work.checkup.observation import passed, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.images import Image
    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation


def look_at_launched(around: Around) -> Iterator[Observation]:
    """Whether the process of each image that stui launched lives, as far as its folder shows it. Nobody is asked."""
    launched = [image for image in around.images if image.launch_directory is not None]
    stopped = _stopped_on_purpose(around) if launched else set()
    for image in launched:
        yield _launched(around, image, on_purpose=image.parked or image.name in stopped)


def _stopped_on_purpose(around: Around) -> set[str]:
    try:
        records = around.bench.store.probes(around.state)
    except StuiError:
        return set()
    return {name for name, record in records.items() if record.stopped}


def _launched(around: Around, image: Image, *, on_purpose: bool) -> Observation:
    name = around.called(image)
    assert image.launch_directory is not None
    found = seen_in(Path(image.launch_directory), image.image_id, around.environ)
    match found.liveness:
        case Liveness.LIVES:
            return passed("launched", name, "it runs")
        case Liveness.GONE if on_purpose:
            return skipped("launched", name, "it was stopped on purpose")
        case Liveness.GONE:
            todo = around.step(f"stui images launch {quote(image.name)}")
            return warning("launched", name, "it does not run any more", todo, "an image that runs, or was stopped")
        case Liveness.UNKNOWN:
            todo = around.step(f"stui ping {quote(image.name)}")
            return warning("launched", name, "whether it runs cannot be told from here", todo)
