"""What a call chooses of the items: --columns, --sort, --limit and --template. Read before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.global_options import no_list
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import OutputMode
from stui_cli.output.selection import read_selection

if TYPE_CHECKING:
    from stui_cli.invocation.call_settings import CallSettings
    from stui_cli.model.fields import Fields
    from stui_cli.output.selection import Selection


def understood(settings: CallSettings, path: str, fields: Fields | None, *, lists: bool) -> Selection:
    """What `settings` choose of the items of the command that was called as `path`: these have `fields`, and there may
    be many of them if it `lists`. Raises UsageProblem for a field that they have not, and for what does not go
    together."""
    given = settings.choosing
    for option in ("sort", "limit"):
        if option in given and not lists:
            raise no_list(path, f"--{option}")
        if option in given and settings.mode is OutputMode.PROMETHEUS:
            raise UsageProblem(f"-o prometheus tells of all images in its own order: --{option} is not for it")
    for option in ("output", "columns"):
        if "template" in given and option in settings.given_options:
            raise UsageProblem(
                f"--template and --{option} both say how items are written", todo="leave one of them out"
            )
    return read_selection(fields, **given)
