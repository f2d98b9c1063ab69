"""What a certificate that is not trusted says of itself: Python shows only those that it has checked.

It is foreign data: what does not fit is ValueError, and names are let through only where they could be names of hosts.
The form is X.509 (RFC 5280 section 4.1) in DER (X.690): nested values, each with a tag, a length and its bytes.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONSTRUCTED_3 = 0xA3  # the extensions, the last field of a certificate's first part
_CONSTRUCTED_0 = 0xA0  # its version, the first field, which the oldest ones lack
_OID, _UTC_TIME = 0x06, 0x17
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
_SUBJECT_ALT_NAME = bytes.fromhex("551d11")
_COMMON_NAME = bytes.fromhex("550403")
_NAME = re.compile(r"[\w*][\w.*-]{0,252}\Z", re.ASCII)

# A certificate may have thousands of names; nobody reads more in a message.
_MOST_NAMES = 5


class Certificate(NamedTuple):
    """From when until when it is valid, and for which hosts: the first few."""

    not_before: datetime
    not_after: datetime
    names: tuple[str, ...]


def read_certificate(der: bytes) -> Certificate:
    """Raises ValueError for what is no certificate."""
    fields = _parts(_only(_only(der)))
    if fields and fields[0][0] == _CONSTRUCTED_0:
        fields = fields[1:]
    if len(fields) < 6:
        raise ValueError("too few fields")
    validity, subject = fields[3][1], fields[4][1]
    begins, ends = (_time(tag, value) for tag, value in _parts(validity)[:2])
    extensions = next((value for tag, value in fields if tag == _CONSTRUCTED_3), b"")
    names = tuple(filter(None, _alternatives(extensions))) or tuple(_common_names(subject))
    return Certificate(begins, ends, names[:_MOST_NAMES])


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """The values that stand one after the other in `data`, each as its tag and its bytes."""
    found, place = [], 0
    while place < len(data):
        tag, length, start = data[place], *_length(data, place + 1)
        if start + length > len(data):
            raise ValueError("a value goes beyond its end")
        found.append((tag, data[start : start + length]))
        place = start + length
    return found


def _length(data: bytes, place: int) -> tuple[int, int]:
    """The length that is written at `place`, and where what it counts begins."""
    if place >= len(data):
        raise ValueError("a value without length")
    first = data[place]
    if first < 0x80:
        return first, place + 1
    count = first & 0x7F
    if not 0 < count <= 4 or place + 1 + count > len(data):
        raise ValueError("a length that is none")
    return int.from_bytes(data[place + 1 : place + 1 + count], "big"), place + 1 + count


def _only(data: bytes) -> bytes:
    """The bytes of the first value."""
    parts = _parts(data)
    if not parts:
        raise ValueError("an empty value")
    return parts[0][1]


def _time(tag: int, value: bytes) -> datetime:
    """RFC 5280 section 4.1.2.5: two digits of the year up to 2049, four after it; always UTC, to the second."""
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _alternatives(extensions: bytes) -> Iterator[str]:
    """The names of hosts and the addresses in the extension that lists them."""
    if not extensions:
        return
    for _, extension in _parts(_only(extensions)):
        parts = _parts(extension)
        if not parts or parts[0] != (_OID, _SUBJECT_ALT_NAME):
            continue
        for tag, value in _parts(_only(parts[-1][1])):
            if tag == _DNS_NAME:
                yield _name(value)
            elif tag == _IP_ADDRESS and len(value) in (4, 16):
                yield str(ipaddress.ip_address(value))


def _common_names(subject: bytes) -> Iterator[str]:
    for _, relative in _parts(subject):
        for _, pair in _parts(relative):
            parts = _parts(pair)
            if len(parts) == 2 and parts[0] == (_OID, _COMMON_NAME) and (name := _name(parts[1][1])):
                yield name


def _name(value: bytes) -> str:
    text = value.decode("utf-8", "replace")
    return text if _NAME.match(text) else ""
