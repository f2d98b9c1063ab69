"""What a case works with: conversations as one of several clients, sessions of its own, and a broom.

The clients are made up for one run. So no case can touch a session of anybody else, whatever role the key has,
and what one run left behind (it was killed, say) is not confused with what the next one makes.
"""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli import __version__
from stui_cli.conformance.conversation import Conversation
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.verdicts import Deviation, NotHere, expect, shortened
from stui_cli.image.link import link_to
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import StuiError
from stui_cli.protocol.evaluation import Evaluation, Value
from stui_cli.protocol.fields import to_map
from stui_cli.protocol.greeting import Authenticated, Greeting, Hello
from stui_cli.protocol.handshake import NONCE_BYTES, client_proof, same_proof, server_proof
from stui_cli.protocol.limits import PROTOCOL
from stui_cli.protocol.vitals import Ping, Pong
from stui_cli.protocol.workspaces import CreateSession, LiveSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.image.keys import Key
    from stui_cli.model.images import Image

# How long one step of sweeping up may take: a case that hung must not cost much more than its own deadline.
_SWEEP_S = 1.0

_TIME_LIMIT_MS = 3_000

# Of an agent that asks for no key, and so grants no role by name: everything but others' sessions is expected of it.
UNTOLD_ROLE = "untold"


@dataclass(frozen=True)
class Surroundings:
    """What is the same for all cases of a run. `keys` are those of the key file by role; `key` is the one meant.

    `greeting` and `role` are None until a first conversation was let in.
    """

    image: Image
    run_id: str
    key: Key | None
    keys: Mapping[str, Key]
    greeting: Greeting | None = None
    role: str | None = None


class Bench:
    """The means of one case, all under its deadline."""

    def __init__(self, surroundings: Surroundings, deadline: Deadline) -> None:
        self._surroundings = surroundings
        self._deadline = deadline
        self._open: list[Conversation] = []
        self._made: list[tuple[str, int]] = []

    @property
    def greeting(self) -> Greeting:
        """What the image reported of itself in the first conversation of the run."""
        if self._surroundings.greeting is None:
            raise NotHere("needs a greeting, and hello does not give one")
        return self._surroundings.greeting

    @property
    def key(self) -> Key:
        if self._surroundings.key is None:
            raise NotHere("needs the image's key")
        return self._surroundings.key

    @property
    def image_id(self) -> str:
        return self.greeting.image_id

    def client_id(self, who: int = 0) -> str:
        """The id of the run's client number `who`."""
        return f"{self._surroundings.run_id}-{who}"

    def connect(self) -> Conversation:
        """A connection on which nothing was sent yet."""
        try:
            link = link_to(self._surroundings.image, self._deadline)
        except StuiError as error:
            raise Deviation("a connection", error.what) from error
        opened = Conversation(link, self._deadline)
        self._open.append(opened)
        return opened

    def hello(self, who: int = 0, key: Key | None = None, nonce: bytes | None = None) -> dict[str, object]:
        """The params of a good hello."""
        used = key or self._surroundings.key
        fresh = nonce or os.urandom(NONCE_BYTES)
        return to_map(
            Hello(
                PROTOCOL,
                f"stui doctor {__version__}",
                self.client_id(who),
                used.key_id if used else None,
                fresh if used else None,
            )
        )

    def talk(self, who: int = 0) -> Conversation:
        """A conversation that is let in, with the key meant."""
        return self.let_in(who, self._surroundings.key)[0]

    def talk_as(self, role: str, who: int = 0) -> Conversation:
        """The same with a key of exactly that role, from the same key file."""
        if self._surroundings.role is None:
            raise NotHere("needs a conversation that is let in, and none was")
        if self._surroundings.role == role:
            return self.talk(who)
        key = self._surroundings.keys.get(role)
        if key is None or self.greeting.auth == "none":
            raise NotHere(f"needs a key of the role {role} in the key file")
        talk, given = self.let_in(who, key)
        expect(given == role, f"the role {role} for the key {key.key_id!r}", given)
        return talk

    def let_in(self, who: int, key: Key | None) -> tuple[Conversation, str]:
        """Say hello and prove `key`, if the image asks for one; return the role as well."""
        talk = self.connect()
        nonce = os.urandom(NONCE_BYTES)
        greeting = fitting(Greeting, talk.result("hello", self.hello(who, key, nonce)))
        if greeting.auth == "none":
            return talk, UNTOLD_ROLE
        if key is None:
            raise NotHere("needs the image's key")
        proof = self.proof_of(greeting, key, nonce)
        role = fitting(Authenticated, talk.result("authenticate", {"proof": proof})).role
        expect(role in ("observer", "developer", "admin"), "observer, developer or admin", role)
        return talk, role

    def proof_of(self, greeting: Greeting, key: Key, nonce: bytes) -> bytes:
        """Our proof of `key`, after a check of the image's own."""
        if greeting.nonce is None or greeting.proof is None:
            raise Deviation("a nonce and a proof in the greeting", "none")
        expected = server_proof(key.secret, nonce, greeting.nonce, greeting.image_id)
        holds = same_proof(expected, greeting.proof)
        expect(holds, f"the image's proof that it holds the key {key.key_id!r}", "another proof")
        return client_proof(key.secret, nonce, greeting.nonce, greeting.image_id)

    def session(self, talk: Conversation, who: int = 0, name: str = "doctor") -> str:
        """A fresh session of client `who`; closed when the case ends."""
        session_id = self.new_session_id(who)
        made = CreateSession(session_id, name, "made by stui doctor; may be closed")
        fitting(LiveSession, talk.result("create_session", to_map(made)))
        return session_id

    def new_session_id(self, who: int = 0) -> str:
        """An id for a session that the case makes itself; closed when the case ends all the same."""
        session_id = str(uuid.uuid4())
        self._made.append((session_id, who))
        return session_id

    def code(
        self,
        source: str,
        session: str | None = None,
        *,
        time_limit_ms: int = _TIME_LIMIT_MS,
        print_limit: int = 1_000,
        once: str | None = None,
    ) -> dict[str, object]:
        """The params of an evaluation."""
        asked: dict[str, object] = {"session_id": session, "source": source, "time_limit_ms": time_limit_ms}
        return asked | {"print_limit": print_limit, "once": once}

    def evaluate(
        self, talk: Conversation, source: str, session: str | None = None, *, print_limit: int = 1_000
    ) -> Evaluation:
        """Run `source`, whatever comes of it."""
        return fitting(Evaluation, talk.result("evaluate", self.code(source, session, print_limit=print_limit)))

    def value(self, talk: Conversation, source: str, session: str | None = None, *, print_limit: int = 1_000) -> Value:
        """Run `source`, which must return."""
        return returned(source, self.evaluate(talk, source, session, print_limit=print_limit))

    def prints(self, talk: Conversation, source: str, printed: str, session: str | None = None) -> Value:
        """Run `source`, whose value must print as `printed`."""
        value = self.value(talk, source, session)
        expect(value.print == printed, f"{source} prints {printed}", value.print)
        return value

    def pong(self, talk: Conversation) -> Pong:
        return fitting(Pong, talk.result("ping", to_map(Ping())))

    def until_it_runs(self, talk: Conversation) -> None:
        """Wait until the image evaluates something, for a second at most: an answer to ping shows little about
        whether what was asked before it has begun."""
        until = time.monotonic() + 1
        while self.pong(talk).evaluating == 0 and time.monotonic() < until:
            pass

    def close(self) -> None:
        """End what the case opened and made. Failures are left alone: the case's own verdict is enough."""
        for talk in self._open:
            talk.close()
        self._open.clear()
        made, self._made = self._made, []
        self._deadline = Deadline.after(_SWEEP_S)
        try:
            for who in {who for _, who in made}:
                talk, _ = self.let_in(who, self._sweeping_key())
                for number in talk.requests(
                    [("close_session", {"session_id": session}) for session, owner in made if owner == who]
                ):
                    talk.answer(number)
        except (Deviation, NotHere):
            pass
        for talk in self._open:
            talk.close()

    def _sweeping_key(self) -> Key | None:
        """A key that may close sessions: the one meant, unless its role is too weak."""
        keys = self._surroundings.keys
        stronger = keys.get("developer") or keys.get("admin")
        return stronger if self._surroundings.role == "observer" and stronger else self._surroundings.key


def returned(source: str, evaluation: Evaluation) -> Value:
    """The value of an evaluation that must have returned one."""
    error = evaluation.error
    came = evaluation.outcome if error is None else f"{evaluation.outcome}: {error.class_name}: {error.message}"
    if evaluation.outcome != "returned" or evaluation.value is None:
        raise Deviation(f"{shortened(source)} returns a value", shortened(came))
    return evaluation.value
