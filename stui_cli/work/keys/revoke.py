"""A key is taken back: no line of its id stays in the agent's key file, and the next greeting under it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stui_cli.image.key_lines import keys_of, line_of, without_key
from stui_cli.model.errors import PartlyDone, Refused, StuiError
from stui_cli.work.keys import file_here
from stui_cli.work.keys.listing import key_called
from stui_cli.work.keys.place import KeyPlace, change
from stui_cli.work.keys.proof import takes
from stui_cli.work.keys.recording import note
from stui_cli.work.keys.users import AgentKey, held, proving

if TYPE_CHECKING:
    from stui_cli.image.keys import Key
    from stui_cli.work.workbench import Workbench


class Revoked(NamedTuple):
    """A key that was taken back. `proved` is False where its agent refuses it now, None where it could not be asked;
    `dropped` is the file of its holder that went with it, where this store had one. `last` says that no key is left."""

    held: AgentKey
    proved: bool | None
    dropped: str | None
    last: bool


def revoke_key(bench: Workbench, place: KeyPlace, key_id: str, *, force: bool) -> Revoked:
    """Take the key `key_id` back. Raises NotFound; Refused for the last key of an admin without `force`; PartlyDone
    where the agent lets it in all the same."""
    before: list[Key] = []
    proofs = proving(bench.store.read().images.values())

    def without(data: bytes) -> bytes:
        before[:] = keys_of(data, place.where)
        key = key_called(before, place, key_id)
        if not force:
            _refuse_last_admin(before, key, place)
        return without_key(data, key_id)

    now = change(bench, place, without)
    key = key_called(before, place, key_id)
    told = held(bench, place, key, proofs)
    note(bench, "key.revoke", key, place, keys_of(now, place.where))
    proved = takes(bench, place.image, key)
    if proved:
        raise PartlyDone(
            f"the key {key_id} is taken out of {place.where}, but the agent still lets it in: it reads another file",
            todo=f"name the file that the agent reads: stui keys revoke {key_id} --file KEY_FILE",
            image=place.image and place.image.name,
        )
    return Revoked(told, proved, _dropped(told.key_file, key), last=len(before) == 1)


def _refuse_last_admin(keys: list[Key], key: Key, place: KeyPlace) -> None:
    admins = [each.key_id for each in keys if each.role == "admin"]
    if admins == [key.key_id]:
        raise Refused(
            f"{key.key_id} is the last key of an admin in {place.where}: nobody would see or end what others run",
            todo=f"give another one first: stui keys new WHO --role admin; or: stui keys revoke {key.key_id} --force",
            image=place.image and place.image.name,
        )


def _dropped(file: str | None, key: Key) -> str | None:
    """The holder's file in our store, removed if that key is all that is in it."""
    try:
        if file is None or file_here.read_here(file) != line_of(key):
            return None
    except StuiError:
        return None
    file_here.drop_own(file)
    return file
