"""Names of images and sessions, and the pair `image/session` that people type."""

import re
from collections.abc import Iterable

from stui_cli.model.errors import UsageProblem
from stui_cli.named_tuples import NamedTuple

LONGEST_NAME = 64

# No slash (it separates image from session), no leading dash or dot (options, files), nothing a shell expands.
# Compiled when the first name is given: 0.15 ms, which a start that makes none does not pay.
_NAME = r"[^\W_][\w.@+-]*\Z"


def can_name(text: str) -> bool:
    """Whether `text` may name an image or a session."""
    return len(text) <= LONGEST_NAME and re.match(_NAME, text) is not None


def checked_name(text: str, kind: str) -> str:
    """Return `text` if it may name an image or a session; raise UsageProblem naming the rule if not."""
    if not can_name(text):
        raise UsageProblem(
            f"{text!r} cannot name {kind}",
            todo=f"use a letter or digit first, then letters, digits and . _ @ + -, {LONGEST_NAME} at most",
        )
    return text


def checked_text(text: str, what: str) -> str:
    """Return `text` if it is text; raise UsageProblem if it holds bytes that are no UTF-8, which Python keeps as lone
    surrogates and no file of ours could hold. `what` names it in the message."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageProblem(
            f"{what} is no UTF-8 text: {text!r}", todo="write it in UTF-8, as a terminal with a UTF-8 locale does"
        ) from error
    return text


class Target(NamedTuple):
    """What a command means: an image, and perhaps a session in it, both by name."""

    image: str
    session: str | None = None

    def __str__(self) -> str:
        return self.image if self.session is None else f"{self.image}/{self.session}"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint naming the closest known names; empty when none is close."""
    import difflib  # only when something was misspelt

    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else ""
