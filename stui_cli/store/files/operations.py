"""operations/000042.msgpack: the operation log, one immutable file per committed change, each with the whole state.

An operation counts if its number is at most the head that state.toml names; a file above that is what a process
left that was killed before its commit, and the next commit writes over it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.store.files.disk import exists
from stui_cli.store.operations import Known, Logged, decode_operation, nothing_known
from stui_cli.store.problems import Damaged, NoOperation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


def read_operation(home: Home, disk: Disk, number: int, known: Known = nothing_known) -> Logged:
    """Operation `number`; `known` is as for Logged. Raises Damaged, Newer; NoOperation if it is not there."""
    return decode_operation(home.operation(number), operation_content(home, disk, number), number, known)


def operation_content(home: Home, disk: Disk, number: int) -> bytes:
    """The file of an operation. Raises Damaged; NoOperation if it is not there."""
    path = home.operation(number)
    try:
        return disk.read(path)
    except FileNotFoundError as error:
        raise NoOperation(number) from error
    except OSError as error:
        raise Damaged(path, f"it cannot be read ({error.strerror})") from error


def numbers(home: Home) -> list[int]:
    """The numbers of all operation files, newest first, whether they count or not."""
    try:
        names = os.listdir(home.operations)
    except FileNotFoundError:
        return []
    stems = [name.removesuffix(".msgpack") for name in names if name.endswith(".msgpack")]
    return sorted((int(stem) for stem in stems if stem.isdigit()), reverse=True)


def walk(home: Home, head: int) -> Iterator[int]:
    """The numbers of the log from `head` down. The folder is listed only where one is missing (pruned), and once: below
    the head none is ever added."""
    number = head
    while number > 0 and exists(home.operation(number)):
        yield number
        number -= 1
    if number > 0:
        yield from (each for each in numbers(home) if each < number)
