"""The options that stand before and after every subcommand: the last one given counts, whatever its value."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import click
import pytest
from farm import Behaviour, Farm, Habit

from stui_cli.api import open_manager
from stui_cli.command_table import COMMANDS
from stui_cli.invocation import Invocation
from stui_cli.main import root, run
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.option_types import Option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stui_cli.command_table import CommandRow
    from stui_cli.store.transaction import Draft


def _paths(table: Mapping[str, CommandRow]) -> Iterator[tuple[str, ...]]:
    for name, entry in table.items():
        yield (name,)
        yield from ((name, *below) for below in _paths(entry.subcommands))


def _row(path: tuple[str, ...]) -> CommandRow:
    entry = COMMANDS[path[0]]
    return entry if len(path) == 1 else entry.subcommands[path[1]]


def _command(path: tuple[str, ...]) -> click.Command:
    found: click.Command = root
    for name in path:
        assert isinstance(found, click.Group)
        below = found.get_command(click.Context(found), name)
        assert below is not None
        found = below
    return found


def test_every_option_is_of_the_kind_whose_help_is_read_late() -> None:
    """click's own costs the command that has it 4 ms: option_types.option declares ours."""
    assert [
        (path, param.name)
        for path in ((), *_paths(COMMANDS))
        for param in _command(path).params
        if isinstance(param, click.Option) and not isinstance(param, Option)
    ] == []


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Mapping[str, object]]:
    """What a command line of `stui context` leaves in the options."""
    seen: list[Mapping[str, object]] = []
    monkeypatch.setattr(Invocation, "show", lambda self, result: seen.append(self._options) or 0)

    def read(*words: str) -> Mapping[str, object]:
        _registered("alpha", "tcp://127.0.0.1:9")
        assert run(list(words)) == 0
        return seen[-1]

    return read


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (("--lock-timeout", "5", "context", "--lock-timeout", "0"), "lock_timeout", 0),
        (("context", "--lock-timeout", "0"), "lock_timeout", 0),
        (("--lock-timeout", "0", "context"), "lock_timeout", 0),
        (("--lock-timeout", "0", "context", "--lock-timeout", "5"), "lock_timeout", 5_000),
        (("context", "--lock-timeout", "5", "--lock-timeout", "0"), "lock_timeout", 0),
        (("-i", "nobody", "context", "-i", "alpha"), "image", "alpha"),
        (("-q", "context"), "quiet", True),
        (("context", "-q"), "quiet", True),
    ],
)
def test_the_last_one_counts_whatever_its_value(
    options: Callable[..., Mapping[str, object]], words: tuple[str, ...], name: str, value: object
) -> None:
    assert options(*words)[name] == value


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("eval -i alpha -i beta 3", "-i names 'alpha' and 'beta'"),
        ("-o json eval --image=alpha -ibeta -i alpha 3", "-i names 'alpha' and 'beta'"),
        ("-i alpha -i beta context", "-i names 'alpha' and 'beta'"),
        ("images -i alpha -i beta list", "-i names 'alpha' and 'beta'"),
        ("sessions list -s work --session play", "-s names 'work' and 'play'"),
        ("context --home postgresql://me:secret@db/team --home /elsewhere", "--home names two stores"),
    ],
)
def test_what_names_two_in_one_place_is_refused(line: str, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The one that goes unheard was meant as well, and the other is not all that was."""
    _registered("alpha", "tcp://127.0.0.1:9")
    assert run(line.split()) == 2
    told = "".join(capsys.readouterr())
    assert what in told
    assert "leave all but one out" in told
    assert "secret" not in told


def test_the_same_name_twice_is_one(options: Callable[..., Mapping[str, object]]) -> None:
    assert options("-i", "alpha", "-i", "alpha", "context", "-ialpha", "--image", "alpha")["image"] == "alpha"


@pytest.mark.parametrize("option", ["-i", "-s", "--home", "--columns"])
@pytest.mark.parametrize("before", [True, False])
def test_an_empty_value_is_no_value(option: str, before: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """As in -i "$VARIABLE" where none is set: it must not mean the image that happens to be the current one."""
    assert run([option, "", "context"] if before else ["context", option, ""]) == 2
    assert "it is empty" in capsys.readouterr().err


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("value", ["0", "0ms", "0.0001", "-1", "nan", "inf", "1e3", "99999999999999999999", "", "2 x"])
def test_no_time_at_all_and_what_is_no_time_are_refused(
    value: str, before: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"--timeout={value}", "context"] if before else ["context", f"--timeout={value}"]
    assert run(words) == 2
    told = capsys.readouterr().err
    assert "--timeout" in told
    assert "is not a duration" in told or "at least 1ms" in told


def test_no_wait_for_the_lock_tries_once(capsys: pytest.CaptureFixture[str]) -> None:
    store = open_manager().store
    store.commit(lambda draft: ImageDetails(Kind.IMAGE_ADD, "none"))
    import fcntl

    with open(store.home.lock, "rb+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        begun = time.monotonic()
        assert run(["images", "add", "a", "tcp://127.0.0.1:9", "--offline", "--lock-timeout", "0"]) == 10
        assert time.monotonic() - begun < 9  # otherwise it is waited for 10 s
    assert "gave up after 0 s" in capsys.readouterr().err
    assert run(["images", "add", "a", "tcp://127.0.0.1:9", "--offline", "--lock-timeout", "0"]) == 0


@pytest.mark.parametrize("words", [["ping", "mute"], ["status"], ["eval", "-i", "mute", "3"], ["check"]])
def test_the_longest_time_overflows_no_clock(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """poll(2) counts 32 bits of milliseconds, which is 25 days."""
    with Farm() as farm:
        _registered("mute", farm.add(Behaviour(habit=Habit.HANGS_UP)).address)
        for long in ("30d", "100y", "5000w"):
            run([*words, f"--timeout={long}"])
            assert "bug of stui" not in capsys.readouterr().err


@pytest.mark.parametrize("path", list(_paths(COMMANDS)), ids=" ".join)
def test_the_version_is_told_after_every_subcommand(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*path, "--version"]) == 0
    assert capsys.readouterr().out.startswith("stui 0.")


def test_verbose_tells_the_store_what_is_meant_who_answers_and_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    with Farm() as farm:
        image = farm.add(Behaviour())
        _registered("alpha", image.address)
        assert run(["sessions", "create", "work", "-v"]) == 0
        lines = capsys.readouterr().err.splitlines()
        assert run(["sessions", "create", "job", "-v", "-q"]) == 0
        assert capsys.readouterr().err == ""
    told = "\n".join(lines)
    assert "stui: the store is " in told
    assert "alpha is meant, by the registry" in told
    assert f"alpha at {image.address} greeted after" in told
    assert re.search(r"done after \d+ ms", told)


def test_colour_goes_through_a_pipe_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")  # the option is stronger
    with Farm() as farm:
        _registered("alpha", farm.add(Behaviour()).address)
        assert run(["status"]) == 0
        bare = capsys.readouterr().out
        assert run(["status", "--color", "always"]) == 0
        coloured = capsys.readouterr().out
        assert run(["status", "--color", "always", "-o", "tsv"]) == 0
        assert "\x1b" not in capsys.readouterr().out
    assert "\x1b" not in bare
    assert "\x1b[32mconnected\x1b[0m" in coloured
    # The ages of two runs may differ; the places of the columns do not.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert plain.splitlines()[0].split() == bare.splitlines()[0].split()
    assert run(["context", "-i", "nobody", "--color", "always"]) == 3
    assert capsys.readouterr().err.startswith("\x1b[1;31mstui:\x1b[0m")


def test_a_wrong_column_is_told_before_anything_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    _registered("alpha", "tcp://127.0.0.1:9")
    assert run(["images", "list", "--columns", "nmae"]) == 2
    assert "did you mean name" in capsys.readouterr().err
    for wrong in (["--columns", "nmae,"], ["--columns", "nmae"], ["--template", "{nmae}"], ["--sort", "name"]):
        assert run(["images", "set", "alpha", "a=b", *wrong]) == 2
    assert open_manager().read().images["alpha"].metadata == {}


def _registered(name: str, address: str) -> None:
    from stui_cli.model.images import Image

    def change(draft: Draft) -> ImageDetails:
        draft.images[name] = Image(name, address, 0)
        return ImageDetails(Kind.IMAGE_ADD, name)

    open_manager().store.commit(change)


def test_an_option_that_is_not_given_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a millisecond of every command: root and command carry some forty."""
    looked_at: list[str] = []
    consume = click.Option.consume_value

    def consumed(self: click.Option, *arguments: Any, **values: Any) -> Any:
        looked_at.append(self.opts[-1])
        return consume(self, *arguments, **values)

    monkeypatch.setattr(click.Option, "consume_value", consumed)
    assert run(["-q", "images", "--sort", "name", "--timeout", "3s"]) == 0
    assert sorted(looked_at) == ["--label", "--quiet", "--sort", "--timeout"]


def test_every_command_carries_the_same_options() -> None:
    """So that no command makes its own of one of these names."""
    context = click.Context(root)
    for path in _paths(COMMANDS):
        command: click.Command = root
        for name in path:
            assert isinstance(command, click.Group)
            found = command.get_command(context, name)
            assert found is not None
            command = found
        names = [name for param in command.params for name in (*param.opts, *param.secondary_opts)]
        assert len(names) == len(set(names)), path


@pytest.mark.parametrize(
    "words",
    [
        ["status", "--watch=0"],
        ["images", "launch", "a", "--wait", "0"],
        ["images", "save", "a", "--time-limit", "0"],
        ["inspect", "3", "--time-limit", "0"],
        ["sessions", "restore", "a/b", "--time-limit", "0"],
        ["doctor", "--case-timeout", "0"],
    ],
)
def test_what_takes_time_is_given_some(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    assert "is too short: at least" in capsys.readouterr().err


# Where -s has a meaning. Whoever adds a command decides, and so does this list.
TAKE_A_SESSION = {
    *("context", "eval", "inspect", "interrupt", "load", "switch"),
    *("sessions list", "sessions create", "sessions show", "sessions set", "sessions restore", "sessions rename"),
    *("sessions close", "sessions remove", "sessions history", "sessions export", "sessions import"),
}
COMMANDS_ALONE = [path for path in _paths(COMMANDS) if not _row(path).subcommands]


@pytest.mark.parametrize("path", COMMANDS_ALONE, ids=" ".join)
def test_a_session_is_refused_where_none_can_be_meant(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _row(path).session is (" ".join(path) in TAKE_A_SESSION)
    required = {"log show": ["1"], "completion": ["bash"], "keys new": ["ann", "--role", "admin"]}.get(
        " ".join(path),
        ["x" for param in _command(path).params if isinstance(param, click.Argument) and param.required],
    )
    told = "-s names a session, which has no meaning for `stui"
    if not _row(path).session:
        for words in (["-s", "work", *path, *required], [*path, *required, "-s", "work"]):
            assert run(words) == (3 if path == ("check",) else 2)
            printed = capsys.readouterr()
            assert f"{told} {' '.join(path)}`" in printed.out + printed.err
    elif path != ("sessions", "import"):  # which would read a file first
        run([*path, *required, "-s", "work"])
        assert told not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("images --limit x", "--limit': 'x' is no whole number"),
        ("images --limit -1", "--limit': -1 is too small: at least 0"),
        ("ping -c 0", "--count': 0 is too small: at least 1"),
        ("inspect 3 --depth 9", "--depth': 9 is out of bounds: from 1 to 8"),
        ("log show 1.5", "NUMBER': '1.5' is no whole number"),
        ("completion", "Missing argument '{bash|zsh|fish}'. Choose from: bash, zsh, fish\n"),
    ],
)
def test_a_number_or_a_word_that_cannot_be_meant_is_told_in_plain_words(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 2
    assert told in capsys.readouterr().err
