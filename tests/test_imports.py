"""What a start may import: heavy modules come when they are used, and this holds the line (DESIGN section 12)."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, ClassVar

import pytest
from farm import Farm

from stui_cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

# What the standard library has for paths and records: several ms, which text and named tuples save.
SPARED = {"dataclasses", "pathlib", "urllib.parse"}
HEAVY = {
    *("asyncio", "concurrent", "datetime", "difflib", "filelock", "hashlib", "inspect", "json", "lark", "logging"),
    *(
        "rich",
        "selectors",
        "shutil",
        "socket",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "tomli_w",
        "tomlkit",
        "tomllib",
    ),
    *("unicodedata", "urllib.request", "uuid", *SPARED),
}
CLICKS = {"datetime", "gettext", "math", "platform", "threading"}
NETWORK = {"asyncio", "selectors", "socket", "ssl", "subprocess", "stui_cli.image.link"}

RUN = """
import sys
from stui_cli.main import run
code = run(sys.argv[1:])
print("\\nIMPORTED", code, *sys.modules)
"""
MAIN = """
import os, sys
def left(code):
    read = [name for name, module in sys.modules.items() if type(module).__name__ != "_Later"]
    sys.exit(print("\\nIMPORTED", code, *read))
os._exit = left
from stui_cli.main import main
main()
"""

# What Python itself imports for a program that is given as a word: since 3.13 linecache, and what that needs.
NOTHING = """
import sys
print("IMPORTED", 0, *sys.modules)
"""


class Imports:
    """What a process imports besides what `import click` brings along."""

    _click: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        if not self._click:
            type(self)._click = self.everything_of("import click, sys; print('IMPORTED', 0, *sys.modules)")

    def of(self, program: str, *words: str) -> set[str]:
        """The modules that a program names after the word IMPORTED and its exit code, without those of click."""
        return self.everything_of(program, *words) - self._click

    def everything_of(self, program: str, *words: str) -> set[str]:
        """The same, and those of click that it does import."""
        command = [sys.executable, "-c", program, *words]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        code, *names = done.stdout.partition("IMPORTED ")[2].split()
        assert code == "0", done
        return set(names)

    def by(self, *words: str) -> set[str]:
        """What the command line `words` imports."""
        return self.of(RUN, *words)


@pytest.fixture
def imports(home: Path) -> Imports:
    """With two images in the store, the first one the default."""
    for name in ("alpha", "beta"):
        assert run(["images", "add", "--offline", name, "tcp://127.0.0.1:9"]) == 0
    assert run(["switch", "alpha"]) == 0
    return Imports()


def test_a_command_looks_for_no_garbage_before_it_has_many_objects(imports: Imports) -> None:
    """Of what is there by then most is frozen, and is not looked through again."""
    program = """
import click, gc, os, sys
looks = []
gc.collect()
gc.callbacks.append(lambda phase, info: looks.append(phase))
import stui_cli.main
code = stui_cli.main.run(["sessions"])
assert (code, looks) == (0, []), (code, looks)
assert gc.get_freeze_count() > 1_000
circles = [[] for _ in range(30_000)]
for each in circles: each.append(each)
assert looks, "it never looks"
print("IMPORTED", 0)
"""
    imports.of(program)


@pytest.mark.parametrize("words", [["context"], ["switch", "beta"], ["images", "-o", "json"], ["undo"]])
def test_click_reads_the_modules_that_only_its_help_texts_need_for_these_alone(
    imports: Imports, words: list[str]
) -> None:
    of_inspect = {"ast", "dis", "linecache", "tokenize"} - imports.everything_of(NOTHING)
    if words != ["undo"] or sys.version_info < (3, 12):  # since 3.12 each dataclass asks it for the annotations
        assert imports.everything_of(MAIN, *words) & of_inspect == set()
    assert imports.everything_of(MAIN, words[0], "--help") & of_inspect == of_inspect


@pytest.mark.parametrize("words", [["context"], ["switch", "beta"], ["images"], ["sessions"]])
def test_of_what_click_imports_for_little_nothing_is_read(imports: Imports, words: list[str]) -> None:
    assert imports.everything_of(MAIN, *words) & CLICKS == set()


def test_help_is_in_the_language_of_the_user_as_click_has_it(imports: Imports) -> None:
    assert "gettext" in imports.everything_of(MAIN, "images", "--help")


def test_context_imports_nothing_heavy(imports: Imports) -> None:
    assert imports.by("context") & {*HEAVY, "stui_cli.local.processes"} == set()


def test_settings_cost_what_reads_them_and_nothing_else(imports: Imports, home: Path) -> None:
    (home / "stui" / "config.toml").write_text(
        'timeout = "3s"\noutput = "name"\non_change = "x y"\nhistory_limit = 5\n'
    )
    assert imports.by("context") & {*HEAVY, "shlex"} == {"tomllib"}


def test_a_label_is_set_without_what_only_other_options_need(imports: Imports) -> None:
    assert imports.by("images", "set", "alpha", "k=v") & {"difflib", "locale", *SPARED} == set()


def test_a_short_option_is_known_at_once(imports: Imports) -> None:
    assert imports.by("-q", "context", "-i", "alpha") & HEAVY == set()


@pytest.mark.parametrize("words", [["images"], ["sessions"], ["images", "--output", "name"]])
def test_listings_import_nothing_heavy_off_a_terminal(imports: Imports, words: list[str]) -> None:
    assert imports.by(*words) & HEAVY == set()


def test_json_imports_json_and_nothing_else(imports: Imports) -> None:
    assert imports.by("images", "--output", "json") & HEAVY == {"json"}


def test_a_switch_between_images_contacts_nobody(imports: Imports) -> None:
    assert imports.by("switch", "beta") & (NETWORK | SPARED | {"rich", "lark"}) == set()


@pytest.mark.parametrize(("words", "most"), [(["context"], 72), (["switch", "beta"], 93), (["images"], 89)])
def test_a_start_reads_no_more_files_than_it_did(imports: Imports, words: list[str], most: int) -> None:
    """Each module costs 0.1 ms and more, 0.05 of it for its file alone. Whoever needs another lets one go, or says why
    it is worth it."""
    assert len(imports.by(*words)) <= most, sorted(imports.by(*words))


def test_an_evaluation_reads_no_more_files_than_it_did(imports: Imports) -> None:
    with Farm() as farm:
        imports.by("images", "add", "--offline", "farmed", farm.add().address)
        imports.by("eval", "--image", "farmed", "3 + 4")
        evaluated = imports.by("eval", "--image", "farmed", "3 + 4")
        assert imports.everything_of(MAIN, "eval", "--image", "farmed", "3 + 4") & CLICKS == set()
    assert evaluated & {"dataclasses", "json", "selectors", "socket", "stui_cli.model.operations", *SPARED} == set()
    assert len(evaluated) <= 127, sorted(evaluated)


def test_an_evaluation_works_on_paths_as_text(imports: Imports) -> None:
    with Farm() as farm:
        imports.by("images", "add", "--offline", "farmed", farm.add().address)
        evaluated = imports.by("eval", "--image", "farmed", "3 + 4")
    assert "stui_cli.store.audit" in evaluated
    assert evaluated & {"pathlib", "urllib.parse"} == set()


@pytest.mark.parametrize("words", [["--help"], ["images", "--help"]])
def test_help_imports_no_command(imports: Imports, words: list[str]) -> None:
    assert {name for name in imports.by(*words) if name.startswith("stui_cli.commands.")} == set()


def test_a_name_is_completed_without_reading_the_state(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_STUI_COMPLETE": "bash_complete", "COMP_WORDS": "stui ping al", "COMP_CWORD": "2"}.items():
        monkeypatch.setenv(name, value)
    unwanted = NETWORK | SPARED | {"msgpack", "rich", "stui_cli.store.files.state_file"}
    assert imports.of(MAIN) & unwanted - {"subprocess"} == set()


def test_what_speaks_with_a_database_comes_only_where_the_store_is_in_one(home: Path) -> None:
    wanted = {"ctypes", "stui_cli.store.postgresql.libpq", "stui_cli.store.team_address"}
    assert not Imports().of(RUN, "images") & wanted
    imported = Imports().of(RUN, "store", "init", "--print", "--home", "postgresql:///team")
    assert wanted <= imported
    assert not {"psycopg", "asyncio", "ssl", "logging"} & imported
