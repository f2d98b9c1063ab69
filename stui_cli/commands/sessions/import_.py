"""`stui sessions import`: a session from a file."""

from __future__ import annotations

from pathlib import Path

import click

from stui_cli.commands.sessions.restore import REPLAY_PRINT_LIMIT, listener, restore_result
from stui_cli.contract.session import MORE_RESTORED
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.option_types import TimeLimit, option
from stui_cli.standard_input import standard_input
from stui_cli.work.talking.evaluate import Limits


@command("session", name="import", purpose=Purpose.ACT, adds=MORE_RESTORED)
@click.argument("path", metavar="FILE | -", type=click.Path(path_type=Path))
@option("--as", "name", metavar="NAME", help="Give it this name.")
@option("--replay", is_flag=True, help="Run its recorded sources, in order, until one fails.")
@option("--strict", is_flag=True, help="Refuse, with exit 9, if anything is lost.")
@option("--time-limit", type=TimeLimit(), default="30s", show_default=True, help="For each source of a replay.")
def cli(invocation: Invocation, path: Path, name: str | None, replay: bool, strict: bool, time_limit: int) -> int:
    """Make a session of a file that `stui sessions export` wrote (.toml or .msgpack; - is TOML on standard input).

    It goes into the image that it comes from. Into another one it goes only if -i names it.
    """
    from stui_cli.store.files.session_file import read_session_file
    from stui_cli.store.session_files import decoded
    from stui_cli.work.sessions import listing
    from stui_cli.work.sessions.transfer import import_session

    bench = invocation.bench
    file = decoded(standard_input(), "toml", "standard input") if str(path) == "-" else read_session_file(path)
    found = import_session(
        bench,
        file,
        into=invocation.asked.image,
        name=name or invocation.asked.session,
        replay=replay,
        strict=strict,
        limits=Limits(time_limit / 1000, REPLAY_PRINT_LIMIT),
        on_output=listener(invocation),
    )
    metadata = listing.metadata_of(bench, found.session)
    result = restore_result(found, metadata, strict=strict, done="imported")
    return invocation.show(result)
