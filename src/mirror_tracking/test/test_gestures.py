"""Head gestures: each kind once, at any rate, and none where somebody only looks somewhere."""

import numpy as np
import pytest

from mirror_tracking.gestures import GestureKind, GestureParameters, GestureRecognizer
from mirror_tracking.head_angles import HeadAngles

NOD, SHAKE = GestureKind.NOD, GestureKind.SHAKE
LEFT, RIGHT = GestureKind.TILT_LEFT, GestureKind.TILT_RIGHT
START_S = 2.0


def step(times, start, seconds):
    s = np.clip((times - start) / seconds, 0, 1)
    return s**3 * (10 - 15 * s + 6 * s**2)


def there_and_back(times, out=0.3, stay=0.4, start=START_S):
    return step(times, start, out) - step(times, start + out + stay, out)


def nodding(times, height=12.0, frequency=2.0, cycles=2, start=START_S):
    phase = np.clip((times - start) * frequency, 0, cycles)
    return -height * (1 - np.cos(2 * np.pi * phase)) / 2


def shaking(times, height=20.0, frequency=1.5, cycles=2, start=START_S):
    return height / 2 * np.sin(2 * np.pi * np.clip((times - start) * frequency, 0, cycles))


def path(seconds=6.0, rate=30.0, seed=0, noise=0.1, stamps=None, **axes):
    """Times [n] and angles [n, 3]; `yaw`, `pitch` and `roll` are functions of the times."""
    rng = np.random.default_rng(seed)
    times = np.arange(0.0, seconds, 1.0 / rate) if stamps is None else stamps
    angles = rng.normal(0.0, noise, (len(times), 3))
    for axis, name in enumerate(("yaw", "pitch", "roll")):
        if name in axes:
            angles[:, axis] += axes[name](times)
    return times, angles


def run(times, angles, recognizer=None, offset_s=100.0, track_id=7):
    """All gestures in a path as (kind, seconds from its start)."""
    recognizer = recognizer or GestureRecognizer()
    found = []
    for time, (yaw, pitch, roll) in zip(times, angles, strict=True):
        stamp = round((time + offset_s) * 1e9)
        for gesture in recognizer.update(stamp, {track_id: HeadAngles(yaw, pitch, roll)}):
            assert gesture.track_id == track_id
            assert gesture.stamp_ns == stamp
            assert 0.0 <= gesture.confidence <= 1.0
            found.append((gesture.kind, time))
    return found


def kinds(*arguments, **more):
    return [kind for kind, _ in run(*path(*arguments, **more))]


@pytest.mark.parametrize("rate", [10.0, 15.0, 24.0, 30.0, 60.0])
def test_each_gesture_is_recognised_once_at_any_rate(rate):
    assert kinds(rate=rate, pitch=nodding) == [NOD]
    assert kinds(rate=rate, yaw=shaking) == [SHAKE]
    assert kinds(rate=rate, roll=lambda t: 20 * there_and_back(t, stay=0.8)) == [LEFT]
    assert kinds(rate=rate, roll=lambda t: -20 * there_and_back(t, stay=0.8)) == [RIGHT]


@pytest.mark.parametrize("cycles", [1, 2, 3, 8])
def test_however_often_a_head_nods_or_shakes_it_is_one_gesture(cycles):
    assert kinds(seconds=9.0, pitch=lambda t: nodding(t, cycles=cycles)) == [NOD]
    assert kinds(seconds=9.0, yaw=lambda t: shaking(t, cycles=cycles)) == [SHAKE]


def test_a_gesture_is_told_soon_after_it_and_a_long_one_while_it_lasts():
    ((_, once),) = run(*path(pitch=lambda t: nodding(t, cycles=1)))
    assert START_S + 0.5 <= once <= START_S + 0.8
    ((_, long),) = run(*path(seconds=9.0, pitch=lambda t: nodding(t, cycles=8)))
    assert long <= START_S + 1.1
    ((_, held),) = run(*path(roll=lambda t: 20 * step(t, START_S, 0.3)))
    assert START_S + 0.3 <= held <= START_S + 0.7


def test_irregular_stamps_lost_frames_and_a_short_gap_do_not_matter():
    rng = np.random.default_rng(3)
    stamps = np.sort(rng.uniform(0.0, 6.0, 180))  # 30 Hz on average, in no order at all
    stamps = stamps[(stamps < 2.9) | (stamps > 3.1)]
    assert kinds(stamps=stamps, pitch=nodding) == [NOD]
    assert kinds(stamps=stamps, yaw=shaking) == [SHAKE]


@pytest.mark.parametrize(
    ("axis", "movement"),
    [
        ("yaw", lambda t: 30 * there_and_back(t, out=0.25, stay=0.1)),  # a quick glance aside
        ("yaw", lambda t: -30 * there_and_back(t, stay=1.0)),
        ("pitch", lambda t: -25 * there_and_back(t, stay=0.6)),  # at a telephone and back
        ("pitch", lambda t: -25 * there_and_back(t, stay=3.0)),
        ("pitch", lambda t: 15 * there_and_back(t, out=0.25, stay=0.1)),  # up and back
        ("yaw", lambda t: 60 * step(t, START_S, 0.5)),  # away
        ("yaw", lambda t: 25 * np.sin(2 * np.pi * 0.3 * t)),  # slowly around
        ("pitch", lambda t: 12 * np.sin(2 * np.pi * 0.3 * t)),
        ("roll", lambda t: 16 * step(t, START_S, 2.5)),  # a slow lean
        ("roll", lambda t: 16 * there_and_back(t, out=0.2, stay=0.0)),  # not held
        ("pitch", lambda t: nodding(t, height=3.0)),  # too small
        ("yaw", lambda t: shaking(t, height=5.0)),
        ("roll", lambda t: 8 * step(t, START_S, 0.3)),
        ("pitch", lambda t: nodding(t, frequency=0.5, cycles=1)),  # too slow
        ("yaw", lambda t: shaking(t, frequency=0.4)),
        ("yaw", lambda t: 20 * (there_and_back(t, stay=0.5) - there_and_back(t, stay=0.5, start=3.1))),
    ],
)
def test_looking_somewhere_is_no_gesture(axis, movement):
    assert kinds(seconds=8.0, **{axis: movement}) == []


def test_a_movement_of_several_angles_at_once_is_no_gesture():
    assert kinds(pitch=nodding, yaw=lambda t: 1.2 * nodding(t)) == []
    assert kinds(yaw=shaking, roll=lambda t: 0.8 * shaking(t)) == []
    assert kinds(pitch=nodding, yaw=lambda t: 0.3 * nodding(t), roll=lambda t: -0.3 * nodding(t)) == [NOD]


def test_a_glitch_of_the_tracker_is_no_gesture_and_does_not_hide_one():
    times, angles = path(pitch=np.zeros_like)
    angles[80] += (15.0, -15.0, 20.0)
    assert run(times, angles) == []
    times, angles = path(pitch=nodding)
    angles[66] += (0.0, 9.0, 0.0)
    assert [kind for kind, _ in run(times, angles)] == [NOD]


def test_the_way_back_from_a_tilt_is_no_tilt_to_the_other_side():
    for stay in (0.5, 2.0, 6.0, 12.0):
        lean = lambda t, stay=stay: 6.0 - 22 * there_and_back(t, stay=stay)  # noqa: E731
        assert kinds(seconds=18.0, roll=lean) == [RIGHT], stay


def test_after_a_tilt_is_undone_the_next_one_counts():
    both = lambda t: 20 * there_and_back(t, stay=1.0) - 20 * there_and_back(t, stay=1.0, start=6.0)  # noqa: E731
    assert kinds(seconds=10.0, roll=both) == [LEFT, RIGHT]


def test_gestures_come_no_closer_than_the_refractory_time():
    twice = lambda t: nodding(t) + nodding(t, start=4.2)  # noqa: E731
    assert len(run(*path(seconds=8.0, pitch=twice))) == 2
    patient = GestureRecognizer(GestureParameters(refractory_s=4.0))
    assert len(run(*path(seconds=8.0, pitch=twice), patient)) == 1


def test_what_a_face_does_as_soon_as_it_is_seen_is_no_gesture():
    assert kinds(pitch=lambda t: nodding(t, start=0.1)) == []


def test_stamps_that_jump_back_begin_anew():
    recognizer = GestureRecognizer()
    times, angles = path(seconds=2.4, pitch=nodding)  # ends within the nod
    assert run(times, angles, recognizer, offset_s=100.0) == []
    rest, calm = path(seconds=2.0)
    assert run(rest, calm, recognizer, offset_s=50.0) == []
    again, nod = path(pitch=nodding)
    assert [kind for kind, _ in run(again, nod, recognizer, offset_s=52.0)] == [NOD]


def test_after_a_long_gap_nothing_of_before_counts():
    times, angles = path(pitch=lambda t: nodding(t, cycles=1))
    kept = (times < START_S + 0.25) | (times > START_S + 1.0)  # down before the gap, up after it
    assert run(times[kept], angles[kept]) == []


def test_the_same_stamp_twice_counts_once():
    recognizer = GestureRecognizer()
    times, angles = path(pitch=nodding)
    doubled = np.repeat(times, 2), np.repeat(angles, 2, axis=0)
    assert [kind for kind, _ in run(*doubled, recognizer)] == [NOD]


def test_people_make_gestures_independently():
    recognizer = GestureRecognizer()
    times, first = path(pitch=nodding)
    _, second = path(yaw=shaking, seed=1)
    found = []
    for time, one, other in zip(times, first, second, strict=True):
        angles = {3: HeadAngles(*one), 9: HeadAngles(*other)}
        found += [(g.track_id, g.kind) for g in recognizer.update(round(time * 1e9), angles)]
    assert sorted(found) == [(3, NOD), (9, SHAKE)]


def test_a_larger_clearer_and_longer_gesture_is_surer():
    def confidence(**how):
        times, angles = path(pitch=lambda t: nodding(t, **how), noise=0.0)
        recognizer = GestureRecognizer()
        (found,) = [
            gesture
            for time, row in zip(times, angles, strict=True)
            for gesture in recognizer.update(round(time * 1e9), {1: HeadAngles(*row)})
        ]
        return found.confidence

    assert confidence(height=5.5, cycles=1) == pytest.approx(0.58, abs=0.02)
    assert confidence(height=7.5, cycles=1) == pytest.approx(0.70, abs=0.02)
    assert confidence(height=15.0, cycles=3) == pytest.approx(1.0, abs=0.01)


def test_the_smallest_sizes_are_parameters_and_change_live():
    small = GestureParameters(nod_degrees=2.5)
    assert kinds(pitch=lambda t: nodding(t, height=4.0)) == []
    recognizer = GestureRecognizer()
    recognizer.configure(small)
    assert len(run(*path(pitch=lambda t: nodding(t, height=4.0)), recognizer)) == 1


def test_angles_that_are_no_numbers_are_left_out():
    recognizer = GestureRecognizer()
    assert recognizer.update(1, {1: HeadAngles(float("nan"), 0.0, 0.0)}) == []
    assert [kind for kind, _ in run(*path(pitch=nodding), recognizer)] == [NOD]
