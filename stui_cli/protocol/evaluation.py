"""Running code in an image, looking into its objects, stopping it, hearing its Transcript."""

from typing import NamedTuple


class Evaluate(NamedTuple):
    """Without a session the source runs in a scope of its own. `once` makes a repeated key answer the first result."""

    session_id: str | None
    source: str
    time_limit_ms: int
    print_limit: int
    once: str | None = None


class Value(NamedTuple):
    """A result as text. `ref` keeps the object in its session; `float64` is its exact value if it is one."""

    print: str
    class_name: str
    truncated: bool
    ref: int | None
    float64: float | None = None


class Problem(NamedTuple):
    """An exception, or why the source did not compile; line and column count from 1."""

    class_name: str
    message: str
    line: int | None
    column: int | None
    stack: tuple[str, ...]


class Evaluation(NamedTuple):
    """`outcome` is returned, raised or not_run (it did not compile, or was refused). `output_truncated`: the output
    was longer than the image keeps, and lost its end."""

    outcome: str
    value: Value | None
    error: Problem | None
    output: str
    elapsed_ms: int
    output_truncated: bool | None = None


class Inspect(NamedTuple):
    """Exactly one of expression, ref and binding is given. `start` counts from 1."""

    session_id: str | None
    depth: int
    start: int
    how_many: int
    print_limit: int
    expression: str | None = None
    ref: int | None = None
    binding: str | None = None


class Slot(NamedTuple):
    """One slot of an object, named or indexed; with a depth above 1 it carries its own slots."""

    name: str
    class_name: str
    print: str
    ref: int | None
    named: tuple["Slot", ...] | None = None
    indexed: tuple["Slot", ...] | None = None


class Inspection(NamedTuple):
    """An object. `size` is the number of all its indexed slots, `indexed` the page asked for."""

    class_name: str
    print: str
    hash: int
    size: int
    named: tuple[Slot, ...]
    indexed: tuple[Slot, ...]
    ref: int | None = None


class Interrupt(NamedTuple):
    """A notification: stop the evaluation that the request `id` of this connection started."""

    id: int


class Output(NamedTuple):
    """A notification from the image: Transcript text of the request `id`, as it appears."""

    id: int
    text: str


class Queued(NamedTuple):
    """A notification from the image: the request `id` waits behind another of its session, which runs since `busy_ms`;
    `source` is the beginning of its text."""

    id: int
    busy_ms: int
    source: str
