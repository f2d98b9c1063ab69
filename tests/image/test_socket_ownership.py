"""A unix socket is used only where nobody else can have put it, and where nobody else listens."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stui_cli.image.link import open_link
from stui_cli.model.addresses import UnixAddress
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

# Any user that is neither this one nor root; there need be no account for it.
STRANGER = 54_321
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file, or a process, to somebody else")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket, and passed on by nobody else."""
    with tempfile.TemporaryDirectory(prefix="stui-") as made:
        yield Path(made)


@contextmanager
def listening(path: Path, user: int | None = None) -> Iterator[socket.socket]:
    """A socket that listens at `path`; with `user` the process that lets it listen is of that user."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(path))
        if user is None:
            listener.listen()
        elif (child := os.fork()) == 0:
            try:
                os.setuid(user)
                listener.listen()
                os._exit(0)
            finally:
                os._exit(1)
        else:
            assert os.waitpid(child, 0)[1] == 0
        listener.setblocking(False)
        yield listener


def connected_to(path: Path | str, owner: str | None = None) -> bool:
    open_link(UnixAddress(os.fspath(path)), Deadline.after(10), socket_owner=owner).close()
    return True


def refused(path: Path | str, owner: str | None = None) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        connected_to(path, owner)
    assert caught.value.outcome is ProbeOutcome.NOT_PERMITTED
    assert caught.value.exit_code == 5
    assert "nothing was sent" in caught.value.what
    return caught.value


def test_a_socket_of_this_user_is_used(folder: Path) -> None:
    with listening(folder / "s"):
        assert connected_to(folder / "s")
        assert connected_to(f"{folder}/./../{folder.name}//s")


def test_links_of_this_user_are_followed(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "short").symlink_to("real")
    (folder / "long").symlink_to(folder / "short")
    with listening(folder / "real" / "s"):
        assert connected_to(folder / "long" / "s")


@pytest.mark.parametrize("mode", [0o777, 0o702])
def test_a_folder_that_anybody_may_write_is_none_to_trust(folder: Path, mode: int) -> None:
    (folder / "open").mkdir()
    (folder / "open").chmod(mode)
    with listening(folder / "open" / "s") as listener:
        error = refused(folder / "open" / "s")
        assert f"anybody may write into {folder}/open" in error.what
        with pytest.raises(BlockingIOError):
            listener.accept()  # nobody even came
        assert error.todo == f"chmod go-w {folder}/open"
        assert os.system(error.todo) == 0
        assert connected_to(folder / "open" / "s")


def test_a_folder_above_counts_too_and_what_a_link_leads_through(folder: Path) -> None:
    below = folder / "open" / "below"
    below.mkdir(parents=True)
    (folder / "open").chmod(0o777)
    (folder / "link").symlink_to("open/below")
    with listening(below / "s"):
        refused(below / "s")
        refused(folder / "link" / "s")


def test_the_sticky_bit_keeps_others_from_replacing_it(folder: Path) -> None:
    (folder / "shared").mkdir()
    (folder / "shared").chmod(0o1777)
    with listening(folder / "shared" / "s"):
        assert connected_to(folder / "shared" / "s")


def test_a_group_with_others_in_it_may_not_write(folder: Path) -> None:
    import grp
    import pwd

    (folder / "team").mkdir()
    (folder / "team").chmod(0o770)
    group = grp.getgrgid((folder / "team").stat().st_gid)
    if group.gr_name == pwd.getpwuid(os.geteuid()).pw_name and set(group.gr_mem) <= {group.gr_name}:
        with listening(folder / "team" / "s"):
            assert connected_to(folder / "team" / "s")  # a group for this user alone
    if os.geteuid() == 0:
        os.chown(folder / "team", 0, STRANGER)
        with listening(folder / "team" / "t"):
            assert "its group may write into" in refused(folder / "team" / "t").what


def test_links_without_end_are_nobody(folder: Path) -> None:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    with pytest.raises(Unreachable):
        connected_to(folder / "a")


def test_what_is_not_there_is_nobody(folder: Path) -> None:
    with pytest.raises(Unreachable) as caught:
        connected_to(folder / "none" / "s")
    assert caught.value.outcome is ProbeOutcome.REFUSED


@AS_ROOT
@pytest.mark.parametrize("what", ["s", "", "link"])
def test_what_belongs_to_somebody_else_is_refused(folder: Path, what: str) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "link").symlink_to("s")
    with listening(folder / "in" / "s") as listener:
        assert connected_to(folder / "in" / "link")
        os.chown(folder / "in" / what, STRANGER, -1, follow_symlinks=False)
        listener.accept()[0].close()
        assert f"belongs to the user {STRANGER}" in refused(folder / "in" / "link").what
        with pytest.raises(BlockingIOError):
            listener.accept()
        assert connected_to(folder / "in" / "link", owner=str(STRANGER))


def test_an_unknown_owner_is_nobody(folder: Path) -> None:
    with listening(folder / "s"):
        assert "there is no user nobody-here" in refused(folder / "s", owner="nobody-here").what
        assert connected_to(folder / "s", owner="root")


@AS_ROOT
def test_a_process_of_somebody_else_behind_a_socket_of_ours_is_refused(folder: Path) -> None:
    with listening(folder / "s", user=STRANGER) as listener:
        assert stat.S_ISSOCK((folder / "s").stat().st_mode)
        assert (folder / "s").stat().st_uid == 0
        assert f"a process of the user {STRANGER} listens there" in refused(folder / "s").what
        came = listener.accept()[0]
        came.setblocking(True)
        assert came.recv(1) == b""  # nothing but its end
        came.close()
        assert connected_to(folder / "s", owner=str(STRANGER))
