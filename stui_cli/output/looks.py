"""How a state stands out, in tables and in coloured rows; `palette` has the colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from stui_cli.model.results import Show
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


# What a colour is to say. In source, what is marked are names that the language itself has, and what is good literals.
Tone = Literal["", "good", "trouble", "bad", "worst", "warning", "faint", "strong", "marked"]


class Look(NamedTuple):
    """How a state stands out: a symbol (one for ASCII terminals too) and a tone, beside its word."""

    symbol: str
    ascii: str
    tone: Tone


STATUS_LOOKS: Final[Mapping[str, Look]] = {
    ConnectionStatus.CONNECTED: Look("●", "+", "good"),
    ConnectionStatus.RECONNECTING: Look("◐", "~", "trouble"),
    ConnectionStatus.DISCONNECTED: Look("○", "-", "bad"),
    ConnectionStatus.FAILED: Look("✗", "x", "worst"),
    ConnectionStatus.UNKNOWN: Look("?", "?", "faint"),
}
HEALTH_LOOKS: Final[Mapping[str, Look]] = {
    ConnectionHealth.HEALTHY: Look("✓", "+", "good"),
    ConnectionHealth.WARNING: Look("▲", "!", "trouble"),
    ConnectionHealth.CRITICAL: Look("✗", "x", "worst"),
    ConnectionHealth.UNKNOWN: Look("?", "?", "faint"),
}
LOOKS: Final[Mapping[Show, Mapping[str, Look]]] = {Show.STATUS: STATUS_LOOKS, Show.HEALTH: HEALTH_LOOKS}


def tone_of(text: str, show: Show) -> Tone:
    """The tone of a cell; most have none."""
    look = LOOKS[show].get(text) if show in LOOKS else None
    return look.tone if look else ""
