"""`stui config edit`: config.toml in the user's editor, checked before it counts."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.contract.setting import CONFIG_FILE
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import StuiError, UsageProblem
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def _draft(invocation: Invocation, given: bytes, name: str) -> Iterator[str]:
    """A copy to be edited. It is gone afterwards, but where something fails and somebody wrote in it: then it is told
    where it is."""
    from stui_cli.local.editor import draft_of

    path = draft_of(given, name)
    try:
        yield path
    except BaseException as error:
        if not _is_written(path, given):
            Path(path).unlink(missing_ok=True)
            raise
        left = f"nothing was changed; what you wrote is in {path}"
        if isinstance(error, StuiError):
            error.todo = left
        else:  # Ctrl-C at the question
            invocation.announce(left)
        raise
    Path(path).unlink(missing_ok=True)


def _is_written(draft: str, given: bytes) -> bool:
    from stui_cli.local.editor import content_of

    with suppress(StuiError):
        return content_of(draft) != given
    return False


def _mended(invocation: Invocation, words: list[str], draft: str, path: str) -> tuple[bytes, Sequence[str]]:
    """What a person makes of the draft, once it can be used, and warnings about it. Raises UsageProblem if it cannot,
    and nobody mends it."""
    from stui_cli.local.editor import content_of, run_editor
    from stui_cli.work.configuration import checked_draft

    while True:
        run_editor(words, draft, invocation.environ)
        written = content_of(draft)
        try:
            return written, checked_draft(written, path).warnings
        except UsageProblem as error:
            if invocation.confirms_all or not invocation.may_ask:
                raise
            invocation.screen.say(f"stui: {error.what}")
            if not invocation.confirm("Edit it again?"):
                raise


@command("config_file", name="edit", purpose=Purpose.ACT, heeds_settings=False)
def cli(invocation: Invocation) -> int:
    """Open config.toml in $VISUAL, else $EDITOR, and check it before it counts.

    What is edited is a copy. It replaces the file once it can be used; where it cannot, a terminal asks whether to edit
    it again, else the copy stays and its path is told. Where there is no config.toml yet, the copy has every key as a
    comment.
    """
    from stui_cli.local.editor import editor_of
    from stui_cli.work.configuration import current_bytes, edited, template

    store = invocation.open_store()
    path = store.home.config
    words = editor_of(invocation.environ, at_terminal=invocation.may_ask)
    before = current_bytes(store)
    given = before or template().encode()
    with _draft(invocation, given, Path(path).name) as draft:
        written, warnings = _mended(invocation, words, draft, path)
        if written != given:
            edited(store, before, written)
    item = {"path": path, "exists": Path(path).exists()}
    text = f"{path} is {'as it was' if written == given else 'changed'}"
    return invocation.show(Result(CONFIG_FILE, [item], text=text, warnings=warnings))
