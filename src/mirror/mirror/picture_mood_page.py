"""What stands behind the pictures of the Mood page: two generated weeks, and a minute of live moods."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import numpy as np

from mirror_core.moods import Mood, MoodSet
from mirror_core.testing import FakeClock
from mirror_mood.log.generated import GeneratedPerson, generated_rows
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore
from mirror_web.faces_testing import FakeFaces
from mirror_web.mood_live import LiveMoods
from mirror_web.mood_testing import FakeMoods

__all__ = ["MOOD_READY", "demo_moods", "demo_people"]

FIRST_DAY, LAST_DAY = date(2026, 3, 9), date(2026, 3, 22)  # two weeks from a Monday on
NOW_S = datetime(2026, 3, 22, 21, 58, tzinfo=UTC).timestamp()
LIVE_S = 60
AT_ONCE = 20_000  # rows that are written together
SEED = 10
LIVE_SEED = 3
MOOD_READY = (
    "window.mirrorMood?.shown && document.querySelector('.m-words li') && "
    "document.querySelector('[data-day]:not([disabled])') && "
    "document.querySelector('[data-track]')?.innerText"
)


def demo_people() -> tuple[FakeFaces, tuple[GeneratedPerson, ...]]:
    """A gallery with two people, and these two with somebody unknown as they come to the mirror."""
    faces = FakeFaces()
    ada, ben = faces.store("Ada"), faces.store("Ben")
    people = (
        GeneratedPerson(ada, temper=0.3, share=0.8),
        GeneratedPerson(ben, temper=-0.5, share=0.5),
        GeneratedPerson("", share=0.1),
    )
    return faces, people


@contextmanager
def demo_moods() -> Iterator[tuple[FakeFaces, FakeMoods]]:
    """A gallery and moods whose present moment stands still."""
    faces, people = demo_people()
    with tempfile.TemporaryDirectory(prefix="mirror-pictures-") as folder:
        database = Path(folder, "moods.sqlite")
        visits = generated_rows(FIRST_DAY, LAST_DAY, people, zone="UTC", seed=SEED)
        rows = (row for visit in visits for row in visit if row.time_s < NOW_S)
        with MoodStore(str(database)) as store:
            while part := list(islice(rows, AT_ONCE)):
                store.add(part)
        moods = FakeMoods(database, NOW_S)
        moods.live = _live(people[0])
        try:
            yield faces, moods
        finally:
            moods.log.close()


def _live(person: GeneratedPerson) -> LiveMoods:
    """A minute of the moods of somebody who is there."""
    clock = FakeClock(NOW_S - LIVE_S)
    live = LiveMoods(clock, FakeClock())
    visits = generated_rows(LAST_DAY, LAST_DAY, (person,), zone="UTC", seed=LIVE_SEED)
    rows = next(visit for visit in visits if len(visit) > 2 * LIVE_S)[LIVE_S : 2 * LIVE_S]
    for row in rows:
        live.on_moods(MoodSet(0, "camera", (_mood(row),)))
        clock.advance(1)
    return live


def _mood(row: MoodRow) -> Mood:
    probabilities = np.array(row.probabilities, np.float32)
    return Mood(
        1, probabilities / probabilities.sum(), valence=row.valence, arousal=row.arousal, person=row.person
    )
