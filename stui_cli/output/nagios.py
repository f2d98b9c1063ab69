"""One line for Nagios and its kin (Nagios plug-in development guidelines, "Plugin Output for Nagios" and
"Performance data")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.output.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# In bytes. Of a longer line some versions cut off the end or not from run to run, and the performance data with it.
LONGEST_LINE: Final = 4_000
_LONGEST_TEXT: Final = 1_500

# What ends the text, or a field of the performance data.
_SEPARATORS: Final = str.maketrans({"|": "/", ";": ":"})


def plugin_line(state: str, text: str, performance: Sequence[str] = (), last: str = "") -> str:
    """`STUI STATE - text | performance data`, shorter than LONGEST_LINE bytes: `last` and as many of `performance` as
    there is room for, and how many these are if not all."""
    words = _shortened(_one_line(text), _LONGEST_TEXT)
    head = f"STUI {state} - {words}"
    room = LONGEST_LINE - len(_bytes(head)) - len(_bytes(last)) - 60  # of what is between them, and of the count
    kept: list[str] = []
    for data in performance:
        room -= len(_bytes(data)) + 1
        if room < 0:
            head += f" (room for {len(kept)} of {len(performance)} latencies)"
            break
        kept.append(data)
    data = " ".join([*kept, *([last] if last else [])])
    return f"{head} | {data}" if data else head


def performance(label: str, value: float | None, unit: str = "", limits: Iterable[object] = ()) -> str:
    """`'label'=value[unit];[warn];[crit];[min];[max]`; U where the value is not known. Empty ends are left out."""
    shown = "U" if value is None else f"{_number(value)}{unit}"
    rest = ";".join("" if limit is None else str(limit) for limit in limits)
    quoted = _one_line(label).replace("'", "''").replace("=", "_")
    return f"'{quoted}'={shown};{rest}".rstrip(";")


def _one_line(text: str) -> str:
    return clean(" ".join(text.split())).translate(_SEPARATORS)


def _number(value: float) -> str:
    """Digits and a dot alone: the guidelines know no exponent."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _shortened(text: str, most: int) -> str:
    raw = _bytes(text)
    return text if len(raw) <= most else raw[:most].decode("utf-8", "ignore") + "..."


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
