"""config.toml: the user's own settings, which stui reads and never writes (DESIGN section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.store.location import Home


def on_change(home: Home) -> tuple[str, ...]:
    """The words of the command to run when an image's status changes; empty if none is set.

    It is given as one text, split as a shell would but run without one, or as a list of words. Raises UsageProblem.
    """
    match given := _settings(home).get("on_change"):
        case None | "" | []:
            return ()
        case str():
            import shlex

            try:
                return tuple(shlex.split(given))
            except ValueError as error:
                raise _wrong(home, f"on_change: {error}") from error
        case list() if all(isinstance(word, str) for word in given) and given[0]:
            return tuple(map(str, given))
        case _:
            raise _wrong(home, "on_change is neither a text nor a list of texts")


def keeps_sources(home: Home) -> bool:
    """Whether the audit log holds the source of each evaluation (`audit_source = "text"`, as without a setting) or only
    its hash (`audit_source = "hash"`). Raises UsageProblem."""
    match given := _settings(home).get("audit_source", "text"):
        case "text":
            return True
        case "hash":
            return False
        case _:
            raise _wrong(home, f"audit_source is {given!r}, neither text nor hash")


def history_limit(home: Home) -> int | None:
    """How large the history of one session may grow, in bytes (`history_limit = "4M"`); None where nothing is set.
    Raises UsageProblem."""
    match given := _settings(home).get("history_limit"):
        case None:
            return None
        case int() if given > 0 and not isinstance(given, bool):
            return given
        case str():
            from stui_cli.model.sizes import parse_size

            try:
                return parse_size(given)
            except UsageProblem as error:
                raise _wrong(home, f"history_limit: {error.what}") from error
        case _:
            raise _wrong(home, "history_limit is no size")


def _settings(home: Home) -> Mapping[str, object]:
    try:
        with open(home.config, "rb") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _wrong(home, error.strerror or str(error)) from error
    import tomllib

    try:
        return tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(home, str(error)) from error


def _wrong(home: Home, why: str) -> UsageProblem:
    return UsageProblem(f"{home.config} cannot be used: {why}", todo='it holds lines such as: on_change = "notify-me"')
