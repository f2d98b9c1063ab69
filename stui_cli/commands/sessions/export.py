"""`stui sessions export`: a session in one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stui_cli.commands.two_words import SessionCommand
from stui_cli.contract.export import EXPORT, export_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result
from stui_cli.option_types import option

if TYPE_CHECKING:
    from stui_cli.work.sessions.transfer import Exported


def export_result(exported: Exported, path: Path) -> Result:
    """What is in the file now, and what of it is only print."""
    file = exported.file
    bindings = file.checkpoint.bindings if file.checkpoint else ()
    item = export_item(exported.target, str(path), file)
    counts = f"{len(bindings)} variables, {len(file.history)} evaluations"
    printed = [f"{b.name} ({b.class_name})" for b in bindings if b.store is None]
    warnings = [*exported.notes]
    if printed:
        warnings.append(f"no text makes these again, only their print is in the file: {', '.join(printed)}")
    return Result(EXPORT, [item], text=f"exported {exported.target} to {path}: {counts}", warnings=warnings)


@command("export", name="export", cls=SessionCommand)
@click.argument("named", required=False, metavar="[IMAGE/SESSION]", shell_complete=complete_target)
@option("-f", "--file", "path", type=click.Path(path_type=Path),
              help="The file to write: .toml or .msgpack. TOML on standard output without it.")  # fmt: skip
@option("--force", is_flag=True, help="Overwrite a file that is there.")
def cli(invocation: Invocation, named: str | None, path: Path | None, force: bool) -> int:
    """Put a session, or the current one, into one file: its variables as text, its history, where it comes from.

    `stui sessions import` makes a session of it again. The file holds values: it is readable for its owner alone.
    """
    from stui_cli.output.streams import write_bytes
    from stui_cli.store.files.session_file import write_session_file
    from stui_cli.store.session_files import encoded
    from stui_cli.work.meant.target import meant_session
    from stui_cli.work.sessions.transfer import export_session

    bench = invocation.bench
    target = meant_session(bench.store.read(), named, invocation.asked, bench)
    exported = export_session(bench, target)
    if path is not None:
        write_session_file(path, exported.file, overwrite=force)
        return invocation.show(export_result(exported, path))
    data = encoded(exported.file, "toml")
    for note in exported.notes:
        invocation.announce(note)
    if sys.stdout.isatty():  # foreign text: what a terminal would obey is written out
        return invocation.show(Result(EXPORT, [], text=data.decode("utf-8", "replace")))
    write_bytes(data)
    return 0
