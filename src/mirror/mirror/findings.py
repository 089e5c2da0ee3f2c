"""What the doctor finds: one thing that was looked at, whether it is well, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Verdict"]


class Verdict(StrEnum):
    """How a finding is meant."""

    OK = "ok"
    NOTE = "note"  # works, but not as well as it could
    ERROR = "error"  # the mirror cannot run


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        topic: what was looked at.
        verdict: whether it is as it should be.
        found: one sentence.
        advice: what to do; empty where nothing is to be done.
    """

    topic: str
    verdict: Verdict
    found: str
    advice: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the mirror cannot run."""
        return self.verdict is Verdict.ERROR
