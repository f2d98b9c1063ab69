"""A session that is left behind, or is not, as an item of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from stui_cli.model.orphans import Kept, Orphan
from stui_cli.model.results import Column, ItemKind, Show
from stui_cli.model.times import moment

if TYPE_CHECKING:
    from stui_cli.model.orphans import Verdict

ORPHAN: Final = ItemKind(
    "orphan",
    {
        "session": Show.TEXT,
        "image": Show.TEXT,
        "reason": Show.REASON,
        "evidence": Show.PHRASE,
        "action": Show.TEXT,
        "since": Show.AGE,
        "probes": Show.NUMBER,
        "found_image_id": Show.TEXT,
        "incarnation": Show.TEXT,
        "image_id": Show.TEXT,
        "session_id": Show.TEXT,
    },
    name_key="session",
)

LISTED: Final = (
    Column("session", "SESSION"),
    Column("action", "ACTION"),
    Column("reason", "REASON", Show.REASON),
    Column("evidence", "EVIDENCE", Show.PHRASE),
)


def orphan_item(label: str, image: str | None, image_id: str, session_id: str, verdict: Verdict) -> dict[str, object]:
    """One session with the verdict on it; `label` is how it is called, `image` the registered name of its image."""
    item: dict[str, object] = {
        "session": label,
        "image": image,
        "reason": None,
        "evidence": None,
        "action": None,
        "since": None,
        "probes": None,
        "found_image_id": None,
        "incarnation": None,
        "image_id": image_id,
        "session_id": session_id,
    }
    match verdict:
        case Orphan(reason, evidence, since, probes, found_image_id, incarnation):
            return item | {
                "reason": reason,
                "evidence": evidence,
                "action": "remove",
                "since": moment(since),
                "probes": probes,
                "found_image_id": found_image_id,
                "incarnation": incarnation,
            }
        case Kept(why, waiting):
            return item | {"evidence": why, "action": "wait" if waiting else "keep"}
        case _:
            assert_never(verdict)
