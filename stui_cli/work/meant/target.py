"""Which image and session a command means: option, environment, terminal, project, default, the only one."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, assert_never

from stui_cli.model.contexts import DEFAULT_SCOPE, ContextSource, EffectiveTarget, words_of_source
from stui_cli.model.errors import NotFound, UsageProblem
from stui_cli.model.names import Target, nearest
from stui_cli.work.workbench import to_nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stui_cli.model.state import State
    from stui_cli.work.workbench import Workbench

PROJECT_FILE = ".stui.toml"
_PROJECT_FORM = 'it holds: image = "NAME"'
_LARGEST_PROJECT = 64 * 1024

# Who names an image here may name it by its id.
_BY_HAND = (ContextSource.OPTION, ContextSource.ENVIRONMENT)


class Asked:
    """What the command line names: -i and -s."""

    __slots__ = ("image", "session")

    def __init__(self, image: str | None = None, session: str | None = None) -> None:
        self.image = image
        self.session = session


def target_of(text: str) -> Target:
    """`IMAGE` or `IMAGE/SESSION` as a target."""
    image, slash, session = text.partition("/")
    if not image or (slash and not session) or "/" in session:
        raise UsageProblem(f"{text!r} is not IMAGE or IMAGE/SESSION")
    return Target(image, session or None)


def resolve(state: State, asked: Asked, bench: Workbench, wanted: str | None = None) -> EffectiveTarget:
    """The effective target, with what gave it. `wanted` is a session that an argument names.

    A session named alone is looked for in the image that the rest gives. An image named by an option stands
    without a session: a script must not mean another variable because of where a terminal happens to be.
    Raises NotFound if nothing gives an image, or if what gives it names one that is not registered; for a session whose
    image is not, and whose record is here, the image's id will do.
    """
    alone: _SessionAlone | None = None
    for found in _candidates(state, asked, bench):
        match found:
            case _SessionAlone():
                alone = alone or found
            case EffectiveTarget(target, source, path):
                session = wanted or (alone.session if alone else target.session)
                if target.image not in state.images and not (
                    source in _BY_HAND and _is_recorded(state, target.image, session, bench)
                ):
                    raise NotFound(
                        f"{words_of_source(source, path)} names the image {target.image!r}, which is not registered",
                        todo=nearest(target.image, state.images) or _way_on(source),
                    )
                if alone is not None:
                    target = Target(target.image, alone.session)
                    found = EffectiveTarget(target, source, path, alone.source, alone.path)
                bench.narrate(f"{target} is meant, by {' and '.join(_givers(found))}")
                return found
            case _:
                assert_never(found)
    nobody = "no image is meant here" if state.images else "no image is registered yet"
    raise NotFound(
        f"{wanted!r} names a session without its image, and {nobody}" if wanted else nobody,
        todo="name one with -i, or go to one: stui switch IMAGE"
        if state.images
        else "stui images add NAME ADDRESS, or start one: stui images launch NAME",
    )


def _way_on(source: ContextSource) -> str:
    """What to do where an image is not registered that a source names: a context can be set anew."""
    match source:
        case ContextSource.TERMINAL:
            return "go to another: stui switch IMAGE; or to none: stui switch --unset"
        case ContextSource.DEFAULT:
            return "set another: stui switch --default IMAGE; or none: stui switch --default --unset"
        case ContextSource.OPTION | ContextSource.ENVIRONMENT | ContextSource.PROJECT | ContextSource.ONLY:
            return "see `stui images list`"
        case _:
            assert_never(source)


def _is_recorded(state: State, image_id: str, session: str | None, bench: Workbench) -> bool:
    return image_id in state.shards and session in bench.store.sessions(state, image_id)


def meant(bench: Workbench, asked: Asked) -> EffectiveTarget:
    """What a command means here, as the store is now. Raises as `resolve`."""
    return resolve(bench.store.read(), asked, bench)


def existing(bench: Workbench, asked: Asked) -> EffectiveTarget:
    """The same; raises NotFound too if the session that is meant does not exist."""
    state = bench.store.read()
    found = resolve(state, asked, bench)
    if found.session_source is None:
        return found
    from stui_cli.work.meant.session import recorded_session

    try:
        recorded_session(bench, state, found.target)
    except NotFound as error:
        named_by = words_of_source(found.session_source, found.session_path or "")
        image, session = found.target
        raise NotFound(
            f"{named_by} names the session {session!r}, which {image} does not have", todo=error.todo, image=error.image
        ) from error
    return found


def _givers(found: EffectiveTarget) -> tuple[str, ...]:
    """What gave the image and what gave the session, once where it is the same."""
    image = words_of_source(found.source, found.path)
    if found.session_source is None:
        return (image,)
    return tuple(dict.fromkeys((image, words_of_source(found.session_source, found.session_path or ""))))


class _SessionAlone:
    """A session that was named without an image, and what named it."""

    def __init__(self, session: str, source: ContextSource, path: str) -> None:
        self.session = session
        self.source = source
        self.path = path


def _candidates(state: State, asked: Asked, bench: Workbench) -> Iterator[EffectiveTarget | _SessionAlone]:
    """From the strongest to the weakest: targets, and sessions that were named without an image."""
    environ = bench.environ
    yield from _pair(asked.image, asked.session, ContextSource.OPTION, ("--image", "--session"))
    variables = ("STUI_IMAGE", "STUI_SESSION")
    yield from _pair(environ.get("STUI_IMAGE"), environ.get("STUI_SESSION"), ContextSource.ENVIRONMENT, variables)
    if bench.terminal is not None and (context := state.contexts.get(bench.terminal)):
        yield EffectiveTarget.whole(context.target, ContextSource.TERMINAL, bench.terminal)
    project = project_target(bench.directory, bench.announce)
    if project is not None:
        yield project
    if context := state.contexts.get(DEFAULT_SCOPE):
        yield EffectiveTarget.whole(context.target, ContextSource.DEFAULT, DEFAULT_SCOPE)
    if len(state.images) == 1:
        yield EffectiveTarget(Target(next(iter(state.images))), ContextSource.ONLY, "the only image")


def _pair(
    image: str | None, session: str | None, source: ContextSource, paths: tuple[str, str]
) -> Iterator[EffectiveTarget | _SessionAlone]:
    """What an image and a session give that `paths` name; the image may bring its session along."""
    if image:
        target = _joined(image, session)
        by_session = (source, paths[1] if session else paths[0]) if target.session else (None, None)
        yield EffectiveTarget(target, source, paths[0], *by_session)
    elif session:
        yield _SessionAlone(session, source, paths[1])


def _joined(image: str, session: str | None) -> Target:
    """`IMAGE` or `IMAGE/SESSION`, and a session named beside it."""
    target = target_of(image)
    if target.session and session and target.session != session:
        raise UsageProblem(f"two sessions are named: {target.session} and {session}")
    return Target(target.image, session or target.session)


def project_target(directory: str, announce: Callable[[str], None] = to_nobody) -> EffectiveTarget | None:
    """What `.stui.toml` of the nearest folder above says. It comes with a checkout, perhaps somebody else's: it can
    only name registered images, and nothing else in it is read.

    One that somebody else could have put there is passed over as if it were not there, which `announce` is told: who
    works in a shared folder must not run code where a neighbour wants it (as git's safe.directory has it).
    """
    for folder in _upwards(directory):
        path = os.path.join(folder, PROJECT_FILE)
        text = _project_text(path)
        if text is None:
            continue
        if (why := _not_ours(folder, path)) is not None:
            announce(f"{path} is ignored: {why}; name an image with -i or STUI_IMAGE")
            continue
        import tomllib

        try:
            raw = tomllib.loads(text.decode("utf-8"))
        except (ValueError, RecursionError) as error:  # ValueError: no UTF-8, no TOML, a number of 5,000 digits
            raise UsageProblem(f"{path} cannot be read: {error}", todo=_PROJECT_FORM) from error
        image, session = raw.get("image"), raw.get("session")
        if not isinstance(image, str) or not image or not isinstance(session, str | None):
            raise UsageProblem(f"{path} names no image", todo=_PROJECT_FORM)
        return EffectiveTarget.whole(_joined(image, session), ContextSource.PROJECT, path)
    return None


def _upwards(directory: str) -> Iterator[str]:
    """The folder, the one that it is in, and so on to the root."""
    while True:
        yield directory
        above = os.path.dirname(directory)
        if above == directory:
            return
        directory = above


def _project_text(path: str) -> bytes | None:
    """The bytes of a project file; None where there is none. A checkout can hold a link to anything, a device
    without end included, so only a small plain file is read."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            text = file.read(_LARGEST_PROJECT + 1)
    except OSError:  # none here, a folder of that name, or not for us
        return None
    if len(text) > _LARGEST_PROJECT:
        raise UsageProblem(f"{path} is too long", todo=_PROJECT_FORM)
    return text


def _not_ours(folder: str, path: str) -> str | None:
    """Why a project file may be somebody else's word, None if it is this user's or the system's."""
    if not hasattr(os, "getuid"):
        return None
    try:
        # A link counts as much as what it leads to: it may lead to a file of ours that was not meant for here.
        looked = (os.lstat(path), os.stat(path))
        around = os.stat(folder)
    except OSError:
        return "it changed just now"
    for found in looked:
        if found.st_uid not in (0, os.getuid()):
            return f"it belongs to {_user_name(found.st_uid)}"
    if looked[1].st_mode & stat.S_IWOTH:
        return "everybody may write it"
    if around.st_mode & stat.S_IWOTH:
        return f"everybody may write into {folder}"
    return None


def _user_name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe would wait for its writer


def overriding_variable(environ: Mapping[str, str]) -> str | None:
    """The variable that would make a switch have no effect."""
    return next((name for name in ("STUI_IMAGE", "STUI_SESSION") if environ.get(name)), None)


def named_session(state: State, named: str | None, asked: Asked, bench: Workbench) -> Target:
    """The session that an argument means: IMAGE/SESSION, or SESSION alone in the image meant here; without an
    argument the current one."""
    if named is None:
        return resolve(state, asked, bench).target
    if "/" in named and not named.startswith("/"):
        return target_of(named)
    session = named.removeprefix("/")
    if not session:
        raise UsageProblem(f"{named!r} names no session", todo="name one: SESSION, or IMAGE/SESSION")
    return Target(resolve(state, asked, bench, session).target.image, session)


def meant_session(state: State, named: str | None, asked: Asked, bench: Workbench) -> Target:
    """The same where an image alone is not enough. Raises UsageProblem if no session is meant."""
    target = named_session(state, named, asked, bench)
    if target.session is None:
        raise UsageProblem(f"{target} is an image, and no session is meant here", todo="name one: IMAGE/SESSION")
    return target
