"""Words that name sessions: several of them, all of an image, or `alpha work` for `alpha/work`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound, UsageProblem
from stui_cli.model.names import Target, nearest
from stui_cli.work.meant.target import meant_session, named_session, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.sessions import Session
    from stui_cli.model.state import State
    from stui_cli.work.meant.target import Asked
    from stui_cli.work.workbench import Workbench


def joined(state: State, first: str, second: str) -> str | None:
    """`alpha/work` for the words alpha and work, where the second has no other meaning; None if that cannot be meant.

    A misspelt image counts as one: that no image is called so is what helps then, not that there is a word too many.
    """
    if "/" in first or "/" in second or second in ("", "-"):
        return None
    return f"{first}/{second}" if first in state.images or nearest(first, state.images) else None


def named_sessions(
    state: State, named: Sequence[str], asked: Asked, bench: Workbench, *, joins: bool = True
) -> list[Target]:
    """The sessions that several words name, each once; without a word the current one.

    Two words are one session where the first is an image and no session here: `alpha work`. Without `joins` that is
    refused, with what was perhaps meant: what takes something away must not guess.
    """
    pair = _pair(state, named, asked, bench)
    if pair is None:
        return list(dict.fromkeys(meant_session(state, name, asked, bench) for name in named or (None,)))
    if not joins:
        raise NotFound(f"no session here is called {named[0]!r}", todo=f"did you mean {pair}?")
    return [pair]


def sessions_of_words(
    state: State, named: Sequence[str], asked: Asked, bench: Workbench
) -> tuple[list[Target], list[str]]:
    """The same where an image stands for all of its sessions that are not closed; and the images that have none such.

    Raises UsageProblem for two words that can be meant both ways.
    """
    if (pair := _pair(state, named, asked, bench)) is not None:
        second = named[1]
        if second in state.images or _session_here(state, second, asked, bench):
            raise UsageProblem(
                f"{' '.join(named)} can be meant in two ways",
                todo=f"that one session: stui sessions restore {pair}; "
                f"all of {pair.image}: stui sessions restore {pair.image}",
            )
        return [pair], []
    if not named:
        return [_current(state, asked, bench)], []
    found: list[Target] = []
    empty: list[str] = []
    for name in named:
        if name not in state.images or _session_here(state, name, asked, bench):
            found.append(meant_session(state, name, asked, bench))
        elif open_ones := [each.name for each in _sessions(state, name, bench) if each.state != "closed"]:
            found += [Target(name, each) for each in open_ones]
        else:
            empty.append(name)
    return list(dict.fromkeys(found)), empty


def _current(state: State, asked: Asked, bench: Workbench) -> Target:
    target = named_session(state, None, asked, bench)
    if target.session is None:
        raise UsageProblem(
            f"{target} is an image, and no session is meant here",
            todo=f"name one: IMAGE/SESSION; or all of them: stui sessions restore {target}",
        )
    return target


def _pair(state: State, named: Sequence[str], asked: Asked, bench: Workbench) -> Target | None:
    """The one session that two words mean; None where each is a name of its own."""
    if len(named) != 2 or asked.image is not None:
        return None
    first, second = named
    if first not in state.images or second not in {each.name for each in _sessions(state, first, bench)}:
        return None
    return None if _session_here(state, first, asked, bench) else Target(first, second)


def _session_here(state: State, name: str, asked: Asked, bench: Workbench) -> bool:
    """Whether a session of the image that is meant here is called so."""
    try:
        image = resolve(state, asked, bench, name).target.image
    except NotFound:
        return False
    return name in {each.name for each in _sessions(state, image, bench)}


def _sessions(state: State, name: str, bench: Workbench) -> list[Session]:
    image = state.images.get(name)
    if image is None or image.image_id is None:
        return []
    return list(bench.store.sessions(state, image.image_id).values())
