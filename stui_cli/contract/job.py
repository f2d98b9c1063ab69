"""A job as an item: something that runs in an image, or waits for its turn."""

from __future__ import annotations

from typing import Final

from stui_cli.model.results import Column, ItemKind, Show
from stui_cli.model.times import moment

JOB: Final = ItemKind(
    "job",
    {
        "image": Show.TEXT,
        "id": Show.TEXT,
        "state": Show.TEXT,
        "session": Show.TEXT,
        "session_id": Show.TEXT,
        "client_id": Show.TEXT,
        "ours": Show.TEXT,
        "method": Show.TEXT,
        "source": Show.CODE,
        "started_at": Show.AGE,
        "elapsed_ms": Show.DURATION,
    },
    name_key="image/id",
)

LISTED: Final = (
    Column("image", "IMAGE"),
    Column("id", "ID"),
    Column("state", "STATE"),
    Column("elapsed_ms", "RUNS FOR", Show.DURATION),
    Column("source", "SOURCE", Show.CODE),
    Column("session", "SESSION"),
    Column("ours", "OURS"),
)


def job_item(
    image: str,
    id_: str,
    *,
    session: str | None,
    session_id: str | None,
    client_id: str | None,
    ours: bool,
    method: str,
    source: str,
    started_at: int | None,
    elapsed_ms: int,
    connected: bool,
) -> dict[str, object]:
    """One job. Its state is unattended where nobody is connected any more who would get its answer: it is stopped
    after a while; else running, or waiting for what runs in its session. `ours`: this stui asked for it."""
    state = "unattended" if not connected else "waiting" if started_at is None else "running"
    return {
        "image": image,
        "id": id_,
        "state": state,
        "session": session,
        "session_id": session_id,
        "client_id": client_id,
        "ours": ours,
        "method": method,
        "source": source,
        "started_at": moment(started_at),
        "elapsed_ms": elapsed_ms,
    }
