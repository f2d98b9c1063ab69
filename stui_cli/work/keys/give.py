"""A key for somebody: a line of the agent's key file, and a file of its holder's own.

The holder's file is written first. Where the agent's cannot be changed then, that file goes again; a command that is
killed between the two leaves a file with a key that nobody takes.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.image.key_lines import keys_of, line_of, with_key, without_key
from stui_cli.image.keys import KEY_BYTES, Key
from stui_cli.model.errors import PartlyDone, Refused, StuiError, UsageProblem
from stui_cli.model.names import checked_name
from stui_cli.model.roles import ROLES
from stui_cli.work.keys import file_here
from stui_cli.work.keys.place import KeyPlace, change, read
from stui_cli.work.keys.proof import takes
from stui_cli.work.keys.recording import note
from stui_cli.work.keys.users import AgentKey, own_file, registering

if TYPE_CHECKING:
    from stui_cli.work.workbench import Workbench


class Given(NamedTuple):
    """A key that was given, or exchanged; its holder's file is `held.key_file`. `proved` says whether the agent let it
    in, None where it could not be asked."""

    held: AgentKey
    proved: bool | None


def give_key(bench: Workbench, place: KeyPlace, key_id: str, role: str, to: str | None) -> Given:
    """Make a key of that id and role, in the file `to` for its holder, by default in one of the store's folder.

    Raises PartlyDone for an id that the agent has, Refused for a file that is there, or where the agent turns out not
    to take keys of that file; then nothing is left of it.
    """
    key = Key(checked_id(key_id), _checked_role(role), os.urandom(KEY_BYTES))
    _refuse_taken(read(bench, place), key, place)
    file = os.path.abspath(to) if to is not None else own_file(bench, place, key_id)
    write_own(file, key, named=to is not None)
    try:
        now = change(bench, place, lambda data: _with_new(data, key, place))
    except BaseException:
        if not is_in(bench, place, key):
            file_here.drop_own(file)
        raise
    proved = takes(bench, place.image, key)
    if proved is False:
        _take_back(bench, place, key, file)
    note(bench, "key.new", key, place, keys_of(now, place.where))
    commands = tuple(registering(place.image, file)) if place.image is not None else ()
    return Given(AgentKey(key_id, role, place, (), file, commands), proved)


def checked_id(text: str) -> str:
    """`text` if it may name a key in a file of plain words. Raises UsageProblem."""
    if not checked_name(text, "a key").isascii():
        raise UsageProblem(
            f"{text!r} cannot name a key", todo="use letters of ASCII alone: an agent reads no others there"
        )
    return text


def write_own(file: str, key: Key, *, named: bool) -> None:
    """Write the file of a key's holder. Raises Refused where one is there."""
    if not named:
        file_here.make_folder(os.path.dirname(file))
    file_here.make_own(file, line_of(key))


def _checked_role(text: str) -> str:
    if text not in ROLES:
        raise UsageProblem(f"{text!r} is no role", todo=f"say one of: {', '.join(ROLES)}")
    return text


def _with_new(data: bytes, key: Key, place: KeyPlace) -> bytes:
    _refuse_taken(data, key, place)
    return with_key(data, key)


def _refuse_taken(data: bytes, key: Key, place: KeyPlace) -> None:
    if any(other.key_id == key.key_id for other in keys_of(data, place.where)):
        raise PartlyDone(
            f"{place.where} has a key {key.key_id} already, and a second one would not be looked at",
            todo=f"fresh bytes for it: stui keys rotate {key.key_id}; or choose another name",
        )


def is_in(bench: Workbench, place: KeyPlace, key: Key) -> bool:
    """Whether the agent's file has the key; if that cannot be seen it may have it."""
    try:
        return key in keys_of(read(bench, place), place.where)
    except StuiError:
        return True


def _take_back(bench: Workbench, place: KeyPlace, key: Key, file: str) -> None:
    assert place.image is not None
    with suppress(StuiError):
        change(bench, place, lambda data: without_key(data, key.key_id))
    file_here.drop_own(file)
    raise Refused(
        f"the agent of {place.image.name} does not take the keys of {place.where}: it refused one that is in it; "
        "nothing was left there",
        todo="name the file that the agent reads: --file KEY_FILE",
        image=place.image.name,
    )
