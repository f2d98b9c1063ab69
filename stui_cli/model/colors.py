"""What the environment says of colours, where no option does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def environments_color(environ: Mapping[str, str]) -> str | None:
    """always, never, or None where a terminal decides; the first of these that is said.

    NO_COLOR, not empty: never (no-color.org). FORCE_COLOR (force-color.org) or CLICOLOR_FORCE (bixense.com/clicolors),
    not empty, 0 or false: always. TERM=dumb, or CLICOLOR=0: never. Python itself has that order.
    """
    if environ.get("NO_COLOR"):
        return "never"
    if any(environ.get(name, "") not in ("", "0", "false") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return "always"
    if environ.get("TERM") == "dumb" or environ.get("CLICOLOR") == "0":
        return "never"
    return None
