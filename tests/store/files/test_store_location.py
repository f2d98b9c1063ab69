"""Where the store is, and what a home that cannot be used says about itself."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest
from store_tools import Heard, add_image, filled, open_store, records

from stui_cli.model.errors import Exit, StoreProblem
from stui_cli.store.files.disk import Disk, exists, is_folder
from stui_cli.store.files.location import Home, plain_file_name

posix = pytest.mark.skipif(os.name != "posix", reason="owners, modes and links are a matter of POSIX systems")
not_root = pytest.mark.skipif(
    os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere; the test below stands in for it"
)


def test_the_option_is_stronger_than_the_variable_and_both_than_xdg(tmp_path: Path) -> None:
    environ = {"STUI_HOME": "/s", "XDG_STATE_HOME": "/x/state", "XDG_CONFIG_HOME": "/x/config", "HOME": "/h"}
    given = Home.find(tmp_path, environ)
    assert (given.folder, given.config, given.chosen_by) == (str(tmp_path), f"{tmp_path}/config.toml", "--home")
    assert Home.find(None, environ).folder == "/s"
    del environ["STUI_HOME"]
    xdg = Home.find(None, environ)
    assert (xdg.folder, xdg.config) == ("/x/state/stui", "/x/config/stui/config.toml")


def test_xdg_defaults_and_its_rule_on_relative_paths() -> None:
    home = Home.find(None, {"HOME": "/h", "XDG_STATE_HOME": "relative", "STUI_HOME": ""})
    assert home.folder == "/h/.local/state/stui"
    assert home.config == "/h/.config/stui/config.toml"
    with pytest.raises(StoreProblem, match="neither STUI_HOME nor XDG_STATE_HOME nor HOME is set"):
        Home.find(None, {})


def test_a_relative_home_is_where_the_command_ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for here in (Path("here"), "here"):
        assert Home.find(here, {}).folder == str(tmp_path / "here")


@posix
@pytest.mark.parametrize(
    "given", [".", "./a", "a/", "a//b/./c/", "..", "../a/../b", "a/..", "/", "/a/", "/a/../b/.", "~"]
)
def test_a_home_is_made_absolute_and_no_link_is_resolved(given: str) -> None:
    assert Home.find(given, {}).folder == Home.find(None, {"STUI_HOME": given}).folder == str(Path(given).absolute())


@pytest.mark.parametrize("identifier", ["../../etc/passwd", "a/b", "", ".", "a\x00b", "é", "x" * 65, "a b"])
def test_an_id_that_an_image_made_up_never_becomes_a_path(identifier: str) -> None:
    name = plain_file_name(identifier)
    assert len(name) == 67
    assert name.startswith("id.")
    assert plain_file_name("0f-9A") == "0f-9A"


@posix
def test_everything_is_private_whatever_the_umask(folder: Path) -> None:
    old = os.umask(0)
    try:
        filled(open_store(folder))
    finally:
        os.umask(old)
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


@posix
def test_what_is_open_to_others_is_closed_with_the_next_change(folder: Path) -> None:
    filled(open_store(folder))
    folder.chmod(0o755)
    (folder / "state.toml").chmod(0o644)
    heard = Heard()
    store = open_store(folder, announce=heard)
    store.read()
    assert heard == []
    store.commit(add_image("gamma"))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [text.split(" was open")[0] for text in heard] == [str(folder), str(folder / "state.toml")]


@posix
def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    store = open_store(path)
    for use in (store.read, lambda: store.commit(add_image("alpha"))):
        with pytest.raises(StoreProblem, match="the store named by --home, is no folder"):
            use()
    below = open_store(path / "store")
    with pytest.raises(StoreProblem, match="is no folder") as caught:
        below.commit(add_image("alpha"))
    assert str(path) in caught.value.what


@posix
def test_another_users_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(open_store(folder))
    stranger = os.geteuid() + 12345
    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    store = open_store(folder)
    for use in (store.read, lambda: store.commit(add_image("gamma"))):
        with pytest.raises(StoreProblem, match=rf"belongs to user .*, and this is {stranger}") as caught:
            use()
        assert caught.value.exit_code == Exit.STORE


@posix
def test_a_symlinked_folder_is_fine_and_symlinked_files_are_not(tmp_path: Path) -> None:
    real = tmp_path / "disk2" / "stui"
    filled(open_store(real))
    link = tmp_path / "link"
    link.symlink_to(real)
    store = open_store(link)
    assert store.commit(add_image("gamma")) is not None
    assert records(store) == records(open_store(real))
    for name in ("state.toml", "lock", "audit.jsonl"):
        target = tmp_path / f"elsewhere-{name}"
        (real / name).rename(target)
        (real / name).symlink_to(target)
        content = target.read_bytes()
        with pytest.raises(StoreProblem, match=f"{name} is a symbolic link"):
            store.commit(add_image("delta"))
        assert target.read_bytes() == content
        (real / name).unlink()
        target.rename(real / name)
    assert store.commit(add_image("delta")) is not None


@posix
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "permission is denied"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "your disk quota is used up"),
        (errno.EXDEV, os.strerror(errno.EXDEV)),
    ],
)
def test_a_disk_that_refuses_is_told_with_file_reason_and_next_step(folder: Path, error: int, reason: str) -> None:
    filled(open_store(folder))

    def refuse(step: str, path: str) -> None:
        if step != "read":
            raise OSError(error, os.strerror(error), path)

    store = open_store(folder, Disk(refuse))
    assert records(store) == records(open_store(folder))
    for write in (lambda: store.commit(add_image("gamma")), lambda: store.update_probes(dict.clear), store.undo):
        with pytest.raises(StoreProblem) as caught:
            write()
        assert caught.value.what == f"{folder / 'lock'}: {reason}"
        assert caught.value.todo


@posix
def test_what_cannot_be_told_is_not_taken_for_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "link").symlink_to(".")
    told = {name: (exists(f"{tmp_path}/{name}"), is_folder(f"{tmp_path}/{name}")) for name in
            ("file", "link", "none", "none/below", "file/below", "circle")}  # fmt: skip
    assert told.pop("file") == (True, False)
    assert told.pop("link") == (True, True)
    assert set(told.values()) == {(False, False)}
    for ask in (exists, is_folder):
        with pytest.raises(OSError, match="File name too long"):
            ask(f"{tmp_path}/{'x' * 300}")


def test_a_folder_is_made_where_the_command_ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Disk().make_folder("a/b")
    Disk().make_folder("a/b")
    assert (tmp_path / "a" / "b").is_dir()


@posix
@not_root
def test_a_home_without_permission(folder: Path) -> None:
    filled(open_store(folder))
    folder.chmod(0o500)
    try:
        store = open_store(folder)
        assert list(store.read().images) == ["alpha", "beta"]
        with pytest.raises(StoreProblem, match="permission is denied"):
            store.commit(add_image("gamma"))
    finally:
        folder.chmod(0o700)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is a file system that takes no new folders")
def test_a_home_in_a_file_system_that_takes_nothing() -> None:
    store = open_store(Path("/proc/stui"))
    assert store.read().head == 0
    with pytest.raises(StoreProblem, match=r"/proc/stui"):
        store.commit(add_image("alpha"))
