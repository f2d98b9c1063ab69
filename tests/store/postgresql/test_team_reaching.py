"""How a server is reached is libpq's affair: passwords in .pgpass, services, several hosts, TLS. And what is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from certificates import Authority
from store_tools import ACTOR, Clock, Heard, add_image
from team_server import Team

from stui_cli.store.files.location import Home
from stui_cli.store.problems import Away, Forbidden
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


IMPORTED = """
import sys
from stui_cli.main import run
code = run(["context"])
print("IMPORTED", code, *sys.modules)
"""

SECRET = "gehe:im /?@#"


class Guarded:
    """A team whose server asks `user` for a password, on loopback alone, and has TLS by a CA of its own."""

    def __init__(self, team: Team, folder: Path) -> None:
        self.team = team
        self.folder = folder
        self.user = f"{team.schema}_ada"
        authority = Authority(folder, "ours")
        self.ca = authority.pair.cert
        self.pair = authority.issue("db.example")
        hba = team.server.data / "pg_hba.conf"
        self._hba_before = hba.read_text()
        hba.write_text(f"host all {self.user} 127.0.0.1/32 scram-sha-256\n{self._hba_before}")
        for name, path in {"server.crt": self.pair.cert, "server.key": self.pair.key}.items():
            made = team.server.data / name
            shutil.copyfile(path, made)
            shutil.chown(made, team.server.data.stat().st_uid)
            made.chmod(0o600)
        team.sql(f"create role {self.user} login superuser password '{SECRET}'")
        self._tell("alter system set ssl = on")

    def end(self) -> None:
        (self.team.server.data / "pg_hba.conf").write_text(self._hba_before)
        self._tell("alter system reset ssl")
        self.team.sql(f"drop role {self.user}")

    def _tell(self, statement: str) -> None:
        self.team.sql(statement)
        self.team.sql("select pg_reload_conf()")
        wanted = "on" if "= on" in statement else "off"
        while self.team.sql("show ssl") != [(wanted,)]:
            pass

    def store(self, *, user: str = "", host: str = "127.0.0.1", query: str = "") -> Store:
        address = f"{user or self.user}@{host}:{self.team.server.port}/postgres"
        return self.at(f"postgresql://{address}?schema={self.team.schema}{query}")

    def at(self, url: str) -> Store:
        return Store(Home(str(self.folder), str(self.folder), "--home", url), ACTOR, Clock(), announce=Heard())


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    made = Guarded(Team(tmp_path / "mine"), tmp_path)
    made.team.folder.mkdir(exist_ok=True)
    yield made
    made.end()


def test_libpq_finds_the_server_and_the_password_by_itself(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    escaped = SECRET.replace("\\", "\\\\").replace(":", "\\:")
    passwords = guarded.folder / "pgpass"
    passwords.write_text(f"127.0.0.1:*:*:{guarded.user}:{escaped}\n")
    passwords.chmod(0o600)
    services = guarded.folder / "services"
    port, hosts = guarded.team.server.port, "127.0.0.1,127.0.0.1"
    services.write_text(f"[builds]\nhost={hosts}\nport=1,{port}\nuser={guarded.user}\ndbname=postgres\n")
    schema = f"schema={guarded.team.schema}"
    secret = quote(SECRET, safe="")

    # In the address, with TLS as it comes, and checked by the CA and by the name.
    for query in ("", f"&sslmode=verify-full&sslrootcert={guarded.ca}", "&sslmode=disable"):
        assert guarded.store(user=f"{guarded.user}:{secret}", query=query).read().images == {}
    with monkeypatch.context() as variables:
        variables.setenv("PGPASSFILE", str(passwords))
        guarded.store().commit(add_image("alpha"))
        variables.setenv("PGSERVICEFILE", str(services))
        assert set(guarded.at(f"postgresql:///?service=builds&{schema}").read().images) == {"alpha"}
        variables.setenv("PGUSER", guarded.user)
        variables.setenv("PGPORT", str(port))
        assert set(guarded.at(f"postgresql://127.0.0.1/postgres?{schema}").read().images) == {"alpha"}
        variables.setenv("PGSERVICE", "builds")
        assert set(guarded.at(f"postgresql:///?{schema}").read().images) == {"alpha"}
    socket = quote(str(guarded.team.server.folder), safe="")
    assert set(guarded.at(f"postgresql://owner@{socket}:{port}/postgres?{schema}").read().images) == {"alpha"}


def test_who_is_not_let_in_is_told_why_and_no_password(guarded: Guarded) -> None:
    stranger = Authority(guarded.folder, "theirs").pair.cert
    secret = quote(SECRET, safe="")
    refused = {
        ("wrong" + secret, ""): (Forbidden, "authentication failed"),
        (secret, f"&sslmode=verify-full&sslrootcert={stranger}"): (Forbidden, "certificate verify failed"),
        (secret, "&sslmode=require&gssencmode=disable&channel_binding=nonsense"): (Away, "channel_binding"),
    }
    for (password, query), (problem, words) in refused.items():
        with pytest.raises(problem, match=words) as caught:
            guarded.store(user=f"{guarded.user}:{password}", query=query).read()
        told = f"{caught.value} {caught.value.todo} {caught.value.__cause__!r}"
        assert SECRET not in told
        assert secret not in told
    with pytest.raises(Forbidden, match="no password supplied"):
        guarded.store().read()


def test_a_command_that_only_reads_brings_in_what_reads_and_no_more(team: Team, store: Store) -> None:
    """psycopg takes three times as long to import as all of such a command; the model of operations a tenth of it."""
    store.commit(add_image("alpha"))
    environ = {**os.environ, "STUI_HOME": team.url, "HOME": str(team.folder), "XDG_STATE_HOME": str(team.folder)}
    for _ in range(2):  # the first one makes the names for completion
        run = subprocess.run([sys.executable, "-c", IMPORTED], env=environ, capture_output=True, text=True, check=True)
        _, _, imported = run.stdout.partition("IMPORTED 0 ")
    assert {"stui_cli.store.postgresql.libpq", "stui_cli.store.files.team_names"} <= set(imported.split())
    unwanted = {"psycopg", "asyncio", "ssl", "logging", "stui_cli.model.operations", "stui_cli.store.operations"}
    assert unwanted & set(imported.split()) == set()
