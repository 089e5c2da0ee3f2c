"""How far `mirror film make` is: bars for a person, or lines of JSON for a program that has started it.

    {"event": "step", "at": 1e9, "step": "poses", "done": 30, "total": 160}
    {"event": "figures", "at": 1e9, "figures": {"ssim": 0.71, "flicker_levels": 2.7}}
    {"event": "result", "at": 1e9, "name": "quality", "value": {…}}
    {"event": "end", "at": 1e9, "how": "done", "words": ""}

A step's total is null where nobody knows it; `how` is done or failed, with `words` that say why; `at` is in
seconds since 1970. They go to standard output, one a line; everything else goes to standard error.
"""

from __future__ import annotations

import json
import logging
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mirror_core.errors import MirrorError

__all__ = ["Bars", "JsonLines", "Shown"]

MEANINGS = {
    "cuts": "looking for cuts and bodies",
    "frames": "writing frames",
    "poses": "finding poses",
    "figure": "cutting the figure out",
    "training": "training",
    "preview": "making the preview",
}
OFTEN_S = 0.25  # between two lines on the same step
PARTS = 1000  # of a training, which knows a share
TOLD_FIGURES = ("ssim", "psnr_db", "l1", "flicker_levels", "epoch")
TRAINING_LOG, PROGRESS_LOG = "mirror.training", "mirror.training.progress"


class Shown(Protocol):
    """Where a command's progress and results go."""

    def told(self, step: str, done: int, total: int | None) -> None:
        """Say how far a step is."""
        ...

    def result(self, name: str, value: Mapping[str, Any]) -> None:
        """Say a part of what came of it."""
        ...


class Bars:
    """A bar for each step; results are printed by whoever has them."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, Any] = {}

    @classmethod
    @contextmanager
    def on(cls, console: Console) -> Iterator[Bars]:
        """Bars on a console, as long as the context lasts."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as bar:
            yield cls(bar)

    def told(self, step: str, done: int, total: int | None) -> None:
        """See `Shown`."""
        if step not in self._tasks:
            self._tasks[step] = self._bar.add_task(MEANINGS[step], total=None)
        self._bar.update(self._tasks[step], completed=done, total=total)

    def result(self, name: str, value: Mapping[str, Any]) -> None:
        """Nothing: there is a table for it afterwards."""


class JsonLines:
    """Lines of JSON; also takes up what a training logs of itself.

    Args:
        stream: that they go to.
        clock: seconds since 1970.
    """

    def __init__(self, stream: IO[str], clock: Callable[[], float] = time.time) -> None:
        self._stream, self._clock = stream, clock
        self._step = ""
        self._said_s = float("-inf")

    @classmethod
    @contextmanager
    def on(cls, stream: IO[str] | None = None) -> Iterator[JsonLines]:
        """Lines on a stream, standard output by default; says the end, also of what fails."""
        lines = cls(stream or sys.stdout)
        handlers = [(TRAINING_LOG, _Training(lines)), (PROGRESS_LOG, _Training(lines))]
        steps = logging.getLogger(PROGRESS_LOG)
        before = steps.level, steps.propagate
        steps.setLevel(logging.DEBUG)
        steps.propagate = False
        for name, handler in handlers:
            logging.getLogger(name).addHandler(handler)
        try:
            yield lines
        except MirrorError as error:
            lines.say("end", how="failed", words=str(error))
            raise
        else:
            lines.say("end", how="done", words="")
        finally:
            for name, handler in handlers:
                logging.getLogger(name).removeHandler(handler)
            steps.level, steps.propagate = before

    def say(self, event: str, **values: Any) -> None:
        """Write one line."""
        line = {"event": event, "at": round(self._clock(), 3), **values}
        print(json.dumps(line, ensure_ascii=False), file=self._stream, flush=True)

    def told(self, step: str, done: int, total: int | None) -> None:
        """See `Shown`; a step's beginning and end are always said, what is between four times a second."""
        now_s = self._clock()
        is_edge = step != self._step or done == total
        if is_edge or not 0 <= now_s - self._said_s < OFTEN_S:
            self._step, self._said_s = step, now_s
            self.say("step", step=step, done=done, total=total)

    def result(self, name: str, value: Mapping[str, Any]) -> None:
        """See `Shown`."""
        self.say("result", name=name, value=dict(value))

    def trained(self, numbers: Mapping[str, Any]) -> None:
        """Say what a training says of itself: `progress`, and figures on frames that were kept aside."""
        progress = numbers.get("progress")
        if isinstance(progress, int | float) and math.isfinite(progress):
            self.told("training", round(min(max(progress, 0.0), 1.0) * PARTS), PARTS)
        figures = {name: numbers[name] for name in TOLD_FIGURES if name in numbers}
        if figures:
            self.say("figures", figures=figures)


class _Training(logging.Handler):
    """Hands on those messages of a training that are JSON."""

    def __init__(self, lines: JsonLines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Take up a message."""
        try:
            numbers = json.loads(record.getMessage())
        except ValueError:
            return
        if isinstance(numbers, dict):
            self._lines.trained(numbers)
