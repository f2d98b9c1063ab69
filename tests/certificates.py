"""Certificates as people make them: with openssl, of a CA of the test's own, each wrong in one way."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from needs import program

if TYPE_CHECKING:
    from pathlib import Path

_EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
_CA = """\
[ca]
default_ca = mine
[mine]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
x509_extensions = identifiers
[any]
commonName = supplied
[identifiers]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, in files."""

    cert: str
    key: str

    @property
    def fingerprint(self) -> str:
        """What `openssl x509 -fingerprint -sha256` prints of it."""
        return run("x509", "-noout", "-fingerprint", "-sha256", "-in", self.cert).strip()


def run(*words: str, folder: Path | None = None) -> str:
    """One openssl command."""
    done = subprocess.run([program("openssl"), *words], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def self_signed(folder: Path, name: str, *words: str) -> Pair:
    """What plain `openssl req -x509` makes."""
    pair = Pair(str(folder / f"{name}.pem"), str(folder / f"{name}.key"))
    run("req", "-x509", *_EC, "-subj", f"/CN={name}", "-days", "9", "-out", pair.cert, "-keyout", pair.key, *words)
    return pair


class Authority:
    """A CA in a folder, with what newer Pythons ask of one unless it is `plain`."""

    def __init__(self, folder: Path, name: str, *, plain: bool = False) -> None:
        self.folder = folder / name
        self.folder.mkdir()
        strict = () if plain else ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.pair = self_signed(self.folder, name, *strict)
        (self.folder / "ca.cnf").write_text(_CA)
        (self.folder / "index").touch()
        (self.folder / "serial").write_text("01\n")

    def issue(
        self, name: str, alternatives: str = "DNS:localhost,IP:127.0.0.1", begins: str = "", ends: str = ""
    ) -> Pair:
        """A certificate for these names, valid from `begins` until `ends` (YYYYMMDDHHMMSSZ)."""
        pair = Pair(str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key"))
        request = str(self.folder / f"{name}.csr")
        names = ("-addext", f"subjectAltName={alternatives}") if alternatives else ()
        run("req", *_EC, "-subj", f"/CN={name}", "-out", request, "-keyout", pair.key, *names)
        ca = ("-config", "ca.cnf", "-cert", self.pair.cert, "-keyfile", self.pair.key, "-notext", "-batch")
        dates = ("-startdate", begins or "20200101000000Z", "-enddate", ends or "20990101000000Z")
        run("ca", *ca, *dates, "-in", request, "-out", pair.cert, folder=self.folder)
        return pair


def between(folder: Path, root: Authority) -> tuple[Pair, Pair]:
    """A CA that `root` speaks for, and a certificate of it for localhost."""
    made = []
    for name, extensions, issuer in (
        ("between", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n", root.pair),
        ("leaf", "subjectAltName=DNS:localhost\n", None),
    ):
        pair = Pair(str(folder / f"{name}.pem"), str(folder / f"{name}.key"))
        request, more, by = str(folder / f"{name}.csr"), folder / f"{name}.ext", issuer or made[0]
        run("req", *_EC, "-subj", f"/CN={name}", "-out", request, "-keyout", pair.key)
        more.write_text(f"{extensions}subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        ca = ("-CA", by.cert, "-CAkey", by.key, "-CAcreateserial", "-extfile", str(more))
        run("x509", "-req", "-in", request, "-days", "9", "-out", pair.cert, *ca)
        made.append(pair)
    return made[0], made[1]


class Certificates:
    """One of each kind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = Authority(folder, "ca")
        self.other_ca = Authority(folder, "other")
        self.good = self.ca.issue("good")
        self.renewed = self.ca.issue("renewed")
        self.expired = self.ca.issue("expired", ends="20240102030405Z")
        self.early = self.ca.issue("early", begins="20980102030405Z")
        self.elsewhere = self.ca.issue("elsewhere", "DNS:*.example.org,DNS:db.example.org,IP:10.0.0.9")
        self.nameless = self.ca.issue("nameless", "")
        self.unknown = self.other_ca.issue("unknown")
        self.self_signed = self_signed(folder, "localhost")
        self.client = self.ca.issue("client")
        self.stranger = self.other_ca.issue("stranger")
