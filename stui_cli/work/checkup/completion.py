"""Whether Tab completes in this user's shell, and by the script of this very stui."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.local.completion_scripts import SCRIPTS, completion_script
from stui_cli.work.checkup.observation import passed, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

_WANTED = "Tab completes commands, images and sessions"

# No file that a shell reads at its start is longer, in bytes.
_MOST = 1024 * 1024


def look_at_completion(around: Around) -> Iterator[Observation]:
    """For the login shell: a line in a file that it reads at its start, or a script where it looks for one."""
    shell = Path(around.environ.get("SHELL") or _login_shell()).name
    if shell not in SCRIPTS:
        yield skipped("shell", "completion", f"no script for the shell {shell}" if shell else "no login shell is known")
        return
    home = around.environ.get("HOME")
    if not home:
        yield skipped("shell", "completion", "HOME is not set")
        return
    yield _completion(around, shell, Path(home))


def _completion(around: Around, shell: str, home: Path) -> Observation:
    line = f"stui completion {shell}"
    for path in _read_at_start(shell, home, around.environ):
        if any(line in text.partition("#")[0] for text in _text(path).splitlines()):
            return passed("shell", "completion", f"{shell} asks for the script in {around.places.shown(path)}", _WANTED)
    ours = completion_script(shell)
    found = [path for path in _scripts(shell, home, around.environ) if path.is_file()]
    if not found:
        return warning("shell", "completion", f"not installed for {shell}", _how(shell), _WANTED)
    shown = around.places.shown(found[0])
    if _text(found[0]) == ours:
        return passed("shell", "completion", f"{shown} is of this version", _WANTED)
    todo = f"stui completion {shell} > {around.places.quoted(found[0])}"
    return warning("shell", "completion", f"{shown} is of another version of stui", todo, _WANTED)


def _how(shell: str) -> str:
    match shell:
        case "fish":
            return "mkdir -p ~/.config/fish/completions && stui completion fish > ~/.config/fish/completions/stui.fish"
        case _:
            return f"""echo 'eval "$(stui completion {shell})"' >> ~/.{shell}rc"""


def _read_at_start(shell: str, home: Path, environ: Mapping[str, str]) -> list[Path]:
    match shell:
        case "bash":
            names = (".bashrc", ".bash_profile", ".bash_login", ".profile", ".bash_aliases", ".bash_completion")
            return [*(home / name for name in names), Path("/etc/bash.bashrc")]
        case "zsh":
            own = Path(environ.get("ZDOTDIR") or home)
            return [*(own / name for name in (".zshrc", ".zshenv", ".zprofile")), Path("/etc/zsh/zshrc")]
        case _:
            own = _base(environ, "XDG_CONFIG_HOME", home / ".config") / "fish"
            return [own / "config.fish", *sorted(own.glob("conf.d/*.fish"))[:100]]


def _scripts(shell: str, home: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """Where the shell looks for a script, or where people put one."""
    data = _base(environ, "XDG_DATA_HOME", home / ".local/share")
    shared = [Path(each) for each in (environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":") if each]
    match shell:
        case "bash":
            if given := environ.get("BASH_COMPLETION_USER_DIR"):
                yield Path(given) / "completions/stui"
            yield from (each / "bash-completion/completions/stui" for each in (data, *shared))
        case "zsh":
            folders = [Path(each) for each in (environ.get("FPATH") or "").split(":") if each]
            own = Path(environ.get("ZDOTDIR") or home)
            folders += [own / name for name in (".zfunc", ".zsh/completions", ".zsh/completion", ".zsh/functions")]
            folders += [each / "zsh/site-functions" for each in (data, *shared)]
            yield from (each / "_stui" for each in (*folders, Path("/usr/share/zsh/vendor-completions")))
        case _:
            yield _base(environ, "XDG_CONFIG_HOME", home / ".config") / "fish/completions/stui.fish"
            yield from (each / "fish/vendor_completions.d/stui.fish" for each in (data, *shared))


def _base(environ: Mapping[str, str], variable: str, default: Path) -> Path:
    given = environ.get(variable, "")
    return Path(given) if given.startswith("/") else default


def _text(path: Path) -> str:
    try:
        if not path.is_file():  # a pipe would be waited for
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_MOST)
    except OSError:
        return ""


def _login_shell() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_shell
    except (ImportError, KeyError):
        return ""
