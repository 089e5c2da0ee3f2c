"""Short messages over the picture: one at a time, in order, what is outdated gives way to what is new."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ToastKind", "ToastView", "Toasts"]

SHOWN_S = {"note": 4.0, "good": 4.0, "error": 7.0}  # by kind
LEAST_S = 1.6  # so long each stands although others wait
APPEAR_S, FADE_S = 0.15, 0.4
FADE_STEPS = 12  # a fading text is redrawn at most this often
MOST_WAITING = 5


class ToastKind(StrEnum):
    """What a message is about; its dot has another colour for each."""

    NOTE = "note"
    GOOD = "good"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class ToastView:
    """What is shown of a message; two equal ones look the same.

    Attributes:
        text: a sentence.
        kind: its kind.
        opacity: 0 … 1.
    """

    text: str
    kind: ToastKind = ToastKind.NOTE
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class _Toast:
    text: str
    kind: ToastKind
    topic: str


class Toasts:
    """The queue of messages. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._waiting: deque[_Toast] = deque()
        self._shown: _Toast | None = None
        self._since_s = 0.0
        self._appeared_s = 0.0  # a text that takes another's place does not fade in again

    def say(self, text: str, now_s: float, kind: ToastKind = ToastKind.NOTE, topic: str = "") -> None:
        """Show a message, after those that wait.

        Args:
            text: a sentence; an empty one is ignored.
            now_s: the time.
            kind: of the message.
            topic: a newer message on the same topic takes the older one's place at once; where it is empty,
                the text itself is the topic.
        """
        if not text:
            return
        toast = _Toast(text, kind, topic or text)
        self._advance(now_s)
        if self._shown is None:
            self._show(toast, now_s)
            self._appeared_s = now_s
        elif self._shown.topic == toast.topic:
            self._show(toast, now_s)
        else:
            self._queue(toast)

    def _queue(self, toast: _Toast) -> None:
        for place, other in enumerate(self._waiting):
            if other.topic == toast.topic:
                self._waiting[place] = toast
                return
        self._waiting.append(toast)
        if len(self._waiting) > MOST_WAITING:
            lesser = next((t for t in self._waiting if t.kind is not ToastKind.ERROR), self._waiting[0])
            self._waiting.remove(lesser)

    def clear(self) -> None:
        """Forget all messages."""
        self._waiting.clear()
        self._shown = None

    def look(self, now_s: float, reduced_motion: bool = False) -> ToastView | None:
        """What is shown now.

        Args:
            now_s: the time.
            reduced_motion: texts come and go without fading.
        """
        self._advance(now_s)
        shown = self._shown
        if shown is None:
            return None
        opacity = 1.0
        if not reduced_motion:
            appeared = (now_s - self._appeared_s) / APPEAR_S + 1 / FADE_STEPS
            left = (self._ends_s(shown) - now_s) / FADE_S
            opacity = round(min(max(min(appeared, left), 0.0), 1.0) * FADE_STEPS) / FADE_STEPS
        return ToastView(shown.text, shown.kind, opacity)

    def _ends_s(self, toast: _Toast) -> float:
        return self._since_s + (LEAST_S if self._waiting else SHOWN_S[toast.kind])

    def _show(self, toast: _Toast, now_s: float) -> None:
        self._shown, self._since_s = toast, now_s

    def _advance(self, now_s: float) -> None:
        if self._shown is None or now_s < self._ends_s(self._shown):
            return
        if self._waiting:
            self._show(self._waiting.popleft(), now_s)
            self._appeared_s = now_s
        else:
            self._shown = None
