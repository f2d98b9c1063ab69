"""tls://HOST:PORT: TLS 1.2 or newer over tcp, with a server that is known by its CA or by its very certificate.

TLS is done in memory (ssl.MemoryBIO), and its bytes are carried here. So a thread can send while another waits for an
answer, for which an SSLSocket is not made (python/cpython#77271). And what a server's certificate is can be looked at
before our last word of the handshake, in which our own certificate stands, goes out to it.
"""

from __future__ import annotations

import hmac
import ssl
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from stui_cli.image.transports import tls_refusals
from stui_cli.image.transports.outcomes import broken, mute, too_late
from stui_cli.image.transports.tcp import reached
from stui_cli.image.transports.tls_contexts import context_for, unchecked_context
from stui_cli.model.addresses import TlsAddress
from stui_cli.model.errors import StuiError
from stui_cli.model.fingerprints import fingerprint_of, parse_fingerprint
from stui_cli.model.images import NO_TLS_TERMS

if TYPE_CHECKING:
    import _socket as socket

    from stui_cli.model.addresses import TcpAddress
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.images import TlsTerms

_READ = 64 * 1024
_PIECE = 64 * 1024

# How long the other side is given to take the alert that says why we go.
_PARTING_S = 0.2

# How OpenSSL tells the end of the stream; which of the two depends on where it was when it met it.
_ENDS = (ssl.SSLEOFError, ssl.SSLZeroReturnError)


class TlsStream:
    """A connected socket with TLS on it, and the methods of a socket that a link uses.

    One thread may send while another receives; OpenSSL's own object takes one at a time. `sendall` and `recv` each end
    within the time of `settimeout`, whatever the other side does, with TimeoutError.
    """

    def __init__(
        self, connected: socket.socket, context: ssl.SSLContext, host: str, where: str, terms: TlsTerms
    ) -> None:
        self._socket = connected
        self._where = where
        self._terms = terms
        self._seconds = 0.0
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._using = threading.Lock()  # of the session
        self._sending = threading.Lock()  # so that what the session wrote goes out in its order
        self._unsent = b""
        self.first = b""

    def settimeout(self, seconds: float, /) -> None:
        self._seconds = seconds

    def getsockname(self) -> object:
        return self._socket.getsockname()

    def close(self) -> None:
        self._socket.close()

    def shake_hands(self, deadline: Deadline) -> None:
        """Do the handshake, but for our last word of it, which `enter` sends. Raises OSError, of which ssl.SSLError is
        one."""
        while True:
            try:
                return self._session.do_handshake()
            except ssl.SSLWantReadError:
                self._flush(deadline.at)
                self._fill(deadline.at)
            except ssl.SSLError:
                self._part()
                raise

    def enter(self, deadline: Deadline) -> None:
        """End the handshake with a server that is the pinned one, if one is pinned. Raises OSError, and NotPermitted
        for another."""
        if self._terms.fingerprint is not None:
            self._check_pin(self._terms.fingerprint)
        self._flush(deadline.at)

    def certificate(self) -> bytes | None:
        """The server's own, in DER, once the handshake is done."""
        return self._session.getpeercert(binary_form=True)

    def sendall(self, data: bytes, /) -> None:
        until = time.monotonic() + self._seconds
        rest = memoryview(data)
        try:
            with self._sending:
                while rest:
                    with self._using:
                        rest = rest[self._session.write(rest[:_PIECE]) :]
                    self._send_written(until)
        except ssl.SSLError as error:
            raise self._refused(error) from error
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses our certificate says so and hangs up, while we send: what it said is still there.
            if (said := self._last_words()) is not None:
                raise said from None
            raise

    def recv(self, most: int, /) -> bytes:
        """Some bytes; none at the end, whether the other side took its leave (close_notify) or only went."""
        until = time.monotonic() + self._seconds
        while True:
            try:
                with self._using:
                    data = self._session.read(most)
            except ssl.SSLWantReadError:
                self._flush(until)  # a new key of theirs wants one of ours
                self._fill(until)
            except _ENDS:
                return b""
            except ssl.SSLError as error:
                raise self._refused(error) from error
            else:
                return data

    @property
    def agreed(self) -> bool:
        """Whether a cipher was agreed on: then what failed is something after it."""
        return self._session.cipher() is not None

    @property
    def is_spoken_to_otherwise(self) -> bool:
        """Whether what came first was no TLS."""
        return bool(self.first) and not tls_refusals.is_tls(self.first)

    def _check_pin(self, pinned: str) -> None:
        der = self.certificate() or b""
        if not hmac.compare_digest(fingerprint_of(der), parse_fingerprint(pinned)):
            raise tls_refusals.wrong_pin(self._where, der, pinned)

    def _refused(self, error: ssl.SSLError) -> StuiError:
        """What an error of the session says once the handshake is over."""
        offered = self._terms.cert is not None
        said = tls_refusals.of_our_certificate(self._where, error, offered=offered, agreed=False)
        return said or tls_refusals.broken_off(self._where, error)

    def _last_words(self) -> StuiError | None:
        """The alert that came before the connection broke, if one did."""
        until = time.monotonic() + _PARTING_S
        try:
            while True:
                self._fill(until)
                with self._using:
                    self._session.read(_READ)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError as error:
            return None if isinstance(error, _ENDS) else self._refused(error)
        except OSError:
            return None

    def _part(self) -> None:
        """Let the other side know why we go: its log is where somebody will look."""
        with suppress(OSError):
            self._flush(time.monotonic() + _PARTING_S)

    def _fill(self, until: float) -> None:
        """Take in what comes next from the network."""
        data = self._received_before(until)
        self.first = self.first or data[:8]
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _received_before(self, until: float) -> bytes:
        while True:
            try:
                return self._socket_before(until).recv(_READ)
            except TimeoutError:
                # The one who sends meanwhile may have set a shorter time.
                if time.monotonic() >= until:
                    raise

    def _flush(self, until: float) -> None:
        if self._outgoing.pending or self._unsent:
            with self._sending:
                self._send_written(until)

    def _send_written(self, until: float) -> None:
        """Send what the session wrote. What an interrupt leaves unsent goes out first of the next."""
        with self._using:
            self._unsent += self._outgoing.read()
        while self._unsent:
            sent = self._socket_before(until).send(self._unsent)
            self._unsent = self._unsent[sent:]

    def _socket_before(self, until: float) -> socket.socket:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._socket


def connect(address: TlsAddress, where: str, deadline: Deadline, terms: TlsTerms) -> TlsStream:
    """Connect, and check who answers. Raises Unreachable, and NotPermitted where it is not whom `terms` trust, where it
    does not take our certificate, or where a file of theirs cannot be used."""
    context = context_for(terms)
    stream = _begun(address, where, deadline, context, terms)
    try:
        stream.shake_hands(deadline)
        stream.enter(deadline)
    except ssl.SSLCertVerificationError as error:
        stream.close()
        raise tls_refusals.untrusted(address, where, error, _looked_at(address, deadline), terms) from error
    except (ssl.SSLError, ConnectionResetError, BrokenPipeError) as error:
        stream.close()
        raise _handshake_failed(address, where, error, stream, terms) from error
    except TimeoutError:
        stream.close()
        raise mute(where, deadline) from too_late(where, deadline)
    except OSError as error:
        stream.close()
        raise broken(where, error) from error
    except BaseException:
        stream.close()
        raise
    return stream


def _handshake_failed(address: TlsAddress, where: str, error: OSError, stream: TlsStream, terms: TlsTerms) -> StuiError:
    if stream.is_spoken_to_otherwise:
        return tls_refusals.not_tls(address, where)
    if isinstance(error, ssl.SSLError) and not isinstance(error, _ENDS):
        return tls_refusals.handshake_failed(where, error, agreed=stream.agreed, offered=terms.cert is not None)
    return tls_refusals.hung_up(where)


def _begun(address: TlsAddress, where: str, deadline: Deadline, context: ssl.SSLContext, terms: TlsTerms) -> TlsStream:
    """Connected; nothing said yet."""
    connected = reached(address.host, address.port, where, deadline)
    try:
        return TlsStream(connected, context, _name_there(address.host), where, terms)
    except ValueError as error:  # what a resolver may know and no certificate can name
        connected.close()
        raise tls_refusals.unnameable(address, where) from error
    except BaseException:
        connected.close()
        raise


def _name_there(host: str) -> str:
    """The host as a certificate names it: without the zone of this machine's link, and without the root's dot."""
    return host.partition("%")[0].rstrip(".")


def speaks_tls(address: TcpAddress, deadline: Deadline) -> bool:
    """Whether TLS is spoken where plain text was not answered."""
    return _looked_at(TlsAddress(address.host, address.port), deadline) is not None


def _looked_at(address: TlsAddress, deadline: Deadline) -> bytes | None:
    """The certificate that is shown there, to be told and not to be trusted; None if none is. Of one that it does not
    take Python shows nothing, so this is a connection of its own, and nothing is sent but the greeting of TLS."""
    try:
        with closing(_begun(address, "", deadline, unchecked_context(), NO_TLS_TERMS)) as stream:
            stream.shake_hands(deadline)
            return stream.certificate()
    except (StuiError, OSError):
        return None
