"""`stui keys list`: who may do what in an image."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from stui_cli.commands.keys.holding import FILE_HELP, item, place_meant
from stui_cli.contract.key import KEY, LISTED
from stui_cli.invocation import Invocation, command
from stui_cli.model.errors import Refused, StuiError
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.option_types import FileName, option
from stui_cli.work.keys.place import agents_told, is_on_host, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.work.keys.place import KeyPlace
    from stui_cli.work.workbench import Workbench

_COMMAND = "stui keys list"


def everywhere(bench: Workbench) -> tuple[list[KeyPlace], list[StuiError]]:
    """The key file of each registered image that has one here, and why others cannot be told of."""
    agents = agents_told(bench)
    places: list[KeyPlace] = []
    elsewhere: list[StuiError] = []
    for image in bench.store.read().images.values():
        try:
            if is_on_host(image):
                raise Refused(f"the keys of {image.name} are on its host: {_COMMAND} -i {image.name}")
            places.append(place_of(bench, image, None, _COMMAND, agents))
        except StuiError as error:
            elsewhere.append(error)
    return places, elsewhere


def next_step(bench: Workbench, places: Sequence[KeyPlace]) -> str:
    """What to do where there is no key to list."""
    if not bench.store.read().images:
        return "no image is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
    if not places:
        return "no registered image has its keys on this machine; one launched here has: stui images launch NAME"
    image = places[0].image
    if image is None:
        return f"nobody has a key yet: stui keys new WHO --role developer --file {quote(places[0].path)}"
    return f"nobody has a key yet: stui keys new WHO --role developer -i {image.name}"


@command("key", name="list", lists=True)
@option("--file", "file", type=FileName(), help=FILE_HELP)
def cli(invocation: Invocation, file: str | None) -> int:
    """List the keys that agents take, of the image that -i names or of all whose key files are on this machine: the
    name and the role of each, and which images of this store prove with it. Contacts no image;
    the key file of one at an ssh:// address is read over ssh, where -i names it.

    A role says what its holder may do: an observer may see how the image is, a developer may also run code and have
    sessions, an admin may also end those of others.
    """
    from stui_cli.work.keys.listing import list_keys

    bench = invocation.bench
    notes: list[str] = []
    if file is None and invocation.asked.image is None:
        places, elsewhere = everywhere(bench)
        notes = [f"left out: {'; '.join(filter(None, (error.what, error.todo)))}" for error in elsewhere]
    else:
        places = [place_meant(bench, invocation.asked, file, _COMMAND)]
    keys, failures = list_keys(bench, places)
    codes = {failure.exit_code for failure in failures}
    code = Exit.DONE if not codes else codes.pop() if not keys and len(codes) == 1 else Exit.PARTLY_DONE
    return invocation.show(
        Result(
            KEY,
            [item(key) for key in keys],
            LISTED,
            notes=notes,
            errors=failures,
            exit_code=code,
            empty=next_step(bench, places),
        )
    )
