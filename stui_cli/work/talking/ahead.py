"""What is sent before its turn comes.

Pieces of source that are at hand go out together, as one batch of the agent; it runs them one after the other, as if
each had been sent when the one before was answered, and begins none behind a failure where that ends the run. So while
one is told and recorded, the next runs already:

    at hand, room in the batch    sent; a line "began" was noted before
    its turn                      its answer is waited for, under its own time limit, and heard of only now
    the run ends before that      it is withdrawn: what never began is as if it had not been sent, and what the image
                                  does not answer is unknown
    no answer in time             those behind it are withdrawn, and sent again if they never began
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import StuiError
from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.evaluation import Evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stui_cli.image.client import Client
    from stui_cli.work.talking.running import Running

# So many are on their way at most. Their answers must fit where an agent keeps what is not read yet: 64 MiB, of which
# each may take 1 MiB of output and as much of a value.
_MOST = 32

# So many are sent together, so that the image is not asked for each of them, and does not run out of them.
_TOGETHER = 8

# And so many characters of source: what is sent must fit into the buffers of the system, since an image that waits for
# its answers to be read reads nothing itself.
_ROOM = 8_192

# An image that owes an answer is asked to stop the rest, and given this long to say what became of it.
_CALLED_BACK_S = 1.0


class Sent(NamedTuple):
    """A piece on its way, its request and the number of that."""

    running: Running
    request: Evaluate
    number: int


class RunForm(NamedTuple):
    """What all requests of a run have in common; `stops`: whether the first that fails ends it."""

    session_id: str | None
    time_s: float
    print_limit: int
    stops: bool


class Ahead:
    """The pieces of one run that were sent before their turn. `begin` notes that pieces are about to be sent,
    `leave_out` that one of them never began."""

    def __init__(
        self,
        client: Client,
        form: RunForm,
        begin: Callable[[Sequence[str]], list[Running]],
        leave_out: Callable[[Running], None],
    ) -> None:
        self._client = client
        self._form = form
        self._begin = begin
        self._leave_out = leave_out
        self._sent: deque[Sent] = deque()
        self._batch = 1
        self._singly = 0  # so many of the next are sent when it is their turn
        self.stalled = False  # whether the one whose turn it was may still run

    def turns(self, sources: Iterable[str]) -> Iterator[str]:
        """The sources in their order, each when it is its turn; `taken` is the request of those that were sent."""
        pieces = _Pieces(sources)
        while True:
            if self.stalled:
                self._call_back(pieces)
            self._fill(pieces)
            if self._sent:
                yield self._sent[0].running.source
                continue
            source = pieces.next()
            if source is None:
                return
            self._singly = max(0, self._singly - 1)
            yield source

    def taken(self) -> Sent | None:
        """The piece whose turn it is, None where it is still to be sent."""
        return self._sent.popleft() if self._sent else None

    def withdrawn(self, patience_s: float) -> list[Sent]:
        """Stop what is on its way, and wait for what the image says of it: all of it, in order. After an interrupt it
        can be asked again."""
        rest = list(self._sent)
        if rest:
            self._client.withdraw([each.number for each in rest], patience_s)
        self._sent.clear()
        return rest

    def _fill(self, pieces: _Pieces) -> None:
        if self._singly or len(self._sent) > _MOST - _TOGETHER:
            return
        room = _ROOM - sum(len(each.running.source) for each in self._sent)
        more: list[str] = []
        while len(self._sent) + len(more) < _MOST and pieces.fits(room):
            source = pieces.next()
            assert source is not None
            more.append(source)
            room -= len(source)
        if len(self._sent) + len(more) < 2:
            pieces.give_back(more)
        elif more:
            self._send(more, pieces)

    def _send(self, sources: list[str], pieces: _Pieces) -> None:
        form, limit_ms = self._form, round(self._form.time_s * 1000)
        requests = [
            Evaluate(form.session_id, source, limit_ms, form.print_limit, None, self._batch, form.stops)
            for source in sources
        ]
        begun = self._begin(sources)
        try:
            numbers = self._client.send_ahead(requests, Deadline.after(form.time_s))
        except StuiError:  # which of them it is, and why, is told when it is its turn
            self._give_back(begun, pieces)
            self._singly = len(begun)
            return
        self._sent.extend(map(Sent, begun, requests, numbers))

    def _call_back(self, pieces: _Pieces) -> None:
        """One was given up that may still run. What is behind it in the batch would wait for it; in a batch of its own
        it is told what it waits for, as whatever comes from elsewhere."""
        self.stalled = False
        self._batch += 1
        rest = self.withdrawn(_CALLED_BACK_S)
        back = [each for each in rest if self._client.was_left_out(each.number)]
        self._sent.extend(each for each in rest if each not in back)
        self._give_back([each.running for each in back], pieces)

    def _give_back(self, running: Sequence[Running], pieces: _Pieces) -> None:
        for each in running:
            self._leave_out(each)
        pieces.give_back([each.source for each in running])


class _Pieces:
    """Sources one by one, and whether the next is at hand, as it always is where nobody says otherwise."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._sources = iter(sources)
        self._is_at_hand: Callable[[], bool] | None = getattr(sources, "is_at_hand", None)
        self._held: deque[str] = deque()
        self._trouble: StuiError | None = None

    def fits(self, room: int) -> bool:
        """Whether the next is at hand and has `room` characters at most."""
        if not self._held and self._trouble is None and (self._is_at_hand is None or self._is_at_hand()):
            try:
                self._held.extend(self._some())
            except StuiError as error:  # those before it come first
                self._trouble = error
        return bool(self._held) and len(self._held[0]) <= room

    def next(self) -> str | None:
        """The next, which is waited for; None at the end."""
        if self._held:
            return self._held.popleft()
        if self._trouble is not None:
            raise self._trouble
        return next(self._sources, None)

    def give_back(self, sources: Sequence[str]) -> None:
        self._held.extendleft(reversed(sources))

    def _some(self) -> list[str]:
        source = next(self._sources, None)
        return [] if source is None else [source]
