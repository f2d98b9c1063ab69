"""The root command, and the one boundary where every failure becomes a message and an exit code."""

from __future__ import annotations

import gc

# By itself Python looks for garbage in circles after each 700 new objects. Of a command nearly all of them stay to its
# end: it would look dozens of times and find nothing (2 to 4 ms of `stui eval`). What goes on for long, a watch or a
# thousand large answers, must not pile it up: 20,000 objects are some megabytes.
gc.set_threshold(20_000)

# The module `signal` is this one with three enumerations of its numbers: they would cost each command 0.35 ms.
import _signal as signal  # type: ignore[import-not-found]


def _ends_at_interrupt(ends: bool) -> None:
    """Let Ctrl-C end the process as it ends any, while there is nothing to tidy up: Python would print in the middle of
    which import it was. Where it is ignored it stays so."""
    usual = signal.default_int_handler
    before, after = (usual, signal.SIG_DFL) if ends else (signal.SIG_DFL, usual)
    if signal.getsignal(signal.SIGINT) is before:
        try:
            signal.signal(signal.SIGINT, after)
        except ValueError:  # another thread imports this
            return


_ends_at_interrupt(True)

import os
import sys
from _thread import _local
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from stui_cli.later import import_later

# What click imports for little, as one list: with what they need themselves these are 7 ms of every command. `inspect`
# is for texts of help that have indents, `gettext` for its words in other languages; of `threading` and `datetime` it
# takes what these have from C, and `uuid` asks `platform` whether this is Linux, which reads nine regular expressions.
import_later("inspect")
import_later("gettext", "gettext", "ngettext")
import_later("threading", local=_local)
if sys.implementation.name == "cpython":  # another Python may have no such module
    import _datetime  # type: ignore[import-not-found]

    import_later("datetime", **{name: value for name, value in vars(_datetime).items() if not name.startswith("_")})
if os.name == "posix":
    import_later("platform", system=lambda: os.uname().sysname)

import click

from stui_cli.command_table import COMMANDS
from stui_cli.invocation import Invocation, discard_output, invocation_of, kind_of
from stui_cli.lazy_group import LazyGroup
from stui_cli.model.errors import OutputFailed, StuiError, UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode
from stui_cli.output.streams import open_standard_streams

# What is there by now stays to the end: looking through it once would cost 2 ms.
gc.freeze()

_ends_at_interrupt(False)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

# Where shells that we ship no script for ask for completions, as they ask any command made with click.
_COMPLETE = "_STUI_COMPLETE"

# What a shell reports of a process that SIGPIPE ended (128 + 13): nobody reads what we print any more.
_BROKEN_PIPE = 141

_NAGIOS_UNKNOWN = 3

# Signals that end a command with 128 and their number: Exit.TERMINATED, Exit.HUNG_UP.
_ENDING = ("SIGTERM", "SIGHUP")

root = LazyGroup(
    COMMANDS,
    name="stui",
    help="One command for many running Smalltalk images.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def main() -> NoReturn:
    """The console script."""
    try:
        open_standard_streams()
        _heed_signals()
        if (asked := os.environ.get(_COMPLETE)) is not None:
            _leave(_completed(asked))
        _leave(run(sys.argv[1:]))
    except KeyboardInterrupt:  # before or after all that `run` sees to
        _leave(Exit.INTERRUPTED)
    except SystemExit as end:  # of a TERM or HUP signal, after every context manager has tidied up
        _leave(end.code if isinstance(end.code, int) else Exit.FAILED)


def _completed(asked: str) -> int:
    """What a shell asks for at Tab. A failure there has no words: they would stand in the middle of a command line."""
    from click.shell_completion import shell_complete

    try:
        return shell_complete(root, {}, "stui", _COMPLETE, asked)
    except Exception:  # noqa: BLE001  a store that cannot be read, or a shell that passes no line
        return Exit.FAILED


def _leave(code: int) -> NoReturn:
    """End without the interpreter's own tidying, which takes 8 ms and frees what the system frees anyway. Whatever
    must be undone here stands in a context manager, never in an exit handler."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            code = code or _BROKEN_PIPE
        except (OSError, OutputFailed):  # reported already
            code = code or Exit.FAILED
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; return its exit code. Nothing escapes but SystemExit of a TERM or HUP signal."""
    context: click.Context | None = None
    try:
        with root.make_context("stui", list(arguments)) as context, _no_ssh_left():
            code = root.invoke(context)
            sys.stdout.flush()
            return int(code or 0)
    except click.exceptions.Exit as end:  # of --help or --version
        return end.exit_code
    except (KeyboardInterrupt, click.Abort):
        print(file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return _without_reader()
    except click.ClickException as error:
        return _fail(_usage_problem(error), context, arguments)
    except StuiError as error:
        return _fail(error, context, arguments)
    except Exception as error:  # noqa: BLE001  the boundary: a bug of ours becomes a message and a log file
        from stui_cli.crash import crash_report

        return _fail(crash_report(error, arguments, _home_asked(context, arguments)), context, arguments)


@contextmanager
def _no_ssh_left() -> Iterator[None]:
    """Nothing of ssh goes on that a thread has started, to a silent host, say; but masters, which end by themselves."""
    try:
        yield
    finally:
        if (children := sys.modules.get("stui_cli.image.openssh.children")) is not None:
            children.end_all()


def _fail(error: StuiError, context: click.Context | None, arguments: Sequence[str]) -> int:
    """Print a failure in the form the command line asked for; return its exit code."""
    from stui_cli.output.failure import complain, render_failure

    invocation, kind = _as_far_as_read(context, arguments)
    try:
        if kind == "check" and not isinstance(error, OutputFailed):
            return _fail_check(error)
        render_failure(error, kind, invocation.screen, invocation.untold_warnings())
    except BrokenPipeError:
        return _without_reader()
    except OutputFailed:
        complain(error, invocation.screen)
        discard_output()
    except UsageProblem as second:  # the options that shape the output are the problem
        print(f"stui: {second.what}", file=sys.stderr)
    if isinstance(error, OutputFailed):
        discard_output()
    if invocation.debug and error.__cause__ is not None:
        import traceback

        traceback.print_exception(error.__cause__)
    return _NAGIOS_UNKNOWN if kind == "check" else int(error.exit_code)


def _as_far_as_read(context: click.Context | None, arguments: Sequence[str]) -> tuple[Invocation, str]:
    """The invocation and the kind of its items. Where the command line itself is wrong, its options may not have
    been read: the form of the output is looked for in its words, so that JSON stays JSON, and so are colours."""
    invocation = Invocation({}) if context is None else invocation_of(context)
    unread = {key: value for key, value in _form_asked(arguments) if key not in invocation.given_options}
    if invocation.mode is not OutputMode.AUTO:
        unread.pop("output", None)
    if unread:
        invocation = Invocation({**invocation.given_options, **unread})
    return invocation, _kind_read(context, arguments)


def _form_asked(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    modes = [mode.value for mode in OutputMode]
    for word, following in zip(arguments, [*arguments, ""][1:], strict=True):
        name, _, value = word.partition("=")
        if name == "--color" and (value or following) in ("always", "never"):
            yield "color", value or following
        value = value if name == "--output" and value else following if word in ("-o", "--output") else word[2:]
        if word.startswith(("-o", "--output")) and value in modes:
            yield "output", value


def _kind_read(context: click.Context | None, arguments: Sequence[str]) -> str:
    """The kind of item of the command that was named: a plug-in of Nagios is one, too, where an option before its name
    is wrong."""
    if context is not None:
        return kind_of(context)
    named = next((word for word in arguments if word in COMMANDS), None)
    return "check" if named == "check" else "error"


def _home_asked(context: click.Context | None, arguments: Sequence[str]) -> str | None:
    """What `--home` says, as far as the command line was read; else it is looked for in the words."""
    if context is not None:
        return invocation_of(context).home
    for word, following in zip(arguments, [*arguments, ""][1:], strict=True):
        if word.startswith("--home"):
            return word.removeprefix("--home=") if "=" in word else following
    return None


def _fail_check(error: StuiError) -> int:
    """A plug-in of Nagios that cannot judge reports so in its own line and with its own code."""
    from stui_cli.output.nagios import plugin_line

    print(plugin_line("UNKNOWN", f"{error.what} ({error.todo})" if error.todo else error.what), flush=True)
    return _NAGIOS_UNKNOWN


def _usage_problem(error: click.ClickException) -> UsageProblem:
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "stui"
    if isinstance(error, click.NoSuchOption) and error.option_name in ("--sort", "--limit"):
        from stui_cli.global_options import no_list

        return no_list(path, error.option_name)
    told = error.format_message().rstrip(".")
    if isinstance(error, click.MissingParameter):
        told = " ".join(told.split())  # click writes choices on lines of their own
    return UsageProblem(told, todo=f"see {path} --help")


def _without_reader() -> int:
    """Nobody reads stdout any more: end quietly."""
    discard_output()
    return _BROKEN_PIPE


def _heed_signals() -> None:
    """End in an orderly way when this process is asked to go, or its terminal is gone. A signal that came in ignored
    stays so (nohup); Python leaves SIGINT alone by the same rule."""
    for name in _ENDING:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _ended)


def _ended(number: int, frame: FrameType | None) -> NoReturn:
    """Once. A shell and the kernel both send HUP when a terminal goes: the second must not end the tidying up."""
    del frame
    for name in _ENDING:
        other = getattr(signal, name, None)
        if other is not None and signal.getsignal(other) is _ended:
            signal.signal(other, _heard_already)
    raise SystemExit(128 + number)


def _heard_already(number: int, frame: FrameType | None) -> None:
    """No SIG_IGN, which the processes that are started meanwhile would inherit."""
    del number, frame


if __name__ == "__main__":
    main()
