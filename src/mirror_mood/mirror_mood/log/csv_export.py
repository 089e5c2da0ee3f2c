"""CSV files of the log: the columns of the first mood mirror, or all that is known of each second."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Final

from mirror_core.errors import UsageError
from mirror_core.moods import MoodLabel
from mirror_core.store.failures import disk_failure
from mirror_mood.log.rows import MOODS, MoodRow

__all__ = ["COLUMNS", "FULL_COLUMNS", "csv_lines", "full_lines", "write_csv"]

COLUMNS: Final = (
    "DateTime",
    "Angry",
    "Disgust",
    "Fear",
    "Happy",
    "Sad",
    "Surprise",
    "Neutral",
    "dominant",
)
FULL_COLUMNS: Final = (
    "time",
    "mirror",
    "person",
    "visit",
    *MOODS,
    "valence",
    "arousal",
    "confidence",
    "unsure",
)
DIGITS = 6  # of probabilities


def _moment(time_s: int, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(time_s, UTC).astimezone(zone).isoformat()


def csv_lines(rows: Iterable[MoodRow], zone: tzinfo | None = UTC) -> Iterator[list[str]]:
    """COLUMNS, then a line for each row; `dominant` is named as the columns are.

    Args:
        rows: in the order they are to have.
        zone: of DateTime, which also says its distance from UTC; None for this host's.
    """
    yield list(COLUMNS)
    for row in rows:
        # Each probability is looked up by its name; the order of the columns is not that of any array.
        moods = [f"{row.probability(MoodLabel[name.upper()]):.{DIGITS}f}" for name in COLUMNS[1:-1]]
        yield [_moment(row.time_s, zone), *moods, row.dominant.word.capitalize()]


def full_lines(rows: Iterable[MoodRow]) -> Iterator[list[str]]:
    """FULL_COLUMNS, then a line for each row, times in UTC, numbers as exact as they are kept."""
    yield list(FULL_COLUMNS)
    for row in rows:
        who = [_moment(row.time_s, UTC), row.mirror, row.person, str(row.visit)]
        moods = [repr(row.probability(MoodLabel[name.upper()])) for name in MOODS]
        rest = [repr(number) for number in (row.valence, row.arousal, row.confidence)]
        yield [*who, *moods, *rest, "yes" if row.unsure else "no"]


def write_csv(lines: Iterable[list[str]], file: Path | IO[str]) -> int:
    """Write lines as CSV while they come; returns how many, without the names of the columns.

    Args:
        file: a path that does not exist yet, or an open text.

    Raises:
        UsageError: if there is a file already.
        StoreError: if it cannot be written.
    """
    if not isinstance(file, Path):
        return _write(lines, file)
    try:
        with file.open("x", encoding="utf-8", newline="") as stream:
            return _write(lines, stream)
    except FileExistsError:
        raise UsageError(f"{file} exists already; choose another name, or remove it.") from None
    except OSError as error:
        raise disk_failure(error, f"{file} cannot be written") from error


def _write(lines: Iterable[list[str]], stream: IO[str]) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    count = -1
    for line in lines:
        writer.writerow(line)
        count += 1
    return count
