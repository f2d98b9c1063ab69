#!/usr/bin/env python3
"""A GNU Smalltalk for the tests and the demo, without root and without touching the system.

``python3 tests/gnu_smalltalk.py`` prints one line: the directory to put on PATH, in which ``gst`` and
``gst-remote`` work. An installed GNU Smalltalk is used where it is whole. Otherwise, on a Debian-like system,
version 3.2.5 is taken from the suite that still carries it, from the mirror this machine already uses, and
unpacked into a cache folder.

STUI_TEST_GST chooses another for a whole run: the path of a ``gst``, or of the folder that holds it. It is used or
refused, and nothing else is looked for:

    STUI_TEST_GST=~/gst-3.2.92/bin python -m pytest

``ensure()`` does the same for Python callers. Only the standard library is used.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "3.2.5"
SUITE = "bullseye"  # the last Debian suite that carries GNU Smalltalk
PACKAGES = ("gnu-smalltalk", "gnu-smalltalk-common", "libgst7", "libffi7", "libsigsegv2", "libltdl7")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
INSTALL_ADVICE = (
    "install GNU Smalltalk and its kernel sources (gnu-smalltalk and gnu-smalltalk-common, in Debian up to 11)"
)


class Unavailable(Exception):
    """No GNU Smalltalk can be had on this machine; the text says why and what to do."""


def ensure() -> Path:
    """The directory that holds a working ``gst`` and ``gst-remote``; fetched first where that is needed.

    Raises Unavailable.
    """
    chosen = os.environ.get("STUI_TEST_GST")
    if chosen:
        return chosen_bin(Path(chosen).absolute())
    installed = installed_bin()
    if installed is not None:
        return installed
    target = cache_folder() / f"gst-{VERSION}"
    if works(target / "bin" / "gst"):
        return target / "bin"
    require_debian_tools()
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target.parent / f"gst-{VERSION}.lock"):
        if not works(target / "bin" / "gst"):  # another process may have built it while we waited
            build(target)
    return target / "bin"


def cache_folder() -> Path:
    """Where fetched interpreters are kept between runs."""
    chosen = os.environ.get("STUI_TEST_CACHE")
    if chosen:
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "stui-tests"


def chosen_bin(path: Path) -> Path:
    """The folder of the GNU Smalltalk that STUI_TEST_GST names. Raises Unavailable if it does not work: a run that was
    meant for it tells nothing of another."""
    folder = path if path.is_dir() else path.parent
    for program in ("gst", "gst-remote"):
        if not (folder / program).is_file():
            raise Unavailable(f"STUI_TEST_GST: there is no {folder / program}")
    failing = trouble(folder / "gst")
    if failing:
        raise Unavailable(f"STUI_TEST_GST: {folder / 'gst'} cannot be used: {failing}")
    return folder


def installed_bin() -> Path | None:
    """The folder of a whole GNU Smalltalk that is already on PATH."""
    found = shutil.which("gst")
    if found is None or shutil.which("gst-remote", path=str(Path(found).parent)) is None:
        return None
    if works(Path(found)):
        return Path(found).parent
    say(f"{found} lacks its kernel sources or the TCP package; looking elsewhere")
    return None


def works(gst: Path) -> bool:
    """Whether this gst runs and can load the TCP package, which needs the kernel sources beside it."""
    return not trouble(gst)


def trouble(gst: Path) -> str:
    """Why this gst does not work; empty if it does."""
    if not gst.is_file():
        return "there is none"
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "check.st"
        program.write_text("PackageLoader fileInPackage: 'TCP'!\n(Smalltalk includesKey: #TCP) printNl!\n")
        try:
            done = subprocess.run(
                [str(gst), "-q", "-g", str(program)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=30,
                cwd=folder,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as failure:
            return str(failure)
    if done.returncode == 0 and b"true" in done.stdout.splitlines():
        return ""
    said = (done.stderr + done.stdout).decode(errors="replace").strip()
    return f"it ends with {done.returncode} when it loads the package TCP, which needs its kernel sources: {said}"


def require_debian_tools() -> None:
    missing = [tool for tool in ("apt-get", "apt-cache", "dpkg-deb") if shutil.which(tool) is None]
    if missing:
        raise Unavailable(f"{', '.join(missing)} not found: this is no Debian-like system; {INSTALL_ADVICE}")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file. It is never deleted, so that two processes always lock the same file."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build(target: Path) -> None:
    """Make the folder in a temporary place beside its own and rename it: it is there whole or not at all."""
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=target.parent))
    try:
        fetched = fetch_packages(work / "fetch")
        root = work / "root"
        for package in fetched:
            run(["dpkg-deb", "-x", str(package), str(root)], "unpack " + package.name)
        shutil.rmtree(work / "fetch")
        if target.exists():  # an earlier one that no longer works
            shutil.rmtree(target)
        work.rename(target)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    try:
        finish(target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def fetch_packages(folder: Path, packages: tuple[str, ...] = PACKAGES, components: str = "main") -> list[Path]:
    """Download packages of SUITE with an apt of their own: own source list, own state, own cache, so that nothing of
    the system is read but the mirror's address, and nothing is changed."""
    lists, cache, fetched = folder / "lists", folder / "cache", folder / "packages"
    for each in (lists / "partial", cache / "archives" / "partial", fetched, folder / "etc" / "parts"):
        each.mkdir(parents=True)
    (folder / "status").touch()
    options = f"[signed-by={KEYRING}] " if KEYRING.is_file() else ""
    architecture = run(["dpkg", "--print-architecture"], "ask for the architecture").strip()
    failures = []
    for mirror in mirrors():
        source = folder / "etc" / "sources.list"
        source.write_text(f"deb {options}{mirror} {SUITE} {components}\n")
        settings = {
            "Dir::Etc::SourceList": source,
            "Dir::Etc::SourceParts": folder / "etc" / "parts",
            "Dir::State": folder,
            "Dir::State::Lists": lists,
            "Dir::State::status": folder / "status",
            "Dir::Cache": cache,
            "Acquire::Languages": "none",
            "Acquire::Check-Valid-Until": "false",  # an old suite is no longer re-signed
            "APT::Architecture": architecture,
            "APT::Sandbox::User": "",
        }
        apt = ["apt-get", "-q"]
        for name, value in settings.items():
            apt += ["-o", f"{name}={value}"]
        say(f"fetching {packages[0]} ({SUITE}) from this machine's mirror")
        try:
            run([*apt, "update"], "read the package lists")
            run([*apt, "download", *packages], "download the packages", cwd=fetched)
        except Unavailable as failure:
            failures.append(str(failure))
            continue
        return sorted(fetched.glob("*.deb"))
    raise Unavailable("; ".join(failures) or f"apt-get names no mirror; {INSTALL_ADVICE}")


def mirrors() -> list[str]:
    """The archives this machine already uses; the security archive carries no such package."""
    listed = run(["apt-get", "indextargets", "--format", "$(REPO_URI)"], "ask apt for its mirrors")
    unique = dict.fromkeys(line.strip() for line in listed.splitlines() if line.strip())
    return [each for each in unique if "security" not in each]


def finish(target: Path) -> None:
    """Make the private image (it remembers where the kernel sources are, so this happens at the final place) and
    the scripts that use it."""
    root = target / "root"
    folders = {found.parent for found in root.glob("usr/lib/**/*.so.*")}
    libraries = ":".join(str(each) for each in sorted(folders))
    kernel = root / "usr" / "share" / "gnu-smalltalk" / "kernel"
    binaries = target / "bin"
    binaries.mkdir()
    image = target / "gst.im"
    empty = target / "empty.st"
    empty.touch()
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
    program = root / "usr" / "bin" / "gst"
    rebuild = [str(program), "-q", "-i", "-I", str(image), "--kernel-directory", str(kernel), str(empty)]
    run(rebuild, "make the private image", environment=environment)
    remote = kernel.parent / "scripts" / "Remote.st"
    write_script(binaries / "gst", gst_script(program, libraries, kernel, image))
    write_script(binaries / "gst-remote", f'exec {quoted(binaries / "gst")} -f {quoted(remote)} "$@"')
    if not works(binaries / "gst"):
        raise Unavailable(f"the fetched GNU Smalltalk does not run on this machine; {INSTALL_ADVICE}")


def gst_script(program: Path, libraries: str, kernel: Path, image: Path) -> str:
    """Shell text that runs the unpacked program with its libraries. The private image is only a default: gst takes
    one image at most, so the caller's own wins; one who rebuilds an image is told where the kernel sources are."""
    return f"""LD_LIBRARY_PATH={quoted(libraries)}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}
export LD_LIBRARY_PATH
image= rebuild=
for argument do
    case $argument in
        -a | -f | --smalltalk-args | --file) break ;;
        --image-file*) image=1 ;;
        --rebuild-image*) rebuild=1 ;;
        --*) ;;
        -*I*) image=1 ;;
        -*i*) rebuild=1 ;;
    esac
done
if [ -n "$rebuild" ]; then
    [ -n "$image" ] || set -- -I gst.im "$@"
    exec {quoted(program)} --kernel-directory {quoted(kernel)} "$@"
fi
[ -n "$image" ] || set -- -I {quoted(image)} "$@"
exec {quoted(program)} "$@"
"""


def write_script(path: Path, text: str) -> None:
    path.write_text("#!/bin/sh\n" + text.rstrip() + "\n")
    path.chmod(0o755)


def quoted(value: object) -> str:
    """The value as one word of a POSIX shell."""
    return "'" + str(value).replace("'", "'\\''") + "'"


def run(command: list[str], purpose: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> str:
    """The command's standard output; what it says besides goes to our stderr only if it fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            cwd=cwd,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise Unavailable(f"could not {purpose}: {failure}") from failure
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        reason = said[-1] if said else f"exit status {done.returncode}"
        raise Unavailable(f"could not {purpose}: {reason}; {INSTALL_ADVICE}")
    return done.stdout


def say(text: str) -> None:
    print(text, file=sys.stderr)


def main() -> int:
    try:
        print(ensure())
    except Unavailable as failure:
        say(f"gnu_smalltalk: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
