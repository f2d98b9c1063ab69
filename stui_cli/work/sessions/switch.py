"""The seed's Image Context Switching Flow: preserve the context left, enter the target, restore, tell.

A switch in which no session is left or entered opens no connection, and imports nothing that could.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.contexts import DEFAULT_SCOPE, Context
from stui_cli.model.errors import NotFound, Refused, StuiError
from stui_cli.model.names import Target
from stui_cli.model.operations import Kind, SwitchDetails
from stui_cli.named_tuples import NamedTuple
from stui_cli.work.meant.target import Asked, overriding_variable, resolve
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from stui_cli.model.contexts import EffectiveTarget
    from stui_cli.model.sessions import Checkpoint, Session
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft


class ContextSwitch(NamedTuple):
    """Where a scope is now, where `-` leads, and what has to be said about it.

    `effective` is what commands here mean after it: another target than `target` where a stronger scope decides.
    """

    scope: str  # what was changed: default, or the key of a terminal
    target: Target | None  # where it is now; None for nowhere
    previous: Target | None  # where `switch -` goes
    effective: EffectiveTarget | None  # what a command here means now
    notes: tuple[str, ...] = ()  # what has to be said about it
    first: bool = False  # whether there was no default before: then this switch set it, too


class _Kept(NamedTuple):
    """A checkpoint taken of the session that is being left."""

    session: Session
    checkpoint: Checkpoint


def scope_of_switch(bench: Workbench, *, default: bool) -> str:
    """The scope a switch changes: this terminal's, or the default where there is no terminal or it is asked for."""
    return DEFAULT_SCOPE if default or bench.terminal is None else bench.terminal


def switch(bench: Workbench, wanted: Target, scope: str, *, preserve: bool = True) -> ContextSwitch:
    """Go to `wanted`. If it cannot be entered nothing changes; if the context left cannot be preserved, that is
    said and the switch goes on. Raises Refused where a variable would make the switch have no effect, and if the
    session went meanwhile; one that was renamed is followed."""
    return _switch(bench, bench.store.read(), wanted, scope, preserve=preserve, back=False)


def switch_back(bench: Workbench, scope: str, *, preserve: bool = True) -> ContextSwitch:
    """Go to where the scope was before, as that stands when the switch is made. Raises NotFound if there is no way
    back."""
    for last in (*[False] * _TRIES, True):
        state = bench.store.read()
        try:
            return _switch(bench, state, previous_target(bench, state, scope), scope, preserve=preserve, back=True)
        except _Elsewhere:
            if last:
                raise
    raise AssertionError


class _Elsewhere(Refused):
    """Another command of the same scope went elsewhere meanwhile, so the way back is another one."""


# What two commands of one terminal can do to each other is over after one; each of these is a switch that went through.
_TRIES = 10


def _switch(bench: Workbench, state: State, wanted: Target, scope: str, *, preserve: bool, back: bool) -> ContextSwitch:
    # 1. User request: it must be able to have an effect, and its image must be registered.
    refuse_if_overridden(bench)
    _known(bench, state, wanted)
    left = _left(bench, state, scope)
    notes: list[str] = []
    # 2. The session that is entered is there and alive; else nothing changes, and nothing is preserved either.
    entered = _enter(bench, wanted, state) if wanted.session is not None else None
    # 3. Context preservation.
    kept = None
    if preserve and left is not None and left.target.session is not None and left.target != wanted:
        kept = _preserved(bench, state, left.target, wanted, notes)
    # 4. Context switch, one operation with the checkpoint.
    # 5. What commands here mean now.
    after, first = _commit(bench, scope, _Way(wanted, entered, back), kept)
    context = after.contexts[scope]
    previous = context.trail[0] if context.trail else None
    return ContextSwitch(scope, context.target, previous, effective_target(bench, after), tuple(notes), first)


def refuse_if_overridden(bench: Workbench) -> None:
    """Raises Refused, naming the variable that decides here whatever context is set."""
    if (variable := overriding_variable(bench.environ)) is not None:
        raise Refused(
            f"{variable} is set to {bench.environ[variable]!r} and decides here: the switch would have no effect",
            todo=f"unset {variable}",
        )


def previous_target(bench: Workbench, state: State, scope: str) -> Target:
    """Where `switch -` goes. Raises NotFound if there is no way back."""
    context = _left(bench, state, scope)
    if context is None or not context.trail:
        raise NotFound("there is no context to go back to", todo="name one: stui switch IMAGE[/SESSION]")
    return context.trail[0]


def trail_of(bench: Workbench, scope: str) -> tuple[Target, ...]:
    """The targets that a scope left, the latest first. A terminal that never switched has the default's."""
    context = _left(bench, bench.store.read(), scope)
    return context.trail if context else ()


def unset(bench: Workbench, scope: str) -> ContextSwitch:
    """Forget the context of a scope; the weaker scopes decide from now on."""
    left: list[Target] = []

    def change(draft: Draft) -> SwitchDetails:
        left.clear()
        context = draft.contexts.pop(scope, None)
        if context is not None:
            left.append(context.target)
        return SwitchDetails(Kind.SWITCH, scope, str(context.target) if context else None, None)

    bench.store.commit(change)
    return ContextSwitch(scope, None, left[0] if left else None, effective_target(bench, bench.store.read()))


def effective_target(bench: Workbench, state: State) -> EffectiveTarget | None:
    """What a command here means; None if nothing gives an image, or what gives it is wrong."""
    try:
        return resolve(state, Asked(), bench)
    except StuiError:
        return None


def _known(bench: Workbench, state: State, wanted: Target) -> None:
    try:
        known_image(state, wanted.image)
    except NotFound as error:
        if wanted.session is None and (here := effective_target(bench, state)) is not None:
            image = state.images.get(here.target.image)
            if (
                image is not None
                and image.image_id is not None
                and wanted.image in bench.store.sessions(state, image.image_id)
            ):
                error.todo = f"a session of {image.name} is called so: stui switch /{wanted.image}"
        raise


def _left(bench: Workbench, state: State, scope: str) -> Context | None:
    """The context that a switch of `scope` leaves: its own, or what commands meant here without one."""
    own = state.contexts.get(scope)
    if own is not None or scope == DEFAULT_SCOPE:
        return own
    effective = effective_target(bench, state)
    if effective is None:
        return None
    default = state.contexts.get(DEFAULT_SCOPE)
    if default is not None and default.target == effective.target:
        return default
    return Context(effective.target, 0)


def _enter(bench: Workbench, wanted: Target, state: State) -> Session:
    """The session, which can be entered: it is recorded, its image answers, and it lives there."""
    from stui_cli.work.talking.evaluate import open_workplace  # a switch between images alone needs no network

    workplace = open_workplace(bench, wanted, state)
    try:
        return workplace.enter()
    finally:
        workplace.close()


def _preserved(bench: Workbench, state: State, left: Target, wanted: Target, notes: list[str]) -> _Kept | None:
    from stui_cli.work.sessions.checkpoint import SessionBusy, checkpoint_on_leaving, without_checkpoint

    image = state.images.get(left.image)
    if image is None or image.image_id is None or left.session is None:
        return None
    session = bench.store.sessions(state, image.image_id).get(left.session)
    if session is None or session.state == "closed":
        return None
    entered = state.images[wanted.image].image_id
    try:
        checkpoint = checkpoint_on_leaving(bench, state, image, session, entered)
    except SessionBusy as error:
        from stui_cli.model.phrases import Phrase

        notes.append(Phrase(f"{error.what}, and goes on; ", without_checkpoint(session)))
        return None
    except StuiError as error:
        last = "its last one stays" if session.checkpoint else "it has none"
        notes.append(f"{left} was left without a new checkpoint ({last}): {error.what}")
        return None
    return _Kept(session, checkpoint)


class _Way(NamedTuple):
    """Where a switch goes: `entered` is the session of `wanted`, `back` says that it is the way back."""

    wanted: Target
    entered: Session | None
    back: bool


def _there(draft: Draft, way: _Way) -> Target:
    """Where the way leads under the lock. Raises what _switch raises if that went meanwhile."""
    wanted, entered = way.wanted, way.entered
    if entered is None:
        return Target(known_image(draft.state, wanted.image).name)
    from stui_cli.model.state import image_of_id
    from stui_cli.work.meant.session import same_record

    image = image_of_id(draft.state, entered.image_id)
    if image is None:
        raise Refused(
            f"another command removed the image of {wanted} meanwhile; nothing was changed", todo="see stui log"
        )
    record = same_record(draft, entered)
    here = Target(image.name, record.name)
    if record.state == "closed":
        raise Refused(
            f"another command closed {here} meanwhile; nothing was changed",
            todo=f"bring it back: stui sessions restore {here}",
            image=image.name,
        )
    return here


def _commit(bench: Workbench, scope: str, way: _Way, kept: _Kept | None) -> tuple[State, bool]:
    """Publish the switch; answers the state after it, and whether it set the default, too."""
    first = False

    def change(draft: Draft) -> SwitchDetails:
        start = _left(bench, draft.state, scope)
        if way.back and (start is None or start.trail[:1] != (way.wanted,)):
            raise _Elsewhere("another command went elsewhere here meanwhile", todo="see stui switch --history")
        wanted = _there(draft, way)
        # Time alone changes nothing: to go where one is makes no operation.
        entered = start.switched_to(wanted, draft.now) if start else Context(wanted, draft.now)
        draft.contexts[scope] = entered._replace(switched_at=entered.switched_at or draft.now)
        nonlocal first
        first = DEFAULT_SCOPE not in draft.contexts
        if first:
            draft.contexts[DEFAULT_SCOPE] = draft.contexts[scope]  # the first switch ever sets both
        if kept is not None:
            from stui_cli.work.meant.session import record_now
            from stui_cli.work.sessions.checkpoint import with_checkpoint

            if (record := record_now(draft, kept.session)) is not None:
                draft.sessions(record.image_id)[record.name] = with_checkpoint(draft, record, kept.checkpoint)
        _forget_foreign(draft)
        return SwitchDetails(Kind.SWITCH, scope, str(start.target) if start else None, str(wanted))

    committed = bench.store.commit(change)
    return (committed.state if committed is not None else bench.store.read()), first


def _forget_foreign(draft: Draft) -> None:
    """Drop the contexts of other machines' terminals that were not used for long: nobody here can tell whether they
    are gone, and containers with a name of the day would fill the file."""
    if len(draft.contexts) <= 2:  # the default and this terminal: most stores, most of the time
        return
    from stui_cli.work.meant.terminals import FOREIGN_KEPT_MS, is_foreign

    for scope, context in list(draft.contexts.items()):
        if draft.now - context.switched_at > FOREIGN_KEPT_MS and is_foreign(scope):
            del draft.contexts[scope]
