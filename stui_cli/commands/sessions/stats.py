"""`stui sessions stats`: the sessions of images, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Column, Result, Show
from stui_cli.model.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.sessions import ImageSessionStats
    from stui_cli.work.workbench import Workbench

_COLUMNS = (
    Column("image", "IMAGE"),
    Column("total", "SESSIONS", Show.NUMBER),
    Column("active", "ACTIVE", Show.NUMBER),
    Column("idle", "IDLE", Show.NUMBER),
    Column("orphaned", "ORPHANED", Show.NUMBER),
    Column("bindings", "BINDINGS", Show.NUMBER),
    Column("memory_estimate", "MEMORY", Show.BYTES),
    Column("clients", "CLIENTS", Show.NUMBER),
    Column("last_activity", "LAST ACTIVITY", Show.AGE),
    Column("source", "COUNTED BY"),
)


def stats(bench: Workbench, names: Sequence[str]) -> Result:
    """Ask every image; one that does not answer is counted from what is recorded, and that is said."""
    from stui_cli.work.sessions.stats import session_stats

    found = [session_stats(bench, name) for name in names]
    warnings = [f"{each.image} is counted from what is recorded: {each.reason}" for each in found if not each.live]
    empty = "no image is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
    return Result(
        "stats", [stats_item(each) for each in found], _COLUMNS, warnings=warnings, name_key="image", empty=empty
    )


def stats_item(stats: ImageSessionStats) -> dict[str, object]:
    """One image's sessions, counted."""
    return {
        "image": stats.image,
        "image_id": stats.image_id,
        "source": "image" if stats.live else "store",
        "recorded": stats.recorded,
        "total": stats.total,
        "active": stats.active,
        "idle": stats.idle,
        "orphaned": stats.orphaned,
        "bindings": stats.bindings,
        "memory_estimate": stats.memory_estimate,
        "last_activity": rfc3339(stats.last_activity),
        "clients": len(stats.per_client) if stats.live else None,
        "per_client": [{"client_id": client, "total": total} for client, total in stats.per_client],
        "reason": stats.reason or None,
    }


@command("stats", name="stats")
@click.argument("names", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
def cli(invocation: Invocation, names: tuple[str, ...]) -> int:
    """Count the sessions of the images named, or of all. Asks the images, so it sees other clients' sessions too,
    where the key allows it."""
    bench = invocation.bench
    asked = invocation.asked.image
    chosen = dict.fromkeys(names or ((asked,) if asked else bench.store.read().images))
    return invocation.show(stats(bench, list(chosen)))
