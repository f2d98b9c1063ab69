"""History: what was evaluated in a session, oldest first."""

from stui_cli.named_tuples import NamedTuple


class Entry(NamedTuple):
    """One evaluation. `time` in ms since the epoch; `outcome` is returned, raised, not_run or unknown.

    `printed` and `class_name` describe the value, `error` is what the image said of a failure; each is None
    where there is none. `elapsed_ms` is None while unknown. `bindings` is how many variables the session had then,
    told with the last evaluation of each command: it keeps listings fresh without an operation per evaluation.
    `kind` is evaluate, inspect for an expression that was run in order to look into its value, or load for a file.
    """

    time: int
    source: str
    outcome: str
    printed: str | None
    class_name: str | None
    error: str | None
    elapsed_ms: int | None
    incarnation: str
    bindings: int | None = None
    kind: str = "evaluate"
