"""`stui images export` and `import`: the registry carried to another machine."""

from __future__ import annotations

import json
import os
import tomllib
from typing import TYPE_CHECKING

import pytest

from stui_cli.api import open_manager
from stui_cli.main import run
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.store.transaction import Draft


def shown(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run(list(words)) == code
    return capsys.readouterr().out


def test_there_and_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run(["images", "add", "alpha", "tcp://127.0.0.1:7001", "--offline", "-l", "role=build", "--key-file", "/k"])
    run(["images", "add", "beta", "tcp://10.0.0.7:7002", "--offline", "--allow-plaintext"])
    capsys.readouterr()
    text = shown(capsys, "images", "export")
    alpha, beta = tomllib.loads(text)["images"]
    assert alpha == {
        "name": "alpha", "address": "tcp://127.0.0.1:7001", "key_file": "/k", "metadata": {"role": "build"},
    }  # fmt: skip
    assert beta == {"name": "beta", "address": "tcp://10.0.0.7:7002", "allow_plaintext": True}

    path = tmp_path / "images.toml"
    path.write_text(text)
    other = str(tmp_path / "other")
    assert shown(capsys, "--home", other, "images", "import", str(path)).splitlines() == [
        "alpha: tcp://127.0.0.1:7001",
        "beta: tcp://10.0.0.7:7002",
    ]
    assert shown(capsys, "--home", other, "images", "export") == text


def test_a_file_is_written_whole_and_never_over_another_unasked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run(["images", "add", "alpha", "tcp://127.0.0.1:7001", "--offline"])
    run(["images", "add", "beta", "tcp://127.0.0.1:7002", "--offline"])
    capsys.readouterr()
    text, path = shown(capsys, "images", "export"), tmp_path / "images.toml"
    assert shown(capsys, "images", "export", "-f", str(path)) == f"exported 2 images to {path}\n"
    assert (path.read_text(), path.stat().st_mode & 0o777) == (text, 0o600)
    assert run(["images", "export", "beta", "--file", str(path)]) == 9
    told = capsys.readouterr().err
    assert f"{path} is there already" in told
    assert "--force" in told
    assert path.read_text() == text
    document = json.loads(shown(capsys, "images", "export", "beta", "-f", str(path), "--force", "-o", "json"))
    assert [each["name"] for each in document["items"]] == ["beta"]
    assert path.read_text() == shown(capsys, "images", "export", "beta")
    assert run(["images", "export", "-f", str(tmp_path / "none" / "images.toml")]) == 10
    assert "name another file: -f FILE" in capsys.readouterr().err
    assert os.listdir(tmp_path).count("images.toml.new") == 0


def test_a_taken_name_is_told_and_the_rest_goes_on(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run(["images", "add", "alpha", "tcp://127.0.0.1:1", "--offline"])
    capsys.readouterr()
    path = tmp_path / "images.toml"
    path.write_text(
        '[[images]]\nname = "alpha"\naddress = "tcp://127.0.0.1:2"\n'
        '[[images]]\nname = "beta"\naddress = "127.0.0.1:3"\nimage_id = "b"\ncolour = "blue"\n'
    )
    document = json.loads(shown(capsys, "images", "import", str(path), "-o", "json", code=8))
    assert [(i["name"], i["address"], i["image_id"]) for i in document["items"]] == [("beta", "tcp://127.0.0.1:3", "b")]
    assert "alpha" in document["errors"][0]["message"]
    again = json.loads(shown(capsys, "images", "import", str(path), "-o", "json", code=8))["errors"]
    assert [(each["message"], each["hint"]) for each in again] == [
        ("the name 'alpha' is taken by tcp://127.0.0.1:1", "choose another, or first: stui images remove alpha"),
        (
            "beta is registered already, and is that very image, at tcp://127.0.0.1:3",  # nothing to be removed
            "see it: stui images show beta",
        ),
    ]
    assert 'colour = "blue"' in shown(capsys, "images", "export", "beta")
    assert 'address = "tcp://127.0.0.1:1"' in shown(capsys, "images", "export", "alpha")


def test_what_a_file_says_never_damages_the_store(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "images.toml"
    home = 'added_at = "x"\nparked = "x"\nlaunch_directory = "/elsewhere"\nimage_name = 3\nimage_version = []\n'
    odd = "when = 2024-05-01T10:00:00Z\nday = 2024-05-01\nratio = 1.5\nnested = { a = [1, { b = 10:00:00 }] }\n"
    path.write_text(f'[[images]]\nname = "alpha"\naddress = "127.0.0.1:3"\n{home}{odd}')
    shown(capsys, "images", "import", str(path))
    text = shown(capsys, "images", "export")
    assert tomllib.loads(text)["images"][0].keys() == {"name", "address", "when", "day", "ratio", "nested"}
    path.write_text(text)
    shown(capsys, "--home", str(tmp_path / "other"), "images", "import", str(path))
    assert shown(capsys, "--home", str(tmp_path / "other"), "images", "export") == text
    path.write_text(f'[[images]]\nname = "beta"\naddress = "127.0.0.1:3"\nbig = {2**80}\n')
    shown(capsys, "images", "import", str(path), code=2)
    assert shown(capsys, "images", "export") == text
    shown(capsys, "doctor")


def test_an_old_label_that_is_no_text_leaves_an_export_that_anybody_can_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def change(draft: Draft) -> ImageDetails:
        draft.images["alpha"] = Image("alpha", "tcp://127.0.0.1:1", 1, metadata={"k": "v\udcff", "role": "build"})
        return ImageDetails(Kind.IMAGE_ADD, "alpha")

    open_manager().store.commit(change)
    text = shown(capsys, "images", "export")
    assert tomllib.loads(text.encode().decode())["images"][0]["metadata"] == {"k": "v?", "role": "build"}
    # It can be taken away, and does not stand in the way of another.
    shown(capsys, "images", "set", "alpha", "role=test")
    shown(capsys, "images", "set", "alpha", "k=")
    assert open_manager().read().images["alpha"].metadata == {"role": "test"}


NO_TEXT = "x\udcff"


@pytest.mark.parametrize(
    "words",
    [
        ("images", "add", "--offline", "beta", f"unix:///tmp/{NO_TEXT}"),
        ("images", "add", "--offline", NO_TEXT, "tcp://127.0.0.1:1"),
        ("images", "add", "--offline", "beta", "tcp://127.0.0.1:1", "-l", f"k={NO_TEXT}"),
        ("images", "add", "--offline", "beta", "tcp://127.0.0.1:1", "--key-file", f"/{NO_TEXT}"),
        ("images", "set", "alpha", f"{NO_TEXT}=v"),
        ("images", "set", "alpha", f"k={NO_TEXT}"),
        ("images", "set", "alpha", "--key-id", NO_TEXT),
        ("images", "rename", "alpha", NO_TEXT),
        ("sessions", "create", "alpha/work", "--description", NO_TEXT),
    ],
)
def test_what_is_no_text_is_refused_at_the_edge(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    run(["images", "add", "alpha", "tcp://127.0.0.1:1", "--offline"])
    capsys.readouterr()
    before = shown(capsys, "images", "export")
    assert run(list(words)) == 2
    assert "\\udcff" in capsys.readouterr().err
    assert shown(capsys, "images", "export") == before
    before.encode("utf-8")


@pytest.mark.parametrize(
    "text",
    ["", "images = 3", "[[images]]\nname = 'a'", "[[images]]\nname = 'a'\naddress = 'nonsense'", "\x00", "schema = 2",
     "[[images]]\nname = 'a'\naddress = '127.0.0.1:1'\nimage_id = 7",
     "[[images]]\nname = 'a'\naddress = '127.0.0.1:1'\nmetadata = {x = 1}"],
)  # fmt: skip
def test_what_is_no_such_file(text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "images.toml"
    path.write_text(text)
    assert run(["images", "import", str(path)]) == 2
    assert "stui:" in capsys.readouterr().err
    assert run(["images", "import", str(tmp_path / "none.toml")]) == 2
