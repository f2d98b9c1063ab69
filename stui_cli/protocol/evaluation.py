"""Running code in an image, stopping it, hearing its Transcript."""

from stui_cli.named_tuples import NamedTuple


class Evaluate(NamedTuple):
    """Without a session the source runs in a scope of its own. `once` makes a repeated key answer the first result.

    Those of one `batch` may be sent without waiting for the answers. Each begins when the one before has ended, and
    its time limit counts from then. What never begins, since one before it did not return, or since the client has
    ended its side of the connection, is answered with Interrupted and `started` false.
    """

    session_id: str | None  # the session whose variables are meant; nil for a scope that ends with the request
    source: str  # what a workspace takes: statements, with or without temporaries
    time_limit_ms: int  # when the code is stopped; the answer is then Timeout
    print_limit: int  # characters of the printed value at most
    once: str | None = None  # a key under which the code runs once
    # evaluations of one connection with the same number run one after the other, as they were sent; not with once
    batch: int | None = None
    stop_at_error: bool | None = None  # of a batch: whether none begins behind one that did not return


class Value(NamedTuple):
    """A result as text. `ref` keeps the object in its session; `float64` is its exact value if it is one."""

    print: str  # its printString; of one whose printString raises or never ends, a safe description
    class_name: str  # the name of its class
    truncated: bool  # whether print was cut at the limit
    ref: int | None  # the number under which the session keeps it; nil without a session
    float64: float | None = None  # the exact value of a float


class Problem(NamedTuple):
    """An exception, or why the source did not compile; line and column count from 1."""

    class_name: str  # the class of the exception
    message: str  # its text
    line: int | None  # of the source, from 1
    column: int | None  # from 1
    stack: tuple[str, ...]  # the frames, innermost first


class Evaluation(NamedTuple):
    """`outcome` is returned, raised or not_run (it did not compile, or was refused). `output_truncated`: the output
    was longer than the image keeps, and lost its end."""

    outcome: str  # returned, raised or not_run (it did not compile)
    value: Value | None  # what it returned
    error: Problem | None  # what it raised, or why it did not compile
    output: str  # its Transcript text, whole or up to the agent's limit
    elapsed_ms: int  # how long the code ran
    output_truncated: bool | None = None  # true where the output was longer than that and lost its end


class Interrupt(NamedTuple):
    """A notification: stop the evaluation that the request `id` of this connection started."""

    id: int  # the id of a request of this very connection


class Output(NamedTuple):
    """A notification from the image: Transcript text of the request `id`, as it appears."""

    id: int  # the id of the evaluation that said it
    text: str  # what it said since the last such notification


class Queued(NamedTuple):
    """A notification from the image: the request `id` waits behind another of its session, which runs since `busy_ms`;
    `source` is the beginning of its text."""

    id: int  # the id of a request that waits behind another of its session
    busy_ms: int  # for how long that other runs already
    source: str  # what runs, 200 characters at most
