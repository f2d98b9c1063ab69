"""Starting the process of one image in its own folder: start file, keys, log, and the wait for its agent.

A start counts as done when the agent's runtime file is there: exit codes of virtual machines mean little.

What was started is written down in the folder by the new process itself, before it becomes the image: so whoever
ends the starting command, at whatever moment, the next one finds the process. For where a pid cannot be judged
(another pid namespace, no /proc) the process also holds a lock, which the kernel lets go when it ends.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.image.keys import fresh_key_file
from stui_cli.local.dialects import dialect_of, program_of, quoted
from stui_cli.local.processes import ProcessMark, end, here, mark_from, process_mark_of
from stui_cli.local.runtime_files import (
    RuntimeFile,
    private_directory,
    private_file,
    read_runtime_file,
    runtime_directory,
)
from stui_cli.model.errors import StuiError, TooLate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stui_cli.model.deadlines import Deadline

KEY_FILE = "keys"
LOG_FILE = "image.log"
# Where the runtime file is: cron and a login may have another XDG_RUNTIME_DIR than the launch had.
AGENT_FILE = "agent"
# The mark of the process that was started last.
PROCESS_FILE = "process"
# Locked for as long as the image, its supervisor, or anything that they started lives.
LIFE_FILE = "alive"
_START_FILE = "start.st"
_POLL_S = 0.005
_LOOKS = 4

_HIDDEN = (
    "; it may need longer (--wait 5m), or it shows an error, or asks something, in a window that nobody sees (--window)"
)

# What an image prints is kept for whoever looks for a fault; beyond this the last run's is dropped.
_LOG_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True)
class StartPlan:
    """What to start. `port` 0 lets the system choose; `memory_limit` in bytes of address space; `saved` starts the
    image that `images save` wrote, with its sessions, instead of a fresh one.

    Of a dialect whose images are given, `machine` and `image` are the files to start, and `window` shows the image's
    own. A supervisor waits `patience` seconds for each start.
    """

    dialect: str
    name: str
    image_id: str
    folder: Path
    port: int = 0
    memory_limit: int | None = None
    saved: bool = False
    machine: str | None = None
    image: str | None = None
    window: bool = False
    patience: float = 15.0


def start(
    plan: StartPlan, environ: Mapping[str, str], deadline: Deadline
) -> tuple[subprocess.Popen[bytes], RuntimeFile]:
    """Start the image and wait until its agent listens.

    The process gets a session of its own, no input, and a file for its output, so that neither a terminal's end
    nor a full pipe can stop it. Raises NotFound without the virtual machine, StuiError with the log's last words
    if it ends early, TooLate (after ending it) if it does not come up in time.
    """
    command = _command(plan, environ)
    private_directory(plan.folder)
    runtime = private_directory(runtime_directory(environ))
    before = set(_agents(runtime, plan.image_id))
    process: subprocess.Popen[bytes] | None = None
    (plan.folder / PROCESS_FILE).unlink(missing_ok=True)
    try:
        fresh_key_file(plan.folder / KEY_FILE)
        with private_file(plan.folder / _START_FILE, "wb") as start_file:
            start_file.write(os.fsencode(_start_text(plan, runtime)))  # a folder may have any bytes in its name
        log = plan.folder / LOG_FILE
        with private_file(log, "ab" if _small(log) else "wb") as output, held_life(plan.folder) as life:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=plan.folder,
                env=dict(environ),
                start_new_session=True,
                pass_fds=life,
                preexec_fn=_before_the_image(plan),
            )
        agent = _await_agent(process, runtime, before, plan, log, deadline)
        if agent.pid != process.pid:  # the program on the PATH is a script that runs the machine as its child
            write_process_mark(plan.folder / PROCESS_FILE, agent.pid)
        note_agent(plan.folder, agent.path)
        return process, agent
    except (OSError, subprocess.SubprocessError) as error:
        _end_started(plan.folder, process)
        raise StuiError(f"{plan.name} cannot be started: {error}", image=plan.name) from error
    except BaseException:
        _end_started(plan.folder, process)
        raise


@contextmanager
def occupied(plan: StartPlan, environ: Mapping[str, str]) -> Iterator[Path]:
    """This very process is the image of `plan` until the block ends: it has the image's folder, keys and marks, and is
    given the folder of the runtime files. Its agent is then to be told with `note_agent`."""
    private_directory(plan.folder)
    runtime = private_directory(runtime_directory(environ))
    (plan.folder / PROCESS_FILE).unlink(missing_ok=True)
    fresh_key_file(plan.folder / KEY_FILE)
    with held_life(plan.folder):
        write_process_mark(plan.folder / PROCESS_FILE, os.getpid())
        yield runtime


def note_agent(folder: Path, path: Path) -> None:
    """Keep in the folder of an image where its agent has written that it runs."""
    with private_file(folder / AGENT_FILE, "wb") as file:
        file.write(os.fsencode(path))


def _end_started(folder: Path, process: subprocess.Popen[bytes] | None) -> None:
    """End what was started, also where an interrupt came before its object was here."""
    if (mark := read_process_mark(folder / PROCESS_FILE)) is not None:
        end(mark)
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()


def read_process_mark(path: Path) -> ProcessMark | None:
    """The mark that a file of an image's folder holds, if there is one."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return mark_from(raw) if isinstance(raw, dict) else None


def write_process_mark(path: Path, pid: int) -> None:
    """Write the mark of a process of this place, whole."""
    partial = path.with_name(f"{path.name}.new")
    with private_file(partial, "wb") as file:
        file.write(json.dumps(process_mark_of(pid)._asdict()).encode())
    partial.replace(path)


@contextmanager
def held_life(folder: Path) -> Iterator[tuple[int, ...]]:
    """A shared lock to hand down to a new process, as the descriptors to pass; empty where the system has no such
    locks."""
    try:
        import fcntl

        descriptor = os.open(folder / LIFE_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except (ImportError, OSError):
        yield ()
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        except OSError:
            yield ()
        else:
            yield (descriptor,)
    finally:
        os.close(descriptor)


def nothing_holds(folder: Path) -> bool:
    """Whether provably nothing lives that was started in `folder` with a lock."""
    try:
        import fcntl

        descriptor = os.open(folder / LIFE_FILE, os.O_RDWR)
    except (ImportError, OSError):
        return False
    try:
        for _ in range(_LOOKS):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(_POLL_S)  # somebody else may be looking at this very moment
            else:
                return True
    finally:
        os.close(descriptor)
    return False


def is_free(port: int) -> bool:
    """Whether an agent could listen on this port of the loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)  # whoever only connects from a port lets it be bound
        except OSError:
            return False
    return True


def _command(plan: StartPlan, environ: Mapping[str, str]) -> list[str]:
    row = dialect_of(plan.dialect)
    start_file = plan.folder / _START_FILE
    if plan.machine is None or plan.image is None:
        saved = plan.folder / row.saved_image if plan.saved else None
        return [program_of(row.name, environ), *row.command(row.files, start_file, saved)]
    words = row.command(row.files, start_file, Path(plan.image))
    return [plan.machine, *words, *row.window] if plan.window else [plan.machine, *row.headless, *words]


def _before_the_image(plan: StartPlan) -> Callable[[], None]:
    """What the new process does before it becomes the image. The limit comes last, for this Python needs more."""
    here()  # looked at once, and before

    def prepare() -> None:
        write_process_mark(plan.folder / PROCESS_FILE, os.getpid())
        if plan.memory_limit is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (plan.memory_limit, plan.memory_limit))

    return prepare


def _await_agent(
    process: subprocess.Popen[bytes],
    runtime: Path,
    before: set[RuntimeFile],
    plan: StartPlan,
    log: Path,
    deadline: Deadline,
) -> RuntimeFile:
    while not deadline.passed:
        for found in _agents(runtime, plan.image_id):
            if found not in before:
                return found
        if process.poll() is not None:
            raise StuiError(
                f"{plan.name} ended while starting (exit {process.returncode}): {_last_words(log)}",
                todo=f"its whole output is in {log}",
                image=plan.name,
            )
        time.sleep(_POLL_S)
    raise TooLate(
        f"{plan.name} did not come up within {deadline.seconds:g} s: {_last_words(log)}",
        todo=f"it was ended; its output is in {log}{_HIDDEN if plan.image else ''}",
        image=plan.name,
    )


def _agents(runtime: Path, image_id: str | None) -> Iterator[RuntimeFile]:
    """What agents of this image have written there, living or not."""
    for path in runtime.glob("*.toml"):
        found = read_runtime_file(path)
        if found is not None and image_id in (None, found.image_id):
            yield found


def agent_in(mark: ProcessMark, image_id: str | None, folder: Path, environ: Mapping[str, str]) -> RuntimeFile | None:
    """What the agent in that process has written, once it has; where it did so is noted in the image's folder."""
    last = last_started_agent(folder)
    for found in (last, *_agents(runtime_directory(environ), image_id)):
        if found is None or found.pid != mark.pid or image_id not in (None, found.image_id):
            continue
        if found.process_start is None or mark.start in (None, str(found.process_start)):
            return found
    return None


def last_started_agent(folder: Path) -> RuntimeFile | None:
    """The runtime file of the start that came up last in `folder`, if it is still there."""
    try:
        return read_runtime_file(Path(os.fsdecode((folder / AGENT_FILE).read_bytes())))
    except (OSError, ValueError):
        return None


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    told = [line for line in lines if line.startswith("stui-agent: error:")]
    return (told or lines or ["it said nothing"])[-1][:300]


def _small(log: Path) -> bool:
    return not log.exists() or log.stat().st_size < _LOG_LIMIT


def _start_text(plan: StartPlan, runtime: Path) -> str:
    """The start file: the agent's settings stand in it, since not every dialect can ask for its environment."""
    settings: dict[str, str | int] = {
        "name": plan.name,
        "bind": "127.0.0.1",
        "port": plan.port,
        "auth": "hmac-sha256",
        "keyFile": str(plan.folder / KEY_FILE),
        "imageId": plan.image_id,
        "runtimeDirectory": str(runtime),
    }
    if plan.memory_limit is not None:
        settings["memoryLimit"] = plan.memory_limit
    pairs = " ".join(f"#{key} {_literal(value)}" for key, value in settings.items())
    row = dialect_of(plan.dialect)
    if row.load is not None:
        text = _given_start(row.load(row.files), pairs, saved=plan.saved)
        # In a chunk an exclamation mark ends it, wherever it stands, unless it is doubled.
        return text.replace("!", "!!") + "!\n" if row.start_in_chunks else text
    if not plan.saved:
        return f"StuiAgent startLaunched: #({pairs})!\n"
    return f"StuiAgent {_RESUME.replace('agent', 'StuiAgent')} with: #({pairs})!\n"


# The agent in a saved image may be older than this selector.
_RESUME = "perform: ((agent respondsTo: #resumeLaunched:) ifTrue: [#resumeLaunched:] ifFalse: [#resumeWith:])"


def _given_start(load: str, pairs: str, *, saved: bool) -> str:
    """For an image that is somebody's, in one piece: it is read whole before the agent is there.

    One that was never saved holds no agent, and one that was may listen by itself already.
    """
    absent = "(Smalltalk at: #StuiAgent ifAbsent: [nil]) isNil"
    return f"""| agent |
{f"{absent} ifTrue: [" if saved else "["}{load}]{"" if saved else " value"}.
agent := Smalltalk at: #StuiAgent.
((agent perform: #current) notNil and: [(agent perform: #current) perform: #isRunning])
    ifTrue: [(agent perform: #current) perform: #stop].
agent {_RESUME} with: #({pairs})
"""


def _literal(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    # An exclamation mark stays as it is: gst reads the text of a literal whole, it does not look for chunks first.
    return quoted(value)
