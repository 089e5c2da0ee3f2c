"""Which frames several streams send: few, and the same ones."""

from __future__ import annotations

from itertools import pairwise

from mirror_inspection.shared_rate import SharedRate

FRAME_NS = 33_333_333  # 30 Hz
START_NS = 10**18


def stamps(count: int) -> list[int]:
    return [START_NS + index * FRAME_NS for index in range(count)]


def test_one_stream_is_sent_at_the_rate_that_is_wanted() -> None:
    rate = SharedRate(10.0)
    sent = [stamp for stamp in stamps(300) if rate.wants("image", stamp)]
    assert len(sent) == 100
    assert {later - earlier for earlier, later in pairwise(sent)} == {3 * FRAME_NS}


def test_a_rate_above_the_camera_s_sends_every_frame() -> None:
    rate = SharedRate(30.0)
    assert all(rate.wants("image", stamp) for stamp in stamps(100))


def test_streams_send_the_same_frames_whoever_comes_first() -> None:
    rate = SharedRate(10.0)
    sent: dict[str, list[int]] = {"image": [], "faces": []}
    for index, stamp in enumerate(stamps(120)):
        order = ("image", "faces") if index % 2 else ("faces", "image")
        for stream in order:
            if rate.wants(stream, stamp):
                sent[stream].append(stamp)
    assert sent["image"] == sent["faces"]
    assert len(sent["image"]) == 40


def test_a_stream_that_is_some_frames_late_sends_the_same_frames() -> None:
    rate = SharedRate(10.0)
    late = 5
    times = stamps(120)
    early = [stamp for stamp in times[:late] if rate.wants("image", stamp)]
    behind = []
    for now, then in zip(times[late:], times, strict=False):
        early += [now] if rate.wants("image", now) else []
        behind += [then] if rate.wants("faces", then) else []
    assert behind == [stamp for stamp in early if stamp < times[-late]]


def test_a_stream_that_misses_the_chosen_frames_is_not_starved() -> None:
    rate = SharedRate(15.0)  # every second frame is chosen, and this tracker always takes the others
    sent = []
    for index, stamp in enumerate(stamps(120)):
        rate.wants("image", stamp)
        if index % 2 and rate.wants("faces", stamp):
            sent.append(stamp)
    assert len(sent) >= 20


def test_a_frame_is_sent_once() -> None:
    rate = SharedRate(10.0)
    assert rate.wants("image", START_NS)
    assert not rate.wants("image", START_NS)


def test_a_recording_that_begins_again_begins_anew() -> None:
    rate = SharedRate(10.0)
    first = [stamp for stamp in stamps(60) if rate.wants("image", stamp)]
    second = [stamp for stamp in stamps(60) if rate.wants("image", stamp)]
    assert second[0] == START_NS
    assert second == first
