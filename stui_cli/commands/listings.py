"""How images, sessions and their like look in a listing: the columns that people see by default."""

from __future__ import annotations

from stui_cli.model.results import Column, Show

IMAGE_COLUMNS = (
    Column("name", "IMAGE"),
    Column("status", "STATUS", Show.STATUS),
    Column("health", "HEALTH", Show.HEALTH),
    Column("dialect", "DIALECT"),
    Column("image_version", "VERSION"),
    Column("address", "ADDRESS"),
    Column("metadata", "LABELS", Show.LABELS),
    Column("checked_at", "CHECKED", Show.AGE),
)

STATUS_COLUMNS = (
    Column("name", "IMAGE"),
    Column("status", "STATUS", Show.STATUS),
    Column("health", "HEALTH", Show.HEALTH),
    Column("reason", "REASON", least=30),
    Column("latency_ms", "LATENCY", Show.MILLISECONDS),
    Column("session_count", "SESSIONS", Show.NUMBER),
    Column("measured_at", "AS OF", Show.AGE),
    Column("uptime_ms", "UPTIME", Show.DURATION),
    Column("memory_used", "MEMORY", Show.BYTES),
    Column("dialect", "DIALECT"),
    Column("image_version", "VERSION"),
    Column("since", "SINCE", Show.AGE),
    Column("checked_at", "CHECKED", Show.AGE),
)

SESSION_COLUMNS = (
    Column("current", "", Show.MARK),
    Column("owner", "IMAGE"),
    Column("name", "SESSION"),
    Column("state", "STATE"),
    Column("connection_status", "IMAGE STATUS", Show.STATUS),
    Column("bindings", "BINDINGS", Show.NUMBER),
    Column("last_activity", "LAST ACTIVITY", Show.AGE),
    Column("description", "DESCRIPTION"),
)

ORPHAN_COLUMNS = (
    Column("session", "SESSION"),
    Column("action", "ACTION"),
    Column("reason", "REASON"),
    Column("evidence", "EVIDENCE"),
)
