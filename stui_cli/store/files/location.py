"""Where the store is, whose it is, and what each of its files is called.

A path is text here and in all of the store: importing pathlib, which brings urllib and ipaddress, costs 3 ms.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem
from stui_cli.store.files.disk import FILE_MODE, FOLDER_MODE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stui_cli.store.files.disk import Disk

# Who else may read or write: nobody (DESIGN section 7).
_OTHERS = 0o077


class Home:
    """The names of the store's files. Making one touches nothing on disk.

    `folder` holds everything but config.toml, which lives in `config_folder`; with `--home` or STUI_HOME
    both are the same. `chosen_by` says what decided, for messages. `team` is the address of the team's store, where
    the store is one: then `folder` holds what this person keeps beside it.
    """

    __slots__ = ("chosen_by", "config_folder", "folder", "team")

    def __init__(self, folder: str, config_folder: str, chosen_by: str, team: str | None = None) -> None:
        self.folder = folder
        self.config_folder = config_folder
        self.chosen_by = chosen_by
        self.team = team

    @classmethod
    def find(cls, option: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> Home:
        """The home that `--home` names, else STUI_HOME, else the XDG Base Directory Specification's folders.

        Raises StoreProblem where nothing names any.
        """
        for given, chosen_by in ((option, "--home"), (environ.get("STUI_HOME"), "STUI_HOME")):
            if given:
                if (text := os.fspath(given))[:8].lower() == "postgres" and "://" in text:
                    return cls._beside_team(text, chosen_by, environ)
                folder = _absolute(text)
                return cls(folder, folder, chosen_by)
        if sys.platform == "win32" and (local := environ.get("LOCALAPPDATA")):
            folder = os.path.join(local, "stui")
            return cls(folder, folder, "LOCALAPPDATA")
        return cls(
            os.path.join(_xdg(environ, "XDG_STATE_HOME", ".local/state"), "stui"),
            os.path.join(_xdg(environ, "XDG_CONFIG_HOME", ".config"), "stui"),
            "XDG_STATE_HOME" if environ.get("XDG_STATE_HOME") else "HOME",
        )

    @classmethod
    def _beside_team(cls, team: str, chosen_by: str, environ: Mapping[str, str]) -> Home:
        """The home of what this person keeps beside the store of a team: a folder for each store, settings for all."""
        from stui_cli.store.team_address import TeamAddress

        own = cls.find(None, {name: value for name, value in environ.items() if name != "STUI_HOME"})
        folder = os.path.join(own.folder, "teams", TeamAddress(team).folder)
        return cls(folder, own.config_folder, chosen_by, team)

    @property
    def config(self) -> str:
        """The user's settings; `stui config` alone writes it."""
        return os.path.join(self.config_folder, "config.toml")

    @property
    def state(self) -> str:
        return os.path.join(self.folder, "state.toml")

    @property
    def cache(self) -> str:
        """state.toml as quick to read as it can be; made again whenever it does not belong to state.toml."""
        return os.path.join(self.folder, "cache.msgpack")

    @property
    def lock(self) -> str:
        return os.path.join(self.folder, "lock")

    @property
    def probes(self) -> str:
        return os.path.join(self.folder, "probes.msgpack")

    @property
    def contacts(self) -> str:
        """What was met since probes.msgpack was written, a file for each image."""
        return os.path.join(self.folder, "contacts")

    @property
    def audit(self) -> str:
        return os.path.join(self.folder, "audit.jsonl")

    @property
    def audit_mark(self) -> str:
        """How many lines the audit log had, so that a missing end is noticed."""
        return os.path.join(self.folder, "audit.mark")

    @property
    def operations(self) -> str:
        return os.path.join(self.folder, "operations")

    def operation(self, number: int) -> str:
        return os.path.join(self.operations, f"{number:06d}.msgpack")

    @property
    def objects(self) -> str:
        return os.path.join(self.folder, "objects")

    def object(self, sha256: str) -> str:
        return os.path.join(self.objects, f"{sha256}.msgpack")

    @property
    def histories(self) -> str:
        return os.path.join(self.folder, "history")

    def history(self, image_id: str, session_id: str) -> str:
        return os.path.join(self.histories, plain_file_name(image_id), plain_file_name(session_id))

    @property
    def names(self) -> str:
        return os.path.join(self.folder, "names")

    @property
    def names_made_for(self) -> str:
        """Which operation the names are of."""
        return os.path.join(self.names, "made_for")

    @property
    def damaged(self) -> str:
        """Where repair sets aside what it replaced."""
        return os.path.join(self.folder, "damaged")

    @property
    def crashes(self) -> str:
        return os.path.join(self.folder, "crashes")

    def failed_tests(self, image_id: str) -> str:
        """Which tests of an image did not pass when they ran last."""
        return os.path.join(self.folder, "failed_tests", plain_file_name(image_id))

    def launched(self, name: str) -> str:
        """The folder of an image that stui starts: its keys, its start file, its log."""
        return os.path.join(self.folder, "launched", plain_file_name(name))

    def exists(self) -> bool:
        """Whether there is a store; raises StoreProblem if the folder is no folder, or belongs to someone else."""
        try:
            status = os.stat(self.folder)
        except FileNotFoundError:
            return False
        self._check(status)
        return True

    def prepare(self, disk: Disk, announce: Callable[[str], None]) -> None:
        """Make the folder if it is missing, and take back what others are allowed in it.

        Raises StoreProblem for a folder that is not this user's, OSError where it cannot be made.
        """
        try:
            status = os.stat(self.folder)
        except FileNotFoundError:
            disk.make_folder(self.folder)
            return
        self._check(status)
        if os.name != "posix":
            return
        if status.st_mode & _OTHERS:
            disk.change_mode(self.folder, FOLDER_MODE)
            announce(f"{self.folder} was open to others (mode {stat.S_IMODE(status.st_mode):04o}); it is 0700 now")
        for path in (self.state, self.lock, self.audit, self.probes):
            self._close_to_others(path, disk, announce)

    def _close_to_others(self, path: str, disk: Disk, announce: Callable[[str], None]) -> None:
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            return
        if stat.S_ISLNK(status.st_mode):
            raise StoreProblem(
                f"{path} is a symbolic link; a change of the store would replace the link, not the file behind it",
                todo="put the file itself there, or link the whole folder instead",
            )
        if status.st_mode & _OTHERS:
            disk.change_mode(path, FILE_MODE)
            announce(f"{path} was open to others (mode {stat.S_IMODE(status.st_mode):04o}); it is 0600 now")

    def _check(self, status: os.stat_result) -> None:
        if not stat.S_ISDIR(status.st_mode):
            raise StoreProblem(
                f"{self.folder}, the store named by {self.chosen_by}, is no folder",
                todo="name another one: --home DIR, STUI_HOME",
            )
        if os.name == "posix" and status.st_uid != os.geteuid():
            raise StoreProblem(
                f"{self.folder} belongs to user {_user(status.st_uid)}, and this is {_user(os.geteuid())}",
                todo="run stui as its owner, or use a store of your own: --home DIR, STUI_HOME",
            )


def plain_file_name(identifier: str) -> str:
    """A file name for an id that an image gave itself: what is no plain word (a path, say) is hashed instead."""
    if identifier.isascii() and identifier.replace("-", "").isalnum() and len(identifier) <= 64:
        return identifier
    from stui_cli.model.digest import sha256_hex

    return "id." + sha256_hex(identifier.encode("utf-8", "surrogatepass"))


def _absolute(path: str) -> str:
    """What pathlib's absolute() makes of `path`: no `..` is taken away, for after a link it is another folder."""
    if not os.path.isabs(path):
        path = os.path.join(_here(path), path)
    drive, rest = os.path.splitdrive(path)
    return drive + os.sep + os.sep.join(part for part in rest.split(os.sep) if part not in ("", os.curdir))


def _here(path: str) -> str:
    """The folder from which `path` counts."""
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        raise StoreProblem(
            f"the store is at {path}, which counts from this folder, and this folder is gone",
            todo="go to a folder that is there, or name the store by a path that begins with /",
        ) from error


def _xdg(environ: Mapping[str, str], variable: str, below_home: str) -> str:
    given = environ.get(variable, "")
    # "If an implementation encounters a relative path in any of these variables it should consider the path
    # invalid and ignore it." (XDG Base Directory Specification)
    if given.startswith("/"):
        return _absolute(given)
    home = environ.get("HOME")
    if not home or not os.path.isabs(home):  # else there would be a store in every folder that it is run in
        raise StoreProblem(
            f"no place for the store: neither STUI_HOME nor {variable} nor HOME is set"
            + (f" to an absolute path (HOME is {home!r})" if home else ""),
            todo="set STUI_HOME to a folder of your own, or use --home DIR",
        )
    return os.path.join(_absolute(home), below_home)


def _user(uid: int) -> str:
    import pwd  # only for the message

    try:
        return f"{pwd.getpwuid(uid).pw_name} ({uid})"
    except KeyError:
        return str(uid)
