"""A key of an image's agent as an item: who may do what there. Never the bytes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import Column, ItemKind, Show

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY: Final = ItemKind(
    "key",
    {
        "key_id": Show.TEXT,
        "role": Show.TEXT,
        "image": Show.TEXT,
        "file": Show.TEXT,
        "host": Show.TEXT,
        "used_by": Show.TEXT,
        "key_file": Show.TEXT,
        "commands": Show.TEXT,
        "accepted": Show.TEXT,
    },
    name_key="key_id",
)

LISTED: Final = (
    Column("key_id", "KEY"),
    Column("role", "ROLE"),
    Column("image", "IMAGE"),
    Column("used_by", "USED HERE BY"),
    Column("file", "FILE"),
)

# All of one; its holder's file and what the holder runs are told where this store has that file.
SHOWN: Final = (
    Column("key_id", "key"),
    Column("role", "role"),
    Column("image", "image"),
    Column("file", "file"),
    Column("used_by", "used here by"),
    Column("key_file", "its holder's file"),
)


def key_item(
    key_id: str,
    role: str,
    *,
    image: str | None,
    file: str,
    host: str | None,
    used_by: Sequence[str],
    key_file: str | None,
    commands: Sequence[str],
    accepted: bool | None = None,
) -> dict[str, object]:
    """One key of the agent of `image`, in the agent's `file`, on `host`, None for this machine.

    `used_by` are the images of this store that prove with it, `key_file` is its holder's own file, where this store has
    it, and `commands` is what the holder runs then. `accepted` says whether the agent let it in just now, None where it
    was not asked.
    """
    return {
        "key_id": key_id,
        "role": role,
        "image": image,
        "file": file,
        "host": host,
        "used_by": list(used_by),
        "key_file": key_file,
        "commands": list(commands),
        "accepted": accepted,
    }
