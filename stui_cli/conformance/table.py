"""All cases, in the order in which a porter wants them to pass: first who is there, then ever more."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from stui_cli.conformance import (
    checkpoints,
    code,
    evaluations,
    framing,
    greetings,
    inspections,
    outputs,
    params,
    peers,
    pings,
    receipts,
    roles,
    stopping,
    workspaces,
)

if TYPE_CHECKING:
    from stui_cli.conformance.case import Case

CASES: tuple[Case, ...] = tuple(
    chain.from_iterable(
        module.SUBJECT.cases
        for module in (
            greetings,
            pings,
            framing,
            peers,
            evaluations,
            stopping,
            outputs,
            receipts,
            inspections,
            workspaces,
            checkpoints,
            code,
            params,
            roles,
        )
    )
)
