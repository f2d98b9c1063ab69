"""The proofs of DESIGN section 4, against values computed by hand."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.digest import hmac_sha256
from stui_cli.protocol.handshake import client_proof, same_proof, server_proof

KEY = bytes(range(32))
CLIENT_NONCE = b"C" * 16
SERVER_NONCE = b"S" * 16
IMAGE_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
SERVER_VECTOR = "3793579062b1b77b28b789070c615ad14704caeb8ecd6b561dbaa6bac603534c"
CLIENT_VECTOR = "338c17b650b12453c9bce16837af8c628beabf028e3e3b07b0be34d8f238dba1"


def test_the_server_proof_is_the_hmac_of_label_client_nonce_server_nonce_image_id() -> None:
    message = b"stui-server" + b"CCCCCCCCCCCCCCCC" + b"SSSSSSSSSSSSSSSS" + b"0f8fad5b-d9cb-469f-a165-70867728950e"
    by_hand = hmac.new(KEY, message, hashlib.sha256).digest()
    assert server_proof(KEY, CLIENT_NONCE, SERVER_NONCE, IMAGE_ID) == by_hand


def test_the_client_proof_has_the_nonces_the_other_way_round() -> None:
    message = b"stui-client" + b"SSSSSSSSSSSSSSSS" + b"CCCCCCCCCCCCCCCC" + b"0f8fad5b-d9cb-469f-a165-70867728950e"
    by_hand = hmac.new(KEY, message, hashlib.sha256).digest()
    assert client_proof(KEY, CLIENT_NONCE, SERVER_NONCE, IMAGE_ID) == by_hand


def test_fixed_vectors() -> None:
    """What any other client or agent has to compute for these values."""
    assert server_proof(KEY, CLIENT_NONCE, SERVER_NONCE, IMAGE_ID).hex() == SERVER_VECTOR
    assert client_proof(KEY, CLIENT_NONCE, SERVER_NONCE, IMAGE_ID).hex() == CLIENT_VECTOR


def test_the_hmac_itself_is_rfc_2104() -> None:
    """HMAC from its definition, so that the vectors do not lean on the library that they check."""
    message = b"stui-server" + CLIENT_NONCE + SERVER_NONCE + IMAGE_ID.encode()
    block = KEY.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + message).digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).digest()
    assert server_proof(KEY, CLIENT_NONCE, SERVER_NONCE, IMAGE_ID) == outer


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_our_hmac_is_the_librarys(key: bytes, message: bytes) -> None:
    assert hmac_sha256(key, message) == hmac.digest(key, message, "sha256")


def test_no_proof_stands_for_another() -> None:
    proofs = {
        make(key, one, other, image)
        for make in (server_proof, client_proof)
        for key in (KEY, KEY[::-1])
        for one, other in ((CLIENT_NONCE, SERVER_NONCE), (SERVER_NONCE, CLIENT_NONCE))
        for image in (IMAGE_ID, IMAGE_ID.upper())
    }
    assert len(proofs) == 16


def test_an_image_id_that_is_no_ascii_is_an_error() -> None:
    with pytest.raises(UnicodeEncodeError):
        server_proof(KEY, CLIENT_NONCE, SERVER_NONCE, "ïmage")


@pytest.mark.parametrize(("one", "other", "same"), [(b"a", b"a", True), (b"a", b"b", False), (b"a", b"ab", False)])
def test_comparing(one: bytes, other: bytes, same: bool) -> None:
    assert same_proof(one, other) is same
