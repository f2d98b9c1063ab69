"""A PostgreSQL of the tests: one server for a run, of an ordinary user, in a temporary folder, and a schema each test.

Found by PATH, or where Debian has it. As root it is run by `nobody`: PostgreSQL refuses root.
"""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import randrange
from typing import TYPE_CHECKING, Any

import pytest
from needs import missing, program

from stui_cli.store.files.location import Home

if TYPE_CHECKING:
    from collections.abc import Sequence

# Whatever becomes of the process of the tests, its end of the pipe closes: then the server goes, and all of it.
_WATCH = 'cat >/dev/null; "$1" -D "$2" -w -m immediate stop >/dev/null 2>&1; rm -rf "$3"'

# A file system of so many bytes, seen by what is run in it alone and gone with it; PostgreSQL must not be root there.
_MOUNT = """\
mount -t tmpfs -o "size=$1,mode=700" none "$2" || exit
shift 2
exec unshare -U --map-user=1000 --map-group=1000 "$@"
"""

# Not for users: a sync for each commit would make the tests wait for the disk. What a commit acknowledged outlives the
# server all the same where it is `durable`, for the system goes on.
_SETTINGS = """
fsync = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 120
autovacuum = off
log_min_messages = warning
"""

_numbers = itertools.count()


def bin_folder() -> Path:
    """Where pg_ctl and its like are; skips the test where they are not."""
    found = shutil.which("pg_ctl")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[-3]))
    if not folders:
        missing("there is no PostgreSQL: neither pg_ctl on the PATH nor /usr/lib/postgresql/*/bin/pg_ctl")
    return folders[-1].parent


class TeamServer:
    """One running server. `url(database)` is where a client finds it, by its socket or on loopback. One that `follows`
    another is its replica, which can only be read until it is promoted. With `small` its tables are on a disk of as
    many bytes, which no other process sees."""

    def __init__(self, *, durable: bool = False, follows: TeamServer | None = None, small: int = 0) -> None:
        self.bin = bin_folder()
        self.folder = Path(tempfile.mkdtemp(prefix="stui-pg-"))
        self.data = self.folder / "data"
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self._account is not None:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self.folder.chmod(0o755)
        self._make(durable) if follows is None else self._make_replica(follows)
        self._watch = subprocess.Popen(
            ["sh", "-c", _WATCH, "watch", str(self.bin / "pg_ctl"), str(self.data), str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            **self._as_its_user(),
        )
        self._small = small
        if small:
            self.disk.mkdir()
            shutil.chown(self.disk, *self._owner)
            self._check_mounts()
        for last in (False, False, True):
            self.port = _free_port()
            try:
                self.start()
                break
            except AssertionError:  # whoever connects somewhere may get that port meanwhile
                if last:
                    raise
        if small:
            self.sql(f"create tablespace small location '{self.disk}'")
            self.sql("alter role owner set default_tablespace = small")

    def _with_disk(self, size: int) -> list[str]:
        """What comes before a command that is to see the small disk."""
        return [program("unshare"), "-rm", "sh", "-c", _MOUNT, "mount", str(size), str(self.disk)]

    def _check_mounts(self) -> None:
        """Skip the test where the system lets its users mount nothing."""
        words = [*self._with_disk(4096), "true"]
        done = subprocess.run(words, check=False, capture_output=True, text=True, **self._as_its_user())
        if done.returncode != 0:
            self.end()
            pytest.skip(f"nobody may mount a small file system here: {done.stderr.strip()}")

    @property
    def disk(self) -> Path:
        """Where the small disk is."""
        return self.folder / "small"

    @property
    def _owner(self) -> tuple[int, int]:
        found = self.data.stat()
        return found.st_uid, found.st_gid

    def _make(self, durable: bool) -> None:
        self.run("initdb", "-D", str(self.data), "-U", "owner", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(_SETTINGS)
            if not durable:
                file.write("synchronous_commit = off\n")

    def _make_replica(self, of: TeamServer) -> None:
        address = f"host={of.folder} port={of.port} user=owner application_name=replica"
        self.run("pg_basebackup", "-d", address, "-D", str(self.data), "-R", "-X", "stream", "-c", "fast", "-N")

    def _as_its_user(self) -> dict[str, Any]:
        return {} if self._account is None else {"user": self._account.pw_uid, "group": self._account.pw_gid}

    def run(self, program: str, *arguments: str) -> str:
        """Run one of its programs as its user."""
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(self.folder)},
            **self._as_its_user(),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        options = f"-k {self.folder} -p {self.port} -c listen_addresses=127.0.0.1"
        log = str(self.folder / "log")
        within = self._with_disk(self._small) if self._small else []
        self._control("-w", "-t", "60", "-l", log, "-o", options, "start", within=within)

    def _control(self, *arguments: str, within: Sequence[str] = ()) -> None:
        # What pg_ctl starts keeps its output: a pipe would never end.
        done = subprocess.run(
            [*within, str(self.bin / "pg_ctl"), "-D", str(self.data), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(self.folder), "LOCPATH": str(self.folder)},
            **self._as_its_user(),
        )
        assert done.returncode == 0, (self.folder / "log").read_text()

    def stop(self, mode: str = "fast") -> None:
        self._control("-w", "-m", mode, "stop")

    def end(self) -> None:
        """Stop it, and remove all of it."""
        assert self._watch.stdin is not None
        self._watch.stdin.close()
        self._watch.wait(60)

    def acknowledge_with(self, replica: TeamServer) -> None:
        """Let nothing be acknowledged before it is on the replica, too."""
        self.until("select 1 from pg_stat_replication where state = 'streaming'")
        self.sql("alter system set synchronous_standby_names = 'replica'")
        self.sql("select pg_reload_conf()")
        self.until("select 1 from pg_stat_replication where sync_state = 'sync'")

    def promote(self) -> None:
        """Let a replica take changes from now on, of its own."""
        self._control("-w", "promote")

    def speak(self, language: str) -> None:
        """Let its messages be of a locale, such as de_DE.UTF-8, made for it alone; skips the test where that is not
        possible. It is not known whether it has the words."""
        name, _, characters = language.partition(".")
        words = [program("localedef"), "-i", name, "-f", characters, str(self.folder / language)]
        done = subprocess.run(
            words, check=False, capture_output=True, text=True, cwd=self.folder, **self._as_its_user()
        )
        if not (self.folder / language).is_dir():
            pytest.skip(f"the locale {language} cannot be made here: {done.stderr.strip()}")
        self.sql(f"alter system set lc_messages = '{language}'")
        self.sql("select pg_reload_conf()")
        self.until(f"select 1 where current_setting('lc_messages') = '{language}'")

    def kill(self) -> None:
        """SIGKILL to the server's first process, as the system does where memory is short; its others go by
        themselves, soon after."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def start_again(self) -> None:
        """After it was killed: as soon as the last of its processes is gone."""
        for _ in range(200):
            try:
                self.start()
            except AssertionError:
                time.sleep(0.05)
            else:
                return
        self.start()

    def restart(self) -> None:
        """Let it crash, and start it again."""
        self.stop("immediate")
        self.start()

    def url(self, schema: str = "stui", user: str = "owner", database: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}&schema={schema}"

    @property
    def conninfo(self) -> str:
        return f"host={self.folder} port={self.port} user=owner dbname=postgres"

    def until(self, query: str) -> None:
        """Wait until a query returns a row."""
        end = time.monotonic() + 40
        while not self.sql(query):
            assert time.monotonic() < end, query
            time.sleep(0.02)

    def sql(self, text: str, user: str = "owner", database: str = "postgres") -> list[tuple[object, ...]]:
        """Run statements, and return what the last one does."""
        import psycopg

        conninfo = f"host={self.folder} port={self.port} user={user} dbname={database}"
        with psycopg.connect(conninfo, autocommit=True) as connection:
            cursor = connection.execute(text.encode())
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []


@cache
def team_server() -> TeamServer:
    """The server of this run, started when it is first needed."""
    server = TeamServer()
    atexit.register(server.end)
    return server


class Team:
    """A store of a team, in a schema of its own; `folder` is where this person keeps what is his own."""

    def __init__(self, folder: Path, *, made: bool = True, server: TeamServer | None = None) -> None:
        self.server = server or team_server()
        self.schema = f"test_{os.getpid()}_{next(_numbers)}"
        self.folder = folder
        if made:
            from stui_cli.store.postgresql.schema import tables_sql

            self.server.sql(tables_sql(self.schema))

    @property
    def url(self) -> str:
        return self.server.url(self.schema)

    def home(self) -> Home:
        return Home(str(self.folder), str(self.folder), "--home", self.url)

    def sql(self, text: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        return self.server.sql(text.replace("{schema}", self.schema))


def _free_port() -> int:
    """A port below those that a system gives to whoever connects: it has to be free again after a restart."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = randrange(10_000, 32_000)
            probe.bind(("127.0.0.1", port))
            return port
