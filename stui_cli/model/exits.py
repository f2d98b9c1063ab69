"""Exit codes: a contract with every script that calls stui (DESIGN section 10)."""

from enum import IntEnum


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_PERMITTED = 4
    UNREACHABLE = 5
    TIMED_OUT = 6
    CODE_FAILED = 7
    PARTLY_DONE = 8
    REFUSED = 9
    STORE = 10
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143
