"""How an image is to be launched, and its start by that plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stui_cli.local import launching
from stui_cli.local.dialects import dialect_of
from stui_cli.local.given_images import drop_copy
from stui_cli.local.starting import StartPlan, is_free
from stui_cli.model.addresses import TcpAddress, parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import Refused, StuiError, UsageProblem
from stui_cli.work.images.given import NOTHING_NAMED, GivenWishes, prepare
from stui_cli.work.images.launched import state_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stui_cli.local.given_images import Recipe
    from stui_cli.local.runtime_files import RuntimeFile
    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench

    # Starts the image of a plan in this very process, and returns what its agent wrote.
    Host = Callable[[StartPlan, Mapping[str, str]], RuntimeFile]


# How long a start may take: of an image of a dialect's own, and of one that is read and filled first.
_OWN_S, _GIVEN_S = 10.0, 60.0


@dataclass(frozen=True)
class LaunchWishes:
    """How to start: `memory_limit` in bytes; `fresh` starts without the image that `images save` wrote; `port` None
    keeps the one that it had, if that is free; `given` is what is named for an image that its user has. `seconds` None
    is as long as such images take."""

    dialect: str
    seconds: float | None
    supervised: bool = False
    memory_limit: int | None = None
    fresh: bool = False
    port: int | None = None
    given: GivenWishes = NOTHING_NAMED


def check_wishes(wishes: LaunchWishes) -> None:
    least = dialect_of(wishes.dialect).least_memory
    if wishes.memory_limit is not None and wishes.memory_limit < least:
        raise UsageProblem(
            f"{wishes.dialect} does not come up with less than {least >> 20}M of address space",
            todo=f"--memory-limit {least >> 20}M, or more",
        )
    if wishes.port and not is_free(wishes.port):
        raise Refused(f"the port {wishes.port} is taken, or not allowed", todo="name another, or none")


def start_plan(
    name: str,
    image_id: str,
    folder: Path,
    known: Image | None,
    recipe: Recipe | None,
    wishes: LaunchWishes,
    *,
    saved: bool,
) -> StartPlan:
    plan = StartPlan(wishes.dialect, name, image_id, folder, _port(known, wishes), wishes.memory_limit, saved)
    if recipe is None:
        return plan
    return replace(
        plan,
        machine=recipe.machine,
        image=str(state_file(wishes.dialect, folder, recipe)),
        window=recipe.window,
        patience=max(_seconds(wishes), _GIVEN_S),
    )


def _port(known: Image | None, wishes: LaunchWishes) -> int:
    """The port to listen at: the one asked for, else the one it had if that is free; 0 lets the system choose."""
    if wishes.port is not None:
        return wishes.port
    if known is None:
        return 0
    address = parse_address(known.address)
    return address.port if isinstance(address, TcpAddress) and is_free(address.port) else 0


def _seconds(wishes: LaunchWishes) -> float:
    if wishes.seconds is not None:
        return wishes.seconds
    return _OWN_S if dialect_of(wishes.dialect).load is None else _GIVEN_S


def started(
    bench: Workbench, plan: StartPlan, recipe: Recipe | None, wishes: LaunchWishes, host: Host | None
) -> RuntimeFile:
    """Start it; at another port if the one that it had, and nobody asked for, was taken meanwhile. What was copied for
    a first start that fails is removed."""
    row = dialect_of(plan.dialect)
    is_copied = recipe is not None and not recipe.in_place and not plan.saved and not wishes.fresh
    try:
        if recipe is not None:
            prepare(recipe, plan.folder, row, fresh=wishes.fresh)
        return _started_at_some_port(bench, plan, wishes, host)
    except BaseException:
        if is_copied:
            drop_copy(plan.folder, row)
        raise


def _started_at_some_port(bench: Workbench, plan: StartPlan, wishes: LaunchWishes, host: Host | None) -> RuntimeFile:
    deadline = Deadline.after(_seconds(wishes))

    def begin(plan: StartPlan) -> RuntimeFile:
        if host is not None:
            launching.note_manner(plan.folder, launching.Manner(by_hand=True))
            return host(plan, bench.environ)
        return launching.launch(plan, bench.environ, deadline, supervised=wishes.supervised)

    try:
        return begin(plan)
    except StuiError:
        if wishes.port is not None or plan.port == 0 or is_free(plan.port):
            raise
    return begin(replace(plan, port=0))
