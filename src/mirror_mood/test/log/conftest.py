"""Rows whose numbers cannot be confused, logs in SQLite and PostgreSQL, and what a log holds by plain SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mirror_core.moods import MoodLabel
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore

NOON_S = 1_772_366_400  # 2026-03-01 12:00 UTC, a Sunday
# A different probability for each mood, by its name, with the sum 1.
BY_NAME = {
    "angry": 0.05,
    "disgust": 0.07,
    "fear": 0.11,
    "happy": 0.31,
    "sad": 0.13,
    "surprise": 0.15,
    "neutral": 0.18,
}


def make_row(time_s: int = NOON_S, **columns: Any) -> MoodRow:
    """A row; what is not given is that of somebody unknown before the mirror in the hall."""
    by_name = columns.pop("by_name", BY_NAME)
    given: dict[str, Any] = {
        "mirror": "hall",
        "person": "",
        "visit": 1,
        "probabilities": tuple(by_name[label.word] for label in MoodLabel),
        "valence": 0.25,
        "arousal": -0.5,
        "confidence": max(by_name.values()),
        **columns,
    }
    return MoodRow(time_s, **given)


@pytest.fixture(scope="session")
def row() -> Callable[..., MoodRow]:
    """`row(time_s, **columns)`: see `make_row`."""
    return make_row


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty log, in each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/mood/moods.sqlite"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """URL of an empty log in SQLite."""
    return f"{tmp_path}/mood/moods.sqlite"


@pytest.fixture
def store(url: str) -> Iterator[MoodStore]:
    """An empty log, in each kind of database."""
    with MoodStore(url) as store:
        yield store


@pytest.fixture
def file_store(file_url: str) -> Iterator[MoodStore]:
    """An empty log in SQLite."""
    with MoodStore(file_url) as store:
        yield store


@pytest.fixture(scope="session")
def held() -> Callable[..., list[tuple[Any, ...]]]:
    """`held(store, statement)`: what plain SQL finds in a log."""

    def ask(store: MoodStore, statement: str) -> list[tuple[Any, ...]]:
        with store.database.read() as session:
            return [tuple(found) for found in session.execute(text(statement))]

    return ask
