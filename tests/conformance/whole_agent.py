"""An agent of stui protocol 1 in Python that passes every case. The tests break it, one habit at a time.

Its methods are its habits: a broken agent is a subclass that overrides one of them.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from little_smalltalk import Machine, NotCompiled, Ordered, Raised, Stopped, class_of, printed, stored

from stui_cli.image.client import method_of
from stui_cli.protocol.codec import encode
from stui_cli.protocol.connection import Notified
from stui_cli.protocol.evaluation import Evaluate, Evaluation, Inspect, Inspection, Problem, Slot, Value
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, Mistyped, RemoteProtocolError
from stui_cli.protocol.fields import parse, to_map
from stui_cli.protocol.handshake import NONCE_BYTES, client_proof, same_proof, server_proof
from stui_cli.protocol.requests import TABLE, Row
from stui_cli.protocol.serving import Malformed, Requested, ServerConnection
from stui_cli.protocol.vitals import (
    CLOSING_CHECKPOINT,
    Authenticate,
    Authenticated,
    GetImageConnectionStatus,
    Greeting,
    Hello,
    Ping,
    Pong,
    ReportedConnection,
)
from stui_cli.protocol.workspaces import (
    Bindings,
    BindingText,
    BusyWith,
    CheckpointSession,
    Cleaned,
    CleanupImageSessions,
    ClientShare,
    Closed,
    CloseSession,
    CreateSession,
    GetImageSessionStats,
    KeptSession,
    ListImageSessions,
    LiveSession,
    LostBinding,
    ReplayFailure,
    Restored,
    RestoreSession,
    SessionStats,
    Switched,
    SwitchImageContext,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS: dict[str, Row] = {method_of(row.request): row for row in TABLE}
_PATIENCE_S = 5
_RANKS = {None: 0, "observer": 1, "developer": 2, "admin": 3}


class Refusal(Exception):
    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(eq=False)
class Session:
    session_id: str
    client_id: str
    name: str
    description: str | None
    created_at: int = field(default_factory=now_ms)
    last_activity: int = field(default_factory=now_ms)
    variables: dict[str, Any] = field(default_factory=dict)
    kept: dict[int, Any] = field(default_factory=dict)
    jobs: queue.Queue[Job | None] = field(default_factory=queue.Queue)
    running: Job | None = None
    busy: int = 0

    def keep(self, value: Any) -> int:
        self.kept[len(self.kept) + 1] = value
        return len(self.kept)

    @property
    def bindings(self) -> dict[str, Any]:
        return {name: value for name, value in self.variables.items() if name != "it"}


@dataclass(eq=False)
class Job:
    """Work in a thread of its own: `work` gets it and answers a message, or raises Refusal."""

    peer: Peer
    number: int
    limit_ms: int
    work: Callable[[Job], object]
    source: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    reason: ErrorCode = ErrorCode.INTERRUPTED
    answers: list[tuple[Peer, int]] = field(default_factory=list)
    then: Callable[[object], None] | None = None

    def interrupt(self, reason: ErrorCode = ErrorCode.INTERRUPTED) -> None:
        self.reason = reason
        self.stop.set()

    def run(self, agent: Agent) -> None:
        timer = threading.Timer(self.limit_ms / 1000, self.interrupt, (ErrorCode.TIMEOUT,))
        timer.daemon = True
        agent.start_timer(timer)
        try:
            if self.stop.is_set():
                raise Stopped
            result: object = self.work(self)
        except Stopped:
            result = Refusal(self.reason, "the evaluation was stopped")
        except Refusal as refusal:
            result = refusal
        finally:
            timer.cancel()
            with agent.lock:
                agent.jobs.discard(self)
        if self.then is not None:
            self.then(result)
        self.peer.jobs.pop(self.number, None)
        self.peer.reply(self.number, result)


class Peer:
    """One connection."""

    def __init__(self, agent: Agent, connected: socket.socket) -> None:
        self.agent = agent
        self.socket = connected
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = agent.fresh_connection()
        self.lock = threading.Lock()
        self.jobs: dict[int, Job] = {}
        self.hello: Hello | None = None
        self.nonce = b""
        self.failures = 0
        self.role: str | None = None
        self.client_id = ""

    def serve(self) -> None:
        try:
            while data := self.socket.recv(256 * 1024):
                try:
                    events = self.connection.receive(data)
                except RemoteProtocolError as error:
                    self.agent.refuse_bytes(self, str(error))
                    return
                for event in events:
                    match event:
                        case Requested(number, method, params):
                            self.agent.request(self, number, method, dict(params))
                        case Malformed(number, why):
                            self.agent.malformed(self, number, why)
                        case Notified("interrupt", {"id": int(number)}):
                            self.agent.interrupt(self, number)
                        case Notified():
                            pass
                if self.connection.broken is not None:
                    self.agent.refuse_bytes(self, str(self.connection.broken))
                    return
        except OSError:
            pass
        finally:
            self.close()

    def reply(self, number: int, result: object) -> None:
        with self.lock:
            try:
                data = self._bytes(number, result)
                self.socket.sendall(data)
            except (OSError, LocalProtocolError):
                return

    def _bytes(self, number: int, result: object) -> bytes:
        if isinstance(result, Refusal):
            return self.connection.fail(number, result.code, str(result))
        return self.connection.answer(number, self.agent.on_the_wire(result))

    def say(self, number: int, text: str) -> None:
        with self.lock:
            try:
                self.socket.sendall(self.connection.notify("output", {"id": number, "text": text}))
            except (OSError, LocalProtocolError):
                return

    def close(self) -> None:
        self.agent.peers.discard(self)
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Agent:
    """A context manager: listens on a loopback port until it is left. `keys` maps ids to (role, secret)."""

    def __init__(self, keys: dict[str, tuple[str, bytes]] | None = None) -> None:
        self.keys = keys or {}
        self.image_id = str(uuid.uuid4())
        self.incarnation = uuid.uuid4().hex
        self.sessions: dict[tuple[str, str], Session] = {}
        self.receipts: dict[tuple[str, str], object] = {}
        self.jobs: set[Job] = set()
        self.peers: set[Peer] = set()
        self.threads: list[threading.Thread] = []
        self.lock = threading.RLock()
        self.started = time.monotonic()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self) -> Agent:
        self.start(self._accept)
        return self

    def start(self, work: Callable[..., object], *arguments: object) -> None:
        """Do it in a thread of its own, which ends with the agent."""
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def __exit__(self, *details: object) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts; closing alone does not
        self.listener.close()
        for job in list(self.jobs):
            job.interrupt()
        for peer in list(self.peers):
            peer.close()
        for session in list(self.sessions.values()):
            session.jobs.put(None)
        for thread in list(self.threads):
            thread.join(_PATIENCE_S)

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self.listener.accept()
            except OSError:
                return
            peer = Peer(self, connected)
            self.peers.add(peer)
            self.start(peer.serve)

    # Habits of the wire.

    def on_the_wire(self, result: object) -> object:
        if isinstance(result, list):
            return [to_map(item) for item in result]
        return to_map(result)

    def refuse_bytes(self, peer: Peer, why: str) -> None:
        """What cannot be read: said in one last answer, then the end."""
        code = ErrorCode.LIMIT_EXCEEDED if self.is_over_a_limit(why) else ErrorCode.INVALID_REQUEST
        try:
            peer.socket.sendall(encode([1, None, {"code": code, "message": why, "details": None, "stack": None}, None]))
            peer.socket.shutdown(socket.SHUT_WR)
            peer.socket.settimeout(0.2)
            while peer.socket.recv(1024 * 1024):
                pass
        except OSError:
            pass

    def fresh_connection(self) -> ServerConnection:
        return ServerConnection()

    def is_over_a_limit(self, why: str) -> bool:
        """As the codec tells it; of nesting that its own library gives up at it tells nothing."""
        return any(word in why for word in ("limit", "deeper", "exceeds", "StackError")) or why.endswith(": ")

    def malformed(self, peer: Peer, number: int, why: str) -> None:
        peer.reply(number, Refusal(ErrorCode.INVALID_REQUEST, why))

    def request(self, peer: Peer, number: int, method: str, params: dict[str, object]) -> None:
        try:
            self.admit(peer, method)
            shape = ROWS[method].request
            result = self.dispatch(peer, number, self.parsed(shape, params))
        except Refusal as refusal:
            peer.reply(number, refusal)
            if method == "authenticate" and peer.failures >= self.tries():
                peer.close()
            return
        if isinstance(result, Job):
            self.begin(result)
        elif result is not None:
            peer.reply(number, result)

    def parsed(self, shape: type, params: dict[str, object]) -> Any:
        try:
            return parse(shape, params)
        except Mistyped as error:
            raise Refusal(ErrorCode.INVALID_REQUEST, str(error)) from error

    def admit(self, peer: Peer, method: str) -> None:
        row = ROWS.get(method)
        if peer.role is None and method not in ("hello", "authenticate"):
            raise Refusal(ErrorCode.NOT_AUTHENTICATED, "say hello and prove your key first")
        if row is None:
            raise Refusal(ErrorCode.UNSUPPORTED_METHOD, method)
        if self.lacks(peer.role, row.role):
            raise Refusal(ErrorCode.PERMISSION_DENIED, f"{method} needs the role {row.role}")

    def lacks(self, has: str | None, needs: str | None) -> bool:
        return _RANKS[has] < _RANKS[needs]

    def begin(self, job: Job) -> None:
        job.peer.jobs[job.number] = job
        with self.lock:
            self.jobs.add(job)
        self.start(job.run, self)

    def start_timer(self, timer: threading.Timer) -> None:
        timer.start()

    def interrupt(self, peer: Peer, number: int) -> None:
        job = peer.jobs.get(number)
        if job is not None:
            job.interrupt()

    def dispatch(self, peer: Peer, number: int, request: Any) -> object:
        """The answer, or a Job that answers later, or None for an answer that comes otherwise."""
        match request:
            case Hello():
                return self.hello(peer, request)
            case Authenticate(proof):
                return self.authenticate(peer, proof)
            case Ping(message):
                return self.ping(message)
            case Evaluate():
                return self.evaluate(peer, number, request)
            case Inspect():
                return self.inspect(peer, number, request)
            case CreateSession(session_id, name, description):
                return self.metadata_of(self.create(peer, session_id, name, description))
            case RestoreSession():
                return self.restore(peer, number, request)
            case CheckpointSession(session_id):
                return self.checkpoint(self.session(peer, session_id))
            case CloseSession():
                return self.part(self.session(peer, request.session_id), request)
            case ListImageSessions(image_id, _):
                self.check_image(image_id)
                return [self.metadata_of(session) for session in self.visible(peer)]
            case GetImageSessionStats(image_id):
                self.check_image(image_id)
                return self.stats(peer)
            case CleanupImageSessions():
                self.check_image(request.image_id)
                return self.cleanup(peer, request)
            case SwitchImageContext():
                return self.switch(peer, request)
            case GetImageConnectionStatus(image_id):
                self.check_image(image_id)
                return self.connection_status()
            case _:
                raise AssertionError(request)

    # Habits of the handshake.

    def hello(self, peer: Peer, hello: Hello) -> Greeting:
        if hello.errors not in (None, "map", "text"):
            raise Refusal(ErrorCode.INVALID_REQUEST, "errors: map or text was expected")
        peer.connection.errors_as_text = self.speaks_text(hello)
        if hello.protocol != 1:
            raise Refusal(ErrorCode.INVALID_REQUEST, "this agent speaks protocol 1")
        peer.hello, peer.client_id = hello, hello.client_id
        greeting = Greeting(
            1,
            "a test",
            self.image_id,
            self.incarnation,
            "whole",
            "playground",
            "1",
            "none",
            None,
            None,
            abilities=(CLOSING_CHECKPOINT,),
            methods=tuple(name for name, row in ROWS.items() if not row.later),
        )
        if not self.keys:
            peer.role = "developer"
            return greeting
        peer.nonce = self.fresh_nonce()
        secret = self.keys.get(hello.key_id or "", ("", os.urandom(32)))[1]
        proof = server_proof(secret, hello.nonce, peer.nonce, self.image_id) if hello.nonce else None
        return greeting._replace(auth="hmac-sha256", nonce=peer.nonce, proof=proof)

    def speaks_text(self, hello: Hello) -> bool:
        return hello.errors == "text"

    def authenticate(self, peer: Peer, proof: bytes) -> Authenticated:
        if peer.hello is None:
            raise Refusal(ErrorCode.NOT_AUTHENTICATED, "hello first")
        if not self.keys:
            raise Refusal(ErrorCode.INVALID_REQUEST, "no key is used here")
        role, secret = self.keys.get(peer.hello.key_id or "", (None, b""))
        expected = client_proof(secret, peer.hello.nonce or b"", peer.nonce, self.image_id)
        if role is None or not peer.hello.nonce or not self.same(expected, proof):
            peer.failures += 1
            raise Refusal(ErrorCode.NOT_AUTHENTICATED, "wrong proof")
        peer.role = role
        return Authenticated(role)

    def same(self, expected: bytes, proof: bytes) -> bool:
        return same_proof(expected, proof)

    def fresh_nonce(self) -> bytes:
        return os.urandom(NONCE_BYTES)

    def tries(self) -> int:
        return 3

    # Habits of the image.

    def ping(self, message: object) -> object:
        uptime = round((time.monotonic() - self.started) * 1000)
        count, jobs = len(self.sessions), len(self.jobs)
        return Pong(message, "ok", uptime, now_ms(), os.getpid(), None, None, count, jobs, 0, None)

    def connection_status(self) -> object:
        latest = max((session.last_activity for session in self.sessions.values()), default=None)
        return ReportedConnection(
            self.image_id, self.address, "connected", now_ms(), "healthy", len(self.sessions), latest
        )

    def check_image(self, image_id: str | None) -> None:
        if image_id is not None and image_id != self.image_id:
            raise Refusal(ErrorCode.IMAGE_MISMATCH, f"this is image {self.image_id}")

    # Habits of sessions.

    def may_use(self, peer: Peer, session: Session) -> bool:
        return peer.role == "admin" or session.client_id == peer.client_id

    def visible(self, peer: Peer) -> list[Session]:
        return [session for session in list(self.sessions.values()) if self.may_use(peer, session)]

    def session(self, peer: Peer, session_id: str) -> Session:
        own = self.sessions.get((peer.client_id, session_id))
        found = own or next((s for s in self.visible(peer) if s.session_id == session_id), None)
        if found is None:
            raise Refusal(ErrorCode.SESSION_NOT_FOUND, f"no session {session_id}")
        return found

    def metadata_of(self, session: Session) -> LiveSession:
        return LiveSession(
            session.session_id, session.name, session.description, session.client_id, "active", session.created_at,
            session.last_activity, len(session.bindings), self.image_id, "whole", "1",
        )  # fmt: skip

    def create(self, peer: Peer, session_id: str, name: str, description: str | None) -> Session:
        if not session_id:
            raise Refusal(ErrorCode.INVALID_REQUEST, "session_id: text was expected")
        session = self.sessions.get((peer.client_id, session_id))
        if session is None:
            session = Session(session_id, peer.client_id, name, description)
            self.sessions[peer.client_id, session_id] = session
            self.start(self._work_off, session)
        session.name, session.description = name, description
        return session

    def _work_off(self, session: Session) -> None:
        """The jobs of one session, one after the other."""
        while (job := session.jobs.get()) is not None:
            session.running = job
            job.run(self)
            session.running = None
            session.busy -= 1

    def close(self, session: Session) -> None:
        self.sessions.pop((session.client_id, session.session_id), None)
        waiting = [job for job in list(session.jobs.queue) if job is not None]
        session.jobs.put(None)
        for job in waiting:
            job.interrupt()
        if session.running is not None:
            session.running.interrupt()

    def part(self, session: Session, asked: CloseSession) -> Closed:
        if session.busy and asked.interrupt is False:
            return Closed(False, None, BusyWith(1, session.running.source if session.running else ""))
        until = time.monotonic() + (0.5 if asked.checkpoint else 0)
        while session.busy and time.monotonic() < until:
            time.sleep(0.01)
        busy = BusyWith(1, session.running.source) if session.running else None
        self.close(session)
        return Closed(True, self.checkpoint(session) if asked.checkpoint and busy is None else None, busy)

    def stats(self, peer: Peer) -> SessionStats:
        seen = self.visible(peer)
        clients = list(dict.fromkeys(session.client_id for session in seen))
        shares = tuple(ClientShare(c, sum(s.client_id == c for s in seen)) for c in clients)
        latest = max((session.last_activity for session in seen), default=None)
        bindings = sum(len(session.bindings) for session in seen)
        return SessionStats(self.image_id, len(seen), len(seen), 0, 0, bindings, None, latest, shares)

    def cleanup(self, peer: Peer, asked: CleanupImageSessions) -> Cleaned:
        ids = [s.session_id for s in self.visible(peer)] if asked.session_ids is None else asked.session_ids
        cleaned, kept = [], []
        for session_id in ids:
            try:
                session = self.session(peer, session_id)
            except Refusal:
                kept.append(KeptSession(session_id, "not_found"))
                continue
            if session.busy and not asked.force:
                kept.append(KeptSession(session_id, "running"))
                continue
            self.close(session)
            cleaned.append(session_id)
        return Cleaned(tuple(cleaned), tuple(kept))

    def switch(self, peer: Peer, asked: SwitchImageContext) -> Switched:
        leaving, entering = asked.from_image_id == self.image_id, asked.to_image_id == self.image_id
        if not leaving and not entering:
            raise Refusal(ErrorCode.IMAGE_MISMATCH, f"this is image {self.image_id}")
        session = self.session(peer, asked.session_id)
        checkpoint = self.checkpoint(session) if leaving and asked.preserve_context else None
        return Switched(checkpoint, self.metadata_of(session) if entering else None)

    def checkpoint(self, session: Session) -> Bindings:
        return Bindings(
            tuple(
                BindingText(name, class_of(value), self.described(value, 200)[0], stored(value))
                for name, value in session.bindings.items()
            )
        )

    def restore(self, peer: Peer, number: int, asked: RestoreSession) -> object:
        session = self.create(peer, asked.session_id, asked.name, asked.description)

        def work(job: Job) -> object:
            restored, lost = [], []
            for binding in asked.bindings:
                try:
                    if not binding.name.isidentifier() or binding.name == "self":
                        raise Raised("Error", "no name of a variable")
                    session.variables[binding.name] = self.machine(job, session).run(binding.store)
                    restored.append(binding.name)
                except (NotCompiled, Raised) as error:
                    lost.append(LostBinding(binding.name, str(error)))
            replayed, failed = self.replay(job, session, asked.replay)
            return Restored(self.metadata_of(session), tuple(restored), tuple(lost), replayed, failed)

        return self.queued(session, Job(peer, number, 30_000, work))

    def replay(self, job: Job, session: Session, sources: tuple[str, ...]) -> tuple[int, ReplayFailure | None]:
        for index, source in enumerate(sources):
            try:
                self.machine(job, session).run(source)
            except (NotCompiled, Raised) as error:
                return index, ReplayFailure(index, str(error) or "it failed")
        return len(sources), None

    # Habits of running code.

    def queued(self, session: Session, job: Job) -> None:
        job.peer.jobs[job.number] = job
        with self.lock:
            self.jobs.add(job)
            session.busy += 1
        session.jobs.put(job)

    def machine(self, job: Job, session: Session) -> Machine:
        return Machine(session.variables, session.kept, lambda text: None, job.stop)

    def evaluate(self, peer: Peer, number: int, asked: Evaluate) -> object:
        session = None
        if asked.session_id is not None:
            session = self.session(peer, asked.session_id)
        job = Job(
            peer, number, asked.time_limit_ms, lambda job: self.evaluated(job, session, asked), asked.source[:200]
        )
        if asked.once is not None and not self.is_first(job, asked.once):
            return None
        return job if session is None else self.queued(session, job)

    def is_first(self, job: Job, key: str) -> bool:
        """Whether `job` is to run; otherwise it is answered as the first under its key was, or will be."""
        name = (job.peer.client_id, key)
        with self.lock:
            earlier = self.receipts.get(name)
            if isinstance(earlier, Job):
                earlier.answers.append((job.peer, job.number))
                return False
            if earlier is not None:
                job.peer.reply(job.number, earlier)
                return False
            self.receipts[name] = job

        def settle(result: object) -> None:
            with self.lock:
                self.receipts[name] = result
            for peer, number in job.answers:
                peer.reply(number, result)

        job.then = settle
        return True

    def scope(self, session: Session | None) -> tuple[dict[str, Any], dict[int, Any]]:
        return ({}, {}) if session is None else (session.variables, session.kept)

    def evaluated(self, job: Job, session: Session | None, asked: Evaluate) -> Evaluation:
        variables, kept = self.scope(session)
        said: list[str] = []

        def say(text: str) -> None:
            said.append(text)
            self.say(job, text)

        started = time.perf_counter()
        outcome, value, problem = "returned", None, None
        try:
            for number in self.references(asked.source):
                if number not in kept:
                    raise Refusal(ErrorCode.OBJECT_NOT_FOUND, f"no result @{number}")
            found = Machine(variables, kept, say, job.stop).run(asked.source)
            value = self.valued(found, asked.print_limit, self.keep(session, found))
            if session is not None:
                session.variables["it"] = found
                session.last_activity = now_ms()
        except NotCompiled as error:
            outcome, problem = "not_run", Problem("SyntaxError", str(error), error.line, None, ())
        except Raised as error:
            outcome, problem = "raised", Problem(error.kind, str(error), 1, None, ("a frame",))
        elapsed = round((time.perf_counter() - started) * 1000)
        return Evaluation(outcome, value, problem, self.heard(said), elapsed)

    def references(self, source: str) -> list[int]:
        import re

        return [int(found) for found in re.findall(r"@(\d+)", re.sub(r"'[^']*'", "", source))]

    def keep(self, session: Session | None, value: Any) -> int | None:
        return None if session is None else session.keep(value)

    def say(self, job: Job, text: str) -> None:
        job.peer.say(job.number, text)

    def heard(self, said: list[str]) -> str:
        return "".join(said)

    def described(self, value: Any, limit: int) -> tuple[str, bool]:
        try:
            return printed(value, limit)
        except Raised as error:
            return f"a {class_of(value)} (its printString raised {error.kind})", False

    def valued(self, value: Any, limit: int, ref: int | None) -> Value:
        text, cut = self.described(value, limit)
        return Value(text, class_of(value), cut, ref, self.float_of(value))

    def float_of(self, value: Any) -> float | None:
        return value if isinstance(value, float) else None

    # Habits of looking into objects.

    def inspect(self, peer: Peer, number: int, asked: Inspect) -> object:
        given = [what for what in (asked.expression, asked.ref, asked.binding) if what is not None]
        if len(given) != 1:
            raise Refusal(ErrorCode.INVALID_REQUEST, "one of expression, ref and binding")
        session = None if asked.session_id is None else self.session(peer, asked.session_id)

        def work(job: Job) -> object:
            value = self.subject(job, session, asked)
            text, _ = self.described(value, asked.print_limit)
            named, indexed = self.slots(session, value, asked, asked.depth, asked.start)
            return Inspection(
                class_of(value), text, id(value) & 0xFFFF, self.size(value), named, indexed, self.keep(session, value)
            )

        job = Job(peer, number, 3_000, work)
        return job if session is None else self.queued(session, job)

    def subject(self, job: Job, session: Session | None, asked: Inspect) -> Any:
        variables, kept = self.scope(session)
        if asked.expression is not None:
            try:
                return Machine(variables, kept, lambda text: None, job.stop).run(asked.expression)
            except (NotCompiled, Raised) as error:
                raise Refusal(ErrorCode.INVALID_REQUEST, f"the expression failed: {error}") from error
        where: dict[Any, Any] = kept if asked.binding is None else variables
        key = asked.ref if asked.binding is None else asked.binding
        if key not in where:
            raise Refusal(ErrorCode.OBJECT_NOT_FOUND, f"nothing is kept as {key}")
        return where[key]

    def size(self, value: Any) -> int:
        return len(value) if type(value) in (list, Ordered, str) else 0

    def slots(
        self, session: Session | None, value: Any, asked: Inspect, depth: int, start: int
    ) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
        named = [(name, getattr(value, name)) for name in ("key", "value") if class_of(value) == "Association"]
        page = range(start - 1, min(start - 1 + asked.how_many, self.size(value)))
        indexed = [(str(i + 1), value[i]) for i in page]
        made = [tuple(self.slot(session, n, v, asked, depth) for n, v in part) for part in (named, indexed)]
        return made[0], made[1]

    def slot(self, session: Session | None, name: str, value: Any, asked: Inspect, depth: int) -> Slot:
        text, _ = self.described(value, asked.print_limit)
        ref = self.keep(session, value)
        if depth < 2:
            return Slot(name, class_of(value), text, ref)
        named, indexed = self.slots(session, value, asked, depth - 1, 1)
        return Slot(name, class_of(value), text, ref, named, indexed)
