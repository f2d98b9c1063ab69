"""Images that stui starts itself: a folder each, which belongs to the image's id and not to its name."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from stui_cli.image.contact import contact
from stui_cli.local import launching
from stui_cli.local.dialects import dialect_of
from stui_cli.local.given_images import drop_partial
from stui_cli.local.processes import Liveness
from stui_cli.local.starting import KEY_FILE
from stui_cli.model.errors import Refused
from stui_cli.model.images import Image
from stui_cli.model.names import checked_name
from stui_cli.model.operations import ImageDetails, ImageKind, Kind
from stui_cli.model.state import image_of_id
from stui_cli.protocol.workspaces import ListImageSessions, LiveSession
from stui_cli.store.files.problems import as_store_problems
from stui_cli.work.images.given import claim, recipe_for, refuse_given
from stui_cli.work.images.launch_plan import check_wishes, start_plan, started
from stui_cli.work.images.launched import folder_of, launched_folders, state_file
from stui_cli.work.images.register import identified

if TYPE_CHECKING:
    from stui_cli.local.given_images import Recipe
    from stui_cli.local.runtime_files import RuntimeFile
    from stui_cli.store.transaction import Draft
    from stui_cli.work.images.launch_plan import Host, LaunchWishes
    from stui_cli.work.workbench import Workbench


def launch_image(bench: Workbench, name: str, wishes: LaunchWishes, host: Host | None = None) -> tuple[Image, int]:
    """Start an image and register it; answers it, as it is called when it is registered, with its pid. With a `host` it
    is in this very process.

    A known image that was launched here keeps its id, folder and keys, so that its sessions can be restored, and its
    port if that is still free. Raises Refused if that image still runs or cannot be seen from here, or if the name
    belongs to an image that stui did not start.
    """
    checked_name(name, "an image")
    check_wishes(wishes)
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
    saved = known is not None and not wishes.fresh and state_file(wishes.dialect, folder, recipe).exists()
    agent = _left_running(bench, name, image_id, folder, known, wishes)
    with launching.noted_start(folder, name):
        if agent is None:
            drop_partial(folder, state_file(wishes.dialect, folder, recipe))
            plan = start_plan(name, image_id, folder, known, recipe, wishes, saved=saved)
            agent = started(bench, plan, recipe, wishes, host)
        try:
            image = identified(bench, _launched(bench, name, agent, wishes.dialect, folder))
            image = _register(bench, image, known, agent.incarnation, _live_ids(bench, image) if saved else set())
        except BaseException:
            if host is None:
                launching.stop(folder, image_id, bench.environ)
            raise
    return image, agent.pid


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
