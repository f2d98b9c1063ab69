"""Why a tls:// address was not reached: which of the many things that can be wrong it was, and what to do about it.

who failed                                   exit  outcome, and so the status
a server that cannot prove who it is         4     NOT_PERMITTED: Failed
our certificate: wanted, or refused          4     NOT_PERMITTED: Failed
no TLS there, or none that both speak        5     WRONG_PROTOCOL: Failed
silence, or an end without a word            5     TIMED_OUT, BROKEN: tried again
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stui_cli.image.transports.certificates import read_certificate
from stui_cli.image.transports.tls_contexts import reason_of
from stui_cli.model.addresses import TlsAddress, format_address
from stui_cli.model.errors import NotPermitted, StuiError, Unreachable
from stui_cli.model.fingerprints import fingerprint_of
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    import ssl

    from stui_cli.image.transports.certificates import Certificate
    from stui_cli.model.addresses import TcpAddress
    from stui_cli.model.images import TlsTerms

# OpenSSL's numbers (x509_vfy.h).
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED = 18
_UNKNOWN_ISSUER = {2, 19, 20, 21}
_OTHER_NAME = {62, 64}
# What only a strict check refuses, which Python 3.13 and later ask for.
_STRICT = range(80, 95)

# Alerts that tell of the certificate that we showed.
_OF_OURS = {
    "BAD_CERTIFICATE": "it is damaged, or its signature is wrong",
    "UNSUPPORTED_CERTIFICATE": "it is of a kind that the server does not take",
    "CERTIFICATE_REVOKED": "it was revoked",
    "CERTIFICATE_EXPIRED": "it is expired, or not yet valid",
    "CERTIFICATE_UNKNOWN": "the server does not take it",
    "UNKNOWN_CA": "the server does not know the CA that issued it",
    "ACCESS_DENIED": "the server does not let its owner in",
    "DECRYPT_ERROR": "its signature does not fit",
}
_OLD = ("UNSUPPORTED_PROTOCOL", "ALERT_PROTOCOL_VERSION", "VERSION_TOO_LOW", "WRONG_SSL_VERSION")
# The first byte of what TLS sends (RFC 8446 section 5.1), then its version.
_RECORDS = range(0x14, 0x19)

_READ_IT = "openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE.pem"


def untrusted(
    address: TlsAddress, where: str, error: ssl.SSLCertVerificationError, der: bytes | None, terms: TlsTerms
) -> NotPermitted:
    """A certificate that no chain speaks for, or that is another's. `der` is what a second look at it showed."""
    seen = _readable(der)
    pin = _pin(der)
    match error.verify_code:
        case code if code == _EXPIRED:
            if seen is not None and seen.not_after <= _now():
                what = f"its certificate expired at {_at(seen.not_after)}"
            else:
                what = "a certificate of the CAs above its own is expired"
            todo = f"have it renewed; or, if you know it: {pin}"
        case code if code == _NOT_YET_VALID:
            begins = f" before {_at(seen.not_before)}" if seen is not None and seen.not_before > _now() else ""
            what = f"its certificate is not valid yet{begins}, and it is {_at(_now())} by the clock of this machine"
            todo = "set the clock that is wrong, or wait"
        case code if code in _OTHER_NAME:
            what, todo = _other_name(address, seen, pin)
        case code if code == _SELF_SIGNED:
            what = "its certificate is self-signed: no CA speaks for it"
            todo = pin
        case code if code in _UNKNOWN_ISSUER:
            whose = f"those in {terms.ca_file}" if terms.ca_file else "the CAs that this machine trusts"
            what = f"its certificate is issued by none of {whose}"
            todo = f"name the file of the CA that issued it: stui images set NAME --ca-file FILE; or, {pin}"
        case code if code in _STRICT:
            version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
            what = f"{version} does not take its certificate, or that of its CA: {error.verify_message}"
            todo = (
                "plain `openssl req -x509` makes such CAs: make the CA anew with -addext "
                f"keyUsage=critical,keyCertSign,cRLSign; or, {pin}"
            )
        case _:
            what, todo = f"its certificate is not taken: {error.verify_message}", pin
    return NotPermitted(f"{where}: {what}", todo=todo)


def wrong_pin(where: str, der: bytes, wanted: str) -> NotPermitted:
    """Another certificate than the pinned one."""
    seen = fingerprint_of(der)
    return NotPermitted(
        f"{where} shows the certificate {seen}, and {wanted} is the pinned one",
        todo="somebody may stand in between; if its owner renewed it, and reads the same fingerprint there "
        f"({_READ_IT}): stui images set NAME --fingerprint {seen}",
    )


def handshake_failed(where: str, error: ssl.SSLError, *, agreed: bool, offered: bool) -> StuiError:
    """A handshake that ended otherwise. `agreed`: a cipher was agreed on before; `offered`: we have a certificate to
    show."""
    reason = error.reason or ""
    if (said := of_our_certificate(where, error, offered=offered, agreed=agreed)) is not None:
        return said
    if any(part in reason for part in _OLD):
        return _no_common(
            where,
            "it speaks only versions of TLS before 1.2, which stui does not",
            "let what ends the TLS there speak TLS 1.2 or newer (stunnel: sslVersionMin = TLSv1.2)",
        )
    if "ALERT_HANDSHAKE_FAILURE" in reason or "INSUFFICIENT_SECURITY" in reason:
        return _no_common(
            where,
            "it and this machine have no cipher in common",
            "look at the ciphers that are set at its end, and here",
        )
    return _no_common(
        where, f"the TLS handshake failed: {reason_of(error)}", "look at the log of what ends the TLS there"
    )


def of_our_certificate(where: str, error: ssl.SSLError, *, offered: bool, agreed: bool) -> NotPermitted | None:
    """What an alert says of the certificate that we showed, or did not; None if it speaks of something else. TLS 1.3
    sends it only after the handshake is over for us."""
    reason = error.reason or ""
    alert = reason.partition("ALERT_")[2]
    # Before TLS 1.3 there was no alert for it; then it comes after a cipher was agreed on.
    wanted = alert == "CERTIFICATE_REQUIRED" or (alert == "HANDSHAKE_FAILURE" and agreed)
    if (wanted or alert in _OF_OURS) and not offered:
        return NotPermitted(
            f"{where}: the server wants a certificate of ours, and none is known for it",
            todo="stui images set NAME --cert FILE --cert-key FILE (its owner issues them)",
        )
    if wanted or alert in _OF_OURS:
        why = _OF_OURS.get(alert, "the server does not take it")
        return NotPermitted(
            f"{where}: the server refused our certificate: {why}",
            todo="ask its owner for one that it takes, then: stui images set NAME --cert FILE --cert-key FILE",
        )
    return None


def is_tls(first: bytes) -> bool:
    """Whether a stream that begins so is one of TLS."""
    return first[0] in _RECORDS and first[1:2] in (b"\x03", b"")


def not_tls(address: TlsAddress, where: str) -> Unreachable:
    return Unreachable(
        f"{where}: who listens there does not speak TLS",
        todo="is it the agent itself? put stunnel before it, and give the port of that: "
        f"stui images set NAME --address {format_address(address._replace(port=0)).removesuffix('0')}PORT",
        outcome=ProbeOutcome.WRONG_PROTOCOL,
    )


def not_plain(where: str, address: TcpAddress) -> Unreachable:
    """Plain text where TLS is spoken."""
    secure = format_address(TlsAddress(address.host, address.port))
    return Unreachable(
        f"{where}: TLS is spoken there, and no plain text",
        todo=f"stui images set NAME --address {secure}",
        outcome=ProbeOutcome.WRONG_PROTOCOL,
    )


def hung_up(where: str) -> Unreachable:
    """The end of the stream within the handshake."""
    return Unreachable(
        f"{where}: it closed the connection instead of a TLS handshake",
        todo="look whether TLS is spoken at that port, and at the log of what ends it there",
        outcome=ProbeOutcome.BROKEN,
    )


def broken_off(where: str, error: ssl.SSLError) -> Unreachable:
    """What came after the handshake is no TLS any more, or an alert of something else."""
    return Unreachable(
        f"{where}: the TLS connection broke: {reason_of(error)}",
        todo="look at the log of what ends the TLS there",
        outcome=ProbeOutcome.BROKEN,
    )


def unnameable(address: TlsAddress, where: str) -> Unreachable:
    return _no_common(where, f"no certificate can be for {address.host!r}", "go there by another name of that host")


def _no_common(where: str, what: str, todo: str) -> Unreachable:
    return Unreachable(f"{where}: {what}", todo=todo, outcome=ProbeOutcome.WRONG_PROTOCOL)


def _other_name(address: TlsAddress, seen: Certificate | None, pin: str) -> tuple[str, str]:
    names = seen.names if seen is not None else ()
    what = f"its certificate is for {', '.join(names) or 'no host that it names'}, not for {address.host}"
    plain = next((name for name in names if "*" not in name), None)
    if plain is None:
        return what, f"have it issued for {address.host} as well; or, {pin}"
    host = f"[{plain}]" if ":" in plain else plain
    there = f"stui images set NAME --address tls://{host}:{address.port}"
    return what, f"if {plain} leads there as well: {there}; or, {pin}"


def _pin(der: bytes | None) -> str:
    """How to pin what was seen, once somebody has compared it."""
    if der is None:
        read = f"let its owner read its fingerprint there ({_READ_IT})"
        return f"{read}, and pin that: stui images set NAME --fingerprint IT"
    seen = fingerprint_of(der)
    return (
        f"its fingerprint is {seen}: if its owner reads the same there ({_READ_IT}), pin it: "
        f"stui images set NAME --fingerprint {seen}"
    )


def _readable(der: bytes | None) -> Certificate | None:
    try:
        return None if der is None else read_certificate(der)
    except ValueError:  # foreign data; what it is called is no help then
        return None


def _now() -> datetime:
    return datetime.now(UTC)


def _at(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC")
