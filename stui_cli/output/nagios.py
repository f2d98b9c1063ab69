"""One line for Nagios and its kin (Nagios plug-in development guidelines, "Plugin Output for Nagios" and
"Performance data")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.output.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# What Nagios itself reads of a plug-in's output.
_LONGEST_TEXT = 4_000


def plugin_line(state: str, text: str, performance: Sequence[str] = ()) -> str:
    """`STUI STATE - text | performance data`. A bar would begin the performance data, so texts hold none."""
    words = clean(" ".join(text.split())).replace("|", "/")
    if len(words) > _LONGEST_TEXT:
        words = f"{words[:_LONGEST_TEXT]}..."
    data = f" | {' '.join(performance)}" if performance else ""
    return f"STUI {state} - {words}{data}"


def performance(label: str, value: float | None, unit: str = "", limits: Iterable[float | None] = ()) -> str:
    """`'label'=value[unit];[warn];[crit];[min];[max]`; U where the value is not known. Empty ends are left out."""
    shown = "U" if value is None else f"{value:g}{unit}"
    rest = ";".join("" if limit is None else f"{limit:g}" for limit in limits)
    quoted = label.replace("'", "''").replace("=", "_")
    return f"'{quoted}'={shown};{rest}".rstrip(";")
