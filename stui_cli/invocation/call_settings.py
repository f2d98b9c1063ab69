"""What one call of stui heeds: the command line counts before a variable, that before config.toml, and that before the
default. Nothing is read before it is needed."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stui_cli.model.colors import environments_color
from stui_cli.model.errors import StoreProblem, UsageProblem
from stui_cli.model.results import OutputMode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.store.files.configured import Settings
    from stui_cli.work.meant.target import Asked

# The options that choose what is shown of the items.
_CHOOSING = ("columns", "sort", "limit", "template")

DEFAULT_TIMEOUT_S = 2.0
DEFAULT_LOCK_TIMEOUT_S = 10.0

# The settings that a variable may say. A test compares them, and the defaults above, with the table of settings, which
# no command needs that finds neither a variable nor a config.toml.
FROM_ENVIRONMENT = ("timeout", "output", "lock_timeout")


class CallSettings:
    """The options of the call, and what counts where they say nothing. A file or a variable that cannot be
    used counts as saying nothing, but to `heed_settings`, which tells why."""

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
        self._options = options
        self.environ = os.environ if environ is None else environ

    @property
    def asked(self) -> Asked:
        """What -i and -s name."""
        from stui_cli.work.meant.target import Asked

        return Asked(self._options.get("image"), self._options.get("session"))

    @property
    def given_options(self) -> Mapping[str, Any]:
        """The global options of the command line, by name; what is not given is not there."""
        return self._options

    @cached_property
    def configured(self) -> Settings | UsageProblem | None:
        """What config.toml says, read once; None where there is none. Why it cannot be used is kept, since the form of
        the message is one of the settings."""
        from stui_cli.store.files.location import Home

        try:
            home = Home.find(self.home, self.environ)
            os.lstat(home.config)
        except (FileNotFoundError, NotADirectoryError, StoreProblem):  # who needs a store tells that it has no place
            return None
        except UsageProblem as error:  # --home or STUI_HOME is an address that names no store
            return error
        except (OSError, ValueError):
            pass  # told by who reads it
        from stui_cli.store.files.settings import read_settings

        try:
            return read_settings(home)
        except UsageProblem as error:
            return error

    def heed_settings(self) -> Iterator[str]:
        """Raise UsageProblem for a config.toml or a variable that cannot be used; yield what is to be warned of: keys
        that mean nothing."""
        match self.configured:
            case None:
                pass
            case UsageProblem() as problem:
                raise problem
            case found:
                yield from found.warnings
        for key in FROM_ENVIRONMENT:
            self._from_environment(key)

    def setting(self, key: str, given: Any = None) -> Any:
        """The value of a setting that counts: `given` on the command line, else its variable's, else config.toml's,
        else the default; None where there is none. In ms for a duration."""
        if given is None:
            given = self.below_options(key)
        if given is None:
            from stui_cli.model.settings import SETTINGS, default_of

            given = default_of(SETTINGS[key])
        return given

    def below_options(self, key: str) -> Any:
        """What a variable says, else config.toml; None where neither does, or what they say cannot be used."""
        try:
            found = self._from_environment(key)
        except UsageProblem:  # the boundary tells it, and asks for the form of output itself
            found = None
        configured = self.configured
        if found is None and configured is not None and not isinstance(configured, UsageProblem):
            found = configured.values.get(key)
        return found

    def _from_environment(self, key: str) -> Any:
        if not self.environ.get(f"STUI_{key.upper()}"):
            return None
        from stui_cli.model.settings import SETTINGS, from_environment

        return from_environment(SETTINGS[key], self.environ)

    @property
    def timeout(self) -> float:
        """Seconds that all the talk with images may take."""
        given = self._options.get("timeout") or self.below_options("timeout")
        return DEFAULT_TIMEOUT_S if given is None else given / 1000

    @property
    def given_timeout(self) -> float | None:
        """The same as the command line says it, None if it does not: for commands whose bound is another."""
        given = self._options.get("timeout")
        return None if given is None else given / 1000

    @property
    def lock_timeout(self) -> float:
        """Seconds to wait for the store while others change it."""
        given = self._options.get("lock_timeout")
        if given is None:
            given = self.below_options("lock_timeout")
        return DEFAULT_LOCK_TIMEOUT_S if given is None else given / 1000

    @property
    def quiet(self) -> bool:
        return bool(self._options.get("quiet"))

    @property
    def verbose(self) -> bool:
        return bool(self._options.get("verbose"))

    @property
    def debug(self) -> bool:
        return bool(self._options.get("debug"))

    @property
    def home(self) -> str | None:
        """The store's directory that --home names."""
        given: str | None = self._options.get("home")
        return given

    @property
    def mode(self) -> OutputMode:
        if "template" in self._options:  # it is a form of its own, whatever a variable or config.toml says
            return OutputMode(self._options.get("output") or "auto")
        return OutputMode(self._options.get("output") or self.below_options("output") or "auto")

    @property
    def color(self) -> str:
        """auto, always or never."""
        given: str | None = self._options.get("color")
        # The environment is stronger than a file.
        return given or environments_color(self.environ) or self.below_options("color") or "auto"

    @property
    def colors_out(self) -> bool:
        """Whether stdout has colours, also where the other options about the output cannot be used."""
        wanted = self.color
        return wanted == "always" or (wanted == "auto" and sys.stdout.isatty())

    @property
    def confirms_all(self) -> bool:
        """Whether -y was given."""
        return bool(self._options.get("yes"))

    @property
    def may_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return not self._options.get("no_input") and sys.stdin.isatty()

    @property
    def choosing(self) -> Mapping[str, Any]:
        """The options given that choose what is shown of the items."""
        return {key: self._options[key] for key in _CHOOSING if key in self._options}
