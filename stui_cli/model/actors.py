"""Who changes the store. Apart from operations, since every command names its actor and few commit."""

from stui_cli.named_tuples import NamedTuple


class Actor(NamedTuple):
    """Recorded with every operation and audit line. `command` is the command line, without secrets."""

    user: str
    host: str
    pid: int
    command: str
