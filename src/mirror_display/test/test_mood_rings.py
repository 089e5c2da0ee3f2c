"""Which moods the window shows: eased, beside present faces only, in words that can be read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.moods import MOOD_COUNT, Mood, MoodLabel, MoodSet
from mirror_core.testing import synthetic_face, synthetic_faces
from mirror_display.mood_rings import (
    ABSENT_S,
    FADE_S,
    MOOD_FOLLOW_S,
    READING_S,
    SILENT_S,
    MoodReading,
    MoodRings,
    MoodView,
)

STEP_S = 0.05


def mood(track_id: int, unsure: bool = False, **shares: float) -> Mood:
    """A mood whose named probabilities are given; the rest is shared by the others."""
    rest = (1.0 - sum(shares.values())) / (MOOD_COUNT - len(shares))
    values = [shares.get(label.word, rest) for label in MoodLabel]
    return Mood(track_id, np.array(values, np.float32), unsure)


def told(rings: MoodRings, now_s: float, *moods: Mood, x: float = 200.0) -> None:
    """Moods arrive together with their faces, one beside the other."""
    rings.tell(MoodSet(0, "camera_optical", moods), now_s)
    places = [(x + 150.0 * n, one.track_id) for n, one in enumerate(moods)]
    rings.see(synthetic_faces(0, *(synthetic_face((u, 100.0), 60.0, track_id=t) for u, t in places)), now_s)


def settled(rings: MoodRings, begin_s: float, *moods: Mood, seconds: float = 3.0) -> tuple[MoodView, ...]:
    """What is shown after the same moods came for some time."""
    for step in range(round(seconds / STEP_S) + 1):
        told(rings, begin_s + step * STEP_S, *moods)
        views = rings.views(begin_s + step * STEP_S)
    return views


def test_a_mood_is_shown_around_its_face_with_the_dominant_word_first():
    rings = MoodRings()
    (view,) = settled(rings, 0.0, mood(7, happy=0.83, neutral=0.08))
    face = synthetic_face((200.0, 100.0), 60.0, track_id=7)
    assert view.track_id == 7
    assert view.box.centre == pytest.approx(face.roi.centre, abs=0.2)
    assert view.probabilities[MoodLabel.HAPPY] == pytest.approx(0.83, abs=0.002)
    assert view.reading.shares[:2] == ((MoodLabel.HAPPY, 83), (MoodLabel.NEUTRAL, 8))
    assert (view.sureness, view.presence) == (1.0, 1.0)


def test_the_probabilities_follow_with_their_time_constant_and_without_a_jump():
    rings = MoodRings()
    settled(rings, 0.0, mood(7, happy=0.9), seconds=3.0)
    shares = []
    for step in range(1, 61):
        told(rings, 3.0 + step * STEP_S, mood(7, sad=0.9))
        shares.append(rings.views(3.0 + step * STEP_S)[0].probabilities[MoodLabel.SAD])
    assert shares == sorted(shares)
    assert all(later - earlier < 0.12 for earlier, later in pairwise(shares))
    after = round(MOOD_FOLLOW_S / STEP_S)
    low = (1 - 0.9) / 6
    assert shares[after - 1] == pytest.approx(low + (0.9 - low) * (1 - np.exp(-1)), abs=0.01)
    assert shares[-1] == pytest.approx(0.9, abs=0.01)


@given(st.lists(st.floats(0.001, 1.0), min_size=MOOD_COUNT, max_size=MOOD_COUNT))
def test_what_is_shown_always_sums_to_one_and_is_near_what_was_told(weights):
    values = (np.array(weights) / sum(weights)).astype(np.float32)
    rings = MoodRings()
    (view,) = settled(rings, 0.0, Mood(7, values), seconds=0.2)
    assert sum(view.probabilities) == pytest.approx(1.0)
    assert view.probabilities == pytest.approx(values.tolist(), abs=0.002)


def test_the_words_change_only_now_and_then():
    rings = MoodRings()
    first = settled(rings, 0.0, mood(7, happy=0.9), seconds=0.5)[0].reading
    changes = []
    for step in range(1, 41):
        now_s = 0.5 + step * STEP_S
        told(rings, now_s, mood(7, sad=0.9))
        reading = rings.views(now_s)[0].reading
        if reading != first:
            changes.append(now_s)
            first = reading
    assert all(later - earlier >= READING_S - 1e-6 for earlier, later in pairwise(changes))
    assert first.shares[0][0] is MoodLabel.SAD and first.shares[0][1] >= 85


def test_unsure_is_said_at_once_and_turns_the_ring_grey():
    rings = MoodRings()
    settled(rings, 0.0, mood(7, happy=0.5))
    told(rings, 3.05, mood(7, unsure=True, happy=0.3))
    (view,) = rings.views(3.05)
    assert view.reading == MoodReading(unsure=True)
    assert 0.0 < view.sureness < 1.0
    assert settled(rings, 3.1, mood(7, unsure=True, happy=0.3))[0].sureness == 0.0
    assert settled(rings, 6.2, mood(7, happy=0.5))[0].sureness == 1.0


def test_a_face_that_has_gone_loses_its_ring_and_the_other_keeps_its_own():
    rings = MoodRings()
    settled(rings, 0.0, mood(7, happy=0.8), mood(8, sad=0.8))
    now_s = 3.0
    while now_s < 3.0 + ABSENT_S + FADE_S + 0.2:
        now_s += STEP_S
        told(rings, now_s, mood(8, sad=0.8))
        views = rings.views(now_s)
    assert [view.track_id for view in views] == [8]


def test_a_ring_fades_in_and_out():
    rings = MoodRings()
    told(rings, 0.0, mood(7, happy=0.8))
    assert rings.views(0.0) == ()
    told(rings, FADE_S / 2, mood(7, happy=0.8))
    assert rings.views(FADE_S / 2)[0].presence == pytest.approx(0.5, abs=0.02)
    told(rings, FADE_S, mood(7, happy=0.8))
    assert rings.views(FADE_S)[0].presence == 1.0
    gone_s = FADE_S + ABSENT_S
    assert rings.views(gone_s - 0.001)[0].presence == 1.0
    assert rings.views(gone_s + FADE_S / 2)[0].presence == pytest.approx(0.5, abs=0.02)
    assert rings.views(gone_s + FADE_S + 0.001) == ()


def test_a_face_that_comes_back_has_its_ring_where_it_is_now():
    rings = MoodRings()
    settled(rings, 0.0, mood(7, happy=0.8))
    rings.views(3.9)
    told(rings, 4.0, mood(7, sad=0.8), x=500.0)
    (view,) = rings.views(4.0)
    assert view.box.centre[0] == pytest.approx(500.0, abs=0.5)
    assert view.reading.shares[0] == (MoodLabel.SAD, 80)


def test_a_mood_that_nobody_renews_goes():
    rings = MoodRings()
    settled(rings, 0.0, mood(7, happy=0.8))
    face = synthetic_faces(0, synthetic_face(track_id=7))
    for now_s, shown in ((3.0 + SILENT_S, 1), (3.1 + SILENT_S + FADE_S, 0)):
        rings.see(face, now_s)
        assert len(rings.views(now_s)) == shown


def test_the_ring_follows_a_moving_face_closely_and_smoothly():
    rings = MoodRings()
    settled(rings, 0.0, mood(7, happy=0.8))
    places = []
    for step in range(1, 31):
        now_s = 3.0 + step / 30
        told(rings, now_s, mood(7, happy=0.8), x=200.0 + 10.0 * step)
        places.append(rings.views(now_s)[0].box.centre[0])
    steps = [later - earlier for earlier, later in pairwise(places)]
    assert all(0 < step < 11 for step in steps)
    assert 500.0 - places[-1] < 10.0


def test_a_face_with_another_ring_is_left_out():
    rings = MoodRings()
    settled(rings, 0.0, mood(7, happy=0.8), mood(8, sad=0.8))
    assert [view.track_id for view in rings.views(3.0, hidden={7})] == [8]


def test_moods_stand_from_left_to_right():
    rings = MoodRings()
    views = settled(rings, 0.0, mood(9, happy=0.8), mood(7, sad=0.8), mood(8, fear=0.8))
    assert [view.track_id for view in views] == [9, 7, 8]


def test_what_is_cleared_is_gone():
    rings = MoodRings()
    settled(rings, 0.0, mood(7, happy=0.8))
    rings.clear()
    assert rings.views(3.0) == ()
