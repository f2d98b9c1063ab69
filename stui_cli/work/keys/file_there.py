"""A key file on the host behind an ssh:// address, found, read and changed there by short fixed scripts.

Names and keys go to their input alone: what stands in a script is seen by everybody who lists processes. A change says
which content it was made of, and is refused there if that is another by then; so what was read here, and is changed
here, is as good as changed under the lock. That lock is the one of file_here: a stui that runs over there and this one
exclude each other.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from stui_cli.image.keys import LARGEST
from stui_cli.image.openssh.remote import run_there
from stui_cli.model.errors import NotPermitted, Refused, StuiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.image.openssh.remote import CompletedRemote
    from stui_cli.model.addresses import SshAddress
    from stui_cli.work.workbench import Workbench

# Other commands may come between a few times, but not for ever.
_TRIES = 5

# Input: an image id. Prints the key_file of each runtime file of that image that is this user's, in a folder of this
# user's, as TOML writes it.
_FIND = (
    'IFS= read -r id; u=$(id -u); for d in "${XDG_RUNTIME_DIR:-/run/user/$u}/stui" "/run/user/$u/stui" '
    '"${TMPDIR:-/tmp}/stui-$u"; do if [ -n "$(find "$d" -prune -type d -user "$u" 2>/dev/null)" ]; then '
    'find "$d" -type f -user "$u" -name "*.toml" -exec grep -qF "image_id = \\"$id\\"" {} \\; '
    '-exec sed -n "s/^key_file = //p" {} \\; ; fi; done'
)

# Input: the file. Prints mode and owner, a checksum, the bytes in hexadecimal, and the checksum again.
_READ = (
    'IFS= read -r f; if [ -h "$f" ]; then exit 41; fi; if [ -f "$f" ]; then :; else exit 42; fi; '
    'if [ -r "$f" ]; then :; else exit 43; fi; ls -ldn "$f"; cksum <"$f"; od -An -v -tx1 <"$f"; cksum <"$f"'
)

# Input: the file, the checksum of what it has to be, the size of what it is to be, and that. The lock is held by the
# descriptor, whoever takes it; the new content is complete and on the disk before it is given the name.
_WRITE = (
    'umask 077; IFS= read -r f; IFS= read -r want; IFS= read -r size; (: >>"$f.lock") 2>/dev/null || exit 44; '
    'exec 9>>"$f.lock" || exit 44; '
    "if command -v flock >/dev/null; then flock -w 5 9 || exit 45; "
    "elif command -v perl >/dev/null; then perl -e 'alarm 5; open(H, \">&=9\") && flock(H, 2) || exit 1' || exit 45; "
    'else exit 46; fi; if [ "$(cksum <"$f")" = "$want" ]; then :; else exit 47; fi; '
    'o=$(ls -ldn "$f" | awk "{print \\$3\\":\\"\\$4}"); rm -f "$f.new"; set -C; '
    'if cat >"$f.new" && [ "$(wc -c <"$f.new")" -eq "$size" ] && { [ "${o%:*}" = "$(id -u)" ] || '
    'chown "$o" "$f.new"; } && { sync "$f.new" 2>/dev/null || sync; } && mv -f "$f.new" "$f"; then '
    'sync "$f" 2>/dev/null || sync; else rm -f "$f.new"; exit 48; fi'
)

_CHANGED_MEANWHILE = 47

_WRONG = {
    41: ("is a link", "name the file that it leads to: --file FILE"),
    42: ("is not there", "name the key file that the agent reads: --file FILE"),
    43: ("cannot be read by that user", "log in as the user that the image runs as"),
    44: ("lies in a folder that this user may not write to, or on a full disk", "look at that folder over there"),
    45: ("is locked by another command", "repeat the command"),
    46: ("cannot be locked there: neither flock nor perl is installed", "run stui over there, with --file FILE"),
    48: ("could not be written there, and is as it was", "look for space, and at owner and mode of its folder"),
}


def find_there(bench: Workbench, host: SshAddress, image_id: str) -> list[str]:
    """The key files that agents of that image told of in their runtime files."""
    import tomllib

    ran = _run(bench, host, _FIND, f"{image_id}\n")
    found = []
    for line in ran.stdout.splitlines():
        try:
            value = tomllib.loads(f"path = {line}")["path"]
        except (ValueError, KeyError):
            continue
        if isinstance(value, str) and value.startswith("/") and value.isprintable() and value not in found:
            found.append(value)
    return found


def read_there(bench: Workbench, host: SshAddress, path: str) -> bytes:
    """The content. Raises NotPermitted for a file that others may read."""
    return _read(bench, host, path)[1]


def change_there(bench: Workbench, host: SshAddress, path: str, changed: Callable[[bytes], bytes]) -> bytes:
    """Let the file be what `changed` makes of it; return it as it is then. What that raises means that nothing
    happened, as any StuiError does but TooLate, after which it is not known."""
    for _ in range(_TRIES):
        mark, before = _read(bench, host, path)
        after = changed(before)
        if after == before:
            return after
        code = _write(bench, host, path, mark, after)
        if code == 0:
            return after
        if code != _CHANGED_MEANWHILE:
            raise _refusal(code, host, path)
    raise Refused(f"{path} on {host.destination} is changed by others again and again", todo="repeat the command")


def _read(bench: Workbench, host: SshAddress, path: str) -> tuple[str, bytes]:
    for _ in range(_TRIES):
        ran = _run(bench, host, _READ, f"{_one_line(path)}\n")
        if ran.code != 0:
            raise _refusal(ran.code, host, path)
        mode, mark, data, again = _parts(ran.stdout, host, path)
        if mark != again:
            continue
        if mode[4:10] != "------":
            raise NotPermitted(
                f"the key file {path} on {host.destination} can be read by others ({mode[:10]}), so its keys count as "
                "known",
                todo=f"put fresh keys into it, then, over there: chmod 600 {shlex.quote(path)}",
            )
        if len(data) > LARGEST:
            raise NotPermitted(f"{path} is too large for a key file", todo="name the key file: --file FILE")
        return mark, data
    raise Refused(f"{path} on {host.destination} is changed by others again and again", todo="repeat the command")


def _parts(text: str, host: SshAddress, path: str) -> tuple[str, str, bytes, str]:
    """What _READ prints. Raises NotPermitted for anything else: a host may answer what it likes."""
    try:
        mode, mark, *digits, again = text.splitlines()
        return mode, mark, bytes.fromhex("".join(digits)), again
    except ValueError as error:
        raise NotPermitted(
            f"what {host.destination} answered does not tell what is in the key file {path}",
            todo="see whether ls, cksum and od work there as they should: log in by hand",
        ) from error


def _write(bench: Workbench, host: SshAddress, path: str, mark: str, data: bytes) -> int:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Refused(
            f"{path} on {host.destination} has bytes that are no UTF-8, which would not come through",
            todo="run stui over there, with --file FILE",
        ) from error
    return _run(bench, host, _WRITE, f"{_one_line(path)}\n{mark}\n{len(data)}\n{text}").code


def _one_line(path: str) -> str:
    if "\n" in path or "\0" in path:
        raise NotPermitted(f"{path!r} is no name of a key file", todo="name the key file: --file FILE")
    return path


def _run(bench: Workbench, host: SshAddress, script: str, stdin: str) -> CompletedRemote:
    """Each step may take as long as a command may talk to images: there are several, and none is of an image."""
    try:
        return run_there(host, f"LC_ALL=C; export LC_ALL; {script}", stdin, bench.allowing().deadline)
    except StuiError as error:
        error.todo = error.todo.replace("NAME", host.destination)
        raise


def _refusal(code: int, host: SshAddress, path: str) -> StuiError:
    why, todo = _WRONG.get(code, (f"cannot be looked at: the script ended with {code}", "look there by hand"))
    return NotPermitted(f"the key file {path} on {host.destination} {why}", todo=todo)
