"""What a long run of the tests with bad input has tried: python -m mirror_core.testing_fuzz_table FOLDER."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from mirror_core.errors import UsageError

__all__ = ["counted", "table"]

COLUMNS = ("tried", "refused", "failed")


def counted(folder: Path) -> dict[str, Counter[str]]:
    """Target → how many inputs were tried, refused in a sentence, and failed; of all processes together.

    Args:
        folder: in which the tests have left their figures ($MIRROR_FUZZ_RECORD).

    Raises:
        UsageError: if there are none.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for file in sorted(folder.glob("*.json")):
        for target, counts in json.loads(file.read_text(encoding="utf-8")).items():
            found[target].update(counts)
    if not found:
        raise UsageError(f"{folder} holds no figures: set MIRROR_FUZZ_RECORD to it while the tests run.")
    return dict(found)


def table(counts: dict[str, Counter[str]]) -> str:
    """The figures as a table in Markdown, with their sums."""
    lines = [f"| target | {' | '.join(COLUMNS)} |", f"| --- |{' ---: |' * len(COLUMNS)}"]
    total: Counter[str] = Counter()
    for target in sorted(counts):
        total.update(counts[target])
        lines.append(f"| {target} | {' | '.join(f'{counts[target][column]:,}' for column in COLUMNS)} |")
    lines.append(f"| **together** | {' | '.join(f'{total[column]:,}' for column in COLUMNS)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(counted(Path(sys.argv[1]))))
