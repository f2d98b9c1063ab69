"""The files behind tls:// addresses, and what OpenSSL makes of them: whom to trust, and which certificate is ours."""

from __future__ import annotations

import os
import ssl
import stat
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from stui_cli.model.errors import NotPermitted
from stui_cli.model.images import NO_TLS_TERMS

if TYPE_CHECKING:
    from stui_cli.model.images import TlsTerms

_LARGEST = 16 * 1024 * 1024
_CERTIFICATE, _KEY = b"CERTIFICATE-----", b"PRIVATE KEY-----"

# Many images of one CA are contacted at once, and the system's CAs take 20 ms to load: one thread does it for all.
_LOADING = threading.Lock()

# What a file was when it was read: a renewed one is read again by a watch that goes on.
_Stamp = tuple[int, int, int]


class TlsHere(NamedTuple):
    """What this Python brings: the library, the versions of TLS from `least` to `newest` as in 1.2, and whether the
    system has authorities to trust."""

    library: str
    least: str
    newest: str
    has_authorities: bool


def tls_here() -> TlsHere:
    """What a connection to a tls:// address is made with."""
    found = ssl.get_default_verify_paths()  # those alone that are there
    return TlsHere(
        ssl.OPENSSL_VERSION,
        "1.2",
        "1.3" if ssl.HAS_TLSv1_3 else "1.2" if ssl.HAS_TLSv1_2 else "1.1",
        bool(found.cafile or (found.capath and next(os.scandir(found.capath), None))),
    )


def context_for(terms: TlsTerms) -> ssl.SSLContext:
    """The context of these terms. Raises NotPermitted saying which file cannot be used, and why."""
    ca_stamp = _looked_at(terms.ca_file, "CA file", "--ca-file", _CERTIFICATE) if terms.ca_file else None
    cert_stamp = key_stamp = None
    if terms.cert is not None:
        cert_stamp = _looked_at(terms.cert, "certificate file", "--cert", _CERTIFICATE)
        key_stamp = _looked_at(terms.cert_key or terms.cert, "file of its key", "--cert-key", _KEY, secret=True)
    with _LOADING:
        pinned = terms.fingerprint is not None
        return _context(terms._replace(fingerprint=None), pinned, (ca_stamp, cert_stamp, key_stamp))


def unchecked_context() -> ssl.SSLContext:
    """The context to look at a certificate with: nothing must be sent to who shows it."""
    with _LOADING:
        return _context(NO_TLS_TERMS, True, ())


@lru_cache(maxsize=64)
def _context(terms: TlsTerms, pinned: bool, stamps: tuple[_Stamp | None, ...]) -> ssl.SSLContext:
    del stamps  # they tell this call from those for what the files were before
    if pinned:
        # The very certificate is compared after the handshake: who issued it, and for whom, says nothing more.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context = _checking(terms.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A second handshake could show another certificate than the one that was checked.
    context.options |= ssl.OP_NO_RENEGOTIATION
    if terms.cert is not None:
        _present(context, terms.cert, terms.cert_key)
    return context


def _checking(ca_file: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
        if ca_file is not None:
            # A CA between may be named, as Python 3.13 and later have it: servers often forget to send theirs.
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context
    except ssl.SSLError as error:
        raise NotPermitted(
            f"the CA file {ca_file} cannot be used: {reason_of(error)}",
            todo="it has to hold certificates in PEM: stui images set NAME --ca-file FILE",
        ) from error


def _present(context: ssl.SSLContext, cert: str, cert_key: str | None) -> None:
    """Let `context` show our certificate to a server that asks for one."""

    def no_passphrase() -> NoReturn:
        # Without this OpenSSL would ask on the terminal, in the middle of whatever stui prints.
        raise NotPermitted(
            f"the key in {cert_key or cert} is encrypted, and stui asks for no passphrase",
            todo="give it a copy that is not: openssl pkey -in KEY -out PLAIN (mode 0600), then: "
            "stui images set NAME --cert-key PLAIN",
        )

    try:
        context.load_cert_chain(cert, cert_key, password=no_passphrase)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise NotPermitted(
                f"the key in {cert_key or cert} is not the one of the certificate in {cert}",
                todo="name the key that it was made with: stui images set NAME --cert-key FILE",
            ) from error
        raise NotPermitted(
            f"the certificate in {cert} with the key in {cert_key or cert} cannot be used: {reason_of(error)}",
            todo="name another pair: stui images set NAME --cert FILE --cert-key FILE",
        ) from error


def reason_of(error: ssl.SSLError) -> str:
    """What OpenSSL says, as words."""
    return (error.reason or str(error)).replace("_", " ").lower()


def _looked_at(path: str, called: str, option: str, wanted: bytes, *, secret: bool = False) -> _Stamp:
    """The stamp of a file that holds what is `wanted`, and that only its owner can read if it is `secret`."""
    todo = f"stui images set NAME {option} FILE"
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            found = os.fstat(file.fileno())
            data = file.read(_LARGEST) if stat.S_ISREG(found.st_mode) else None
    except FileNotFoundError as error:
        raise NotPermitted(f"the {called} {path} is not there", todo=todo) from error
    except OSError as error:
        raise NotPermitted(f"the {called} {path} cannot be read: {error.strerror}", todo=todo) from error
    if data is None:
        raise NotPermitted(f"the {called} {path} is no plain file", todo=todo)
    if wanted not in data:
        raise NotPermitted(f"the {called} {path} holds no {_words(wanted)} in PEM", todo=_converted(data, wanted, todo))
    if secret and os.name == "posix" and (mode := stat.S_IMODE(found.st_mode)) & 0o077:
        from shlex import quote

        raise NotPermitted(
            f"the {called} {path} can be read by others (mode {mode:04o}), so the key counts as known",
            todo=f"get a certificate with a fresh key, and keep that to yourself: chmod 600 {quote(path)}",
        )
    return found.st_ino, found.st_size, found.st_mtime_ns


def _words(wanted: bytes) -> str:
    return "certificate" if wanted == _CERTIFICATE else "private key"


def _converted(data: bytes, wanted: bytes, todo: str) -> str:
    """What to do about a file without the PEM that is wanted: it may be DER, or the key is in a file of its own."""
    if data[:1] == b"\x30":
        tool = "x509" if wanted == _CERTIFICATE else "pkey"
        return f"if it is DER: openssl {tool} -inform der -in IT -out FILE, then: {todo}"
    return f"name the one that does: {todo}"


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
