"""The seed's Image Context Switching Flow: preserve the context left, enter the target, restore, tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stui_cli.flows.targeting import overriding_variable
from stui_cli.flows.workbench import Workbench, known_image
from stui_cli.model.contexts import DEFAULT_SCOPE, Context
from stui_cli.model.errors import NotFound, Refused, StuiError
from stui_cli.model.operations import Kind, SwitchDetails

if TYPE_CHECKING:
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Checkpoint
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft


@dataclass(frozen=True)
class Switched:
    """Where a scope is now, where `-` leads, and what has to be said about the context left."""

    scope: str
    target: Target | None
    previous: Target | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Kept:
    """A checkpoint taken of the session that is being left."""

    image_id: str
    session: str
    bindings: int
    checkpoint: Checkpoint


def scope_of_switch(bench: Workbench, *, default: bool) -> str:
    """The scope a switch changes: this terminal's, or the default where there is no terminal or it is asked for."""
    return DEFAULT_SCOPE if default or bench.terminal is None else bench.terminal


def switch(bench: Workbench, wanted: Target, scope: str, *, preserve: bool = True) -> Switched:
    """Go to `wanted`. If it cannot be entered nothing changes; if the context left cannot be preserved, that is
    said and the switch goes on. Raises Refused where a variable would make the switch have no effect."""
    if (variable := overriding_variable(bench.environ)) is not None:
        raise Refused(
            f"{variable} is set to {bench.environ[variable]!r} and decides here: the switch would have no effect",
            todo=f"unset {variable}",
        )
    state = bench.store.read()
    known_image(state, wanted.image)
    context = _current(state, scope)
    notes: list[str] = []
    if wanted.session is not None:
        _enter(bench, wanted)
    kept = None
    if preserve and context is not None and context.target.session is not None and context.target != wanted:
        try:
            kept = _preserved(bench, state, context.target)
        except StuiError as error:
            notes.append(f"{context.target} was left without a new checkpoint: {error.what}")
    _commit(bench, scope, wanted, kept)
    after = bench.store.read().contexts[scope]
    return Switched(scope, after.target, after.trail[0] if after.trail else None, tuple(notes))


def previous_target(bench: Workbench, scope: str) -> Target:
    """Where `switch -` goes. Raises NotFound if there is no way back."""
    context = _current(bench.store.read(), scope)
    if context is None or not context.trail:
        raise NotFound("there is no context to go back to", todo="name one: stui switch IMAGE[/SESSION]")
    return context.trail[0]


def unset(bench: Workbench, scope: str) -> Switched:
    """Forget the context of a scope; the weaker scopes decide from now on."""

    def change(draft: Draft) -> SwitchDetails:
        context = draft.contexts.pop(scope, None)
        return SwitchDetails(Kind.SWITCH, scope, str(context.target) if context else None, None)

    bench.store.commit(change)
    return Switched(scope, None, None)


def _current(state: State, scope: str) -> Context | None:
    """A terminal that never switched leaves from the default context."""
    return state.contexts.get(scope) or state.contexts.get(DEFAULT_SCOPE)


def _enter(bench: Workbench, wanted: Target) -> None:
    """Check that the session can be entered: it is recorded, its image answers, and it lives there."""
    from stui_cli.flows.evaluation import open_workplace  # a switch between images alone needs no network

    open_workplace(bench, wanted).__exit__()


def _preserved(bench: Workbench, state: State, left: Target) -> _Kept | None:
    from stui_cli.flows.preservation import checkpoint_of

    image = state.images.get(left.image)
    if image is None or image.image_id is None or left.session is None:
        return None
    session = bench.store.sessions(state, image.image_id).get(left.session)
    if session is None or session.state == "closed":
        return None
    checkpoint = checkpoint_of(bench, state, image, session)
    return _Kept(image.image_id, session.name, len(checkpoint.bindings), checkpoint)


def _commit(bench: Workbench, scope: str, wanted: Target, kept: _Kept | None) -> None:
    def change(draft: Draft) -> SwitchDetails:
        known_image(draft.state, wanted.image)
        before = draft.contexts.get(scope)
        start = before or draft.contexts.get(DEFAULT_SCOPE)
        entered = start.switched_to(wanted, draft.now) if start else Context(wanted, draft.now)
        draft.contexts[scope] = entered
        if DEFAULT_SCOPE not in draft.contexts:
            draft.contexts[DEFAULT_SCOPE] = entered  # the first switch ever sets both
        if kept is not None:
            sessions = draft.sessions(kept.image_id)
            if (session := sessions.get(kept.session)) is not None:
                sessions[kept.session] = replace(
                    session,
                    checkpoint=draft.put(kept.checkpoint),
                    checkpoint_at=kept.checkpoint.taken_at,
                    bindings=kept.bindings,
                )
        return SwitchDetails(Kind.SWITCH, scope, str(start.target) if start else None, str(wanted))

    bench.store.commit(change)
