"""Who is there, and who may: hello and authenticate."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from stui_cli.playground.agent.key_ring import HeldKey, UnusableKeys, keys_in, read_keys
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.state import AgentState
from stui_cli.playground.agent.values import VERSION
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.fields import method_of
from stui_cli.protocol.greeting import CLOSING_CHECKPOINT, Authenticated, Greeting, Hello
from stui_cli.protocol.handshake import NONCE_BYTES, client_proof, same_proof, server_proof
from stui_cli.protocol.limits import PROTOCOL
from stui_cli.protocol.requests import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.playground.agent.peers import Peer

_AGENT = "stui-playground 0.1"
_TRIES = 3


class HandshakeHabits(AgentState):
    """Mutual proof of a key; without keys everybody on this machine is a developer."""

    def hello(self, peer: Peer, hello: Hello) -> Greeting:
        """Greet; who has shown already who it is does not change that."""
        if peer.role is not None:
            raise Refusal(ErrorCode.INVALID_REQUEST, "hello comes once")
        if hello.errors not in (None, "map", "text"):
            raise Refusal(ErrorCode.INVALID_REQUEST, "errors: map or text was expected")
        peer.connection.errors_as_text = self.speaks_text(hello)
        if hello.protocol != PROTOCOL:
            supported = {"supported": [PROTOCOL]}
            raise Refusal(ErrorCode.INVALID_REQUEST, f"this agent speaks protocol {PROTOCOL}", supported)
        if hello.nonce is not None and len(hello.nonce) != NONCE_BYTES:
            raise Refusal(ErrorCode.INVALID_REQUEST, f"nonce: {NONCE_BYTES} bytes were expected")
        peer.hello, peer.client_id = hello, hello.client_id
        peer.greeted_at = peer.greeted_at or time.monotonic()  # who greets again has no more time for it
        if not self.uses_keys:
            self.trust(peer, "developer")
            return self.greeting("none", None, None)
        peer.nonce = self.fresh_nonce()
        # Nobody learns which keys there are: an unknown one is proved, too.
        secret = self.current_keys().get(hello.key_id or "", ("", os.urandom(32)))[1]
        proof = server_proof(secret, hello.nonce, peer.nonce, self.image_id) if hello.nonce else None
        return self.greeting("hmac-sha256", peer.nonce, proof)

    def greeting(self, auth: str, nonce: bytes | None, proof: bytes | None) -> Greeting:
        """What this agent tells of itself."""
        return Greeting(
            PROTOCOL, _AGENT, self.image_id, self.incarnation, self.settings.name, self.dialect, VERSION, auth, nonce,
            proof, (CLOSING_CHECKPOINT,), self.methods(),
        )  # fmt: skip

    def methods(self) -> tuple[str, ...]:
        """The requests that this agent knows."""
        return tuple(method_of(row.request) for row in TABLE)

    def authenticate(self, peer: Peer, proof: bytes) -> Authenticated:
        """The role of a key that was proved. Raises Refusal; after some the connection ends."""
        if peer.hello is None:
            raise Refusal(ErrorCode.NOT_AUTHENTICATED, "the first request is hello")
        if not self.uses_keys:
            raise Refusal(ErrorCode.INVALID_REQUEST, "no key is used here")
        role, secret = self.current_keys().get(peer.hello.key_id or "", (None, b""))
        expected = client_proof(secret, peer.hello.nonce or b"", peer.nonce, self.image_id)
        if role is None or not peer.hello.nonce or not self.same(expected, proof):
            peer.failures += 1
            raise Refusal(ErrorCode.NOT_AUTHENTICATED, "the key id is unknown or the proof is wrong")
        peer.held = HeldKey(role, secret)
        self.trust(peer, role)
        return Authenticated(role)

    def trust(self, peer: Peer, role: str) -> None:
        """From now on messages of full size are taken from it."""
        peer.role = role
        peer.connection.allow(self.settings.wire)

    def check_keys(self) -> None:
        """Send away who is here by a key that the file has no more, or in another role. A file that cannot be read says
        nothing of anybody: nobody comes in by it, and nobody has to go."""
        proved = [peer for peer in list(self.peers) if peer.held is not None]
        if self.settings.key_file is None or not proved:
            return
        try:
            keys = keys_in(self.settings.key_file)
        except UnusableKeys:
            return
        for peer in proved:
            if peer.hello is not None and keys.get(peer.hello.key_id or "") != peer.held:
                peer.send_away(ErrorCode.NOT_AUTHENTICATED, "the key of this connection was withdrawn or changed")

    @property
    def uses_keys(self) -> bool:
        """Whether a key has to be proved."""
        return bool(self.keys) or self.settings.key_file is not None

    def current_keys(self) -> Mapping[str, tuple[str, bytes]]:
        """The keys as the file has them now. One that has become unusable lets nobody in."""
        if self.settings.key_file is None:
            return self.keys
        try:
            return read_keys(self.settings.key_file)
        except UnusableKeys as error:
            print(f"stui-agent: {error}", file=sys.stderr, flush=True)
            return dict[str, HeldKey]()

    def speaks_text(self, hello: Hello) -> bool:
        """Whether errors are told as one text."""
        return hello.errors == "text"

    def same(self, expected: bytes, proof: bytes) -> bool:
        """Whether a proof is the one that was expected."""
        return same_proof(expected, proof)

    def fresh_nonce(self) -> bytes:
        """Random bytes."""
        return os.urandom(NONCE_BYTES)

    def tries(self) -> int:
        """How often a proof may be wrong on one connection."""
        return _TRIES
