"""`stui sessions list`: the recorded sessions, with the image each lives in. Contacts nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.session import LISTED, SESSION, sessions_block
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, command
from stui_cli.model.blocks import Listing
from stui_cli.model.phrases import About
from stui_cli.model.sessions import SessionState
from stui_cli.option_types import Words, option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.blocks import Block
    from stui_cli.work.sessions.listing import SessionWish
    from stui_cli.work.workbench import Workbench


def list_sessions(bench: Workbench, wish: SessionWish) -> Listing:
    """The sessions that are wished for, read while they are shown."""
    from stui_cli.work.sessions.listing import wished_sessions

    found = wished_sessions(bench, wish)
    strangers: list[str] = []

    def blocks() -> Iterator[Block]:
        for sessions in found:
            if sessions.image is None and sessions.sessions:
                strangers.append(sessions.image_id)
            yield sessions_block(sessions)

    empty = "no session yet: stui sessions create -i IMAGE [NAME]"
    if wish.states:
        empty = f"no session is {' or '.join(wish.states)}"
    return Listing(SESSION, blocks(), LISTED, lambda: list(map(_of_stranger, strangers)), empty)


def _of_stranger(image_id: str) -> About:
    return About.of(
        f"no image with id {image_id} is registered: its sessions are named {image_id}/NAME",
        name=image_id,
        kind="images are not registered, and name their sessions by their ids",
    )


@command("session", name="list", lists=True)
@click.argument("chosen", nargs=-1, metavar="[IMAGE[/SESSION]]...", shell_complete=complete_target)
@option("--state", "states", multiple=True, type=Words(list(SessionState), case_sensitive=False), metavar="STATE",
              help="Only those that are active, parked, lost or closed; several with commas, or repeated.")  # fmt: skip
def cli(invocation: Invocation, chosen: tuple[str, ...], states: tuple[tuple[SessionState, ...], ...]) -> int:
    """List the sessions of the images named, or of all, or those named. Contacts no image.

    A name with *, ? or [ is a pattern, of images or, after a slash, of sessions; -i and -s take patterns here too. One
    that fits nothing exits with 3.
    """
    from stui_cli.work.sessions.listing import SessionWish

    asked = invocation.asked
    words = chosen or ((asked.image,) if asked.image else ())
    wish = SessionWish(words, asked.session, frozenset(state for each in states for state in each))
    return invocation.show_listing(list_sessions(invocation.bench, wish))
