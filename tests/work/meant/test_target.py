"""Which image and session a command means: who wins, who is not even asked, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from forking import fork_with_terminal

from stui_cli.model.contexts import DEFAULT_SCOPE, Context, ContextSource
from stui_cli.model.errors import NotFound, UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.state import State
from stui_cli.work.meant.target import (
    Asked,
    named_session,
    overriding_variable,
    project_target,
    resolve,
    target_of,
)
from stui_cli.work.meant.terminals import terminal_key
from stui_cli.work.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Callable

TERMINAL = "terminal:1:2:boot"
NAMES = ("option", "environment", "terminal", "project", "default", "other")


def state(*names: str, **contexts: str) -> State:
    """A state with images of these names; contexts by scope, as IMAGE or IMAGE/SESSION."""
    return State(
        images={name: Image(name, "tcp://127.0.0.1:1", 0) for name in names},
        contexts={scope: Context(target_of(text), 0) for scope, text in contexts.items()},
    )


def bench(
    directory: Path, environ: dict[str, str] | None = None, terminal: str | None = TERMINAL, store: Any = None
) -> Workbench:
    """A bench; where no `store` is given, none may be read or written."""
    return Workbench(store, lambda: 0, 1.0, environ or {}, str(directory), terminal)


def project(folder: Path, text: str) -> Path:
    path = folder / ".stui.toml"
    path.write_text(text)
    return path


SOURCES = [source for source in ContextSource if source is not ContextSource.ONLY]


@pytest.mark.parametrize(
    "present",
    [chosen for count in range(1, 6) for chosen in combinations(SOURCES, count)],
    ids=lambda chosen: "+".join(chosen),
)
def test_the_strongest_that_is_there_wins(tmp_path: Path, present: tuple[ContextSource, ...]) -> None:
    """Option, environment, terminal, project, default, in this order: all 31 ways in which they can be there."""
    contexts = {}
    if ContextSource.TERMINAL in present:
        contexts[TERMINAL] = "terminal/s"
    if ContextSource.DEFAULT in present:
        contexts[DEFAULT_SCOPE] = "default/s"
    if ContextSource.PROJECT in present:
        project(tmp_path, 'image = "project/s"')
    environ = {"STUI_IMAGE": "environment/s"} if ContextSource.ENVIRONMENT in present else {}
    asked = Asked("option/s") if ContextSource.OPTION in present else Asked()
    found = resolve(state(*NAMES, **contexts), asked, bench(tmp_path, environ))
    strongest = next(source for source in SOURCES if source in present)
    assert found.source is strongest
    assert found.target == Target(strongest.value, "s")
    assert (
        found.path
        == {
            ContextSource.OPTION: "--image",
            ContextSource.ENVIRONMENT: "STUI_IMAGE",
            ContextSource.TERMINAL: TERMINAL,
            ContextSource.PROJECT: str(tmp_path / ".stui.toml"),
            ContextSource.DEFAULT: DEFAULT_SCOPE,
        }[strongest]
    )


def test_the_only_image_there_is(tmp_path: Path) -> None:
    found = resolve(state("alpha"), Asked(), bench(tmp_path))
    assert (found.target, found.source) == (Target("alpha"), ContextSource.ONLY)


def test_of_two_images_none_is_meant(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no image is meant here") as caught:
        resolve(state("alpha", "beta"), Asked(), bench(tmp_path))
    assert caught.value.exit_code == Exit.NOT_FOUND
    assert "stui switch" in caught.value.todo


def test_a_word_that_finds_no_image_is_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="'nope' names a session without its image, and no image is meant here"):
        resolve(state("alpha", "beta"), Asked(), bench(tmp_path), "nope")


def test_without_images_it_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no image is registered yet") as caught:
        resolve(state(), Asked(), bench(tmp_path))
    assert "stui images add" in caught.value.todo


# --- sessions named alone ------------------------------------------


def test_a_session_alone_is_one_of_the_image_that_the_rest_gives(tmp_path: Path) -> None:
    here = state("alpha", "beta", **{TERMINAL: "alpha/work"})
    assert resolve(here, Asked(session="play"), bench(tmp_path)).target == Target("alpha", "play")
    assert resolve(here, Asked(), bench(tmp_path, {"STUI_SESSION": "play"})).target == Target("alpha", "play")
    both = bench(tmp_path, {"STUI_SESSION": "weak", "STUI_IMAGE": "beta"})
    assert resolve(here, Asked(), both).target == Target("beta", "weak")
    assert resolve(here, Asked(session="strong"), both).target == Target("beta", "strong")


def test_an_image_by_option_stands_without_a_session_of_elsewhere(tmp_path: Path) -> None:
    """A script that says -i must not mean another variable because of where a terminal happens to be."""
    here = state("alpha", "beta", **{TERMINAL: "alpha/work", DEFAULT_SCOPE: "beta/other"})
    assert resolve(here, Asked("alpha"), bench(tmp_path)).target == Target("alpha")
    assert resolve(here, Asked("alpha"), bench(tmp_path, {"STUI_SESSION": "play"})).target == Target("alpha")
    assert resolve(here, Asked("alpha"), bench(tmp_path, {"STUI_IMAGE": "beta/x"})).target == Target("alpha")


def test_an_image_by_variable_stands_without_the_terminals_session(tmp_path: Path) -> None:
    here = state("alpha", **{TERMINAL: "alpha/work"})
    assert resolve(here, Asked(), bench(tmp_path, {"STUI_IMAGE": "alpha"})).target == Target("alpha")


def test_two_sessions_are_one_too_many(tmp_path: Path) -> None:
    here = state("alpha")
    for asked, environ in ((Asked("alpha/a", "b"), {}), (Asked(), {"STUI_IMAGE": "alpha/a", "STUI_SESSION": "b"})):
        with pytest.raises(UsageProblem, match="two sessions"):
            resolve(here, asked, bench(tmp_path, environ))
    assert resolve(here, Asked("alpha/a", "a"), bench(tmp_path)).target == Target("alpha", "a")


def test_empty_variables_say_nothing(tmp_path: Path) -> None:
    environ = {"STUI_IMAGE": "", "STUI_SESSION": ""}
    found = resolve(state("alpha", **{DEFAULT_SCOPE: "alpha/work"}), Asked(), bench(tmp_path, environ))
    assert (found.target, found.source) == (Target("alpha", "work"), ContextSource.DEFAULT)


# --- images that are not there ------------------------------------------


@pytest.mark.parametrize(
    ("asked", "environ", "contexts", "text", "named_by"),
    [
        (Asked("alpa"), {}, {}, "", "--image names"),
        (Asked(), {"STUI_IMAGE": "alpa"}, {}, "", "STUI_IMAGE names"),
        (Asked(), {}, {TERMINAL: "alpa"}, "", "this terminal's context names"),
        (Asked(), {}, {}, 'image = "alpa"', ".stui.toml names"),
        (Asked(), {}, {DEFAULT_SCOPE: "alpa"}, "", "the default context names"),
    ],
)
def test_a_missing_image_is_an_error_and_never_a_fall_back(
    tmp_path: Path, asked: Asked, environ: dict[str, str], contexts: dict[str, str], text: str, named_by: str
) -> None:
    """Falling through to a weaker source would run code in another image than the one that was named."""
    if text:
        project(tmp_path, text)
    weaker = {DEFAULT_SCOPE: "alpha"} | contexts
    with pytest.raises(NotFound) as caught:
        resolve(state("alpha", "beta", **weaker), asked, bench(tmp_path, environ))
    assert named_by in caught.value.what
    assert "'alpa'" in caught.value.what
    assert "did you mean alpha?" in caught.value.todo


class Records:
    """A store that keeps one session of an image that is not registered."""

    def sessions(self, state: State, image_id: str) -> dict[str, None]:
        del state
        assert image_id == "an-id"
        return {"work": None}


@pytest.mark.parametrize(
    ("asked", "environ", "named"),
    [
        (Asked("an-id", "work"), {}, None),
        (Asked("an-id/work"), {}, None),
        (Asked("an-id"), {}, "work"),
        (Asked(None, "work"), {"STUI_IMAGE": "an-id"}, None),
        (Asked(), {"STUI_IMAGE": "an-id", "STUI_SESSION": "work"}, None),
    ],
)
def test_the_session_of_an_image_that_is_not_registered_is_named_with_its_id(
    tmp_path: Path, asked: Asked, environ: dict[str, str], named: str | None
) -> None:
    there = state("alpha")._replace(shards={"an-id": "sha256"})
    found = named_session(there, named, asked, bench(tmp_path, environ, store=Records()))
    assert found == Target("an-id", "work")


@pytest.mark.parametrize("context", ["an-id/other", "an-id"])
def test_a_context_names_no_image_by_its_id(tmp_path: Path, context: str) -> None:
    there = state("alpha", **{TERMINAL: context})._replace(shards={"an-id": "sha256"})
    with pytest.raises(NotFound, match="this terminal's context names"):
        resolve(there, Asked(), bench(tmp_path, store=Records()))


@pytest.mark.parametrize("text", ["", "/", "/s", "a/", "a/b/c", "//"])
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(UsageProblem, match="is not IMAGE or IMAGE/SESSION"):
        target_of(text)


# --- the terminal ------------------------------------------


def test_each_terminal_has_its_own_context(tmp_path: Path) -> None:
    here = state("alpha", "beta", **{TERMINAL: "alpha", "terminal:9:9:boot": "beta"})
    assert resolve(here, Asked(), bench(tmp_path)).target == Target("alpha")
    assert resolve(here, Asked(), bench(tmp_path, terminal="terminal:9:9:boot")).target == Target("beta")


def test_without_a_terminal_there_is_no_terminal_scope(tmp_path: Path) -> None:
    here = state("alpha", "beta", **{TERMINAL: "alpha", DEFAULT_SCOPE: "beta"})
    found = resolve(here, Asked(), bench(tmp_path, terminal=None))
    assert (found.target, found.source) == (Target("beta"), ContextSource.DEFAULT)


PRINT_KEY = "from stui_cli.work.meant.terminals import terminal_key; print(terminal_key())"


def run_detached() -> str:
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", PRINT_KEY],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environ,
        start_new_session=True,
        timeout=30,
        check=True,
    )
    return done.stdout.strip()


def run_in_a_terminal(times: int = 1) -> list[str]:
    """The keys that `times` processes print, one after the other, in one new terminal."""
    program = f"for i in {' '.join('x' * times)}; do {sys.executable} -c '{PRINT_KEY}'; done"
    pid, terminal = fork_with_terminal()
    if pid == 0:
        os.environ["PYTHONPATH"] = str(Path(__file__).parents[3])
        os.execv("/bin/sh", ["/bin/sh", "-c", program])
    said = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux says EIO at the end
            break
        if not part:
            break
        said += part
    os.close(terminal)
    os.waitpid(pid, 0)
    return said.decode().split()


def test_cron_and_ci_have_no_terminal() -> None:
    assert run_detached() == "None"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_all_commands_of_one_terminal_share_a_key_that_no_other_has() -> None:
    first, second = run_in_a_terminal(2), run_in_a_terminal()
    assert len(first) == 2
    assert first[0] == first[1]
    assert first[0].startswith("terminal:")
    assert second[0] != first[0]


def test_the_key_of_a_terminal_is_text_or_none() -> None:
    assert terminal_key() is None or terminal_key().startswith("terminal:")  # type: ignore[union-attr]


# --- .stui.toml ------------------------------------------


def test_the_nearest_folder_above_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    project(tmp_path, 'image = "outer"')
    found = project_target(str(inner))
    assert found is not None
    assert found.target == Target("outer")
    near = project(tmp_path / "a", 'image = "inner"\nsession = "work"\n[tool.of.tomorrow]\nx = 1\n')
    found = project_target(str(inner))
    assert found is not None
    assert (found.target, found.path) == (Target("inner", "work"), str(near))


def test_no_project_file(tmp_path: Path) -> None:
    assert project_target(str(tmp_path)) is None
    assert project_target(str(tmp_path / "not" / "there")) is None


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ('image = "alpha"', Target("alpha")),
        ('image = "alpha/work"', Target("alpha", "work")),
        ('image = "alpha"\nsession = "work"', Target("alpha", "work")),
        ('image = "alpha/work"\nsession = "work"', Target("alpha", "work")),
        ("# comment\r\nimage = 'alpha'\r\n", Target("alpha")),
    ],
)
def test_a_good_project_file(tmp_path: Path, text: str, target: Target) -> None:
    project(tmp_path, text)
    found = project_target(str(tmp_path))
    assert found is not None
    assert found.target == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "image",
        "image = ",
        "image = alpha",
        'image = "alpha" nonsense',
        "image = 5",
        'image = ["alpha"]',
        'image = ""',
        'image = "/x"',
        'image = "a/b/c"',
        'image = "a/b"\nsession = "c"',
        'image = "a"\nsession = 5',
        'session = "work"',
        '[image]\nname = "alpha"',
        'image = "a"\nimage = "b"',
        "x = " + "[" * 5_000,
        "x = " + "9" * 6_000,
        "# " + "x" * 70_000,
    ],
    ids=lambda text: repr(text)[:30],
)
def test_a_bad_project_file_is_named(tmp_path: Path, text: str) -> None:
    project(tmp_path, text)
    with pytest.raises(UsageProblem) as caught:
        resolve(state("alpha", **{DEFAULT_SCOPE: "alpha"}), Asked(), bench(tmp_path))
    assert caught.value.exit_code == Exit.USAGE


def test_a_project_file_that_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / ".stui.toml").write_bytes(b'image = "\xff"')
    with pytest.raises(UsageProblem, match="cannot be read"):
        project_target(str(tmp_path))


def test_a_checkout_can_hold_anything_by_that_name(tmp_path: Path) -> None:
    """Nothing is waited for, and nothing without end is read: links travel in repositories."""
    outer = project(tmp_path, 'image = "alpha"')
    for number, make in enumerate(
        (
            lambda path: path.mkdir(),
            lambda path: path.symlink_to("/dev/zero"),
            lambda path: path.symlink_to("nowhere"),
            lambda path: path.symlink_to(path),
            lambda path: os.mkfifo(path),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        make(folder / ".stui.toml")
        found = project_target(str(folder))
        assert found is not None
        assert found.path == str(outer)


def test_a_bad_project_file_does_not_hurt_who_does_not_need_it(tmp_path: Path) -> None:
    project(tmp_path, "nonsense")
    here = state("alpha", **{TERMINAL: "alpha"})
    assert resolve(here, Asked("alpha"), bench(tmp_path)).target == Target("alpha")
    assert resolve(here, Asked(), bench(tmp_path)).target == Target("alpha")


# --- arguments ------------------------------------------


def test_a_session_as_argument(tmp_path: Path) -> None:
    here = state("alpha", "beta", **{TERMINAL: "alpha/work"})
    assert named_session(here, None, Asked(), bench(tmp_path)) == Target("alpha", "work")
    assert named_session(here, "play", Asked(), bench(tmp_path)) == Target("alpha", "play")
    assert named_session(here, "/play", Asked(), bench(tmp_path)) == Target("alpha", "play")
    assert named_session(here, "beta/play", Asked(), bench(tmp_path)) == Target("beta", "play")
    assert named_session(here, "play", Asked("beta"), bench(tmp_path)) == Target("beta", "play")


def test_the_variable_that_would_override_a_switch() -> None:
    assert overriding_variable({}) is None
    assert overriding_variable({"STUI_IMAGE": ""}) is None
    assert overriding_variable({"STUI_IMAGE": "a", "STUI_SESSION": "b"}) == "STUI_IMAGE"
    assert overriding_variable({"STUI_SESSION": "b"}) == "STUI_SESSION"


ROOT = pytest.mark.skipif(os.getuid() != 0, reason="needs root: gives a file to another user")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda path: os.chown(path, 65534, 65534), "it belongs to ", marks=ROOT),
        pytest.param(lambda path: os.chown(path, 54321, 54321), "it belongs to user 54321", marks=ROOT),
        (lambda path: path.chmod(0o666), "everybody may write it"),
        (lambda path: path.parent.chmod(0o777), "everybody may write into "),
        (lambda path: path.parent.chmod(0o1777), "everybody may write into "),
    ],
    ids=["another user's", "an unknown user's", "open file", "open folder", "sticky folder"],
)
def test_what_somebody_else_could_have_put_there_is_told_and_not_followed(
    tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    shared = tmp_path / "ours" / "shared"
    shared.mkdir(parents=True)
    path = project(shared, 'image = "beta"')
    spoil(path)
    said: list[str] = []
    here = state("alpha", "beta", "gamma", **{DEFAULT_SCOPE: "alpha"})
    there = bench(shared, terminal=None).announcing(said.append)
    found = resolve(here, Asked(), there)
    assert (found.target, found.source) == (Target("alpha"), ContextSource.DEFAULT)
    assert len(said) == 1
    assert said[0].startswith(f"{path} is ignored: {why}")
    project(tmp_path / "ours", 'image = "gamma"')
    assert resolve(here, Asked(), there).target == Target("gamma"), "it is as if the nearer one were not there"


@ROOT
def test_a_link_of_somebody_else_to_a_file_of_ours_is_not_followed(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    (theirs / ".stui.toml").symlink_to(project(ours, 'image = "beta"'))
    assert project_target(str(theirs)) is not None
    os.chown(theirs / ".stui.toml", 65534, 65534, follow_symlinks=False)
    said: list[str] = []
    assert project_target(str(theirs), said.append) is None
    assert "it belongs to " in said[0]


def test_what_is_not_followed_is_not_read_either(tmp_path: Path) -> None:
    """Nonsense in a neighbour's file does not keep anybody from working."""
    path = project(tmp_path, "x = " + "[" * 20_000)
    with pytest.raises(UsageProblem, match="cannot be read"):
        project_target(str(tmp_path))
    path.chmod(0o666)
    assert project_target(str(tmp_path)) is None
