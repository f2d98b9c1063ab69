"""`stui images show`: all that is known of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.items import image_item, measured_before
from stui_cli.model.results import Column, Result, Show
from stui_cli.work.meant.target import meant
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench

_COLUMNS = (
    Column("name", "name"),
    Column("address", "address"),
    Column("status", "status", Show.STATUS),
    Column("health", "health", Show.HEALTH),
    Column("reason", "reason"),
    Column("since", "since", Show.AGE),
    Column("checked_at", "checked", Show.AGE),
    Column("last_seen", "last seen", Show.AGE),
    Column("image_id", "image id"),
    Column("incarnation", "incarnation"),
    Column("dialect", "dialect"),
    Column("image_version", "version"),
    Column("image_name", "image name"),
    Column("metadata", "labels", Show.LABELS),
    Column("pid", "pid", Show.NUMBER),
    Column("latency_ms", "latency", Show.MILLISECONDS),
    Column("measured_at", "as of", Show.AGE),
    Column("uptime_ms", "uptime", Show.DURATION),
    Column("memory_used", "memory", Show.BYTES),
    Column("last_activity", "last activity", Show.AGE),
    Column("session_count", "sessions", Show.NUMBER),
    Column("key_file", "key file"),
    Column("log_file", "log file"),
)


def show(bench: Workbench, name: str) -> Result:
    """One image, with where its keys and its log are."""
    state = bench.store.read()
    image = known_image(state, name)
    item = image_item(image, bench.store.probes(state).get(name), bench.clock())
    item["last_activity"] = _last_activity(bench, image, item["last_activity"])
    item["key_file"] = image.key_file
    item["log_file"] = f"{image.launch_directory}/image.log" if image.launch_directory else None
    shown = [column for column in _COLUMNS if column.key != "measured_at" or measured_before(item)]
    return Result("image", [item], shown, vertical=True)


def _last_activity(bench: Workbench, image: Image, told: object) -> object:
    """When its sessions were used last: what the image told, or what is recorded of them since."""
    from stui_cli.model.times import rfc3339
    from stui_cli.work.sessions import listing

    recorded = [metadata.session.last_activity for metadata in listing.list_sessions(bench, image.name)]
    return max(filter(None, (told, rfc3339(max(recorded, default=None)))), key=str, default=None)


@command("image", name="show")
@click.argument("name", required=False, shell_complete=complete_image)
def cli(invocation: Invocation, name: str | None) -> int:
    """Show all that is known of the image NAME, or of the current one. Contacts no image."""
    bench = invocation.bench
    return invocation.show(show(bench, name or meant(bench, invocation.asked).target.image))
