"""What the mood log holds about somebody, as files that they can take along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from mirror_core.errors import UsageError
from mirror_core.store.database import Database
from mirror_core.store.failures import disk_failure
from mirror_core.store.places import private_folder
from mirror_mood.log.csv_export import full_lines, write_csv
from mirror_mood.log.ledger import part_name
from mirror_mood.log.models import part_erasures, part_subjects, parts, rollups, seconds, state, subjects
from mirror_mood.log.read_rows import read_rows
from mirror_mood.log.rows import LATEST_S, VALUES

__all__ = ["holding", "write_holding"]

ROLLUP_COLUMNS = ("level_s", "start", "mirror", "count", *VALUES)


def holding(database: Database, person: str) -> dict[str, Any]:
    """What the log holds about somebody, without the moods themselves; ready for JSON.

    Args:
        database: of the log.
        person: a gallery id, or "" for everybody who is not known.

    Raises:
        StoreError: if the log cannot be read.
    """
    with database.read() as session:
        who = session.execute(
            select(subjects).where(subjects.c.person == person).order_by(subjects.c.mirror)
        ).all()
        ids = [row.id for row in who]
        rows = session.scalar(select(func.count()).where(seconds.c.subject.in_(ids))) or 0
        levels = select(rollups.c.level, func.count()).where(rollups.c.subject.in_(ids))
        sums = session.execute(levels.group_by(rollups.c.level).order_by(rollups.c.level)).all()
        held = select(part_subjects.c.part).where(part_subjects.c.subject.in_(ids))
        uploads = session.execute(select(parts).where(parts.c.id.in_(held)).order_by(parts.c.id)).all()
        ordered = select(part_erasures.c.part).where(part_erasures.c.person == person)
        late = session.execute(select(parts).where(parts.c.id.in_(ordered)).order_by(parts.c.id)).all()
        kept_from = session.scalar(select(state.c.seconds_from)) or 0
    return {
        "person": person,
        "kept in": database.name,
        "mirrors": [
            {
                "mirror": row.mirror,
                "first": _moment(row.first),
                "last": _moment(row.last),
                "seconds": row.rows,
            }
            for row in who
        ],
        "rows of single seconds": rows,
        "older seconds were erased before": _moment(kept_from) if kept_from else None,
        "sums by length in seconds": {str(level): count for level, count in sums},
        "uploaded or waiting to be": [_part(row) for row in uploads],
        "still to be erased there": [_part(row) for row in late],
    }


def write_holding(database: Database, person: str, folder: Path) -> dict[str, Any]:
    """Write `holding.json`, `seconds.csv` and `sums.csv` into a new folder; returns what is in the first.

    Raises:
        UsageError: if there is such a file already.
        StoreError: if the log cannot be read, or the folder not be written.
    """
    content = holding(database, person)
    try:
        private_folder(folder)
        with (folder / "holding.json").open("x", encoding="utf-8") as stream:
            stream.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    except FileExistsError:
        raise UsageError(f"{folder} holds such files already; choose a new folder.") from None
    except OSError as error:
        raise disk_failure(error, f"{folder} cannot be written") from error
    rows = read_rows(database, 0, LATEST_S, person=person)
    write_csv(full_lines(rows), folder / "seconds.csv")
    write_csv(_sum_lines(database, person), folder / "sums.csv")
    return content


def _sum_lines(database: Database, person: str) -> Iterator[list[str]]:
    yield list(ROLLUP_COLUMNS)
    columns = (
        rollups.c.level,
        rollups.c.start,
        subjects.c.mirror,
        *(rollups.c[n] for n in ("count", *VALUES)),
    )
    asked = (
        select(*columns)
        .join(subjects, subjects.c.id == rollups.c.subject)
        .where(subjects.c.person == person)
        .order_by(rollups.c.level, rollups.c.start, subjects.c.mirror)
    )
    with database.read() as session:
        for level, start, *rest in session.execute(asked):
            yield [str(level), _moment(start), *(str(value) for value in rest)]


def _part(row: Any) -> dict[str, str]:
    name = part_name(row.mirror, row.date, row.first, row.last)
    return {"target": row.target, "name": name, "state": row.state}


def _moment(time_s: int) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat()
