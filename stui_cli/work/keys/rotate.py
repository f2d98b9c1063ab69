"""Fresh bytes for a key: in the agent's file first, then in the files of its holder, where this store knows them.

    agent's file     holder's file     who comes in
    old              old               the old key
    fresh            old               nobody under that name: rotating once more mends it
    fresh            fresh             the fresh key

Where both are one file there is no second line. A command that is killed in it leaves it; the next rotation looks for
the holder's file by the name of the key, whatever bytes it holds.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.image.key_lines import keys_of, with_secret
from stui_cli.image.keys import KEY_BYTES, Key, read_key
from stui_cli.model.errors import PartlyDone, Refused, StuiError, UsageProblem
from stui_cli.work.keys import file_here
from stui_cli.work.keys.give import Given, is_in, write_own
from stui_cli.work.keys.listing import key_called
from stui_cli.work.keys.place import KeyPlace, change, place_of, read
from stui_cli.work.keys.proof import takes
from stui_cli.work.keys.recording import note
from stui_cli.work.keys.users import held, own_file, own_files_alone, proving, registering

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench


def own_key_id(place: KeyPlace) -> str:
    """The id of the key that this store proves with. Raises UsageProblem where it proves with none."""
    if place.image is None or place.image.key_file is None:
        raise UsageProblem("no key is named, and this store proves none there", todo="name it: stui keys rotate WHO")
    return read_key(place.image.key_file, place.image.key_id).key_id


def rotate_key(bench: Workbench, place: KeyPlace, key_id: str, to: str | None) -> Given:
    """Exchange the bytes of the key `key_id`. Its holder has them in every file that this store knows of; a holder who
    is not of this store gets them in `to`, or where `keys new` puts a key.

    Raises NotFound; Refused for a file that is there, and for one that holds the key of another agent too; PartlyDone
    where the agent refuses the fresh bytes, or a holder's file cannot be written.
    """
    before = key_called(keys_of(read(bench, place), place.where), place, key_id)
    fresh = Key(key_id, before.role, os.urandom(KEY_BYTES))
    images = list(bench.store.read().images.values())
    files = _files_of_holder(bench, place, key_id)
    _refuse_shared(bench, place, files, images)
    handed = _file_to_hand(bench, place, before, files, to)
    if handed is not None:
        write_own(handed, fresh, named=to is not None)
    # Two rotations at once would leave the bytes of one with the agent, and those of the other with the holder.
    with own_files_alone(bench):
        try:
            now = change(bench, place, lambda data: _exchanged(data, fresh, place))
        except BaseException:
            if handed is not None and not is_in(bench, place, fresh):
                file_here.drop_own(handed)
            raise
        _exchange_own(files, fresh)
    note(bench, "key.rotate", fresh, place, keys_of(now, place.where))
    proved = takes(bench, place.image, fresh)
    if proved is False:
        raise PartlyDone(
            f"the key {key_id} has fresh bytes in {place.where}, and the agent refuses them: it reads another file",
            todo=f"name the file that the agent reads: stui keys rotate {key_id} --file KEY_FILE",
            image=place.image and place.image.name,
        )
    told = held(bench, place, fresh, proving(images))
    if handed is not None:
        commands = tuple(registering(place.image, handed)) if place.image is not None else ()
        told = told._replace(key_file=handed, commands=commands)
    return Given(told, proved)


def _files_of_holder(bench: Workbench, place: KeyPlace, key_id: str) -> list[str]:
    """The files beside the agent's own in which this store has the key."""
    candidates = [own_file(bench, place, key_id)]
    if place.image is not None and place.image.key_file is not None:
        candidates.append(place.image.key_file)
    found = []
    for path in dict.fromkeys(map(os.path.realpath, candidates)):
        with suppress(StuiError):
            ours = keys_of(file_here.read_here(path), path)
            if not _is_agents(place, path) and any(key.key_id == key_id for key in ours):
                found.append(path)
    return found


def _is_agents(place: KeyPlace, path: str) -> bool:
    return place.host is None and path == os.path.realpath(place.path)


def _file_to_hand(bench: Workbench, place: KeyPlace, key: Key, files: Sequence[str], to: str | None) -> str | None:
    """Where the key is put for a holder who has it nowhere here."""
    if to is not None:
        return os.path.abspath(to)
    users = [image for image, proved in proving(bench.store.read().images.values()) if proved == key]
    return None if files or users else own_file(bench, place, key.key_id)


def _refuse_shared(bench: Workbench, place: KeyPlace, files: Sequence[str], images: Iterable[Image]) -> None:
    """Raises Refused where another image's entry proves with one of `files` to the agent of another key file: it would
    be shut out."""
    for image in images:
        if image == place.image or image.key_file is None or os.path.realpath(image.key_file) not in files:
            continue
        with suppress(StuiError):
            if place_of(bench, image, None, "")[::2] == place[::2]:
                continue
        raise Refused(
            f"{image.name} is entered with {image.key_file} too, and its agent would not know the fresh key",
            todo=f"give {image.name} a key file of its own first: stui images set {image.name} --key-file FILE",
            image=image.name,
        )


def _exchanged(data: bytes, fresh: Key, place: KeyPlace) -> bytes:
    key_called(keys_of(data, place.where), place, fresh.key_id)  # revoked meanwhile?
    return with_secret(data, fresh.key_id, fresh.secret)


def _exchange_own(files: Iterable[str], fresh: Key) -> None:
    for file in files:
        try:
            file_here.replace_here(file, with_secret(file_here.read_here(file), fresh.key_id, fresh.secret))
        except StuiError as error:
            raise PartlyDone(
                f"the key {fresh.key_id} has fresh bytes at its agent, and {file} could not be written: {error.what}",
                todo=f"mend that, then once more: stui keys rotate {fresh.key_id}",
            ) from error
