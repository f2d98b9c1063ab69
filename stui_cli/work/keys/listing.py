"""The keys that agents take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.key import key_item
from stui_cli.image.key_lines import keys_of
from stui_cli.model.errors import NotFound, StuiError
from stui_cli.model.names import nearest
from stui_cli.work.keys.place import KeyPlace, read
from stui_cli.work.keys.recording import keep_names
from stui_cli.work.keys.users import AgentKey, held, proving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.image.keys import Key
    from stui_cli.work.workbench import Workbench


def list_keys(bench: Workbench, places: Sequence[KeyPlace]) -> tuple[list[AgentKey], list[StuiError]]:
    """The keys of each file, in its order, and why some cannot be read."""
    proofs = proving(bench.store.read().images.values())
    found: list[AgentKey] = []
    failures: list[StuiError] = []
    for place in places:
        try:
            keys = keys_of(read(bench, place), place.where)
            keep_names(bench, place, keys)
            found += [held(bench, place, key, proofs) for key in keys]
        except StuiError as error:
            failures.append(error if place.image is None else error.about(place.image.name))
    return found, failures


def show_key(bench: Workbench, place: KeyPlace, key_id: str) -> AgentKey:
    """One key. Raises NotFound."""
    key = key_called(keys_of(read(bench, place), place.where), place, key_id)
    return held(bench, place, key, proving(bench.store.read().images.values()))


def held_item(key: AgentKey, accepted: bool | None = None) -> dict[str, object]:
    """The item of a key; `accepted` says whether its agent let it in just now."""
    return key_item(
        key.key_id,
        key.role,
        image=key.place.image.name if key.place.image is not None else None,
        file=key.place.path,
        host=key.place.host.destination if key.place.host is not None else None,
        used_by=key.used_by,
        key_file=key.key_file,
        commands=key.commands,
        accepted=accepted,
    )


def key_called(keys: Sequence[Key], place: KeyPlace, key_id: str) -> Key:
    """The key `key_id` of a file. Raises NotFound with the nearest."""
    for key in keys:
        if key.key_id == key_id:
            return key
    raise NotFound(
        f"no key of {place.where} is called {key_id!r}",
        todo=nearest(key_id, [key.key_id for key in keys]) or "see `stui keys list`",
    )
