"""man/stui-config.5 from the table of settings: the file, its keys, the environment, .stui.toml, on_change.

What stands here as an example is used by tests/test_config_page.py as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import command_tree  # noqa: F401  puts the checkout on sys.path
from manual import _HEADER, _bold, _escaped, _prose, _protected, _terms, _text
from reference import ENVIRONMENT

from stui_cli import __version__
from stui_cli.model.settings import SETTINGS, DurationValue, SizeValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.settings import Setting

CONFIG = """\
# How slow may an image be before it counts as silent?
timeout = "5s"
older_than = "30d"
on_change = "notify-send stui"
audit_source = "hash"
audit_limit = "16M"

[dialects.pharo]
vm = "110-x64"
image = "moose-10"
"""

# Written so, each is so many ms.
DURATIONS = {
    "2": 2_000,
    "500ms": 500,
    "30s": 30_000,
    "5m": 300_000,
    "5min": 300_000,
    "24h": 86_400_000,
    "7d": 604_800_000,
    "2w": 1_209_600_000,
    "1.5h": 5_400_000,
    "1h30m": 5_400_000,
}

# Written so, each is so many bytes.
SIZES = {"500000": 500_000, "64k": 65_536, "4M": 4_194_304, "1.5G": 1_610_612_736, "16MiB": 16_777_216}

PROJECT = """\
image = "alpha"
session = "work"
"""

# Each field of the event, and its value in the example.
EVENT: dict[str, tuple[object, str]] = {
    "schema": ("stui/v1", "The form of the event. Keys may be added to it, none is renamed."),
    "kind": ("change", "Always that."),
    "image": ("alpha", "The name of the image here."),
    "image_id": ("8b8bc397-34e3-4936-bd2a-f837c3b16a85", "Its id; null for one that was never reached."),
    "address": ("tcp://127.0.0.1:9042", "Where it is registered."),
    "metadata": ({"role": "build"}, "Its labels."),
    "before": ("connected", "The status that it had: connected, disconnected, reconnecting, failed or unknown."),
    "after": ("disconnected", "The status that it has. It is the same as before where the image only restarted."),
    "health": ("critical", "Its health now: healthy, warning, critical or unknown."),
    "restarted": (False, "Whether another incarnation of the image answers than did before."),
    "reason": ("nobody listens there", "Why the status is what it is; null where there is nothing to say."),
    "since": ("2026-11-28T16:20:11.480Z", "Since when the image has this status."),
    "time": ("2026-11-28T16:20:11.480Z", "When it was asked."),
    "last_seen": ("2026-11-28T16:19:41.022Z", "When it answered last; null if it never did."),
    "seen_by": (
        None,
        "Who found it, as HOST/USER, where that was the monitor that probes for all of a team, see stui-teams(7); "
        "null where it was found here.",
    ),
}

# What may stand in config.toml.
HOOKS = {
    "Keep all that ever changed, one event a line.": 'on_change = ["sh", "-c", "cat >> $HOME/changes"]',
    "Tell of images that are labelled role=build, in words.": (
        'on_change = ["sh", "-c", \'\'\'\n'
        'jq -r \'select(.metadata.role == "build") | "\\(.image) is \\(.after): \\(.reason)"\' >> $HOME/changes\n'
        "''']"
    ),
}


def config_page(date: str) -> str:
    """The whole page; `date` is that of the release."""
    parts = (_head(date), _file(), _keys(), _values(), _environment(), _project(), _event(), _end())
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(date: str) -> Iterator[str]:
    yield _HEADER
    yield f'.TH STUI\\-CONFIG 5 {date} "stui {__version__}" "File Formats"'
    yield from (".SH NAME", "stui\\-config \\- settings of stui: config.toml, the environment, .stui.toml")
    yield from (".SH SYNOPSIS", ".nf", _bold("$STUI_HOME/config.toml"), _bold("$XDG_CONFIG_HOME/stui/config.toml"))
    yield from (_bold("~/.config/stui/config.toml"), ".fi")


def _file() -> Iterator[str]:
    yield ".SH DESCRIPTION"
    yield _text(
        "Nobody needs a config.toml: without one every setting has its default. The file is TOML. `stui config` lists "
        "each setting, what it is here and what says so; `stui config set` changes one key, and leaves comments and "
        "layout as they are; `stui config edit` opens a copy in an editor; `stui config path` tells where the file is."
    )
    yield from _example(CONFIG)
    yield from _prose(
        "What decides a setting, the strongest first: the option on the command line; its environment variable; "
        "`.stui.toml`, which speaks of the image and the session alone; config.toml; the default.",
        "Each command reads the file once, before it does anything. A value that cannot be used is told with its "
        "line, the command does nothing, and exits with 2; so does a file that is no TOML, which is told with line "
        "and column. A key that means nothing is a warning, with the key that may have been meant. `stui config set`, "
        "`path` and `edit`, `stui doctor` and `stui completion` work all the same.",
        "A config.toml that belongs to another user than you and root, or that everybody may write, is refused: it "
        "names commands that are run. `stui config` replaces the file in one step under the store's lock. It keeps its "
        "mode; where it is a symbolic link, the file behind it is written and the link stays.",
    )


def _keys() -> Iterator[str]:
    yield ".SH KEYS"
    for row in SETTINGS.values():
        yield from (".TP", _bold(row.key), _text(row.about))
        yield from (".br", _text(_facts(row)))
        yield from _example(written(row))


def written(row: Setting) -> str:
    """The lines of config.toml that give a key the value of its example."""
    table, _, key = row.key.rpartition(".")
    return (f"[{table}]\n" if table else "") + f'{key} = "{row.example}"\n'


def _facts(row: Setting) -> str:
    facts = [f"It is {row.kind}."]
    facts.append(f"Default: {row.default}." if row.default is not None else "By default it is not set.")
    stronger = [f"`{each}`" for each in (row.option, row.variable) if each]
    if stronger:
        facts.append(f"Weaker than {' and '.join(stronger)}.")
    return " ".join([*facts, f"Since {row.since}."])


def _values() -> Iterator[str]:
    of = {kind: [f"`{row.key}`" for row in SETTINGS.values() if isinstance(row.kind, kind)] for kind in
          (DurationValue, SizeValue)}  # fmt: skip
    yield ".SH DURATIONS AND SIZES"
    yield _text(
        f"A duration ({', '.join(of[DurationValue])}, and options such as `--timeout`) is a number with a unit, "
        "ms, s, m or min, h, d or w; several of them add up. A number alone is seconds. None is longer than a century."
    )
    yield from _table("is", {key: f"{value} ms" for key, value in DURATIONS.items()})
    yield from _prose(
        f"A size ({', '.join(of[SizeValue])}, and options such as `--memory-limit`) is a number of bytes, or one "
        "with k, M, G or T in either case, with B or iB behind it or not. They are powers of 1024."
    )
    yield from _table("is", {key: f"{value} bytes" for key, value in SIZES.items()})


def _environment() -> Iterator[str]:
    yield ".SH ENVIRONMENT"
    yield _text("A variable that is empty counts as one that is not set.")
    yield from _terms(ENVIRONMENT)


def _project() -> Iterator[str]:
    yield ".SH THE FILE .stui.toml"
    yield _text(
        "It says which image, and session, is meant in a project's folder and below. The nearest one upwards counts. "
        "It is weaker than `-i`, `STUI_IMAGE` and where `stui switch` went in this terminal, and stronger than the "
        "default context."
    )
    yield from _example(PROJECT)
    yield from _prose(
        "`image` names a registered image, or a session of one as in `alpha/work`; `session` may be left out. Nothing "
        "else in the file is read: it comes with a checkout, perhaps of somebody else's, and can set nothing.",
        "One that belongs to another user than you and root, that everybody may write, or that lies in a folder that "
        "everybody may write to, is ignored with a warning. `stui context` tells which file decides.",
    )


def _event() -> Iterator[str]:
    import json

    yield ".SH THE EVENT OF on_change"
    yield _text(
        "When a command that probes images finds that the status of one is another than the probe before found, or "
        "that it restarted, the command of `on_change` is run once for each such image. Its standard input is one line "
        "of JSON, here with line ends:"
    )
    yield from _example(json.dumps({key: value for key, (value, _) in EVENT.items()}, indent=1) + "\n")
    yield from _terms({key: about for key, (_, about) in EVENT.items()})
    yield from _prose(
        "The first probe of an image, and parking it (`stui images disconnect`), tell of no change. "
        "The command runs without a shell, in a process group of its own, at most eight at once; what it prints is "
        "dropped. It has five seconds, then it is killed with all that it started. That it failed is told in one line "
        "on standard error, with the last line that it wrote there, and changes nothing else.",
    )
    for why, lines in HOOKS.items():
        yield from (".PP", _text(why))
        yield from _example(f"{lines}\n")


def _end() -> Iterator[str]:
    yield ".SH FILES"
    yield from _terms(
        {
            "config.toml": "In `$STUI_HOME` where that is set, or in the folder of `--home`; else in "
            "`$XDG_CONFIG_HOME/stui`, which is `~/.config/stui` where that variable is not set.",
            ".stui.toml": "In the folder of a project.",
        }
    )
    yield ".SH SEE ALSO"
    yield from (".BR stui (1),", ".BR stui\\-config (1),", ".BR stui\\-context (1),", ".BR stui\\-security (7)")


def _example(lines: str) -> Iterator[str]:
    yield from (".PP", ".in +4n", ".EX", *(_protected(_escaped(line)) for line in lines.splitlines()), ".EE", ".in")


def _table(verb: str, rows: dict[str, str]) -> Iterator[str]:
    width = max(map(len, rows))
    yield from _example("".join(f"{key:<{width}}  {verb} {value}\n" for key, value in rows.items()))
