"""Key files: private or refused, and no secret in any text."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

import pytest

from stui_cli.image.keys import Key, fresh_key_file, read_key
from stui_cli.model.errors import NotPermitted
from stui_cli.model.exits import Exit

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = "11" * 32, "ab" * 32


def written(path: Path, text: str | bytes, mode: int = 0o600) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return str(path)


def refusal(path: str, key_id: str | None = None) -> str:
    with pytest.raises(NotPermitted) as caught:
        read_key(path, key_id)
    assert caught.value.exit_code == Exit.NOT_PERMITTED
    assert caught.value.todo
    return f"{caught.value} {caught.value.what} {caught.value.todo} {caught.value!r}"


def test_the_first_key_or_the_one_named(tmp_path: Path) -> None:
    path = written(tmp_path / "k", f"# comment\n\nada admin {ONE}\n  bob observer {TWO.upper()}  \n")
    assert read_key(path, None) == Key("ada", "admin", bytes.fromhex(ONE))
    assert read_key(path, "bob") == Key("bob", "observer", bytes.fromhex(TWO))
    assert "carol" in refusal(path, "carol")


def test_what_follows_the_key_may_be_a_comment_as_for_an_agent(tmp_path: Path) -> None:
    path = written(tmp_path / "k", f"  # eve admin {TWO}\nada admin {ONE} # since May\n")
    assert read_key(path, None) == Key("ada", "admin", bytes.fromhex(ONE))


def test_the_secret_is_in_no_representation(tmp_path: Path) -> None:
    key = read_key(written(tmp_path / "k", f"ada admin {ONE}"), None)
    for text in (repr(key), str(key), f"{key}", repr([key]), repr({"key": key})):
        assert ONE not in text
        assert "\\x11" not in text
        assert "ada" in text


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o644, 0o610, 0o601])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    told = refusal(written(tmp_path / "k", f"ada admin {ONE}\n", mode))
    assert f"{mode:04o}" in told
    assert "chmod 600" in told
    assert ONE not in told


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_private_file_is_read(tmp_path: Path, mode: int) -> None:
    assert read_key(written(tmp_path / "k", f"ada admin {ONE}\n", mode), None).key_id == "ada"


def test_a_missing_file(tmp_path: Path) -> None:
    assert "is not there" in refusal(str(tmp_path / "k"))


def test_a_file_of_somebody_who_keeps_it_to_himself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*arguments: object, **options: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:  # pytest itself opens folders when it tidies up (Python 3.13)
        patched.setattr(os, "open", denied)
        told = refusal(str(tmp_path / "k"))
    assert "Permission denied" in told


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ada admin",
        f"ada admin {ONE} more",
        f"ada admin {ONE[:-1]}",
        f"ada admin {ONE}00",
        "ada admin ab",  # a key of one byte is guessed in a second
        f"ada admin {'zz' * 32}",
        f"#ada admin {ONE}",
        f"ada admin 0x{ONE}",
    ],
)
def test_malformed_lines(tmp_path: Path, line: str) -> None:
    told = refusal(written(tmp_path / "k", line + "\n"))
    assert "KEY_ID ROLE 64-HEX-DIGITS" in told
    assert ONE not in told


def test_a_malformed_line_does_not_hide_the_next(tmp_path: Path) -> None:
    assert read_key(written(tmp_path / "k", f"ada admin zz\nada developer {ONE}\n"), "ada").role == "developer"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", ONE.encode() + b"\xc3\xa9", b"x" * 300_000])
def test_what_is_no_key_file(tmp_path: Path, content: bytes) -> None:
    told = refusal(written(tmp_path / "k", content))
    assert ONE not in told
    assert "0xc3" not in told


def opened(path: str) -> int:
    """How many descriptors of this process lead to `path`."""
    links = []
    for each in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            links.append(os.readlink(f"/proc/self/fd/{each}"))
    return links.count(path)


def test_what_is_no_file_at_all(tmp_path: Path) -> None:
    """Nothing of these may be waited for, and none may crash: their names come from runtime files too."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for path in (str(tmp_path / "pipe"), str(tmp_path / "folder"), "/dev/zero", "with\0nul", ""):
        before = opened(path)
        assert refusal(path)
        assert opened(path) == before


def test_a_link_to_a_private_file_is_followed(tmp_path: Path) -> None:
    written(tmp_path / "k", f"ada admin {ONE}\n")
    (tmp_path / "link").symlink_to(tmp_path / "k")
    assert read_key(str(tmp_path / "link"), None).key_id == "ada"


def test_fresh_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    old = os.umask(0)
    try:
        fresh_key_file(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys = [read_key(str(path), role) for role in ("admin", "developer", "observer")]
    assert [key.role for key in keys] == ["admin", "developer", "observer"]
    assert len({key.secret for key in keys}) == 3
    assert all(len(key.secret) == 32 for key in keys)
    assert read_key(str(path), None).role == "admin"
    assert os.listdir(tmp_path) == ["keys"]


def test_keys_in_use_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    fresh_key_file(path)
    before = path.read_bytes()
    fresh_key_file(path)
    assert path.read_bytes() == before


def test_what_a_killed_start_left_is_no_key_file(tmp_path: Path) -> None:
    """Half a file under the final name would be kept by every later start, and no key would fit."""
    (tmp_path / "keys.new").write_text("# stui keys: KEY_ID RO")
    fresh_key_file(tmp_path / "keys")
    assert read_key(str(tmp_path / "keys"), None).role == "admin"
    assert os.listdir(tmp_path) == ["keys"]
