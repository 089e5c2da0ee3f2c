"""Writes a bag in a thread of its own: who offers a message never waits for the disk."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence

from rosbags.interfaces import Qos

from mirror_core.bags.writer import BagWriter
from mirror_core.errors import MirrorError, StoreError

__all__ = ["BackgroundWriter"]

CAPACITY_BYTES = 256 * 2**20  # of messages that wait: three seconds of 1280 × 720 at 30 Hz
IDLE_S = 1.0  # without messages for so long, what waits for a chunk to fill is written

Convert = Callable[[bytes], bytes]


class BackgroundWriter:
    """A bag, a queue of bounded size and a thread between them.

    Args:
        bag: is closed with this.
        capacity_bytes: of the queue; what does not fit is counted in `dropped`.

    Attributes:
        written, dropped: messages by topic.
        refused: a sentence by topic whose messages could not be converted.
    """

    def __init__(self, bag: BagWriter, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._bag = bag
        self._capacity_bytes = capacity_bytes
        self._waiting: deque[tuple[str, bytes, int, Convert | None]] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()  # of the queue; never held while the disk is at work
        self._bag_lock = threading.Lock()  # topics are added while the thread writes
        self._ending = False
        self._failure: StoreError | None = None
        self.written: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self.refused: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name="bag writer", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> StoreError | None:
        """Why nothing more is written; None while all is well."""
        return self._failure

    def add_topic(self, topic: str, type_name: str, qos: Sequence[Qos] = ()) -> None:
        """Tell the bag of a topic before its first message; see `BagWriter.add_topic`."""
        with self._bag_lock:
            self._bag.add_topic(topic, type_name, qos)
        self.written.setdefault(topic, 0)

    def offer(self, topic: str, data: bytes, stamp_ns: int, convert: Convert | None = None) -> None:
        """Hand over a message; it is dropped where the disk does not keep up.

        Args:
            topic, data, stamp_ns: see `BagWriter.write`.
            convert: makes of the data what is written; called in the thread that writes.
        """
        with self._changed:
            if self._ending or self._waiting_bytes + len(data) > self._capacity_bytes:
                self.dropped[topic] += 1
                return
            self._waiting.append((topic, data, stamp_ns, convert))
            self._waiting_bytes += len(data)
            self._changed.notify_all()

    def close(self) -> None:
        """Write what waits, then the index.

        Raises:
            StoreError: if the disk is too full or fails; what could be written is in the bag.
        """
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join()
        self._bag.close()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            while True:
                with self._changed:
                    if not self._waiting and not self._ending:
                        self._changed.wait(IDLE_S)
                    if not self._waiting and self._ending:
                        return
                    message = self._waiting.popleft() if self._waiting else None
                    self._waiting_bytes -= len(message[1]) if message else 0
                if message is not None:
                    self._write(*message)
                else:
                    with self._bag_lock:
                        self._bag.flush()
        except StoreError as error:
            with self._changed:
                self._failure = error
                self._ending = True
                for topic, *_ in self._waiting:
                    self.dropped[topic] += 1
                self._waiting.clear()

    def _write(self, topic: str, data: bytes, stamp_ns: int, convert: Convert | None) -> None:
        try:
            written = data if convert is None else convert(data)
        except StoreError:
            raise
        except MirrorError as error:
            self.refused[topic] = str(error)
            return
        with self._bag_lock:
            self._bag.write(topic, written, stamp_ns)
        self.written[topic] += 1
