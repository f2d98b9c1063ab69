"""How a state stands out, in tables and in coloured rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from stui_cli.model.results import Show
from stui_cli.model.status import ConnectionHealth, ConnectionStatus

if TYPE_CHECKING:
    from collections.abc import Mapping


class Look(NamedTuple):
    """How a state stands out: a symbol (one for ASCII terminals too) and a style, beside its word."""

    symbol: str
    ascii: str
    style: str


STATUS_LOOKS: Final[Mapping[str, Look]] = {
    ConnectionStatus.CONNECTED: Look("●", "+", "green"),
    ConnectionStatus.RECONNECTING: Look("◐", "~", "yellow"),
    ConnectionStatus.DISCONNECTED: Look("○", "-", "red"),
    ConnectionStatus.FAILED: Look("✗", "x", "bold red"),
    ConnectionStatus.UNKNOWN: Look("?", "?", "dim"),
}
HEALTH_LOOKS: Final[Mapping[str, Look]] = {
    ConnectionHealth.HEALTHY: Look("✓", "+", "green"),
    ConnectionHealth.WARNING: Look("▲", "!", "yellow"),
    ConnectionHealth.CRITICAL: Look("✗", "x", "bold red"),
    ConnectionHealth.UNKNOWN: Look("?", "?", "dim"),
}
LOOKS: Final[Mapping[Show, Mapping[str, Look]]] = {Show.STATUS: STATUS_LOOKS, Show.HEALTH: HEALTH_LOOKS}

# The styles above as Select Graphic Rendition (ECMA-48), for what is printed without rich.
_SGR: Final = {"green": "32", "yellow": "33", "red": "31", "bold red": "1;31", "dim": "2", "bold": "1"}


def painted(text: str, style: str) -> str:
    """`text` as a terminal shows it in `style`."""
    return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if style else text


def style_of(text: str, show: Show) -> str:
    """The style of a cell; most have none."""
    look = LOOKS[show].get(text) if show in LOOKS else None
    return look.style if look else ""
