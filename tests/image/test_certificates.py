"""What is read of a certificate that nobody has checked: it is foreign data."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from certificates import Certificates, run, self_signed
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.image.transports.certificates import Certificate, read_certificate

if TYPE_CHECKING:
    from certificates import Pair


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


def der(pair: Pair) -> bytes:
    return ssl.PEM_cert_to_DER_cert(Path(pair.cert).read_text())


def test_what_it_says_of_itself(made: Certificates) -> None:
    assert read_certificate(der(made.elsewhere)) == Certificate(
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2099, 1, 1, tzinfo=UTC),
        ("*.example.org", "db.example.org", "10.0.0.9"),
    )
    assert read_certificate(der(made.expired)).not_after == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert read_certificate(der(made.early)).not_before.year == 2098
    assert read_certificate(der(made.nameless)).names == ("nameless",)


def test_names_that_no_host_has_are_left_out(tmp_path: Path) -> None:
    names = "subjectAltName=DNS:a b,DNS:" + ",DNS:".join(f"h{i}.example" for i in range(20))
    read = read_certificate(der(self_signed(tmp_path, "x\x1b[31m", "-addext", names)))
    assert read.names == tuple(f"h{i}.example" for i in range(5))


def test_an_rsa_key_and_an_address_of_ipv6(tmp_path: Path) -> None:
    pem, key = str(tmp_path / "c.pem"), str(tmp_path / "c.key")
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/C=CH/O=x/CN=h", "-out", pem, "-keyout", key,
        "-addext", "subjectAltName=IP:fe80::1")  # fmt: skip
    assert read_certificate(ssl.PEM_cert_to_DER_cert(Path(pem).read_text())).names == ("fe80::1",)


def test_what_is_cut_or_changed_is_no_certificate_or_another(made: Certificates) -> None:
    whole = der(made.good)

    @given(st.integers(0, len(whole) - 1), st.integers(0, 255), st.booleans())
    def is_read_or_told(place: int, byte: int, cut: bool) -> None:
        data = whole[:place] if cut else whole[:place] + bytes([byte]) + whole[place + 1 :]
        try:
            names = read_certificate(data).names
        except ValueError:
            return
        assert all(name.isascii() and name.isprintable() for name in names)

    is_read_or_told()


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x30\x00", b"\x30\x02\x30\x00"]
)
def test_what_is_none(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"value|length|fields"):
        read_certificate(data)
