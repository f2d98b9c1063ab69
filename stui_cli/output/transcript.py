"""Transcript text of a running evaluation, on stderr as it appears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.output.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.output.screen import Screen


def live_output(screen: Screen) -> Callable[[str], None]:
    """A listener that shows each piece at once. It is foreign text: only its line ends reach the terminal."""

    def show(text: str) -> None:
        screen.err.write(clean(text.replace("\r\n", "\n").replace("\r", "\n"), multiline=True))
        screen.err.flush()

    return show
