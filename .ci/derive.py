#!/usr/bin/env python3
"""Generate what is derived from the code: completions/, man/, the lists in README.md.

python .ci/derive.py           write them
python .ci/derive.py --check   tell which differ; exit 1 if any does
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from api_page import PAGE, api_page
from command_tree import ROOT, tree
from completion_bash import bash_script
from completion_fish import fish_script
from completion_zsh import zsh_script
from config_page import config_page
from manual import manual_pages
from reference import EXITS
from source_page import source_page
from store_page import store_page

if TYPE_CHECKING:
    from command_tree import Command

_MEND = "run `python .ci/derive.py` and commit what it writes"


def derived() -> dict[str, str]:
    """Every derived file by its path below the project's folder."""
    root = tree()
    files = {
        "completions/stui.bash": bash_script(root),
        "completions/_stui": zsh_script(root),
        "completions/stui.fish": fish_script(root),
    }
    files |= {f"man/{name}": text for name, text in manual_pages(root, release_date()).items()}
    files["man/stui-config.5"] = config_page(release_date())
    files["man/stui-store.5"] = store_page(release_date())
    files["man/stui-source.7"] = source_page(release_date())
    files[PAGE] = api_page()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    readme = between_marks(readme, "commands", command_list(root))
    files["README.md"] = between_marks(readme, "exits", exit_list())
    return files


def release_date() -> str:
    """The date of CHANGELOG.md's top entry: derived text changes only when what it is derived from does."""
    dated = re.search(r"^## \[[^]]+\] - (\d{4}-\d{2}-\d{2})$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    if dated is None:
        sys.exit("derive: CHANGELOG.md has no entry such as `## [0.1.0] - 2026-11-23`")
    return dated[1]


def command_list(root: Command) -> str:
    """Every command with its summary, as a Markdown table."""
    rows = [f"| `{each.name}` | {each.summary} |" for each in root.walk() if each.path and not each.subcommands]
    return "\n".join(["| command | |", "|---|---|", *rows])


def exit_list() -> str:
    """The exit codes, as a Markdown table."""
    return "\n".join(
        ["| exit | meaning |", "|---|---|", *(f"| {int(code)} | {text} |" for code, text in EXITS.items())]
    )


def between_marks(text: str, name: str, content: str) -> str:
    """`text` with what stands between the marks `name` replaced."""
    start, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        sys.exit(f"derive: README.md lacks the lines {start.strip()} and {end.strip()}")
    return f"{before}{start}{content}{end}{after}"


def stale_pages(files: dict[str, str]) -> list[str]:
    """Manual pages and completions that no command has any more. Pages of other sections are written by hand."""
    there = [*ROOT.glob("man/*.[15]"), *ROOT.glob("completions/*")]
    return sorted(path for each in there if (path := each.relative_to(ROOT).as_posix()) not in files)


def check(files: dict[str, str]) -> int:
    """Say what differs; answers the exit code."""
    problems = [f"{path} is of no command any more" for path in stale_pages(files)]
    for path, text in files.items():
        there = ROOT / path
        if not there.exists():
            problems.append(f"{path} is missing")
        elif there.read_text(encoding="utf-8") != text:
            problems.append(f"{path} differs from the code")
    for problem in problems:
        print(f"derive: {problem}: {_MEND}", file=sys.stderr)
    return 1 if problems else 0


def write(files: dict[str, str]) -> int:
    """Bring the files up to date, telling of each that changed."""
    for path in stale_pages(files):
        (ROOT / path).unlink()
        print(f"removed {path}")
    for path, text in files.items():
        there = ROOT / path
        if not there.exists() or there.read_text(encoding="utf-8") != text:
            there.parent.mkdir(exist_ok=True)
            there.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {path}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if anything differs")
    return check(derived()) if parser.parse_args().check else write(derived())


if __name__ == "__main__":
    sys.exit(main())
