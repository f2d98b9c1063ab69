"""tls://: real handshakes over loopback, and each thing that can be wrong with a word of its own."""

from __future__ import annotations

import _socket
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from certificates import Authority, Certificates, Pair, between, run
from farm import Behaviour, Habit, refusing_address
from tls_front import Front, serving

from stui_cli.image.client import Caller, open_client
from stui_cli.image.link import Link, open_link
from stui_cli.image.probing import probe
from stui_cli.image.transports.tls import TlsStream, speaks_tls
from stui_cli.model.addresses import TcpAddress, TlsAddress, parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotPermitted, StuiError, TooLate, Unreachable
from stui_cli.model.fingerprints import parse_fingerprint
from stui_cli.model.health import judge
from stui_cli.model.images import Image, TlsTerms
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.status import ConnectionStatus
from stui_cli.protocol.vitals import Ping, Pong

if TYPE_CHECKING:
    from collections.abc import Callable

    from farm import Farm

pytestmark = pytest.mark.usefixtures("no_socket_left")

OLD = "ALL:@SECLEVEL=0"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


def by_ca(made: Certificates, client: Pair | None = None) -> TlsTerms:
    return TlsTerms(made.ca.pair.cert, None, *((client.cert, client.key) if client else ()))


def pinned(pair: Pair) -> TlsTerms:
    return TlsTerms(fingerprint=parse_fingerprint(pair.fingerprint))


def opened(port: int, terms: TlsTerms, host: str = "localhost", seconds: float = 5.0) -> Link:
    return open_link(TlsAddress(host, port), Deadline.after(seconds), tls=terms)


def refused(port: int, terms: TlsTerms, host: str = "localhost") -> StuiError:
    """How a conversation fails: in the handshake of TLS or, since TLS 1.3, with the first answer."""
    with pytest.raises(StuiError) as caught:
        open_client(TlsAddress(host, port), Caller("c"), Deadline.after(5), tls=terms).__exit__(None, None, None)
    assert caught.value.todo
    return caught.value


def address_of(address: str) -> tuple[str, int]:
    parsed = parse_address(address)
    assert isinstance(parsed, TcpAddress)
    return parsed.host, parsed.port


def good_and_pinged(port: int, terms: TlsTerms, host: str = "localhost") -> None:
    with open_client(TlsAddress(host, port), Caller("c"), Deadline.after(5), tls=terms) as client:
        assert client.call(Ping("x" * 100_000), Pong, Deadline.after(5)).message == "x" * 100_000


def standing(port: int, terms: TlsTerms) -> ConnectionStatus:
    """What one probe makes of an image behind TLS."""
    image = Image("alpha", f"tls://localhost:{port}", 0)._replace(**terms._asdict())
    found = probe(image, "c", 2.0, lambda: 1_000)
    assert "localhost" not in found.reason.partition(",")[0]  # its address stands beside it
    return judge(None, found).status


# --- who is trusted ----------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_ca_that_is_named(made: Certificates, farm: Farm, host: str) -> None:
    with Front(serving(made.good), address_of(farm.add().address)) as front:
        good_and_pinged(front.port, by_ca(made), host)


def test_a_server_that_forgets_the_ca_between(made: Certificates, farm: Farm, tmp_path: Path) -> None:
    ca, leaf = between(tmp_path, made.ca)
    with Front(serving(leaf), address_of(farm.add().address)) as front:
        assert "is issued by none of those" in refused(front.port, by_ca(made)).what
        good_and_pinged(front.port, TlsTerms(ca_file=ca.cert))
    whole = tmp_path / "whole.pem"
    whole.write_text(Path(leaf.cert).read_text() + Path(ca.cert).read_text())
    with Front(serving(Pair(str(whole), leaf.key)), address_of(farm.add().address)) as front:
        good_and_pinged(front.port, by_ca(made))


def test_the_cas_of_this_machine(made: Certificates, farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL finds them, here by its own variable."""
    with Front(serving(made.good), address_of(farm.add().address)) as front:
        assert "none of the CAs that this machine trusts" in refused(front.port, TlsTerms()).what
        monkeypatch.setenv("SSL_CERT_FILE", made.ca.pair.cert)
        good_and_pinged(front.port, TlsTerms(cert=made.client.cert, cert_key=made.client.key))


@pytest.mark.parametrize("kind", ["good", "expired", "early", "elsewhere", "unknown", "self_signed"])
def test_a_pinned_certificate_is_taken_whoever_issued_it(made: Certificates, farm: Farm, kind: str) -> None:
    pair = getattr(made, kind)
    with Front(serving(pair), address_of(farm.add().address)) as front:
        good_and_pinged(front.port, pinned(pair))


def test_only_the_very_certificate_that_is_pinned(made: Certificates, farm: Farm) -> None:
    with Front(serving(made.renewed), address_of(farm.add().address)) as front:
        error = refused(front.port, pinned(made.good))
    seen, wanted = parse_fingerprint(made.renewed.fingerprint), parse_fingerprint(made.good.fingerprint)
    assert isinstance(error, NotPermitted)
    assert f"shows the certificate {seen}, and {wanted} is the pinned one" in error.what
    assert error.todo.endswith(f"stui images set NAME --fingerprint {seen}")
    assert front.received == b""


def test_our_certificate_is_not_shown_to_who_is_not_the_pinned_one(made: Certificates) -> None:
    """It stands in the last word of a TLS 1.3 handshake, which goes out after the look at theirs."""
    context = serving(made.renewed, client_ca=made.ca.pair.cert)
    with Front(context, act=lambda _: None) as front:
        refused(front.port, pinned(made.good)._replace(cert=made.client.cert, cert_key=made.client.key))
    assert len(front.failures) == 1  # its handshake did not come to an end


# --- what is wrong with theirs -----------------------------


@pytest.mark.parametrize(
    ("kind", "words", "todo"),
    [
        ("expired", "its certificate expired at 2024-01-02 03:04 UTC", "renewed"),
        ("early", "its certificate is not valid yet before 2098-01-02 03:04 UTC, and it is 20", "clock"),
        (
            "elsewhere",
            "its certificate is for *.example.org, db.example.org, 10.0.0.9, not for localhost",
            "stui images set NAME --address tls://db.example.org:{port}; or,",
        ),
        ("nameless", "its certificate is for nameless, not for localhost", "--address tls://nameless:"),
        ("unknown", "its certificate is issued by none of those in {ca}", "stui images set NAME --ca-file FILE; or,"),
        ("self_signed", "its certificate is self-signed: no CA speaks for it", ""),
    ],
)
def test_each_wrong_certificate_has_its_own_word(made: Certificates, kind: str, words: str, todo: str) -> None:
    pair = getattr(made, kind)
    with Front(serving(pair)) as front:
        error = refused(front.port, by_ca(made))
    assert isinstance(error, NotPermitted)
    assert error.exit_code == 4
    assert words.format(ca=made.ca.pair.cert) in error.what
    assert todo.format(port=front.port) in error.todo
    if kind != "early":  # a clock that is wrong is not to be gone round
        assert error.todo.endswith(f"stui images set NAME --fingerprint {parse_fingerprint(pair.fingerprint)}")
    assert front.received == b""


def test_an_address_that_is_not_in_the_certificate(made: Certificates) -> None:
    with Front(serving(made.elsewhere)) as front:
        assert "not for 127.0.0.1" in refused(front.port, by_ca(made), "127.0.0.1").what


def test_a_host_that_no_certificate_can_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with Front(None, act=lambda _: None) as front:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", front.port))]
        monkeypatch.setattr(_socket, "getaddrinfo", lambda *arguments, **more: found)
        error = refused(front.port, TlsTerms(), ".local")
    assert "no certificate can be for '.local'" in error.what


def test_a_ca_of_plain_openssl_where_python_is_strict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, farm: Farm
) -> None:
    """As Python 3.13 and later are by themselves."""
    real = ssl.create_default_context

    def strict(*arguments: object, **more: object) -> ssl.SSLContext:
        context = real(*arguments, **more)  # type: ignore[arg-type]
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", strict)
    plain = Authority(tmp_path, "plain", plain=True)
    pair = plain.issue("server")
    with Front(serving(pair), address_of(farm.add().address)) as front:
        error = refused(front.port, TlsTerms(ca_file=plain.pair.cert))
        good_and_pinged(front.port, pinned(pair))
    assert isinstance(error, NotPermitted)
    assert "CA cert does not include key usage extension" in error.what
    assert "plain `openssl req -x509` makes such CAs" in error.todo
    assert error.todo.endswith(f"--fingerprint {parse_fingerprint(pair.fingerprint)}")


# --- what is wrong with ours -------------------------------


VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@VERSIONS
def test_our_own_certificate(made: Certificates, farm: Farm, version: ssl.TLSVersion, tmp_path: Path) -> None:
    context = serving(made.good, client_ca=made.ca.pair.cert, newest=version)
    both = tmp_path / "both.pem"
    both.touch(mode=0o600)
    both.write_text(Path(made.client.cert).read_text() + Path(made.client.key).read_text())
    with Front(context, address_of(farm.add().address)) as front:
        good_and_pinged(front.port, by_ca(made, made.client))
        good_and_pinged(front.port, TlsTerms(made.ca.pair.cert, cert=str(both)))


@VERSIONS
def test_a_server_that_wants_a_certificate_of_ours(made: Certificates, farm: Farm, version: ssl.TLSVersion) -> None:
    context = serving(made.good, client_ca=made.ca.pair.cert, newest=version)
    with Front(context, address_of(farm.add().address)) as front:
        error = refused(front.port, by_ca(made))
    assert isinstance(error, NotPermitted)
    assert "the server wants a certificate of ours, and none is known for it" in error.what
    assert "stui images set NAME --cert FILE --cert-key FILE" in error.todo


@VERSIONS
def test_a_server_that_refuses_our_certificate(made: Certificates, farm: Farm, version: ssl.TLSVersion) -> None:
    context = serving(made.good, client_ca=made.ca.pair.cert, newest=version)
    with Front(context, address_of(farm.add().address)) as front:
        error = refused(front.port, by_ca(made, made.stranger))
    assert isinstance(error, NotPermitted)
    assert "refused our certificate: the server does not know the CA that issued it" in error.what


# --- no TLS, or none that both speak -----------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"])
def test_a_server_that_is_too_old(made: Certificates, version: ssl.TLSVersion) -> None:
    with Front(serving(made.good, newest=version, oldest=version, ciphers=OLD)) as front:
        error = refused(front.port, pinned(made.good))
    assert isinstance(error, Unreachable)
    assert error.outcome is ProbeOutcome.WRONG_PROTOCOL
    assert "only versions of TLS before 1.2" in error.what


def test_a_server_without_a_cipher_of_ours(made: Certificates) -> None:
    # Those of RSA keys alone, where the key is of another kind.
    context = serving(made.good, newest=ssl.TLSVersion.TLSv1_2, ciphers="ECDHE-RSA-AES128-GCM-SHA256")
    with Front(context) as front:
        error = refused(front.port, pinned(made.good))
    assert isinstance(error, Unreachable)
    assert "no cipher in common" in error.what


def test_an_agent_that_speaks_no_tls(farm: Farm) -> None:
    host, port = address_of(farm.add().address)
    error = refused(port, TlsTerms(), host)
    assert isinstance(error, Unreachable)
    assert error.outcome in (ProbeOutcome.WRONG_PROTOCOL, ProbeOutcome.BROKEN)


@pytest.mark.parametrize("says", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x94\x01\xc0\xc0\xc0", b"220 hello\r\n"])
def test_who_speaks_something_else(says: bytes) -> None:
    with Front(None, act=lambda accepted: accepted.sendall(says)) as front:
        error = refused(front.port, TlsTerms())
    assert isinstance(error, Unreachable)
    assert error.outcome is ProbeOutcome.WRONG_PROTOCOL
    assert "does not speak TLS" in error.what
    assert "stui images set NAME --address tls://localhost:PORT" in error.todo


def test_who_hangs_up_at_once() -> None:
    with Front(None, act=lambda _: None) as front:
        error = refused(front.port, TlsTerms())
    assert isinstance(error, Unreachable)
    assert error.outcome is ProbeOutcome.BROKEN


@pytest.mark.parametrize("kind", [ssl.SSLEOFError, ssl.SSLZeroReturnError])
def test_an_end_within_the_handshake_is_one_however_it_is_told(
    kind: type[ssl.SSLError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(stream: TlsStream, deadline: Deadline) -> None:
        raise kind(6, "TLS/SSL connection has been closed (EOF)")

    monkeypatch.setattr(TlsStream, "shake_hands", ended)
    with Front(None, act=lambda _: None) as front:
        error = refused(front.port, TlsTerms())
    assert isinstance(error, Unreachable)
    assert error.outcome is ProbeOutcome.BROKEN


def test_nobody_listens() -> None:
    with refusing_address() as address:
        error = refused(address_of(address)[1], TlsTerms(), "127.0.0.1")
    assert isinstance(error, Unreachable)
    assert error.outcome is ProbeOutcome.REFUSED


def test_whether_tls_is_spoken_somewhere(made: Certificates, farm: Farm) -> None:
    """An OpenSSL server takes the first bytes of our plain text for the beginning of a longer greeting, and waits."""
    with Front(serving(made.unknown, client_ca=made.ca.pair.cert)) as front:
        assert speaks_tls(TcpAddress("localhost", front.port), Deadline.after(2))
    for image in (farm.add(), farm.add(Behaviour(habit=Habit.HANGS_UP))):
        assert not speaks_tls(TcpAddress(*address_of(image.address)), Deadline.after(2))
    assert not speaks_tls(
        TcpAddress(*address_of(farm.add(Behaviour(habit=Habit.BLACK_HOLE)).address)), Deadline.after(0.2)
    )


def test_what_a_probe_makes_of_it(made: Certificates, farm: Farm) -> None:
    """Trying again helps where nobody answers, and not where the wrong one does."""
    backend = address_of(farm.add().address)
    with Front(serving(made.good), backend) as front:
        assert standing(front.port, by_ca(made)) is ConnectionStatus.CONNECTED
        assert standing(front.port, pinned(made.renewed)) is ConnectionStatus.FAILED
        assert standing(front.port, TlsTerms()) is ConnectionStatus.FAILED
    with Front(serving(made.good, client_ca=made.ca.pair.cert), backend) as front:
        assert standing(front.port, by_ca(made)) is ConnectionStatus.FAILED
    with Front(None, act=lambda accepted: accepted.sendall(b"220 hello")) as front:
        assert standing(front.port, by_ca(made)) is ConnectionStatus.FAILED
    assert standing(front.port, by_ca(made)) is ConnectionStatus.DISCONNECTED


# --- files -------------------------------------------------


def unusable(terms: TlsTerms) -> NotPermitted:
    with refusing_address() as address, pytest.raises(NotPermitted) as caught:
        opened(address_of(address)[1], terms)
    assert "stui images set NAME --" in caught.value.todo or "chmod" in caught.value.todo
    return caught.value


def test_files_that_cannot_be_used(made: Certificates, tmp_path: Path) -> None:
    cert, key = made.client.cert, made.client.key
    gone, empty, text = str(tmp_path / "gone"), tmp_path / "empty", tmp_path / "text"
    empty.touch(mode=0o600)
    text.write_text("-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n")
    assert f"the CA file {gone} is not there" in unusable(TlsTerms(ca_file=gone)).what
    assert "holds no certificate in PEM" in unusable(TlsTerms(ca_file=str(empty))).what
    assert "is no plain file" in unusable(TlsTerms(ca_file="/dev/null")).what
    assert f"the CA file {text} cannot be used" in unusable(TlsTerms(ca_file=str(text))).what
    assert "cannot be read" in unusable(TlsTerms(ca_file=str(tmp_path))).what
    assert "holds no private key in PEM" in unusable(TlsTerms(cert=cert)).what
    assert "cannot be used" in unusable(TlsTerms(cert=str(text), cert_key=key)).what
    assert "is not the one of the certificate" in unusable(TlsTerms(cert=cert, cert_key=made.good.key)).what
    der = tmp_path / "ca.der"
    run("x509", "-in", made.ca.pair.cert, "-outform", "der", "-out", str(der))
    assert "openssl x509 -inform der" in unusable(TlsTerms(ca_file=str(der))).todo


def test_a_key_that_others_can_read(made: Certificates, tmp_path: Path) -> None:
    shared = tmp_path / "shared.key"
    shared.write_text(Path(made.client.key).read_text())
    shared.chmod(0o640)
    assert "can be read by others (mode 0640)" in unusable(TlsTerms(cert=made.client.cert, cert_key=str(shared))).what


def test_an_encrypted_key_is_refused_without_a_question(made: Certificates, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    run("pkey", "-in", made.client.key, "-aes256", "-passout", "pass:secret", "-out", str(locked))
    locked.chmod(0o600)
    error = unusable(TlsTerms(cert=made.client.cert, cert_key=str(locked)))
    assert f"the key in {locked} is encrypted, and stui asks for no passphrase" in error.what


def test_a_renewed_file_is_read_again(made: Certificates, farm: Farm, tmp_path: Path) -> None:
    """By a monitoring that goes on."""
    ca = tmp_path / "ca.pem"
    ca.write_text(Path(made.other_ca.pair.cert).read_text())
    with Front(serving(made.good), address_of(farm.add().address)) as front:
        assert "issued by none" in refused(front.port, TlsTerms(ca_file=str(ca))).what
        ca.write_text(Path(made.ca.pair.cert).read_text() + "\n")
        good_and_pinged(front.port, TlsTerms(ca_file=str(ca)))


# --- time --------------------------------------------------


def test_a_server_that_never_shakes_hands() -> None:
    over = threading.Event()
    started = time.monotonic()
    with Front(None, act=lambda _: over.wait(30) and None) as front:
        with pytest.raises(Unreachable) as caught:
            opened(front.port, TlsTerms(), seconds=0.3)
        over.set()
    assert caught.value.outcome is ProbeOutcome.TIMED_OUT
    assert isinstance(caught.value.__cause__, TooLate)  # somebody is there: the image may hang
    assert 0.25 < time.monotonic() - started < 10


def dripping(pair: Pair, over: threading.Event) -> Callable[[socket.socket], None]:
    """What a server of TLS would send, a byte at a time."""

    def act(accepted: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = serving(pair).wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(accepted.recv(65536))
        with pytest.raises(ssl.SSLWantReadError):
            session.do_handshake()
        for byte in outgoing.read():
            if over.wait(0.01):
                return
            accepted.sendall(bytes([byte]))

    return act


def test_a_handshake_that_drips_ends_at_the_deadline(made: Certificates) -> None:
    over = threading.Event()
    started = time.monotonic()
    with Front(None, act=dripping(made.good, over)) as front:
        with pytest.raises(Unreachable) as caught:
            opened(front.port, by_ca(made), seconds=0.4)
        over.set()
    assert caught.value.outcome is ProbeOutcome.TIMED_OUT
    assert 0.35 < time.monotonic() - started < 8  # the whole handshake takes longer


def test_a_reader_that_takes_a_little_at_a_time_ends_at_the_deadline(made: Certificates) -> None:
    over = threading.Event()

    def sip(accepted: socket.socket) -> None:
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while not over.wait(0.05) and accepted.recv(4096):
            pass

    with Front(serving(made.good), act=sip) as front:
        link = opened(front.port, by_ca(made))
        started = time.monotonic()
        with pytest.raises(TooLate):
            link.send(b"x" * 32 * 1024 * 1024, Deadline.after(0.5))
        assert time.monotonic() - started < 10
        link.close()
        over.set()


def test_silence_after_the_handshake(made: Certificates) -> None:
    over = threading.Event()
    with Front(serving(made.good), act=lambda _: over.wait(30) and None) as front:
        link = opened(front.port, by_ca(made))
        with pytest.raises(TooLate):
            link.receive(Deadline.after(0.2))
        link.close()
        over.set()


# --- the end of a stream -----------------------------------


def take_leave(accepted: socket.socket) -> None:
    assert isinstance(accepted, ssl.SSLSocket)
    accepted.sendall(b"last")
    accepted.unwrap()


@pytest.mark.parametrize("act", [take_leave, lambda accepted: accepted.sendall(b"last")], ids=["told", "untold"])
def test_the_end_of_the_stream(made: Certificates, act: Callable[[socket.socket], None]) -> None:
    """Whether it was told (close_notify) or not, an answer that is owed did not come."""
    with Front(serving(made.good), act=act) as front:
        link = opened(front.port, by_ca(made))
        assert link.receive(Deadline.after(2)) == b"last"
        with pytest.raises(Unreachable, match="closed the connection") as caught:
            link.receive(Deadline.after(2))
        link.close()
    assert caught.value.outcome is ProbeOutcome.BROKEN


def test_one_thread_sends_while_another_waits(made: Certificates, farm: Farm) -> None:
    """As an interrupt does."""
    with Front(serving(made.good), act=lambda accepted: accepted.sendall(accepted.recv(100))) as front:
        link = opened(front.port, by_ca(made))
        heard: list[bytes] = []
        waiting = threading.Thread(target=lambda: heard.append(link.receive(Deadline.after(20))))
        waiting.start()
        time.sleep(0.05)
        link.send(b"stop", Deadline.after(10))
        waiting.join(20)
        link.close()
    assert heard == [b"stop"]


def test_a_stopped_image_behind_a_server_that_lives(made: Certificates, farm: Farm) -> None:
    backend = address_of(farm.add(Behaviour(habit=Habit.BLACK_HOLE)).address)
    with Front(serving(made.good), backend) as front, pytest.raises(Unreachable) as caught:
        open_client(TlsAddress("localhost", front.port), Caller("c"), Deadline.after(0.4), tls=by_ca(made))
    assert caught.value.outcome is ProbeOutcome.TIMED_OUT


def test_a_self_signed_certificate_may_be_its_own_ca(made: Certificates, farm: Farm) -> None:
    with Front(serving(made.self_signed), address_of(farm.add().address)) as front:
        good_and_pinged(front.port, TlsTerms(ca_file=made.self_signed.cert))
