"""How one contact with an image ends (DESIGN section 8). Whoever connects needs it, and nothing else of `status`."""

from enum import StrEnum


class ProbeOutcome(StrEnum):
    """How one contact with an image ended, a closed set."""

    ANSWERED = "answered"
    REFUSED = "refused"  # nobody listens at the address
    TIMED_OUT = "timed_out"  # nobody answered in time; it may be asleep
    NO_ROUTE = "no_route"  # this machine has no way there: says nothing of the image
    WRONG_IMAGE = "wrong_image"  # another image id answered
    NOT_PERMITTED = "not_permitted"  # our key was refused
    WRONG_PROTOCOL = "wrong_protocol"  # it is no agent, or of another protocol version
    BROKEN = "broken"  # the connection broke before the answer
