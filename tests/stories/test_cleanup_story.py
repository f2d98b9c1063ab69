"""Cleaning up as it happens: real images that die, stop, restart and are replaced, by a clock that the test moves."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from needs import missing
from shell import alive, wait_until

from stui_cli.model.actors import Actor
from stui_cli.model.addresses import TcpAddress, parse_address
from stui_cli.model.orphans import Rules
from stui_cli.model.times import now_ms
from stui_cli.store.files.location import Home
from stui_cli.store.store import Store
from stui_cli.work.sweeping.carry_out import Swept, remove_orphans
from stui_cli.work.sweeping.survey import Survey, everything, find_orphans, probed
from stui_cli.work.workbench import Allowance, Workbench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shell import Shell

HOUR, DAY = 3_600_000, 24 * 3_600_000
RULES = Rules(grace=DAY)


class Sweeper:
    """Looks and sweeps in this process, in the shell's home, by a clock that can be moved ahead."""

    def __init__(self, shell: Shell, timeout: float = 2.0) -> None:
        self.ahead = 0
        home = Home.find(None, shell.environ)
        store = Store(home, Actor("me", "here", 1, "stui test"), self.clock, announce=print)
        self._bench = Workbench(store, self.clock, Allowance(timeout), shell.environ, shell.folder, None)

    @property
    def bench(self) -> Workbench:
        """The bench of one command."""
        return self._bench.allowing()

    def clock(self) -> int:
        return now_ms() + self.ahead

    def look(self, rules: Rules = RULES) -> Survey:
        scope = everything(self.bench.store.read())
        return find_orphans(self.bench, scope, probed(self.bench, scope.images, dry=False), rules)

    def reasons(self, rules: Rules = RULES) -> dict[str, str]:
        return {f.label: str(f.reason) for f in self.look(rules).orphans}

    def sweep(self, rules: Rules = RULES) -> Swept:
        return remove_orphans(self.bench, self.look(rules), rules)

    def over(self, *hours: int) -> None:
        """Look at the image at each of these hours from now on."""
        begun = self.ahead
        for hour in hours:
            self.ahead = begun + hour * HOUR
            self.look()


@pytest.fixture
def sweeper(shell: Shell) -> Sweeper:
    return Sweeper(shell)


def item(shell: Shell, name: str) -> dict[str, object]:
    found: dict[str, object] = shell.ok("images", "show", name, "-o", "json").json["items"][0]
    return found


def wrong_key(shell: Shell, own: str) -> str:
    """A key file with the same key ids and other secrets."""
    wrong = shell.folder / "wrong-keys"
    lines = Path(own).read_text().splitlines()
    wrong.write_text("".join(f"{line.rpartition(' ')[0]} {'0' * 64}\n" for line in lines))
    wrong.chmod(0o600)
    return str(wrong)


def start_at(shell: Shell, image_id: str, folder: Path, port: int) -> None:
    """Start an image with an id of its own at a port, in a process that ends: nobody here has to wait for it."""
    program = textwrap.dedent(f"""
        import os
        from pathlib import Path
        from stui_cli.local.launching import launch
        from stui_cli.local.starting import StartPlan
        from stui_cli.model.deadlines import Deadline
        plan = StartPlan("gst", "stranger", {image_id!r}, Path({str(folder)!r}), {port})
        launch(plan, os.environ, Deadline.after(20), supervised=False)
    """)
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], env=dict(shell.environ), check=True)


def test_image_gone_after_a_day_of_refusals_and_not_a_moment_before(shell: Shell, sweeper: Sweeper) -> None:
    pid = shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    shell.kill(pid)
    sweeper.over(0, 1, 2, 23)
    assert sweeper.reasons() == {}
    sweeper.ahead += HOUR
    assert sweeper.reasons() == {"alpha/work": "image_gone"}
    (found,) = sweeper.look().orphans
    assert "refused since" in getattr(found.verdict, "evidence", "")
    sweeper.sweep()
    assert shell.ok("sessions", "list", "-o", "name").out == ""
    undone = shell.ok("undo")
    assert "stui sessions restore -i alpha work" in undone.err
    assert shell.ok("sessions", "list", "-o", "name").out == "alpha/work\n"


def test_an_image_that_only_sleeps_is_never_gone_unless_the_user_says_so(shell: Shell) -> None:
    sweeper = Sweeper(shell, timeout=0.3)
    pid = shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    os.kill(pid, signal.SIGSTOP)
    sweeper.over(0, 24, 48, 24 * 90)
    assert sweeper.reasons() == {}
    assert sweeper.reasons(Rules(grace=0, force=True, preserve_active=False, older_than=0)) == {}
    assert sweeper.reasons(Rules(grace=DAY, unreachable_for=7 * DAY)) == {"alpha/work": "image_gone"}
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: shell.stui("ping", "alpha").code == 0, "the image wakes up")
    sweeper.ahead = 0
    assert sweeper.reasons(Rules(grace=DAY, unreachable_for=0)) == {}


def test_image_replaced_by_another_at_its_port_and_a_refused_key_that_proves_nothing(
    shell: Shell, sweeper: Sweeper
) -> None:
    pid = shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    own = str(item(shell, "alpha")["key_file"])
    shell.ok("images", "set", "alpha", "--key-file", wrong_key(shell, own))
    sweeper.over(0, 24, 48, 24 * 90)
    assert sweeper.reasons(Rules(grace=0, unreachable_for=0, older_than=0, force=True)) == {}
    shell.ok("images", "set", "alpha", "--key-file", own)
    sweeper.ahead = 0

    address = parse_address(str(item(shell, "alpha")["address"]))
    assert isinstance(address, TcpAddress)
    shell.kill(pid)
    stranger = str(uuid.uuid4())
    folder = shell.folder / "stranger"
    folder.mkdir(mode=0o700)
    start_at(shell, stranger, folder, address.port)
    shell.ok("images", "set", "alpha", "--key-file", str(folder / "keys"))
    assert sweeper.reasons() == {}  # an agent that was started by hand may come back under a new id
    sweeper.ahead += DAY
    assert sweeper.reasons() == {"alpha/work": "image_replaced"}
    (found,) = sweeper.look().orphans
    assert getattr(found.verdict, "found_image_id", None) == stranger
    assert [f.label for f in sweeper.sweep().gone] == ["alpha/work"]


def test_session_lost_when_its_image_restarted_and_not_while_it_lives(shell: Shell, sweeper: Sweeper) -> None:
    pid = shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    sweeper.ahead = 90 * DAY
    assert sweeper.reasons() == {}  # idle, connected: nobody's to take
    sweeper.ahead = 0
    shell.kill(pid)
    shell.launch("alpha")
    assert sweeper.reasons() == {"alpha/work": "session_lost"}
    (found,) = sweeper.look().orphans
    assert getattr(found.verdict, "incarnation", None) == item(shell, "alpha")["incarnation"]


def test_expired_closed_sessions_go_and_live_ones_by_force_only(shell: Shell, sweeper: Sweeper) -> None:
    shell.launch("alpha")
    for name in ("closed", "live"):
        shell.ok("sessions", "create", "-i", "alpha", name)
    shell.ok("sessions", "close", "alpha/closed")
    old = Rules(grace=DAY, older_than=30 * DAY)
    sweeper.ahead = 29 * DAY
    assert sweeper.reasons(old) == {}
    sweeper.ahead = 31 * DAY
    assert sweeper.reasons() == {}
    assert sweeper.reasons(old) == {"alpha/closed": "expired"}
    # The image's own clock tells how long a live one is idle, and nobody moved that.
    assert sweeper.reasons(Rules(grace=DAY, older_than=HOUR, force=True)) == {"alpha/closed": "expired"}
    assert sweeper.reasons(Rules(grace=DAY, older_than=0, force=True)) == {
        "alpha/closed": "expired",
        "alpha/live": "expired",
    }


def test_image_unregistered_and_not_while_it_is_only_left_alone(shell: Shell, sweeper: Sweeper) -> None:
    shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    shell.ok("images", "disconnect", "alpha")
    sweeper.ahead = 90 * DAY
    assert sweeper.reasons(Rules(grace=0, unreachable_for=0, older_than=0, force=True)) == {}
    shell.ok("images", "remove", "alpha", "-y", "--keep-running")
    assert sweeper.reasons() == {"alpha/work": "image_unregistered"}


def test_a_stray_of_ours_is_ended_and_somebody_elses_only_by_an_admin_with_force(
    shell: Shell, sweeper: Sweeper
) -> None:
    shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    shell.ok("undo")
    other = {"STUI_HOME": str(shell.folder / "other")}
    image = item(shell, "alpha")
    added = shell.stui("images", "add", "alpha", str(image["address"]), more=other)
    assert added.code == 0, added
    assert shell.stui("sessions", "create", "-i", "alpha", "theirs", more=other).code == 0
    scope = everything(sweeper.bench.store.read())
    records = probed(sweeper.bench, scope.images, dry=False)
    sweeper.ahead = 2 * 60_000  # both are older than a minute then, and in use as the image has it

    def sweep(rules: Rules) -> list[tuple[str, str]]:
        survey = find_orphans(sweeper.bench, scope, records, rules)
        return [(f.label, str(f.reason)) for f in remove_orphans(sweeper.bench, survey, rules).gone]

    assert sweep(RULES) == []
    assert sweep(Rules(grace=DAY, force=True)) == [("alpha/work", "stray")]
    assert sweep(Rules(grace=DAY, force=True)) == []
    assert sweep(Rules(grace=DAY, force=True, preserve_active=False)) == [("alpha/theirs", "stray")]
    assert shell.stui("eval", "-s", "theirs", "3", more=other).code != 0


def test_killed_between_ending_live_sessions_and_the_commit(shell: Shell) -> None:
    """The next sweep finishes it, and the variables are there as text."""
    shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    shell.ok("eval", "-i", "alpha", "-s", "work", "x := 6 * 7")
    words = ["cleanup", "-y", "--force", "--older-than", "0s"]
    program = textwrap.dedent(f"""
        import os, signal
        from stui_cli.work.sweeping import carry_out as orphan_cleanup
        from stui_cli.main import run
        orphan_cleanup._remove_records = lambda bench, findings: os.kill(os.getpid(), signal.SIGKILL)
        run({words!r})
    """)
    done = subprocess.run([sys.executable, "-c", program], env=dict(shell.environ), cwd=shell.folder, check=False)
    assert done.returncode == -signal.SIGKILL
    assert shell.stui("eval", "-i", "alpha", "-s", "work", "x").code == 9
    shell.ok("sessions", "restore", "alpha/work")
    assert shell.ok("eval", "-i", "alpha", "-s", "work", "x").last == "42"
    subprocess.run([sys.executable, "-c", program], env=dict(shell.environ), cwd=shell.folder, check=False)
    assert shell.ok("cleanup", "-y").out == ""  # its checkpoint is somebody's work, and waits
    assert shell.ok("cleanup", "-y", "--grace", "0s").out.startswith("removed alpha/work: SessionLost")
    shell.ok("undo")
    shell.ok("sessions", "restore", "alpha/work")
    assert shell.ok("eval", "-i", "alpha", "-s", "work", "x").last == "42"


def test_dead_hanging_refusing_and_well_in_one_run_within_the_time_out(shell: Shell) -> None:
    pids = {name: shell.launch(name) for name in ("well", "dead", "hanging", "refusing")}
    for name in pids:
        shell.ok("sessions", "create", "-i", name, "work")
    shell.kill(pids["well"])
    shell.launch("well")
    shell.kill(pids["dead"])
    os.kill(pids["hanging"], signal.SIGSTOP)
    shell.ok("images", "set", "refusing", "--key-file", wrong_key(shell, str(item(shell, "refusing")["key_file"])))
    began = time.monotonic()
    ran = shell.ok("cleanup", "-y", "--timeout", "6")
    assert time.monotonic() - began < 6  # half of it is for the probes; the rest was not needed
    assert ran.out.startswith("removed well/work: SessionLost")
    assert len(ran.out.splitlines()) == 1
    told = "3 images could not be asked, and their sessions stay: "
    assert re.match(told + r"dead \(.*\), hanging \(.*\), refusing \(.*\)$", ran.err)
    os.kill(pids["hanging"], signal.SIGCONT)
    assert set(shell.ok("sessions", "list", "-o", "name").out.split()) == {
        "dead/work",
        "hanging/work",
        "refusing/work",
    }


CRON_PATH = "/usr/bin:/bin"


def test_as_cron_runs_it(shell: Shell) -> None:
    """No terminal, hardly an environment, nothing on its input."""
    pid = shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")

    def cron(*words: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "stui_cli", "cleanup", "-y", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={"PATH": CRON_PATH, "SHELL": "/bin/sh", "LOGNAME": "me", **_kept(shell)},
            cwd="/",
            start_new_session=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    assert cron() == (0, "", "")
    assert cron() == (0, "", "")
    shell.kill(pid)
    assert cron() == (0, "", "")
    assert cron("--grace", "0s") == (0, "", "")
    code, out, err = cron("--grace", "0s")
    assert (code, err) == (0, "")
    assert out.startswith("removed alpha/work: ImageGone, refused since ")
    assert out.count("\n") == 1
    assert "\x1b" not in out
    assert cron("--grace", "0s") == (0, "", "")


def _kept(shell: Shell) -> dict[str, str]:
    return {name: shell.environ[name] for name in ("HOME", "STUI_HOME", "PYTHONPATH")}


def recipes(beginning: str) -> list[str]:
    """The examples of the manual page that are files of other programs, those that begin so."""
    page = (Path(__file__).parents[2] / "man" / "stui-cleanup.1").read_text(encoding="utf-8")
    found = re.findall(r"^\.EX\n(.*?)\n\.EE$", page, re.MULTILINE | re.DOTALL)
    return [text.replace("\\-", "-") for text in found if text.startswith(beginning)]


def test_the_units_of_the_manual_page_are_valid(home: Path) -> None:
    if shutil.which("systemd-analyze") is None:  # no image of a container has it
        pytest.skip("systemd-analyze is not installed")
    folder = home / ".config/systemd/user"
    folder.mkdir(parents=True)
    stui = home / ".local/bin/stui"
    stui.parent.mkdir(parents=True)
    stui.write_text("#!/bin/sh\n")
    stui.chmod(0o755)
    service, timer = recipes("[Unit]")
    for name, text in (("service", service), ("timer", timer)):
        (folder / f"stui-cleanup.{name}").write_text(text.replace("%h", str(home)) + "\n")
    files = [str(folder / f"stui-cleanup.{name}") for name in ("service", "timer")]
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def cron_runs() -> bool:
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if comm.read_text().strip() == "cron":
                return True
    return False


@pytest.fixture
def crond() -> Iterator[Callable[[str], None]]:
    """Installs a crontab, and runs cron until the test is over if none runs on this machine."""
    if not os.path.exists("/usr/sbin/cron"):
        missing("cron is not installed (Debian: cron)")
    if os.getuid() != 0:
        pytest.skip("only root can run cron")
    table = Path(f"/etc/cron.d/stui-test-{os.getpid()}")
    started: list[subprocess.Popen[bytes]] = []

    def install(text: str) -> None:
        table.write_text(text)
        table.chmod(0o644)
        if not cron_runs():
            started.append(subprocess.Popen(["/usr/sbin/cron", "-f"], stdin=subprocess.DEVNULL))

    try:
        yield install
    finally:
        table.unlink(missing_ok=True)
        for process in started:
            process.terminate()
            process.wait()


@pytest.mark.long
@pytest.mark.timeout(240)
def test_cron_itself_sweeps_and_says_one_line(shell: Shell, crond: Callable[[str], None], tmp_path: Path) -> None:
    pid = shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    shell.kill(pid)
    for _ in range(2):
        shell.ok("status")
    said, ran = tmp_path / "said", tmp_path / "ran"
    settings = "".join(f"{name}={value}\n" for name, value in _kept(shell).items())
    stui = Path(shell.environ["HOME"]) / ".local/bin/stui"
    stui.parent.mkdir(parents=True)
    stui.write_text(f'#!/bin/sh\nexec {sys.executable} -m stui_cli "$@"\n')
    stui.chmod(0o755)
    # The line of the manual page, every minute instead of every night.
    line = recipes("17 3 ")[0].removeprefix("17 3 * * * ")
    crond(
        f"SHELL=/bin/sh\nPATH={CRON_PATH}\n{settings}* * * * * root {line} --grace 0s >>{said} 2>&1; echo $? >>{ran}\n"
    )
    wait_until(lambda: ran.exists() and ran.read_text().count("\n") >= 2, "cron runs it twice", 150)
    assert set(ran.read_text().split()) == {"0"}
    told = said.read_text()
    assert told.startswith("removed alpha/work: ImageGone, refused since ")
    assert told.count("\n") == 1
    assert shell.ok("sessions", "list", "-o", "name").out == ""


def sweeping_beside_work(shell: Shell, cleanups: int, terminals: int, rounds: int) -> None:
    """Cleanups and terminals at once: each terminal has a session of its own, switches between it and another image,
    and evaluates; each cleanup meets the same lost sessions."""
    pid = shell.launch("gamma")
    for number in range(3):
        shell.ok("sessions", "create", "-i", "gamma", f"lost{number}")
    shell.kill(pid)
    for name in ("alpha", "beta", "gamma"):
        shell.launch(name)
    names = [f"work{number}" for number in range(terminals)]
    for name in names:
        shell.ok("sessions", "create", "-i", "alpha", name)
        shell.ok("eval", "-i", "alpha", "-s", name, "x := 0")

    def clean(number: int) -> list[str]:
        lines: list[str] = []
        for _ in range(rounds):
            ran = shell.stui("cleanup", "-yq", "--timeout", "60", "--lock-timeout", "100")
            assert (ran.code, ran.err) == (0, ""), ran
            lines += ran.out.splitlines()
        return lines

    def work(name: str) -> int:
        script = "\n".join(
            f"{stui} switch alpha/{name} --lock-timeout 100 >/dev/null && {stui} eval 'x := x + 1' --lock-timeout 100 "
            f"&& {stui} switch beta --lock-timeout 100 >/dev/null || exit 1"
            for stui in [f"{sys.executable} -m stui_cli"] * rounds
        )
        code = "import pty, sys; sys.exit(pty.spawn(['/bin/sh', '-c', sys.argv[1]]) >> 8)"
        done = subprocess.run(
            [sys.executable, "-c", code, script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**shell.environ, "TERM": "dumb"},
            cwd=shell.folder,
            start_new_session=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, (name, done)
        return done.returncode

    with ThreadPoolExecutor(cleanups + terminals) as pool:
        swept = [pool.submit(clean, number) for number in range(cleanups)]
        worked = [pool.submit(work, name) for name in names]
        lines = sorted(line.split(":")[0] for each in swept for line in each.result())
        assert [each.result() for each in worked] == [0] * terminals
    assert lines == [f"removed gamma/lost{number}" for number in range(3)]
    left = shell.ok("sessions", "list", "-o", "name").out.split()
    assert left == [f"alpha/{name}" for name in names]
    for name in names:
        assert shell.ok("eval", "-i", "alpha", "-s", name, "x").last == str(rounds)


@pytest.mark.long
def test_cleanups_beside_terminals_that_switch_and_evaluate(shell: Shell) -> None:
    sweeping_beside_work(shell, cleanups=3, terminals=3, rounds=2)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_20_cleanups_beside_20_terminals(shell: Shell) -> None:
    sweeping_beside_work(shell, cleanups=20, terminals=20, rounds=3)


def test_a_running_image_that_is_not_registered_is_left_alone_with_its_folder(shell: Shell) -> None:
    pid = shell.launch("alpha")
    (folder,) = (Path(shell.environ["STUI_HOME"]) / "launched").iterdir()
    shell.ok("images", "remove", "alpha", "-y", "--keep-running")
    assert "its image (alpha) runs" in shell.ok("cleanup", "-y", "-v").err
    assert alive(pid)
    assert (folder / "keys").exists()
    shell.kill(pid)
    assert "swept" in shell.ok("cleanup", "-y", "-v").err
    assert not folder.exists()
