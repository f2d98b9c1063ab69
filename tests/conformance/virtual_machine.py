"""A virtual machine of a dialect that nobody has: the playground, started as stui starts any image.

    python virtual_machine.py START_FILE [SAVED_IMAGE]

In the environment INVENTED_DIALECT is what it claims to be instead. Its saved images hold no more than two words.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from stui_cli.playground.agent.program import main
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.server import Agent
from stui_cli.protocol.evaluation import Evaluate, Evaluation, Value
from stui_cli.protocol.faults import ErrorCode


class Claiming(Agent):
    """One of another dialect, which also saves its image."""

    dialect = os.environ.get("INVENTED_DIALECT", "invented")

    def evaluated(self, job: Any, session: Any, asked: Evaluate) -> Evaluation:
        saving = re.fullmatch(r"StuiAgent saveImage: '(.*)'", asked.source)
        if saving is None:
            return super().evaluated(job, session, asked)
        try:
            Path(saving[1]).write_text("an image")
        except OSError as error:
            raise Refusal(ErrorCode.INTERNAL_ERROR, str(error)) from error
        return Evaluation("returned", Value("an image", "Image", False, None), None, "", 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), kind=Claiming))
