"""man/stui-store.5: the files of the store, what keeps them, and what may be deleted.

tests/test_store_page.py holds a real store against the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import command_tree  # noqa: F401  puts the checkout on sys.path
from manual import _HEADER, _bold, _prose, _text
from reference import FILES

from stui_cli import __version__
from stui_cli.store.retention import KEPT_MS, KEPT_OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY_MS = 24 * 3600 * 1000


class Kept(NamedTuple):
    """What `pattern` matches below the store's folder; `without` is what happens where it is deleted. What `may_go` is
    missed by no other file."""

    pattern: str
    without: str
    may_go: bool = False
    about: str = ""


STORE = (
    Kept("state.toml", "Never delete it: without it the store is empty."),
    Kept("operations/*", "Never delete one: undo and log need them."),
    Kept("objects/*", "Never delete one: a session's record or checkpoint is lost."),
    Kept("lock", "Never delete it: two commands could change the store at once."),
    Kept("audit.jsonl", "What was done is not known any more, and `stui audit --verify` tells of it."),
    Kept("audit.jsonl.[0-9]*", "As of audit.jsonl."),
    Kept("audit.mark", "As of audit.jsonl."),
    Kept(
        "launched/*",
        "Never delete one of an image that is registered: its keys, its log and what was saved of it are there. "
        "`stui cleanup` removes the others.",
        about="A folder for each image that `stui images launch` started, named by its image id.",
    ),
    Kept("keys/*", "The key has to be made anew: `stui keys rotate`."),
    Kept("config.toml", "Every setting has its default.", may_go=True),
    Kept("history/*", "What was evaluated is not known any more, and `--replay` has nothing to repeat.", may_go=True),
    Kept("probes.msgpack", "Every status is unknown until the next probe.", may_go=True),
    Kept(
        "contacts/*",
        "As of probes.msgpack.",
        may_go=True,
        about="What was met of each image since probes.msgpack was written.",
    ),
    Kept("cache.msgpack", "It is made again.", may_go=True),
    Kept("names/*", "They are made again with the next change.", may_go=True),
    Kept("failed_tests/*", "`stui test --rerun-failed` has nothing to run.", may_go=True),
    Kept("crashes/*", "Nobody misses it.", may_go=True),
)

BACKUP = 'flock "$STUI_HOME/lock" cp -a "$STUI_HOME" backup'


def store_page(date: str) -> str:
    """The whole page; `date` is that of the release."""
    parts = (_head(date), _files(), _schema(), _retention(), _backup(), _end())
    return "\n".join(line for part in parts for line in part) + "\n"


def about(row: Kept) -> str:
    """What a file is for, as stui(1) says it where it is named there."""
    if row.about:
        return row.about
    for names, text in FILES.items():
        listed = [name.rstrip("/") for name in names.split(", ")]
        if row.pattern.partition("/")[0] in (name.partition("/")[0] for name in listed):
            return text
    return FILES["audit.jsonl.1, ..."]


def _head(date: str) -> Iterator[str]:
    yield _HEADER
    yield f'.TH STUI\\-STORE 5 {date} "stui {__version__}" "File Formats"'
    yield from (".SH NAME", "stui\\-store \\- the files in which stui keeps what it knows")
    yield from (".SH SYNOPSIS", ".nf", _bold("$STUI_HOME"), _bold("$XDG_STATE_HOME/stui"))
    yield from (_bold("~/.local/state/stui"), ".fi")
    yield ".SH DESCRIPTION"
    yield _text(
        "The store is one folder, of mode 0700, which belongs to one user alone; its files have mode 0600. "
        "`stui images -v` tells where it is. config.toml is in it where `STUI_HOME` or `--home` names the "
        "folder, else in the folder of settings (stui-config(5))."
    )
    yield from _prose(
        "A change is made under the lock: its objects are written, then its operation, then state.toml is replaced. "
        "That replacement is the change: before it nothing has happened, after it all has. Who reads takes no lock, "
        "and never sees half a change."
    )


def _files() -> Iterator[str]:
    yield ".SH FILES"
    for row in STORE:
        yield from (".TP", _bold(row.pattern), _text(about(row)), ".br", _text(f"Without it: {row.without}"))


def _schema() -> Iterator[str]:
    yield ".SH SCHEMA"
    yield _text(
        "state.toml, operations, objects and histories carry the number of their schema, which is 1. A field "
        "that this stui does not know is kept; a file of another schema is refused with exit 10, and nothing is "
        "written. Operations and objects carry a checksum. A damaged file is named, and `stui doctor --repair` mends "
        "from the operation log what can be mended."
    )


def _retention() -> Iterator[str]:
    yield ".SH RETENTION"
    yield _text(
        f"Operations that are older than {KEPT_MS // _DAY_MS} days and not among the last {KEPT_OPERATIONS} are "
        "removed, with the objects that only they needed; switches do not count. `stui cleanup` does so, too. The "
        "audit log only grows; `audit_limit` in config.toml divides it."
    )


def _backup() -> Iterator[str]:
    yield ".SH BACKUP"
    yield _text("Copy the whole folder while no command changes it:")
    yield from (".PP", ".in +4n", ".EX", BACKUP, ".EE", ".in")
    yield from _prose(
        "`stui --home backup` reads the copy. Entries name their key files and the folders of launched images by "
        "their full paths, so those are looked for where they were."
    )


def _end() -> Iterator[str]:
    yield ".SH SEE ALSO"
    yield from (".BR stui (1),", ".BR stui\\-audit (1),", ".BR stui\\-cleanup (1),", ".BR stui\\-doctor (1),")
    yield from (".BR stui\\-log (1),", ".BR stui\\-undo (1),", ".BR stui\\-config (5)")
