"""Moods many times a second become one row a second and person."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.moods import MOOD_COUNT, Mood, MoodLabel, MoodSet
from mirror_mood.log.seconds import SecondAverager

S = 1_000_000_000


def mood(label: MoodLabel, share: float = 1.0, track_id: int = 1, **columns: object) -> Mood:
    probabilities = np.full(MOOD_COUNT, (1 - share) / (MOOD_COUNT - 1), np.float32)
    probabilities[label] = share
    return Mood(track_id, probabilities, **columns)  # type: ignore[arg-type]


def moods(second: float, *found: Mood) -> MoodSet:
    return MoodSet(int(second * S), "camera", found)


def test_a_row_is_the_average_of_its_second() -> None:
    averager = SecondAverager("hall")
    assert averager.add(moods(10.0, mood(MoodLabel.HAPPY, valence=0.8, arousal=0.2))) == []
    assert averager.add(moods(10.4, mood(MoodLabel.FEAR, valence=-0.6, arousal=0.4))) == []
    assert averager.add(moods(10.999, mood(MoodLabel.HAPPY, valence=0.4, arousal=0.0))) == []
    (row,) = averager.add(moods(11.0, mood(MoodLabel.SAD)))
    assert (row.time_s, row.mirror, row.person, row.visit) == (10, "hall", "", 1)
    expected = dict.fromkeys(MoodLabel, 0.0) | {MoodLabel.HAPPY: 2 / 3, MoodLabel.FEAR: 1 / 3}
    for label, probability in expected.items():
        assert row.probability(label) == pytest.approx(probability), label
    assert row.valence == pytest.approx(0.2)
    assert row.arousal == pytest.approx(0.2)
    assert row.confidence == pytest.approx(2 / 3)
    assert row.dominant is MoodLabel.HAPPY
    assert not row.unsure


@pytest.mark.parametrize("label", MoodLabel)
def test_no_mood_is_swapped_or_dropped(label: MoodLabel) -> None:
    averager = SecondAverager("hall")
    averager.add(moods(10, mood(label, 0.7)))
    (row,) = averager.close()
    for other in MoodLabel:
        assert row.probability(other) == pytest.approx(0.7 if other is label else 0.05, abs=1e-6)
    assert row.dominant is label


def test_known_people_are_one_row_whatever_their_tracks_and_unknown_ones_are_told_apart() -> None:
    averager = SecondAverager("hall")
    averager.add(moods(5.1, mood(MoodLabel.HAPPY, person="ada"), mood(MoodLabel.SAD, track_id=2)))
    averager.add(moods(5.6, mood(MoodLabel.SAD, track_id=7, person="ada"), mood(MoodLabel.FEAR, track_id=3)))
    rows = averager.close()
    assert [(row.person, row.visit) for row in rows] == [("ada", 1), ("", 2), ("", 3)]
    assert rows[0].probability(MoodLabel.HAPPY) == pytest.approx(0.5)
    assert rows[0].probability(MoodLabel.SAD) == pytest.approx(0.5)


@pytest.mark.parametrize(("unsure", "expected"), [(0, False), (1, False), (2, True), (4, True)])
def test_half_a_second_of_doubt_makes_a_row_unsure(unsure: int, expected: bool) -> None:
    averager = SecondAverager("hall")
    for index in range(4):
        averager.add(moods(5 + index / 5, mood(MoodLabel.SAD, unsure=index < unsure)))
    assert averager.close()[0].unsure is expected


def test_a_clock_that_jumps_back_begins_another_second() -> None:
    averager = SecondAverager("hall")
    averager.add(moods(100, mood(MoodLabel.SAD)))
    (row,) = averager.add(moods(50, mood(MoodLabel.HAPPY)))
    assert row.time_s == 100
    (row,) = averager.close()
    assert (row.time_s, row.dominant) == (50, MoodLabel.HAPPY)
    assert averager.close() == []


def test_frames_without_anybody_end_a_second_and_make_no_row() -> None:
    averager = SecondAverager("hall")
    averager.add(moods(5, mood(MoodLabel.SAD)))
    assert len(averager.add(moods(6))) == 1
    assert averager.add(moods(7)) == []


def test_who_is_erased_is_not_in_the_second_in_progress() -> None:
    averager = SecondAverager("hall")
    averager.add(moods(5, mood(MoodLabel.SAD, person="ada"), mood(MoodLabel.SAD, track_id=2, person="ben")))
    averager.forget({"ada"})
    assert [row.person for row in averager.close()] == ["ben"]
