"""A process is judged in three values: it lives, it is gone, or it cannot be told from here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from stui_cli.local import proc
from stui_cli.local.proc import is_provably_free, kin_of, nobody_started_at, start_of
from stui_cli.local.processes import Liveness, ProcessMark, end, here, liveness, mark_from, process_mark_of, working_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs the /proc and namespaces of Linux")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_a_process_lives_until_it_is_ended(sleeper: subprocess.Popen[bytes]) -> None:
    mark = process_mark_of(sleeper.pid)
    assert liveness(mark) is Liveness.LIVES
    assert end(mark) is Liveness.GONE
    assert liveness(mark) is Liveness.GONE  # nobody has waited for it yet
    sleeper.wait()
    assert liveness(mark) is Liveness.GONE


def test_a_reused_pid_is_another_process(sleeper: subprocess.Popen[bytes]) -> None:
    mark = process_mark_of(sleeper.pid)._replace(start="1")
    assert liveness(mark) is Liveness.GONE
    end(mark)
    assert sleeper.poll() is None


@pytest.mark.parametrize("lacking", ["boot", "namespace"])
def test_without_knowing_where_a_pid_counts_only_a_living_process_is_sure(
    sleeper: subprocess.Popen[bytes], lacking: str
) -> None:
    mark = process_mark_of(sleeper.pid)._replace(**{lacking: None})
    assert liveness(mark) is Liveness.LIVES
    assert liveness(mark._replace(start="1")) is Liveness.UNKNOWN
    assert liveness(mark._replace(pid=2**22 + 1)) is Liveness.UNKNOWN


def test_a_pid_of_another_namespace_is_never_judged(sleeper: subprocess.Popen[bytes]) -> None:
    mark = process_mark_of(sleeper.pid)._replace(namespace="pid:[1]")
    assert liveness(mark) is Liveness.UNKNOWN
    assert end(mark) is Liveness.UNKNOWN
    assert sleeper.poll() is None


def test_an_earlier_boot_of_this_machine_took_everything_along() -> None:
    mark = process_mark_of(os.getpid())._replace(boot="an earlier one")
    assert liveness(mark) is Liveness.GONE
    assert liveness(mark._replace(machine="another one")) is Liveness.UNKNOWN


@linux_only
def test_without_proc_a_missing_pid_is_gone_and_another_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    place = here()
    monkeypatch.setattr(proc, "_is_ours", lambda: False)
    assert liveness(ProcessMark(os.getpid(), "1", *place)) is Liveness.UNKNOWN
    assert liveness(ProcessMark(2**22 + 1, "1", *place)) is Liveness.GONE


@linux_only
def test_without_proc_starts_come_from_ps(monkeypatch: pytest.MonkeyPatch, sleeper: subprocess.Popen[bytes]) -> None:
    monkeypatch.setattr(proc, "_is_ours", lambda: False)
    monkeypatch.setattr(proc, "_LINUX", False)
    if proc._output_of("ps", "-o", "lstart=", "-p", str(os.getpid())) is None:
        pytest.skip("no ps here")
    mark = process_mark_of(sleeper.pid)
    assert mark.start is not None
    assert len(mark.start.split()) == 5
    assert liveness(mark) is Liveness.LIVES
    assert liveness(mark._replace(start="Sat Nov 28 06:51:41 1998")) is Liveness.GONE
    assert start_of(2**22 + 1) is None


@linux_only
def test_a_confusing_name_confuses_nobody(tmp_path: Path) -> None:
    program = tmp_path / "a) Z 1 (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "60"]) as process:
        assert liveness(process_mark_of(process.pid)) is Liveness.LIVES
        process.kill()


@linux_only
def test_a_start_tells_across_pid_namespaces_that_nobody_is_meant(sleeper: subprocess.Popen[bytes]) -> None:
    start = process_mark_of(sleeper.pid).start
    assert start is not None
    assert not nobody_started_at(start)
    seen_all = here().namespace == proc._FIRST_NAMESPACE
    assert nobody_started_at(str(2**60)) is seen_all


def test_who_works_in_a_folder_is_found(tmp_path: Path) -> None:
    if not proc._is_ours():
        pytest.skip("needs a /proc")
    with subprocess.Popen(["sleep", "600"], cwd=tmp_path) as process:
        assert working_in(str(tmp_path)) == [process_mark_of(process.pid)]
        process.kill()
    assert working_in(str(tmp_path)) == []


@pytest.mark.parametrize("pid", [None, "7", 0, -1, True, 2**31, 7.0])
def test_what_is_no_pid_makes_no_mark(pid: object) -> None:
    assert mark_from({"pid": pid, "start": "1"}) is None


def test_a_mark_comes_back_as_it_was_written() -> None:
    mark = process_mark_of(os.getpid())
    assert mark_from(mark._asdict()) == mark
    assert mark_from({"pid": 7, "start": 8, "boot": None}) == ProcessMark(7)


@linux_only
def test_a_process_knows_its_parent_and_one_that_is_not_there_has_none(sleeper: subprocess.Popen[bytes]) -> None:
    kin = kin_of(sleeper.pid)
    assert kin is not None
    assert kin[0] == os.getpid()
    assert kin_of(2**30) is None


@pytest.mark.parametrize("pid", [0, -1, 2**31, 2**80])
def test_what_is_no_pid_proves_nothing(pid: int) -> None:
    assert not is_provably_free(pid)


def can(*words: str) -> bool:
    """Whether this system lets this user do what a command does."""
    return (
        shutil.which(words[0]) is not None and subprocess.run(words, capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(
    not can("unshare", "-T", "--fork", "--boottime", "5000", "true"),
    reason="needs root and unshare: namespaces of time",
)
def test_a_start_read_in_another_namespace_of_times_is_not_compared(sleeper: subprocess.Popen[bytes]) -> None:
    """There every process has started at another time."""
    judge = (
        "import sys; from stui_cli.local.processes import ProcessMark, liveness; "
        "print(liveness(ProcessMark(*[eval(w) for w in sys.argv[1:]])).name)"
    )
    words = [repr(each) for each in process_mark_of(sleeper.pid)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = [
        subprocess.run(
            [*around, sys.executable, "-c", judge, *words], env=environ, capture_output=True, text=True, check=True
        ).stdout.strip()
        for around in ([], ["unshare", "-T", "--fork", "--boottime", "500000"])
    ]
    assert said == ["LIVES", "UNKNOWN"]
