"""What the environment says of colours, where no option does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def environments_color(environ: Mapping[str, str]) -> str | None:
    """always, never, or None where a terminal decides."""
    found = deciding_variable(environ)
    return None if found is None else found[1]


def deciding_variable(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable that decides, and what it says, always or never: the first of these.

    NO_COLOR, not empty: never (no-color.org). FORCE_COLOR (force-color.org) or CLICOLOR_FORCE (bixense.com/clicolors),
    not empty, 0 or false: always. TERM=dumb, or CLICOLOR=0: never. Python itself has that order.
    """
    if environ.get("NO_COLOR"):
        return "NO_COLOR", "never"
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if environ.get(name, "") not in ("", "0", "false"):
            return name, "always"
    if environ.get("TERM") == "dumb":
        return "TERM", "never"
    return ("CLICOLOR", "never") if environ.get("CLICOLOR") == "0" else None
