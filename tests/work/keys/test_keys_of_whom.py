"""What a colleague is told to run, by the address of the image and the terms of its entry."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stui_cli.api import open_manager
from stui_cli.model.errors import Refused
from stui_cli.model.images import Image
from stui_cli.work.keys.place import place_of
from stui_cli.work.keys.users import registering

HOST = os.uname().nodename


@pytest.mark.parametrize(
    ("address", "terms", "told"),
    [
        (
            "tcp://127.0.0.1:7001",
            {},
            ["tcp://127.0.0.1:7001 --key-file '/a b/bob.key'", f"ssh://{HOST}/127.0.0.1:7001 --key-file bob.key"],
        ),
        (
            "unix:///run/a.sock",
            {},
            ["unix:///run/a.sock --key-file '/a b/bob.key'", f"ssh://{HOST}//run/a.sock --key-file bob.key"],
        ),
        ("ssh://ann@box:22/127.0.0.1:7001", {}, ["ssh://box:22/127.0.0.1:7001 --key-file bob.key"]),
        (
            "tcp://192.0.2.7:7001",
            {"allow_plaintext": True},
            ["tcp://192.0.2.7:7001 --allow-plaintext --key-file bob.key"],
        ),
        (
            "tls://box:7001",
            {"fingerprint": "ab:cd", "cert": "mine.pem", "cert_key": "mine.key"},
            ["tls://box:7001 --fingerprint ab:cd --key-file bob.key"],
        ),
        (
            "tls://localhost:7001",
            {"ca_file": "/etc/our ca.pem"},
            ["tls://localhost:7001 --ca-file '/etc/our ca.pem' --key-file '/a b/bob.key'"],
        ),
    ],
)
def test_what_a_colleague_runs(address: str, terms: dict[str, object], told: list[str]) -> None:
    image = Image("alpha", address, 0, **terms)  # type: ignore[arg-type]
    assert registering(image, "/a b/bob.key") == [f"stui images add alpha {line}" for line in told]


def runtime_file(environ: dict[str, str], key_file: str | None) -> None:
    folder = Path(environ["XDG_RUNTIME_DIR"]) / "stui"
    folder.mkdir(mode=0o700, exist_ok=True)
    lines = ['schema = 1\nname = "a"\naddress = "tcp://127.0.0.1:1"\nimage_id = "ID"\nincarnation = "I"\npid = 1\n']
    lines += ['dialect = "gst"\n', f'key_file = "{key_file}"\n' if key_file is not None else ""]
    (folder / "a-1.toml").write_text("".join(lines))


@pytest.mark.parametrize(
    ("key_file", "said"),
    [(None, "asks for no key"), ("keys", "did not tell this one where its key file is"), ("/x/keys", "")],
)
def test_the_key_file_is_never_guessed(key_file: str | None, said: str, tmp_path: Path) -> None:
    """The one of the entry may be the caller's own copy, and a relative one counts from a folder that is not known."""
    bench = open_manager().bench
    runtime_file(dict(os.environ), key_file)
    image = Image("alpha", "tcp://127.0.0.1:1", 0, "ID", key_file=str(tmp_path / "my own"))
    if not said:
        assert place_of(bench, image, None, "stui keys").path == key_file
        return
    with pytest.raises(Refused, match=said):
        place_of(bench, image, None, "stui keys")
