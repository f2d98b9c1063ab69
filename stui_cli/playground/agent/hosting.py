"""A playground in the process of the command that starts it, with the folder, keys and marks of a launched image."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from stui_cli.local.dialects import dialect_of
from stui_cli.local.runtime_files import read_runtime_file
from stui_cli.local.starting import KEY_FILE, note_agent, occupied
from stui_cli.model.errors import StuiError
from stui_cli.playground.agent.program import begun, published
from stui_cli.playground.agent.saving import UnusableImage, saved_sessions
from stui_cli.playground.agent.server import Agent
from stui_cli.playground.agent.settings import AgentSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stui_cli.local.runtime_files import RuntimeFile
    from stui_cli.local.starting import StartPlan


class HostedPlayground:
    """Begins at most once; `agent` is there from then on."""

    agent: Agent
    saved_image: Path  # what the next one goes on with, if it is there

    def __init__(self) -> None:
        self._stack = ExitStack()

    def begin(self, plan: StartPlan, environ: Mapping[str, str]) -> RuntimeFile:
        """Serve what is planned. Raises StuiError."""
        with ExitStack() as stack:
            try:
                runtime = stack.enter_context(occupied(plan, environ))
                agent = Agent(
                    settings=AgentSettings(
                        name=plan.name,
                        image_id=plan.image_id,
                        port=plan.port,
                        key_file=plan.folder / KEY_FILE,
                        runtime_directory=runtime,
                        folder=plan.folder,
                    )
                )
                self.saved_image = plan.folder / dialect_of(plan.dialect).saved_image
                self.agent = begun(agent, self.saved_image if plan.saved else None)
                path = stack.enter_context(published(self.agent))
            except (OSError, UnusableImage) as error:
                raise StuiError(f"{plan.name} cannot be started: {error}", image=plan.name) from error
            found = None if path is None else read_runtime_file(path)
            if found is None:
                raise StuiError(f"{plan.name} has no runtime file that can be read: {path}", image=plan.name)
            note_agent(plan.folder, found.path)
            self._stack = stack.pop_all()
        return found

    def sessions_saved_and_not(self) -> tuple[int, int]:
        """How many of its sessions come back when it is started again, and how many do not."""
        saved, all_there = saved_sessions(self.saved_image), list(self.agent.sessions)
        come_back = sum(each in saved for each in all_there)
        return come_back, len(all_there) - come_back

    def end(self) -> None:
        """Serve no more."""
        self._stack.close()


@contextmanager
def hosting() -> Iterator[HostedPlayground]:
    """A playground that may begin, and ends with the block."""
    host = HostedPlayground()
    try:
        yield host
    finally:
        host.end()
