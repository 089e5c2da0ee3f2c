"""What a job's process says of itself: lines of JSON in `progress.jsonl`, read on from where they were.

    {"event": "step", "step": "poses", "done": 30, "total": 160}    total is null where nobody knows
    {"event": "figures", "figures": {"ssim": 0.71}}                 how good it becomes
    {"event": "result", "name": "quality", "value": {…}}            a part of the outcome
    {"event": "end", "how": "done", "words": ""}                    or "failed", with why; the last line

`at`, seconds since 1970, may stand in each: when it was written.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirror_web.jobs_record import Job, JobState

__all__ = ["ProgressReader", "advanced", "tail"]

LONGEST_LINE = 1_000_000  # bytes
MOST_AT_ONCE = 4_000_000
TAIL_BYTES = 16_000


class ProgressReader:
    """Reads new whole lines of a file; what is no JSON object is left out.

    Args:
        file: that is written to; need not be there yet.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._place = 0

    def read(self) -> list[dict[str, Any]]:
        """What was written since the last time."""
        try:
            with self._file.open("rb") as opened:
                opened.seek(self._place)
                data = opened.read(MOST_AT_ONCE)
        except OSError:
            return []
        whole = data.rfind(b"\n") + 1
        if not whole and len(data) > LONGEST_LINE:
            whole = len(data)  # no line of ours is so long
        self._place += whole
        found = []
        for line in data[:whole].splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                found.append(event)
        return found


def advanced(job: Job, event: Mapping[str, Any], now_s: float) -> Job:
    """A job after what its process said; words that nobody knows change nothing.

    Args:
        job: as it was.
        event: see the module.
        now_s: the present moment, seconds since 1970.
    """
    what, at = event.get("event"), event.get("at")
    now_s = min(at, now_s) if isinstance(at, float) and math.isfinite(at) else now_s
    if what == "step":
        return _stepped(job, str(event.get("step", ""))[:40], _count(event.get("done")) or 0, event, now_s)
    if what == "figures" and isinstance(event.get("figures"), dict):
        numbers = {str(k): float(v) for k, v in event["figures"].items() if _is_number(v)}
        return replace(job, figures={**job.figures, **numbers})
    if what == "result":
        return replace(job, outcome={**job.outcome, str(event.get("name", "")): event.get("value")})
    if what == "end":
        failed = event.get("how") != "done"
        state = JobState.FAILED if failed else JobState.DONE
        return replace(job, state=state, error=str(event.get("words", "")) if failed else "", ended_s=now_s)
    return job


def _stepped(job: Job, step: str, done: int, event: Mapping[str, Any], at_s: float) -> Job:
    total = _count(event.get("total"))
    if step != job.step or not job.step_s:
        return replace(job, step=step, step_s=at_s, first=done, done=done, done_s=at_s, total=total)
    return replace(job, done=done, done_s=at_s if done > job.done else job.done_s, total=total)


def tail(file: Path, lines: int = 40) -> str:
    """The last lines of a log; empty where there is none."""
    try:
        with file.open("rb") as opened:
            opened.seek(0, 2)
            opened.seek(max(opened.tell() - TAIL_BYTES, 0))
            text = opened.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(line.rsplit("\r", 1)[-1] for line in text.splitlines()[-lines:])


def _count(value: Any) -> int | None:
    return max(int(value), 0) if _is_number(value) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
