"""What people are told beside the data: what is of one kind in one line, with how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.phrases import About
from stui_cli.output.units import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Of a thousand nobody reads more, and JSON has each.
_MOST_NAMED: Final = 20


def told(texts: Iterable[str], now: int) -> list[str]:
    """The lines for `texts`, each kind where the first of it stands; times are ages, which count from `now` (ms)."""
    kinds: dict[str, list[str]] = {}
    for text in texts:
        kinds.setdefault(f"about {text.kind}" if isinstance(text, About) else f"is {text}", []).append(text)
    return [_line(alike, now) for alike in kinds.values()]


def _line(alike: Sequence[str], now: int) -> str:
    if len(alike) == 1:
        return spoken(alike[0], now)
    abouts = [each for each in alike if isinstance(each, About)]
    if not abouts:
        return f"{spoken(alike[0], now)} ({len(alike)} times)"
    details = [spoken(each.detail, now) for each in abouts]
    one_reason = len(set(details)) == 1
    named = [
        each.name if one_reason or not detail else f"{each.name} ({detail})"
        for each, detail in zip(abouts, details, strict=True)
    ]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    reason = f" ({details[0]})" if one_reason and details[0] else ""
    return f"{len(named)} {abouts[0].kind}: {', '.join(named[:_MOST_NAMED])}{more}{reason}"
