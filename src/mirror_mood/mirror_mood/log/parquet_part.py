"""One Parquet file of the uploaded data set: rows to bytes and back. The only place that needs pyarrow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mirror_core.errors import StoreError
from mirror_core.moods import MoodLabel
from mirror_mood.log.rows import MOODS, MoodRow

__all__ = ["SCHEMA", "from_parquet", "rows_in", "to_parquet"]

COMPRESSION = "zstd"
# mirror and date are in the file's path, as hive has it. number: with the mirror it names a row for ever.
SCHEMA = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("time", pa.timestamp("ms", tz="UTC"), nullable=False),
        pa.field("person", pa.string(), nullable=False),
        pa.field("visit", pa.int64(), nullable=False),
        *(pa.field(name, pa.float64(), nullable=False) for name in MOODS),
        *(pa.field(name, pa.float64(), nullable=False) for name in ("valence", "arousal", "confidence")),
        pa.field("unsure", pa.bool_(), nullable=False),
        pa.field("dominant", pa.string(), nullable=False),
    ]
)


def to_parquet(rows: Sequence[tuple[int, MoodRow]]) -> bytes:
    """The file of some rows; the same rows give the same bytes.

    Args:
        rows: numbers and rows, of one mirror and one day.
    """
    columns: dict[str, list[Any]] = {
        "number": [number for number, _ in rows],
        "time": [datetime.fromtimestamp(row.time_s, UTC) for _, row in rows],
        "person": [row.person for _, row in rows],
        "visit": [row.visit for _, row in rows],
        **{name: [row.probability(MoodLabel[name.upper()]) for _, row in rows] for name in MOODS},
        "valence": [row.valence for _, row in rows],
        "arousal": [row.arousal for _, row in rows],
        "confidence": [row.confidence for _, row in rows],
        "unsure": [row.unsure for _, row in rows],
        "dominant": [row.dominant.word for _, row in rows],
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns, schema=SCHEMA), buffer, compression=COMPRESSION)
    return buffer.getvalue()


def rows_in(data: bytes, name: str) -> int:
    """How many rows a file has.

    Raises:
        StoreError: if it is no such file.
    """
    try:
        return int(pq.ParquetFile(io.BytesIO(data)).metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(name) from error


def _damaged(name: str) -> StoreError:
    return StoreError(f"{name} is damaged, or no part of a mood log; remove it or restore it.")


def from_parquet(data: bytes, mirror: str, name: str) -> list[tuple[int, MoodRow]]:
    """The numbers and rows of a file.

    Args:
        data: of the file.
        mirror: whose rows they are; that is not in the file.
        name: of the file, for the error.

    Raises:
        StoreError: if it is no such file.
    """
    try:
        table = pq.ParquetFile(io.BytesIO(data)).read()
        found = table.select(SCHEMA.names).to_pylist()
    except (pa.ArrowException, KeyError, OSError) as error:
        raise _damaged(name) from error
    return [
        (
            each["number"],
            MoodRow(
                time_s=int(each["time"].timestamp()),
                mirror=mirror,
                person=each["person"],
                visit=each["visit"],
                probabilities=tuple(each[name] for name in MOODS),
                valence=each["valence"],
                arousal=each["arousal"],
                confidence=each["confidence"],
                unsure=each["unsure"],
            ),
        )
        for each in found
    ]
