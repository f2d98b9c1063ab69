"""Hello and authenticate: who is there, and the proof of a key both ways."""

from stui_cli.named_tuples import NamedTuple


class Hello(NamedTuple):
    """The first request. `key_id` and `nonce` are left out where no key is used. `errors` is "text" for a client that
    shows an error only where it is one text."""

    protocol: int  # 1
    client: str  # the client's name and version, for logs
    client_id: str  # whose sessions are meant: the same text in every conversation of one client
    key_id: str | None = None  # which key will be proved; left out or nil without one
    nonce: bytes | None = None  # 16 fresh random bytes; left out or nil without a key
    # text for a client that shows an error only if it is one text; map, nil or left out otherwise
    errors: str | None = None


# The ability of an agent to end a session and take its checkpoint in one step.
CLOSING_CHECKPOINT = "closing_checkpoint"

# The ability of an agent to run evaluations that are sent together one after the other.
BATCHES = "batches"


class Greeting(NamedTuple):
    """The answer to hello: who is there, and whether a key has to be proved. `abilities` are what not every agent can
    and a client cannot find out by trying. `methods` names all requests that it knows."""

    protocol: int  # 1
    agent: str  # the agent's name and version
    image_id: str  # the image's own id, a UUID in ASCII that survives restarts and moves
    incarnation: str  # a random id of this start of the image's process
    image_name: str  # the name that the image was given
    dialect: str  # gst, pharo, squeak, cuis or playground
    image_version: str  # the Smalltalk's own name and version
    auth: str  # none or hmac-sha256
    nonce: bytes | None  # 16 fresh random bytes; nil where auth is none
    proof: bytes | None  # that the image holds the key; nil where hello named none
    # names of what not every agent can; closing_checkpoint is close_session with a checkpoint, batches are those of
    # evaluate
    abilities: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None  # the requests that this agent knows; an older one does not say


class Authenticate(NamedTuple):
    proof: bytes  # the client's proof, 32 bytes


class Authenticated(NamedTuple):
    """`role` is observer, developer or admin."""

    role: str  # observer, developer or admin
