"""Where the agent of an image has its key file, and the file itself, read and changed there.

It is never guessed: the key file of an entry is the one with the caller's own key, and need not be the agent's. What
the agent says of itself in its runtime file counts; else where stui put the file when it started the image or wrote the
code that starts the agent; else what the caller names.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, assert_never

from stui_cli.model.addresses import SshAddress, TcpAddress, TlsAddress, UnixAddress, is_loopback, parse_address
from stui_cli.model.errors import Refused
from stui_cli.work.keys import file_here

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stui_cli.local.runtime_files import RuntimeFile
    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench

    Agents = Mapping[str, list[RuntimeFile]]


class KeyPlace(NamedTuple):
    """The key file of an agent: of `image`, None where only the file was named, on `host`, None for this machine."""

    path: str
    image: Image | None
    host: SshAddress | None = None

    @property
    def where(self) -> str:
        """The file as people are told of it."""
        return self.path if self.host is None else f"{self.path} on {self.host.destination}"


def place_named(file: str) -> KeyPlace:
    """The key file `file` of this machine, of whatever agent."""
    return KeyPlace(os.path.abspath(file), None)


def place_of(bench: Workbench, image: Image, file: str | None, command: str, agents: Agents | None = None) -> KeyPlace:
    """Where the key file of `image` is, or `file`, if it is named. Raises Refused where it cannot be told or cannot be
    reached from here; `command` is what would be run there then. `agents` is what `agents_told` found."""
    address = parse_address(image.address)
    if file is not None:
        if isinstance(address, SshAddress):
            return KeyPlace(file, image, address)
        return KeyPlace(os.path.abspath(file), image)
    match address:
        case TcpAddress(host, _) | TlsAddress(host, _) if not is_loopback(host):
            raise Refused(
                f"the keys of {image.name} lie on {host}, where it runs, and {image.address} reaches no files there",
                todo=f"there, as the user that it runs as: {command} --file KEY_FILE",
                image=image.name,
            )
        case SshAddress():
            return KeyPlace(_found_there(bench, image, address, command), image, address)
        case TcpAddress() | TlsAddress() | UnixAddress():
            return KeyPlace(_found_here(bench, image, command, agents), image)
        case other:
            assert_never(other)


def is_on_host(image: Image) -> bool:
    """Whether the key file of `image` is to be reached by ssh."""
    return isinstance(parse_address(image.address), SshAddress)


def read(bench: Workbench, place: KeyPlace) -> bytes:
    """The content. Raises NotPermitted, and what ssh cannot do."""
    if place.host is None:
        return file_here.read_here(place.path)
    from stui_cli.work.keys.file_there import read_there

    return read_there(bench, place.host, place.path)


def change(bench: Workbench, place: KeyPlace, changed: Callable[[bytes], bytes]) -> bytes:
    """Let the file be what `changed` makes of what it is while nobody else changes it; return it as it is then. What
    that raises means that nothing happened."""
    if place.host is None:
        return file_here.change_here(bench, place.path, changed)
    from stui_cli.work.keys.file_there import change_there

    return change_there(bench, place.host, place.path, changed)


def agents_told(bench: Workbench) -> Agents:
    """What agents of this machine wrote of themselves, by the ids of their images: for who looks for many of them."""
    from stui_cli.local.runtime_files import runtime_directory, told_agents

    return told_agents(runtime_directory(bench.environ))


def _found_here(bench: Workbench, image: Image, command: str, agents: Agents | None) -> str:
    from stui_cli.local.starting import KEY_FILE

    its = (agents_told(bench) if agents is None else agents).get(image.image_id or "", [])
    named = [agent.key_file for agent in its if agent.key_file]
    # One that is not absolute counts from the folder of the agent, which is not known.
    told = sorted({os.path.realpath(file) for file in named if os.path.isabs(file)})
    if len(told) == 1:
        return told[0]
    if its and not named:
        raise Refused(
            f"the agent of {image.name} asks for no key: whoever reaches it is an admin",
            todo="start it with a key file: man stui-agent",
            image=image.name,
        )
    if image.launch_directory is not None:
        return os.path.join(image.launch_directory, KEY_FILE)
    if image.key_file is not None and _is_visited(bench, image.key_file):
        return image.key_file
    raise Refused(
        f"the agent of {image.name} runs as another user, or did not tell this one where its key file is",
        todo=f"as the user that it runs as: {command} --file KEY_FILE",
        image=image.name,
    )


def _found_there(bench: Workbench, image: Image, host: SshAddress, command: str) -> str:
    from stui_cli.work.keys.file_there import find_there

    if image.image_id is None:
        raise Refused(
            f"{image.name} was never contacted, so which agent over there is meant is not known",
            todo=f"stui ping {image.name}; or name its key file: {command} -i {image.name} --file KEY_FILE",
            image=image.name,
        )
    found = find_there(bench, host, image.image_id)
    if len(found) == 1:
        return found[0]
    what = "has more than one key file" if found else "did not tell that user where its key file is"
    raise Refused(
        f"the agent of {image.name} on {host.destination} {what}",
        todo=f"name it: {command} -i {image.name} --file KEY_FILE",
        image=image.name,
    )


def _is_visited(bench: Workbench, path: str) -> bool:
    """Whether it is one that stui made for an agent which its user started by hand."""
    from stui_cli.work.images.visit import visited_folder

    return os.path.dirname(os.path.realpath(path)) == os.path.realpath(visited_folder(bench))
