"""Jobs: those of one session run one after the other, all others at once; a watch stops what is over its time."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.agent.state import AgentState
from stui_cli.playground.signals import Stopped
from stui_cli.protocol.code import StoppedEvaluation
from stui_cli.protocol.faults import ErrorCode

if TYPE_CHECKING:
    from stui_cli.playground.agent.jobs import AgentJob, AgentSession
    from stui_cli.playground.agent.peers import Peer
    from stui_cli.protocol.code import RunningEvaluation

# How often (seconds) code that runs leaves the processor to others: a ping takes some turns.
_TURN_S = 0.001
# How often the watch looks while something runs, and while nothing does; both in seconds.
_LOOK_S, _BEAT_S = 0.02, 0.5
# What was asked to stop and has not ended by then is answered all the same.
_STOPPING_S = 1.0
# Who waits for a moment is not told; who waits longer is told what for.
_TELL_QUEUED_S = 0.3


class JobHabits(AgentState):
    """Begins, queues, stops and finishes jobs."""

    _wake: threading.Event
    _ending: bool
    _late: float
    _due: float

    def begin_watch(self) -> None:
        """From now on time limits hold, and code that never pauses leaves others their turns."""
        sys.setswitchinterval(min(sys.getswitchinterval(), _TURN_S))
        self._wake, self._ending, self._late, self._due = threading.Event(), False, 0.0, time.monotonic()
        self.start(self._watch, small=True)

    def end_watch(self) -> None:
        """Stop all that runs, and the watch."""
        for job in self.all_jobs():
            job.interrupt()
        self._ending = True
        self._wake.set()

    def is_ending(self) -> bool:
        """Whether the agent ends."""
        return self._ending

    def all_jobs(self) -> list[AgentJob]:
        """What runs and what waits."""
        with self.lock:
            return [*self.jobs, *(job for session in self.sessions.values() for job in session.queue)]

    # Beginning and ending.

    def submit(self, job: AgentJob) -> None:
        """Run it when its turn comes. Raises Refusal if its client has too much under way."""
        if len(job.peer.jobs) >= self.settings.in_flight:
            raise Refusal(ErrorCode.LIMIT_EXCEEDED, f"at most {self.settings.in_flight} requests may be under way")
        job.peer.jobs[job.number] = job
        if job.session is None:
            self.begin(job)
        else:
            self.enqueue(job.session, job)

    def begin(self, job: AgentJob) -> None:
        """Run it now, beside everything else."""
        self.note_start(job)
        try:
            self.start(self.run, job)
        except RuntimeError:
            self.finish(job, _no_thread())

    def note_start(self, job: AgentJob) -> None:
        """Its time runs from now on."""
        with self.lock:
            job.started_at = time.monotonic()
            self.jobs.add(job)
        if not self._wake.is_set():
            self._wake.set()

    def enqueue(self, session: AgentSession, job: AgentJob) -> None:
        """Run it after all that waits in its session."""
        with self.lock:
            if session.shut:
                job.peer.jobs.pop(job.number, None)
                raise Refusal(ErrorCode.SESSION_NOT_FOUND, f"this image knows no session {session.session_id} any more")
            session.queue.append(job)
            if session.worker is None:
                self._start_worker(session)

    def _start_worker(self, session: AgentSession) -> None:
        """Under the lock, with something in the queue: the first of it has begun when this returns."""
        job = self._take(session)
        session.worker = threading.Thread(target=self._work_off, args=(session, job), daemon=True)
        try:
            self.begin_thread(session.worker)
        except RuntimeError:
            session.worker = None
            self.finish(job, _no_thread())

    def _take(self, session: AgentSession) -> AgentJob:
        job = session.running = session.queue.popleft()
        self.note_start(job)
        return job

    def _work_off(self, session: AgentSession, job: AgentJob) -> None:
        """The jobs of one session, one after the other. A worker that was given up leaves the rest to another."""
        me = threading.current_thread()
        while True:
            try:
                self.run(job)
            except Exception as error:  # noqa: BLE001  the session goes on, whatever became of an answer
                self.internal_error(error)
            with self.lock:
                if session.worker is me and session.queue:
                    job = self._take(session)
                    continue
                if session.worker is me:
                    session.worker = None
                self.threads.discard(me)
                return

    def run(self, job: AgentJob) -> None:
        """Do the work and answer."""
        if job.started_at is None:
            self.note_start(job)
        try:
            if job.stop.is_set():
                raise Stopped
            result: object = job.work(job)
        except Stopped:
            result = job.refusal()
        except Refusal as refusal:
            result = refusal
        except Exception as error:  # noqa: BLE001  a mistake of ours is the answer to one request, and goes to the log
            result = self.internal_error(error)
        self.finish(job, result)

    def finish(self, job: AgentJob, result: object) -> None:
        """Answer it, unless it was answered already: the session is at rest before its client knows."""
        with self.lock:
            if job.answered:
                return
            job.answered = True
            self._let_go(job)
        text = job.output.unsent() if job.output else ""
        if text:
            self.say(job, text)
        if job.then is not None:
            job.then(result)
        job.peer.reply(job.number, result)

    def _let_go(self, job: AgentJob) -> None:
        self.jobs.discard(job)
        if job.peer.jobs.get(job.number) is job:
            del job.peer.jobs[job.number]
        session = job.session
        if session is not None:
            session.touch()
            if session.running is job:
                session.running = None

    def internal_error(self, error: Exception) -> Refusal:
        """A mistake of the agent: told in its log, and to the client without its insides."""
        import traceback

        traceback.print_exception(error, file=sys.stderr)
        return Refusal(ErrorCode.INTERNAL_ERROR, "the playground made a mistake of its own; its log tells more")

    def say(self, job: AgentJob, text: str) -> None:
        """Send on what an evaluation says, as it appears."""
        job.peer.notify("output", {"id": job.number, "text": text})

    # Stopping.

    def interrupt(self, peer: Peer, number: int) -> None:
        """Stop what this connection asked for under a number."""
        job = peer.jobs.get(number)
        if job is not None:
            self.stop_job(job)

    def stop_job(self, job: AgentJob) -> None:
        """Interrupt what runs; what waits is answered at once, and never begins."""
        if self.is_dropped(job):
            job.interrupt()
            self.finish(job, job.refusal())
        else:
            job.interrupt()

    def is_dropped(self, job: AgentJob) -> bool:
        """Whether it still waited; then it does no more."""
        session = job.session
        with self.lock:
            if session is None or job not in session.queue:
                return False
            session.queue.remove(job)
            return True

    def evaluations(self, peer: Peer) -> list[RunningEvaluation]:
        """What runs and what waits, as far as it is this client's to know."""
        return [job.told for job in self.jobs_for(peer)]

    def stop_evaluation(self, peer: Peer, evaluation_id: str) -> StoppedEvaluation:
        """Stop one of them."""
        found = [job for job in self.jobs_for(peer) if job.evaluation_id == evaluation_id]
        for job in found:
            self.stop_job(job)
        return StoppedEvaluation(bool(found))

    def jobs_for(self, peer: Peer) -> list[AgentJob]:
        """What runs and what waits, as far as this client may stop it. Each has its number when it is first told."""
        with self.lock:
            found = [job for job in self.all_jobs() if peer.role == "admin" or job.peer.client_id == peer.client_id]
            for job in found:
                job.evaluation_id = job.evaluation_id or str(next(self.numbers))
        return found

    def stop_session(self, session: AgentSession) -> None:
        """Nothing begins in it any more, and what runs is interrupted."""
        self.shut(session)
        if (running := session.running) is not None:
            running.interrupt()

    def shut(self, session: AgentSession) -> None:
        """What waits in it never begins; what runs goes on."""
        with self.lock:
            session.shut = True
            waiting = list(session.queue)
        for job in waiting:
            self._drop(job, job.refusal())

    # Watching.

    def _watch(self) -> None:
        while not self.is_ending():
            self._wake.clear()
            busy = bool(self.jobs)  # looked at after: who comes later wakes us
            self._due = time.monotonic() + (_LOOK_S if busy else _BEAT_S)
            if busy:
                time.sleep(_LOOK_S)
            else:
                self._wake.wait(_BEAT_S)
            self._late = max(0.0, time.monotonic() - self._due)
            try:
                self._look()
            except Exception as error:  # noqa: BLE001  without the watch nothing ends an endless loop
                self.internal_error(error)

    def _look(self) -> None:
        now = time.monotonic()
        with self.lock:
            running = list(self.jobs)
        for job in running:
            self.check(job, now)
        self.look_at_peers(now)

    def look_at_peers(self, now: float) -> None:
        """End what takes too long to say who it is, or to read its last answers."""
        for peer in list(self.peers):
            peer.close_if_slow(now)
            if peer.role is None and now - peer.since > self.settings.stranger_s:
                peer.close()

    @property
    def scheduled_ms(self) -> int:
        """How late the watch had its last turn, or is for its next one."""
        return round(1000 * max(self._late, time.monotonic() - self._due, 0.0))

    def check(self, job: AgentJob, now: float) -> None:
        """Stop what is over its time, tell who waits for it, and send on what it says."""
        if job.stopped_at is not None and now - job.stopped_at > _STOPPING_S:
            self._give_up(job)
            return
        if self.is_overdue(job, now):
            job.interrupt(ErrorCode.TIMEOUT)
        self.check_attended(job, now)
        text = job.output.unsent() if job.output else ""
        if text:
            self.say(job, text)
        if job.session is not None and job.session.running is job:
            for waiting in list(job.session.queue):
                self._check_waiting(waiting, job, now)

    def is_overdue(self, job: AgentJob, now: float) -> bool:
        """Whether its time limit is over."""
        return job.started_at is not None and now - job.started_at > job.limit_ms / 1000

    def check_attended(self, job: AgentJob, now: float) -> None:
        """What a vanished client left behind goes on for a while: it may come back, and ask again under its key."""
        if job.outlives or job.is_attended:
            job.alone_since = None
        elif job.alone_since is None:
            job.alone_since = now
        elif now - job.alone_since > self.settings.unattended_for_s:
            self.stop_job(job)

    def _give_up(self, job: AgentJob) -> None:
        """It does not end: its thread is left alone, and what waits behind it goes on in another."""
        self.finish(job, job.refusal())
        with self.lock:
            session = job.session
            if session is not None and session.worker is not None and session.running is None:
                session.worker = None
                if session.queue:
                    self._start_worker(session)

    def _drop(self, job: AgentJob, why: Refusal) -> None:
        if self.is_dropped(job):
            self.finish(job, why)

    def _check_waiting(self, job: AgentJob, behind: AgentJob, now: float) -> None:
        self.check_attended(job, now)
        waited = now - job.queued_at
        if job.patience_s is not None and behind.elapsed_ms > job.patience_s * 1000:
            told = f"the session is busy since {behind.elapsed_ms} ms"
            self._drop(job, Refusal(ErrorCode.BUSY, told, behind.busy))
        elif waited > job.limit_ms / 1000:
            told = f"the time limit of {job.limit_ms} ms was reached before it began: the session is busy"
            self._drop(job, Refusal(ErrorCode.TIMEOUT, told, {"started": False, **behind.busy}))
        elif waited > _TELL_QUEUED_S and not job.told_queued:
            job.told_queued = True
            job.peer.notify("queued", {"id": job.number, **behind.busy})


def _no_thread() -> Refusal:
    return Refusal(
        ErrorCode.LIMIT_EXCEEDED, "the playground can start no more threads: too much runs, or its memory is out"
    )
