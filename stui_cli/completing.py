"""What Tab offers for a value: for shells that ask stui itself, and in words for the scripts of those that need not.

Everything comes from plain files and from the commands' own tables, never from an image.
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Any, assert_never

from click.shell_completion import CompletionItem

from stui_cli.model.contexts import DEFAULT_SCOPE
from stui_cli.model.errors import StuiError
from stui_cli.store.files.location import Home

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import click


# What images stand together by, besides their labels.
GROUPS = ("dialect", "status", "health")


class Offer(StrEnum):
    """What may stand in the place of a value."""

    NOTHING = "nothing"
    IMAGE = "image"
    TARGET = "target"  # an image, image/session, or /session of the image that is meant here
    SESSION = "session"
    KEY = "key"
    LABEL = "label"  # key=value
    GROUP = "group"  # the key of a label, or what else images stand together by
    LIST = "list"  # some of a few words, separated by commas
    COLUMNS = "columns"  # keys of the command's items, separated by commas
    OPERATION = "operation"  # the number of a change
    DIALECT = "dialect"
    AGENT = "agent"  # a dialect that has an agent to be loaded
    SETTING = "setting"
    VALUE = "value"  # of the setting that the word before names
    HELP = "help"  # a command or a topic, and what is below the command before
    FILE = "file"
    GIVEN = "given"  # an image file, or the name of one of Pharo Launcher's
    FOLDER = "folder"


def candidates(offer: Offer, ctx: click.Context, incomplete: str, options: Mapping[str, Any]) -> list[CompletionItem]:
    """What begins with `incomplete`; `options` are the global ones that were given so far."""
    here = _Here(options)
    match offer:
        case Offer.FILE | Offer.FOLDER:
            return [CompletionItem(incomplete, type="file" if offer is Offer.FILE else "dir")]
        case Offer.GIVEN:
            from stui_cli.local.pharo_launcher import images

            return [*_beginning(incomplete, images(os.environ)), CompletionItem(incomplete, type="file")]
        case Offer.OPERATION:
            return [CompletionItem(n, help=did) for n, did in here.operations() if n.startswith(incomplete)]
        case Offer.IMAGE:
            return _beginning(incomplete, here.images())
        case Offer.TARGET:
            targets = (*here.images(), *here.targets()) if incomplete[:1] != "/" else (f"/{s}" for s in here.sessions())
            return _beginning(incomplete, targets)
        case Offer.SESSION:
            return _beginning(incomplete, here.sessions())
        case Offer.KEY:
            return _beginning(incomplete, here.keys())
        case Offer.LABEL:
            return _beginning(incomplete, _parts_of_labels(here.labels(), "=" in incomplete))
        case Offer.GROUP:
            return _beginning(incomplete, (*GROUPS, *dict.fromkeys(each.partition("=")[0] for each in here.labels())))
        case Offer.COLUMNS:
            return lists(_fields_of(ctx), incomplete)
        case Offer.VALUE:
            return _beginning(incomplete, _values_of_setting(str(ctx.params.get("key") or "")))
        case Offer.HELP:
            return _beginning(incomplete, _words_of_help(ctx.params.get("words") or ()))
        case Offer.SETTING:
            return _beginning(incomplete.replace("-", "_"), words_of(offer))
        case Offer.DIALECT | Offer.AGENT:
            return _beginning(incomplete, words_of(offer))
        case Offer.NOTHING | Offer.LIST:  # its type knows the words
            return []
        case _:
            assert_never(offer)


def words_of(offer: Offer) -> tuple[str, ...]:
    """All that may stand there, where that is known beforehand; () where it depends on more."""
    match offer:
        case Offer.DIALECT:
            from stui_cli.local.dialects import DIALECTS, VISITED

            return (*DIALECTS, *VISITED)
        case Offer.AGENT:
            from stui_cli.local.dialects import with_agent_files

            return tuple(with_agent_files())
        case Offer.SETTING:
            from stui_cli.model.settings import SETTINGS

            return tuple(SETTINGS)
        case Offer.HELP:
            from stui_cli.command_table import COMMANDS
            from stui_cli.model.topics import TOPICS

            return tuple(dict.fromkeys((*COMMANDS, *TOPICS)))
        case _:
            return ()


def lists(words: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """`incomplete`, a list with commas, with its last part completed, which a dash may turn round, by what does not
    stand in it yet."""
    before, comma, last = incomplete.rpartition(",")
    given = [word.removeprefix("-") for word in before.split(",")]
    dash = "-" if last.startswith("-") else ""
    return _beginning(incomplete, (f"{before}{comma}{dash}{word}" for word in words if word not in given))


class _Here:
    """The names that there are, as the store's plain files have them, and the image that is meant here."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._home = Home.find(options.get("home"), os.environ)

    def images(self) -> list[str]:
        from stui_cli.store.files.names import read_names

        return read_names(self._home)

    def targets(self) -> list[str]:
        """Every IMAGE/SESSION."""
        from stui_cli.store.files.names import read_names

        return read_names(self._home, sessions=True)

    def sessions(self) -> list[str]:
        """Names of sessions without their image: those of the image that is meant, of any where none is."""
        return self._of_image(self.targets())

    def keys(self) -> list[str]:
        """Names of keys, as `stui keys` last saw them."""
        from stui_cli.store.files.names import read_key_names

        return self._of_image(read_key_names(self._home))

    def labels(self) -> list[str]:
        from stui_cli.store.files.names import read_labels

        return sorted({label for _, label in read_labels(self._home)})

    def operations(self) -> list[tuple[str, str]]:
        from stui_cli.store.files.recent_names import read_operation_lines

        return read_operation_lines(self._home)

    def _of_image(self, pairs: Iterable[str]) -> list[str]:
        image = self._image()
        split = (pair.partition("/") for pair in pairs)
        return sorted({name for owner, _, name in split if image in (None, owner)})

    def _image(self) -> str | None:
        """The image that a command here means, as `resolve` finds it, from plain files alone."""
        named = self._options.get("image") or os.environ.get("STUI_IMAGE") or self._by_context()
        return named.partition("/")[0] if named else None

    def _by_context(self) -> str | None:
        from stui_cli.store.files.recent_names import read_contexts
        from stui_cli.work.meant.target import project_target
        from stui_cli.work.meant.terminals import terminal_key

        contexts = read_contexts(self._home)
        if (of_terminal := contexts.get(terminal_key() or "")) is not None:
            return of_terminal or None
        try:
            project = project_target(os.getcwd())  # noqa: PTH109  pathlib costs 3 ms
        except (StuiError, OSError):
            return None
        images = self.images()
        return (
            str(project.target) if project else contexts.get(DEFAULT_SCOPE) or (images[0] if len(images) == 1 else None)
        )


def _beginning(incomplete: str, words: Iterable[str]) -> list[CompletionItem]:
    """Those of `words` that may be completed: what a terminal would obey, or no eye see, is none of them."""
    return [CompletionItem(word) for word in words if word.startswith(incomplete) and word.isprintable()]


def _parts_of_labels(labels: Iterable[str], key_is_given: bool) -> Iterable[str]:
    """Keys as `team=` first, and labels once there is a key."""
    return labels if key_is_given else dict.fromkeys(f"{label.partition('=')[0]}=" for label in labels)


def _fields_of(ctx: click.Context) -> Sequence[str]:
    """The keys of what the command lists; of a group what its default does."""
    command: Any = ctx.command
    if (default := getattr(command, "_default", None)) is not None:
        command = command.get_command(ctx, default)
    fields = command.fields() if hasattr(command, "fields") else None
    return list(fields.shows) if fields is not None else []


def _values_of_setting(key: str) -> Sequence[str]:
    """Its words, else an example."""
    from stui_cli.model.settings import SETTINGS, offered_values

    row = SETTINGS.get(key.replace("-", "_"))
    return offered_values(row) if row else ()


def _words_of_help(before: Sequence[str]) -> Iterable[str]:
    from stui_cli.command_table import COMMANDS

    if not before:
        return words_of(Offer.HELP)
    return COMMANDS[before[0]].subcommands if len(before) == 1 and before[0] in COMMANDS else ()
