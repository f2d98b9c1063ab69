"""How a tls:// address is trusted: set, shown, taken away, taken back, and carried to another machine."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Stui

PIN = "SHA256:" + ":".join(["AB"] * 32)
TERMS = ("ca_file", "fingerprint", "cert", "cert_key")


def added(stui: Stui, *words: str, address: str = "tls://db.example:7443") -> None:
    stui.ok("images", "add", "alpha", address, "--offline", *words)


def terms(stui: Stui) -> tuple[object, ...]:
    (item,) = stui.items("images", "show", "alpha")
    return tuple(item[term] for term in TERMS)


def test_a_ca_and_a_certificate_of_ours(stui: Stui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    added(stui, "--ca-file", "ca.pem", "--cert", "me.pem", "--cert-key", "/keys/me.key")
    ca, cert = str(tmp_path / "ca.pem"), str(tmp_path / "me.pem")
    assert terms(stui) == (ca, None, cert, "/keys/me.key")
    shown = stui.ok("images", "show", "alpha")
    assert f"our certificate  {cert}" in shown
    assert "fingerprint" not in shown
    assert stui.ok("images", "set", "alpha", "--no-cert") == "alpha: cert, cert_key taken away\n"
    assert terms(stui) == (ca, None, None, None)


def test_a_pin_takes_the_place_of_a_ca_and_undo_takes_it_back(stui: Stui) -> None:
    added(stui, "--ca-file", "/ca.pem")
    assert (
        stui.ok("images", "set", "alpha", "--fingerprint", "ab" * 32) == "alpha: fingerprint set; ca_file taken away\n"
    )
    assert terms(stui) == (None, PIN, None, None)
    stui.ok("undo")
    assert terms(stui) == ("/ca.pem", None, None, None)
    stui.ok("redo")
    assert stui.ok("images", "set", "alpha", "--ca-file", "/ca.pem") == "alpha: ca_file set; fingerprint taken away\n"
    assert stui.ok("images", "set", "alpha", "--ca-file", "") == "alpha: ca_file taken away\n"
    stui.ok("images", "set", "alpha", "--fingerprint", PIN)
    assert stui.ok("images", "set", "alpha", "--no-fingerprint") == "alpha: fingerprint taken away\n"
    assert terms(stui) == (None, None, None, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fingerprint", PIN, "--ca-file", "/ca.pem"), "both by a CA and by the fingerprint"),
        (("--fingerprint", "AB:CD"), "no fingerprint of a certificate"),
        (("--cert-key", "/me.key"), "a key without its certificate"),
    ],
)
def test_what_contradicts_itself_is_refused(stui: Stui, words: tuple[str, ...], said: str) -> None:
    refused = stui("images", "add", "alpha", "tls://db.example:7443", "--offline", *words)
    assert (refused.code, said in refused.err) == (2, True)
    added(stui)
    refused = stui("images", "set", "alpha", *words)
    assert (refused.code, said in refused.err) == (2, True)
    assert terms(stui) == (None, None, None, None)


def test_terms_of_tls_protect_no_other_address(stui: Stui) -> None:
    refused = stui("images", "add", "alpha", "tcp://127.0.0.1:1", "--offline", "--fingerprint", PIN)
    assert (refused.code, "--fingerprint would do nothing for tcp://127.0.0.1:1" in refused.err) == (2, True)
    added(stui, address="tcp://127.0.0.1:1")
    assert stui("images", "set", "alpha", "--ca-file", "/ca.pem").code == 2
    stui.ok("images", "set", "alpha", "--address", "tls://db.example:1", "--ca-file", "/ca.pem")
    # What is known of the address before stays known, for the day when it is that again.
    stui.ok("images", "set", "alpha", "--address", "tcp://127.0.0.1:1")
    assert terms(stui) == ("/ca.pem", None, None, None)


def test_they_travel(stui: Stui, tmp_path: Path) -> None:
    added(stui, "--fingerprint", PIN, "--cert", "/me.pem")
    text = stui.ok("images", "export")
    assert tomllib.loads(text)["images"][0] == {
        "name": "alpha", "address": "tls://db.example:7443", "fingerprint": PIN, "cert": "/me.pem",
    }  # fmt: skip
    file, other = tmp_path / "images.toml", str(tmp_path / "other")
    file.write_text(text.replace(PIN, f"sha256 Fingerprint={PIN[7:].lower()}"))
    stui.ok("--home", other, "images", "import", str(file))
    assert stui.ok("--home", other, "images", "export") == text
    file.write_text(text.replace(PIN, "AB:CD"))
    refused = stui("--home", str(tmp_path / "third"), "images", "import", str(file))
    assert (refused.code, "no fingerprint" in refused.err) == (2, True)


def test_the_doctor_looks_at_their_files(stui: Stui, tmp_path: Path) -> None:
    added(stui, "--ca-file", str(tmp_path / "gone.pem"))
    (item,) = [item for item in stui("doctor", "-o", "json").items if item["request"] == "addresses"]
    assert (item["verdict"], "is not there" in item["got"]) == ("failed", True)
