"""A source that never gives up: it reconnects what is lost and shows a placeholder meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from mirror_camera.placeholder import placeholder
from mirror_camera.placeholder_signs import Sign, sign_and_title
from mirror_camera.reconnection import Policy, Reconnection, SourceState, Status
from mirror_camera.source import EndOfStream, Grab, Source, SourceClosed
from mirror_core.errors import MirrorError, ShapeError
from mirror_core.frame import Image

__all__ = ["ReconnectingSource"]

DEFAULT_SIZE = (1280, 720)  # px of a placeholder before any picture came
CORRUPT_PAUSE_S = 0.01  # keeps a source that returns rubbish at once from taking a whole core
MOST_STUCK_THREADS = 4  # attempts given up on that still hang in a driver; more are not begun
SHORTEST_WAIT_S = 0.005  # keeps a placeholder that is not due yet from taking a whole core
GOODBYE_S = 1.0  # how long close waits for attempts to end; a driver that hangs is left behind
LATEST_CHECK_S = 0.1  # longest wait between two looks at the clock
HELD_UP_S = 0.5  # later than that, and this program stood still: its silence is not the camera's
TITLES = {
    SourceState.OPENING: (Sign.OPENING, "The camera is being opened"),
    SourceState.ENDED: (Sign.END, "The end"),
}


class _Session(threading.Thread):
    """One attempt: opens a source in a thread of its own and hands over what it delivers."""

    def __init__(self, owner: ReconnectingSource, factory: Callable[[], Source]) -> None:
        super().__init__(name="camera-source", daemon=True)
        self._owner = owner
        self._factory = factory
        self._given_up = threading.Event()
        self._source: Source | None = None

    @property
    def source(self) -> Source | None:
        """The source once it is made."""
        return self._source

    def give_up(self) -> None:
        """End the attempt; does not wait for a driver that hangs."""
        self._given_up.set()
        if self._source is not None:
            threading.Thread(target=self._source.close, name="camera-close", daemon=True).start()

    def run(self) -> None:
        """Open, read until something fails, close."""
        try:
            source = self._source = self._factory()
            source.open()
            if self._given_up.is_set():  # close() may have come before open()
                return
            self._owner._on_open(self)
            while not self._given_up.is_set():
                try:
                    grab = source.read()
                except ShapeError as error:
                    self._owner._on_corrupt(self, str(error))
                    self._given_up.wait(CORRUPT_PAUSE_S)
                    continue
                self._owner._on_grab(self, grab)
        except Exception as error:  # a plugin or driver may raise anything; all of it is a loss
            self._owner._on_failure(self, error)
        finally:
            if self._source is not None:
                self._source.close()


class ReconnectingSource:
    """Wraps the sources that `factory` makes, so that `read` always returns a picture.

    While the source is lost, `read` returns placeholders that say why. Only `close` ends it. `read`
    is for one thread; `close` and `status` may be called from any.

    Args:
        factory: makes a source, not yet opened; may raise.
        policy: delays and patience.
        on_change: called with the status whenever the state changes, from the thread that reads.
        now_s: monotonic time in seconds; replaced in tests.
    """

    def __init__(
        self,
        factory: Callable[[], Source],
        policy: Policy | None = None,
        on_change: Callable[[Status], None] | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._factory = factory
        self._policy = policy or Policy()
        self._on_change = on_change
        self._now_s = now_s
        self._changed = threading.Condition()
        self._track = Reconnection(self._policy)
        self._session: _Session | None = None
        self._abandoned: list[_Session] = []
        self._newest: Grab | None = None
        self._corrupt_reason = ""  # of the pictures since the last good one
        self._size = DEFAULT_SIZE
        self._looked_s = 0.0
        self._placeholder_due_s = 0.0
        self._placeholder_cache: tuple[tuple[object, ...], Image] | None = None
        self._reported = SourceState.CLOSED

    def open(self) -> None:
        """Begin the first attempt and return at once; trouble shows in pictures and status, not here."""
        with self._changed:
            if self._track.state is SourceState.CLOSED:
                self._newest = None
                self._looked_s = self._now_s()
                # the first picture normally comes before the first placeholder is due
                self._placeholder_due_s = self._looked_s + self._policy.placeholder_period_s
                self._attempt()

    def read(self) -> Grab:
        """The newest picture not yet read, waiting for it; or a placeholder, at its own slow pace.

        Raises:
            SourceClosed: if the source is or becomes closed.
        """
        while True:
            with self._changed:
                grab = self._step()
                if grab is None and self._track.state is not SourceState.CLOSED:
                    until_placeholder_s = max(self._placeholder_due_s - self._now_s(), SHORTEST_WAIT_S)
                    self._changed.wait(min(LATEST_CHECK_S, until_placeholder_s))
                    grab = self._step()
                status = self._track.status()
                size = self._size
                due = grab is None and self._now_s() >= self._placeholder_due_s
                if due:
                    self._placeholder_due_s = self._now_s() + self._policy.placeholder_period_s
            if status.state is not self._reported:
                self._reported = status.state
                if self._on_change is not None:
                    self._on_change(status)
            if status.state is SourceState.CLOSED:
                raise SourceClosed("The camera is closed; open it before reading.")
            if grab is not None:
                return grab
            if due and status.state is not SourceState.STREAMING:
                return Grab(self._placeholder(status, size), time.monotonic_ns(), is_placeholder=True)

    def close(self) -> None:
        """End a waiting `read` and release the source; harmless when already closed.

        A thread that is in OpenCV when Python ends would abort the process, so it is waited for.
        """
        with self._changed:
            self._give_up()
            self._newest = None
            self._track.closed(self._now_s())
            self._changed.notify_all()
            sessions = [session for session in self._abandoned if session is not threading.current_thread()]
        deadline_s = time.monotonic() + GOODBYE_S
        for session in sessions:
            session.join(max(0.0, deadline_s - time.monotonic()))

    @property
    def status(self) -> Status:
        """State, reason and counts for the diagnostics."""
        with self._changed:
            return self._track.status()

    @property
    def source(self) -> Source | None:
        """The source in use, None while there is none."""
        session = self._session
        return session.source if session is not None else None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the newest picture, and so of the placeholders."""
        return self._size

    def _step(self) -> Grab | None:
        """With the lock held: the newest picture if there is one, else whatever is due."""
        now_s = self._now_s()
        held_up_s = now_s - self._looked_s - LATEST_CHECK_S
        self._looked_s = now_s
        grab, self._newest = self._newest, None
        if grab is not None:
            return grab
        if held_up_s > HELD_UP_S:
            self._track.held_up(held_up_s)
        source = self.source
        if source is not None and source.is_pausing:
            self._track.pausing(now_s)
        if self._track.is_frozen(now_s):
            self._lose(self._frozen_sentence(), now_s)
        if self._track.attempt_is_due(now_s):
            self._abandoned = [session for session in self._abandoned if session.is_alive()]
            if len(self._abandoned) < MOST_STUCK_THREADS:
                self._attempt()
        return None

    def _frozen_sentence(self) -> str:
        if self._corrupt_reason:
            return self._corrupt_reason
        if self._track.state is SourceState.OPENING:
            return "The camera does not answer: connect it again, or restart the program that uses it."
        return f"The camera has sent no picture for {self._policy.freeze_s:g} s: connect it again."

    def _attempt(self) -> None:
        self._track.opening(self._now_s())
        self._session = _Session(self, self._factory)
        self._session.start()

    def _lose(self, reason: str, now_s: float) -> None:
        self._give_up()
        self._track.lost(reason, now_s)
        self._placeholder_due_s = now_s
        self._changed.notify_all()

    def _give_up(self) -> None:
        if self._session is not None:
            self._session.give_up()
            self._abandoned.append(self._session)
            self._session = None

    def _on_open(self, session: _Session) -> None:
        with self._changed:
            if session is self._session:
                self._track.opened(self._now_s())

    def _on_grab(self, session: _Session, grab: Grab) -> None:
        with self._changed:
            if session is not self._session:
                return
            self._track.dropped += self._newest is not None
            self._newest = grab
            self._corrupt_reason = ""
            self._size = (grab.image.shape[1], grab.image.shape[0])
            self._track.delivered(self._now_s())
            self._changed.notify_all()

    def _on_corrupt(self, session: _Session, reason: str) -> None:
        with self._changed:
            if session is self._session:
                self._track.corrupt += 1
                self._corrupt_reason = reason

    def _on_failure(self, session: _Session, error: Exception) -> None:
        with self._changed:
            if session is not self._session:
                return
            now_s = self._now_s()
            if isinstance(error, EndOfStream):
                self._give_up()
                self._track.ended(str(error), now_s)
                self._placeholder_due_s = now_s
                self._changed.notify_all()
            else:
                self._lose(_sentence(error), now_s)

    def _placeholder(self, status: Status, size: tuple[int, int]) -> Image:
        reason, advice = _split_advice(status.reason)
        key = (status.state, reason, advice, size)
        if self._placeholder_cache is None or self._placeholder_cache[0] != key:
            sign, title = TITLES.get(status.state) or sign_and_title(status.reason)
            picture = placeholder(*size, title, reason, advice, sign=sign)
            self._placeholder_cache = (key, picture)
        return self._placeholder_cache[1]


def _sentence(error: Exception) -> str:
    """What a person reads about `error`."""
    if isinstance(error, MirrorError):
        return str(error)
    text = " ".join(str(error).split())
    return f"The camera failed with {type(error).__name__}{': ' + text if text else ''}."


def _split_advice(reason: str) -> tuple[str, str]:
    """A sentence "what is wrong: what to do" in its two parts."""
    what, colon, to_do = reason.partition(": ")
    if not colon:
        return reason, ""
    return what + ".", to_do[:1].upper() + to_do[1:]
