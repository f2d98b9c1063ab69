"""What an image says of itself, made fit to be kept: it goes into the registry, the probes and the log.

An id is a key of the store, so one that is no short word is no greeting. The rest is for people: a line of
text, whose hidden characters are made visible before anything keeps or shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.visible import visible

if TYPE_CHECKING:
    from stui_cli.protocol.greeting import Greeting

# Nothing of it means anything to a shell, nor is a path. (The module `string` has the letters, for 0.6 ms.)
_WORD: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
_ID: Final = f"{_WORD}:+"

# Real names have 10 to 60 characters, real ids 36.
_LONGEST_NAME: Final = 200
_LONGEST_ID: Final = 128
_LONGEST_WORD: Final = 32


def flaw_in(greeting: Greeting) -> str:
    """What in it is no greeting of protocol 1, "" if nothing."""
    image_id, incarnation = greeting.image_id, greeting.incarnation
    if not 0 < len(image_id) <= _LONGEST_ID or image_id.strip(_ID):
        return f"a greeting whose image id is none: {one_line(image_id, _LONGEST_NAME)!r}"
    if not (0 < len(incarnation) <= _LONGEST_ID and incarnation.isascii() and incarnation.isprintable()):
        return f"a greeting whose incarnation is none: {one_line(incarnation, _LONGEST_NAME)!r}"
    return ""


def as_kept(greeting: Greeting) -> Greeting:
    """The greeting with its texts as they may be kept and shown."""
    return greeting._replace(
        agent=one_line(greeting.agent, _LONGEST_NAME),
        image_name=one_line(greeting.image_name, _LONGEST_NAME),
        dialect=one_line(greeting.dialect, _LONGEST_WORD),
        image_version=one_line(greeting.image_version, _LONGEST_NAME),
    )


def role_as_kept(role: str) -> str:
    """The role that an image gave us, as the audit log may keep it."""
    return one_line(role, _LONGEST_WORD)


def word_for_advice(dialect: str) -> str:
    """The dialect as a command that is advised may have it: an image's own text is never pasted into a shell."""
    return dialect if dialect[:1].isalpha() and not dialect.strip(_WORD) else "DIALECT"


def one_line(text: str, longest: int) -> str:
    """At most `longest` characters of `text`, all of them visible."""
    shown = visible(text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."
