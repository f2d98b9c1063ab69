"""Whether a person waits for what is done now, and may be asked: for what asks by itself, as ssh does for a password.

It holds for the thread that the command runs in alone. Whatever is done for many images at once is done in threads of
its own, which may not ask: nobody could tell whose question it is.
"""

from contextvars import ContextVar

_MAY_ASK = ContextVar("may_ask", default=False)


def may_ask() -> bool:
    return _MAY_ASK.get()


def let_ask(allowed: bool) -> None:
    """Say for this thread whether somebody is there to answer."""
    _MAY_ASK.set(allowed)
