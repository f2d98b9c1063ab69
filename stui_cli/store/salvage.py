"""What is left where a part of the store cannot be read: older records in the operation log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.objects import Shard, read_shard
from stui_cli.store.problems import Damaged, NoOperation

if TYPE_CHECKING:
    from stui_cli.store.backend import Backend


def newest_sound_shard(backend: Backend, image_id: str, head: int) -> tuple[int, Shard] | None:
    """The newest readable sessions of an image in the operation log up to `head`, with the operation's number."""
    tried = set()
    for number in backend.list_operations(head):
        try:
            sha256 = backend.read_operation(number).state().shards.get(image_id)
        except (Damaged, NoOperation):
            continue
        if sha256 is None or sha256 in tried:
            continue
        tried.add(sha256)
        try:
            return number, read_shard(backend, image_id, sha256)
        except Damaged:
            continue
    return None
