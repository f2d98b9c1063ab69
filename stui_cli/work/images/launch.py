"""Images that stui starts itself: a folder each, which belongs to the image's id and not to its name."""

from __future__ import annotations

import stat
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from stui_cli.image.contact import contact
from stui_cli.local import launching
from stui_cli.local.dialects import dialect_of, preferred_dialect
from stui_cli.local.given_images import PARTIAL, drop_copy, drop_partial, recipe_in
from stui_cli.local.processes import Liveness
from stui_cli.local.starting import KEY_FILE, LOG_FILE, StartPlan, is_free
from stui_cli.model.addresses import TcpAddress, parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import Refused, StuiError, UsageProblem
from stui_cli.model.images import Image
from stui_cli.model.names import Target, checked_name
from stui_cli.model.operations import ImageDetails, ImageKind, Kind
from stui_cli.model.state import image_of_id
from stui_cli.protocol.workspaces import ListImageSessions, LiveSession
from stui_cli.store.files.disk import settle
from stui_cli.store.files.problems import as_store_problems
from stui_cli.work.images.given import NOTHING_NAMED, GivenWishes, claim, prepare, recipe_for, refuse_given
from stui_cli.work.images.register import identified
from stui_cli.work.talking.evaluate import Limits, open_workplace
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stui_cli.local.given_images import Recipe
    from stui_cli.local.runtime_files import RuntimeFile
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft

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


def dialect_meant(bench: Workbench, name: str) -> str:
    """The dialect of the image `name` where nobody says which: its own, if it is known."""
    known = bench.store.read().images.get(name)
    return (known and known.dialect) or preferred_dialect(bench.environ)


def launch_image(bench: Workbench, name: str, wishes: LaunchWishes, host: Host | None = None) -> tuple[Image, int]:
    """Start an image and register it; answers it, as it is called when it is registered, with its pid. With a `host` it
    is in this very process.

    A known image that was launched here keeps its id, folder and keys, so that its sessions can be restored, and its
    port if that is still free. Raises Refused if that image still runs or cannot be seen from here, or if the name
    belongs to an image that stui did not start.
    """
    checked_name(name, "an image")
    _check_wishes(wishes)
    with as_store_problems(bench.store.home.folder), ExitStack() as starting:
        with bench.store.held():
            # Two first launches of one name would choose two folders, and start an image in each.
            known = _known_here(bench, name)
            image_id, folder = _place_of(bench, name, known)
            recipe = _recipe(bench, name, folder, wishes)
            starting.enter_context(launching.only_one_start(folder, name))
            if known is None:
                launching.note_start(folder, name)
            if recipe is not None and launching.seen_in(folder, image_id, bench.environ).liveness is Liveness.GONE:
                claim(recipe, folder)
        return _launch_in(bench, name, image_id, folder, known, recipe, wishes, host)


def _recipe(bench: Workbench, name: str, folder: Path, wishes: LaunchWishes) -> Recipe | None:
    """What an image that its user has is started with; None for a dialect that makes one of its own."""
    row = dialect_of(wishes.dialect)
    if row.load is None:
        refuse_given(row, wishes.given)
        return None
    return recipe_for(bench, name, row, folder, wishes.given, fresh=wishes.fresh)


def _known_here(bench: Workbench, name: str) -> Image | None:
    """The registered image of that name. Raises Refused for one that was not launched here."""
    known = bench.store.read().images.get(name)
    if known is not None and known.launch_directory is None:
        raise Refused(
            f"{name} is registered at {known.address} and was not started by stui",
            todo="choose another name",
            image=name,
        )
    return known


def _launch_in(
    bench: Workbench,
    name: str,
    image_id: str,
    folder: Path,
    known: Image | None,
    recipe: Recipe | None,
    wishes: LaunchWishes,
    host: Host | None,
) -> tuple[Image, int]:
    """Start the image in its folder, which no other command does meanwhile, and register it."""
    saved = known is not None and not wishes.fresh and _state_file(wishes.dialect, folder, recipe).exists()
    agent = _left_running(bench, name, image_id, folder, known, wishes)
    with launching.noted_start(folder, name):
        if agent is None:
            drop_partial(folder, _state_file(wishes.dialect, folder, recipe))
            plan = _plan(name, image_id, folder, known, recipe, wishes, saved=saved)
            agent = _started(bench, plan, recipe, wishes, host)
        try:
            image = identified(bench, _launched(bench, name, agent, wishes.dialect, folder))
            image = _register(bench, image, known, agent.incarnation, _live_ids(bench, image) if saved else set())
        except BaseException:
            if host is None:
                launching.stop(folder, image_id, bench.environ)
            raise
    return image, agent.pid


def _state_file(dialect: str, folder: Path, recipe: Recipe | None) -> Path:
    """The file that the next launch starts, if it is there."""
    row = dialect_of(dialect)
    return folder / row.saved_image if recipe is None else recipe.state(folder, row)


def _plan(
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
        image=str(_state_file(wishes.dialect, folder, recipe)),
        window=recipe.window,
        patience=max(_seconds(wishes), _GIVEN_S),
    )


def _seconds(wishes: LaunchWishes) -> float:
    if wishes.seconds is not None:
        return wishes.seconds
    return _OWN_S if dialect_of(wishes.dialect).load is None else _GIVEN_S


def _started(
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


def _check_wishes(wishes: LaunchWishes) -> None:
    least = dialect_of(wishes.dialect).least_memory
    if wishes.memory_limit is not None and wishes.memory_limit < least:
        raise UsageProblem(
            f"{wishes.dialect} does not come up with less than {least >> 20}M of address space",
            todo=f"--memory-limit {least >> 20}M, or more",
        )
    if wishes.port and not is_free(wishes.port):
        raise Refused(f"the port {wishes.port} is taken, or not allowed", todo="name another, or none")


def _place_of(bench: Workbench, name: str, known: Image | None) -> tuple[str, Path]:
    """The image id and folder to start with: those of the registered image; or those of a launch under this name that
    was killed before it could register what it had started; else fresh ones."""
    if known is not None:
        return known.image_id or str(uuid.uuid4()), folder_of(bench, known)
    for folder in _unregistered_folders(bench):
        if launching.name_at_launch(folder) != name:
            continue
        found = launching.seen_in(folder, folder.name, bench.environ)
        if found.liveness is Liveness.GONE:
            if launching.is_being_started(folder):
                raise Refused(f"{name} is being started by another command", todo="wait for it", image=name)
            continue
        if launching.unfinished_start(folder) is not None:
            return folder.name, folder
        pid = f" (process {found.process.pid})" if found.process else ""
        raise Refused(
            f"the image that was launched as {name}, and is registered no more, still runs{pid}",
            todo="take it back: stui images discover --add",
            image=name,
        )
    image_id = str(uuid.uuid4())
    return image_id, Path(bench.store.home.launched(image_id))


def _unregistered_folders(bench: Workbench) -> list[Path]:
    used = launched_folders(bench.store.read())
    try:
        folders = sorted(Path(bench.store.home.launched("-")).parent.iterdir())
    except OSError:
        return []
    return [folder for folder in folders if folder.name not in used and not folder.is_symlink()]


def launched_folders(state: State) -> set[str]:
    """The folders in use, by their last name: a home that was moved, or is reached by a link, is still the same."""
    return {Path(image.launch_directory).name for image in state.images.values() if image.launch_directory}


def _left_running(
    bench: Workbench, name: str, image_id: str, folder: Path, known: Image | None, wishes: LaunchWishes
) -> RuntimeFile | None:
    """What a killed launch left: None if there is nothing, or if it was ended here because it is of no use.

    Raises Refused for an image that runs, or of which that cannot be told.
    """
    if known is None:
        found = launching.seen_in(folder, image_id, bench.environ)
    else:
        found = launching.whereabouts(known, folder, bench.store.read().client_id, bench.environ)
    match found.liveness:
        case Liveness.GONE:
            return None
        case Liveness.LIVES if launching.unfinished_start(folder) is None:
            raise Refused(f"{name} is running already", todo=f"use it: stui switch {name}", image=name)
        case Liveness.LIVES:
            as_wished = wishes.supervised == (found.supervisor is not None) and not wishes.fresh and not wishes.port
            if found.agent is not None and as_wished and found.agent.dialect == wishes.dialect:
                return found.agent
            if launching.stop(folder, image_id, bench.environ, found):
                return None
            raise Refused(f"what an earlier launch of {name} started cannot be ended", image=name)
        case Liveness.UNKNOWN:
            raise Refused(
                f"whether {name} runs already cannot be told: {found.evidence}",
                todo=f"launch it where it ran; or begin anew, after: stui images remove --keep-running {name}",
                image=name,
            )
        case other:
            assert_never(other)


def _port(known: Image | None, wishes: LaunchWishes) -> int:
    """The port to listen at: the one asked for, else the one it had if that is free; 0 lets the system choose."""
    if wishes.port is not None:
        return wishes.port
    if known is None:
        return 0
    address = parse_address(known.address)
    return address.port if isinstance(address, TcpAddress) and is_free(address.port) else 0


def _launched(bench: Workbench, name: str, agent: RuntimeFile, dialect: str, folder: Path) -> Image:
    return Image(
        name=name,
        address=agent.address,
        added_at=bench.clock(),
        image_id=agent.image_id,
        dialect=dialect,
        key_file=str(folder / KEY_FILE),
        launch_directory=str(folder),
    )


def save_image(bench: Workbench, name: str, seconds: float) -> tuple[Path, list[str]]:
    """Save a launched image with its agent and sessions, where the next launch finds it; answers the file, and what a
    playground tells of that could not be kept.

    The image goes on. A save that fails leaves the one before as it was; of several at once the last counts.
    """
    image, folder = launched_image(bench, name)
    saved = _state_file(dialect_meant(bench, name), folder, recipe_in(folder))
    partial = saved.with_name(f"{saved.stem}.{uuid.uuid4().hex}{PARTIAL}{saved.suffix}")
    source = f"StuiAgent saveImage: '{str(partial).replace(chr(39), chr(39) * 2)}'"
    try:
        with open_workplace(bench, Target(image.name)) as workplace:
            evaluation = workplace.evaluate(source, Limits(seconds, 1_000))
        if evaluation.outcome != "returned" or not partial.exists():
            problem = evaluation.error
            raise StuiError(
                f"{name} could not be saved: {problem.message if problem else 'it wrote no file'}",
                todo=f"look into {folder / LOG_FILE}",
                image=name,
            )
        mode = stat.S_IMODE(saved.stat().st_mode) if saved.exists() else 0o600
        settle(str(partial), str(saved))  # it holds the keys, and the image wrote it by its own umask
        if saved.parent != folder:
            saved.chmod(mode)  # the user's own file
        told = evaluation.output.splitlines() if dialect_of(dialect_meant(bench, name)).embedded else []
        return saved, told
    except OSError as error:
        raise StuiError(f"{name} could not be saved: {error}", image=name) from error
    finally:
        partial.unlink(missing_ok=True)
        # The image that goes on adds to the file of changes that lies beside the saved one: it is that one's, too.
        partial.with_suffix(".changes").unlink(missing_ok=True)


def launched_image(bench: Workbench, name: str) -> tuple[Image, Path]:
    """The image `name` and its folder. Raises Refused if stui did not start it."""
    image = known_image(bench.store.read(), name)
    if image.launch_directory is None or image.image_id is None:
        raise Refused(f"{name} was not started by stui", todo="do it where it was started", image=name)
    return image, folder_of(bench, image)


def folder_of(bench: Workbench, image: Image) -> Path:
    """The folder of a launched image, also in a home that was moved. An older stui named it by the image's name."""
    folder = Path(image.launch_directory or "")
    moved = Path(bench.store.home.launched("-")).parent / folder.name
    return folder if folder.is_dir() or not moved.is_dir() else moved


def _live_ids(bench: Workbench, image: Image) -> set[str]:
    """The sessions that came back with a saved image."""
    with contact(image, bench.store.read().client_id, bench.deadline) as client:
        listed = client.call_list(ListImageSessions(image.image_id), LiveSession, bench.deadline)
        return {live.session_id for live in listed}


def _register(bench: Workbench, image: Image, known: Image | None, incarnation: str, live_ids: set[str]) -> Image:
    """Record what a launch changes of the image, wherever it is named by now, and for the sessions that live in it the
    incarnation they live in. Raises Refused if the image, or its name, was taken away meanwhile."""
    registered = image

    def change(draft: Draft) -> ImageDetails:
        nonlocal registered
        record = image_of_id(draft.state, image.image_id or "")
        if record is None and known is not None:
            raise Refused(
                f"{known.name} was removed while it was launched, so what was started is ended again",
                todo=f"launch another one: stui images launch {known.name}",
                image=known.name,
            )
        if record is None and image.name in draft.images:
            raise Refused(f"the name {image.name!r} was taken meanwhile", todo="choose another", image=image.name)
        kind: ImageKind = Kind.IMAGE_ADD if record is None else Kind.IMAGE_CHANGE
        registered = image if record is None else _merged(record, image, known)
        draft.images[registered.name] = registered
        if live_ids:
            sessions = draft.sessions(image.image_id or "")
            for name, session in list(sessions.items()):
                if session.session_id in live_ids:
                    sessions[name] = session._replace(incarnation=incarnation)
        return ImageDetails(kind, registered.name, {"address": image.address})

    bench.store.commit(change)
    return registered


def _merged(record: Image, image: Image, known: Image | None) -> Image:
    """The record as others have it by now, with what the launch changes. Who launches an image wants it connected; who
    disconnected it meanwhile does not."""
    return record._replace(
        address=image.address,
        dialect=image.dialect,
        image_name=image.image_name,
        image_version=image.image_version,
        key_file=image.key_file,
        key_id=None,
        launch_directory=image.launch_directory,
        parked=record.parked and (known is None or not known.parked),
    )
