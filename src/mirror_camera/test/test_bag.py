"""The bag source: pictures, stamps, pace and calibration as they were recorded, and sentences where not."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sensor_msgs", reason="ROS 2 is not installed")

from mirror_camera.bag import BagSource
from mirror_camera.source import Clock, EndOfStream, SourceClosed, SourceSettings, make_source
from mirror_core.bags.message_types import new_typestore
from mirror_core.bags.pictures import COMPRESSED_IMAGE_TYPE, IMAGE_TYPE, as_jpeg
from mirror_core.bags.writer import BagWriter
from mirror_core.errors import SourceError

TAKEN_NS = 1_600_000_000_000_000_000
RECORDED_NS = 1_700_000_000_000_000_000
STEPS_S = (0.0, 0.1, 0.25, 0.3)  # when the pictures were recorded
INFO_TYPE = "sensor_msgs/msg/CameraInfo"
STORE = new_typestore()


def message_of(kind: str, stamp_ns: int, frame_id: str = "camera_optical", **fields: Any) -> bytes:
    header = STORE.types["std_msgs/msg/Header"](
        stamp=STORE.types["builtin_interfaces/msg/Time"](sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9),
        frame_id=frame_id,
    )
    return bytes(STORE.serialize_cdr(STORE.types[kind](header=header, **fields), kind))


def image_message(
    level: int, stamp_ns: int, frame_id: str = "camera_optical", encoding: str = "bgr8"
) -> bytes:
    """A picture of 8 × 6 pixels in which all are `level`."""
    return message_of(
        IMAGE_TYPE,
        stamp_ns,
        frame_id,
        height=6,
        width=8,
        encoding=encoding,
        is_bigendian=0,
        step=24,
        data=np.full(144, level, np.uint8),
    )


def info_message(focal: float) -> bytes:
    k = np.array([focal, 0, 4, 0, focal, 3, 0, 0, 1], np.float64)
    roi = STORE.types["sensor_msgs/msg/RegionOfInterest"](
        x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
    )
    return message_of(
        INFO_TYPE,
        TAKEN_NS,
        height=6,
        width=8,
        distortion_model="plumb_bob",
        d=np.full(5, 0.01),
        k=k,
        r=np.eye(3).ravel(),
        p=np.hstack([k.reshape(3, 3), np.zeros((3, 1))]).ravel(),
        binning_x=0,
        binning_y=0,
        roi=roi,
    )


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """Four pictures of 0, 40, 80, 120 with stamps a second apart, and a camera_info of focal length 9."""
    with BagWriter(tmp_path / "bag") as writer:
        writer.add_topic("/mirror/camera/image_raw", IMAGE_TYPE)
        writer.add_topic("/mirror/camera/camera_info", INFO_TYPE)
        writer.add_topic("/mirror/image", IMAGE_TYPE)
        for number, step_s in enumerate(STEPS_S):
            stamp_ns = TAKEN_NS + number * 10**9
            recorded_ns = RECORDED_NS + round(step_s * 1e9)
            writer.write("/mirror/camera/camera_info", info_message(9.0), recorded_ns)
            writer.write("/mirror/camera/image_raw", image_message(40 * number, stamp_ns), recorded_ns)
            writer.write("/mirror/image", image_message(200, stamp_ns), recorded_ns)
    return tmp_path / "bag"


def opened(clock: Any, bag: Path, **settings: Any) -> BagSource:
    source = BagSource(SourceSettings(path=str(bag), **settings), clock.as_clock())
    source.open()
    return source


def level(grab: Any) -> int:
    assert (grab.image == grab.image[0, 0, 0]).all()
    return int(grab.image[0, 0, 0])


def test_the_plugin_is_found_by_its_name() -> None:
    assert isinstance(make_source("bag"), BagSource)


def test_pictures_come_in_the_rhythm_of_the_recording_and_end(bag: Path, fake_clock: Any) -> None:
    source = opened(fake_clock, bag, loop=False)
    assert source.size == (8, 6)
    assert source.rate_hz == pytest.approx(3 / 0.3)
    grabs = [source.read() for _ in STEPS_S]
    assert [level(grab) for grab in grabs] == [0, 40, 80, 120]
    begun_ns = grabs[0].acquired_ns
    assert [(grab.acquired_ns - begun_ns) * 1e-9 for grab in grabs] == pytest.approx(STEPS_S, abs=1e-6)
    with pytest.raises(EndOfStream, match="has ended: set loop"):
        source.read()


def test_a_loop_begins_again_after_the_last_picture_had_its_time(bag: Path, fake_clock: Any) -> None:
    source = opened(fake_clock, bag)
    grabs = [source.read() for _ in range(6)]
    assert [level(grab) for grab in grabs] == [0, 40, 80, 120, 0, 40]
    assert (grabs[4].acquired_ns - grabs[3].acquired_ns) * 1e-9 == pytest.approx(0.1, abs=1e-6)


def test_speed_and_rate_change_the_pace(bag: Path, fake_clock: Any) -> None:
    source = opened(fake_clock, bag, speed=2.0)
    moments = [source.read().acquired_ns * 1e-9 for _ in STEPS_S]
    assert np.array(moments) - moments[0] == pytest.approx(np.array(STEPS_S) / 2, abs=1e-6)
    source = opened(fake_clock, bag, rate_hz=5.0)
    moments = [source.read().acquired_ns * 1e-9 for _ in STEPS_S]
    assert np.diff(moments) == pytest.approx(0.2, abs=1e-6)


def test_after_a_stall_pictures_are_left_out_not_played_in_a_burst(bag: Path, fake_clock: Any) -> None:
    source = opened(fake_clock, bag)
    source.read()
    fake_clock.advance(0.27)
    assert level(source.read()) == 80  # 40 is late by more than the time of a picture
    assert source.skipped == 1


def test_stamps_are_those_of_the_bag_if_asked_for(bag: Path, fake_clock: Any) -> None:
    assert opened(fake_clock, bag).read().stamp_ns is None
    source = opened(fake_clock, bag, stamps="bag")
    assert [source.read().stamp_ns for _ in range(3)] == [TAKEN_NS + n * 10**9 for n in range(3)]


def test_the_bags_time_runs_at_its_speed_and_waits_at_the_next_picture(bag: Path, fake_clock: Any) -> None:
    source = opened(fake_clock, bag, speed=2.0)
    assert source.time_ns is None
    plain, seen = source.clock.wait, []

    def wait(event: threading.Event, seconds: float) -> bool:
        fake_clock.advance(0.01)
        seen.append(source.time_ns)
        fake_clock.advance(9.0)  # the machine stalls
        seen.append(source.time_ns)
        fake_clock.advance(-9.01)
        return plain(event, seconds)

    source.clock = Clock(source.clock.now_ns, wait)
    source._pacer._clock = source.clock
    times = []
    for _ in range(5):  # the fifth is the first again
        source.read()
        times.append(source.time_ns)
    recorded = [RECORDED_NS + round(step_s * 1e9) for step_s in STEPS_S]
    assert times == [*recorded, RECORDED_NS]
    later = [RECORDED_NS + round(s * 1e9) for s in (0.02, 0.1, 0.12, 0.25, 0.27, 0.3)]
    assert seen == [*later, recorded[-1], recorded[-1]]  # before the loop begins again it stands


def test_what_a_camera_published_is_chosen_and_another_topic_by_name(bag: Path, fake_clock: Any) -> None:
    source = opened(fake_clock, bag)
    assert any("shown is /mirror/camera/image_raw" in note for note in source.notes)
    assert level(opened(fake_clock, bag, topic="mirror/image").read()) == 200
    with pytest.raises(
        SourceError, match=r"no pictures of /other: it has those of /mirror/camera/image_raw, /m"
    ):
        opened(fake_clock, bag, topic="/other")


def test_the_recorded_calibration_is_kept(bag: Path, fake_clock: Any) -> None:
    calibration = opened(fake_clock, bag).calibration
    assert calibration is not None
    assert (calibration.width, calibration.height, calibration.model) == (8, 6, "plumb_bob")
    assert calibration.camera_matrix.tolist() == [[9, 0, 4], [0, 9, 3], [0, 0, 1]]
    assert calibration.distortion.tolist() == [0.01] * 5
    assert opened(fake_clock, bag, topic="/mirror/image").calibration is None


def test_an_uncalibrated_camera_is_noted_and_played(tmp_path: Path, fake_clock: Any) -> None:
    with BagWriter(tmp_path / "bag") as writer:
        writer.add_topic("/camera_info", INFO_TYPE)
        writer.add_topic("/image_raw", IMAGE_TYPE)
        writer.write("/camera_info", info_message(0.0), 1)
        writer.write("/image_raw", image_message(7, TAKEN_NS), 2)
    source = opened(fake_clock, tmp_path / "bag")
    assert source.calibration is None
    assert "/camera_info of the bag says nothing of use" in source.notes[0]
    assert level(source.read()) == 7


def test_jpeg_pictures_are_unpacked(tmp_path: Path, fake_clock: Any) -> None:
    with BagWriter(tmp_path / "bag") as writer:
        writer.add_topic("/camera/image_raw/compressed", COMPRESSED_IMAGE_TYPE)
        writer.write("/camera/image_raw/compressed", as_jpeg(image_message(90, TAKEN_NS), STORE), 1)
    grab = opened(fake_clock, tmp_path / "bag", stamps="bag").read()
    assert grab.image.shape == (6, 8, 3)
    assert abs(float(grab.image.mean()) - 90) <= 2
    assert grab.stamp_ns == TAKEN_NS


def test_recorded_placeholders_stay_placeholders(tmp_path: Path, fake_clock: Any) -> None:
    with BagWriter(tmp_path / "bag") as writer:
        writer.add_topic("/image_raw", IMAGE_TYPE)
        writer.write("/image_raw", image_message(1, TAKEN_NS, "placeholder"), 1)
        writer.write("/image_raw", image_message(2, TAKEN_NS), 2)
    source = opened(fake_clock, tmp_path / "bag")
    assert [source.read().is_placeholder for _ in range(2)] == [True, False]


def test_a_set_size_letterboxes(bag: Path, fake_clock: Any) -> None:
    source = opened(fake_clock, bag, width=16, height=6)
    assert source.size == (16, 6)
    assert source.read().image.shape == (6, 16, 3)


def test_an_unfinished_bag_is_played_as_far_as_it_goes(bag: Path, fake_clock: Any) -> None:
    (bag / "metadata.yaml").unlink()
    file = bag / "bag.mcap"
    file.write_bytes(file.read_bytes()[:-60])
    source = opened(fake_clock, bag, loop=False)
    assert "is damaged. It was not finished" in source.notes[0]
    assert [level(source.read()) for _ in STEPS_S] == [0, 40, 80, 120]


def test_a_bag_without_pictures_lists_its_topics(tmp_path: Path, fake_clock: Any) -> None:
    with BagWriter(tmp_path / "bag") as writer:
        writer.add_topic("/tf", "tf2_msgs/msg/TFMessage")
    with pytest.raises(SourceError, match=r"has no pictures .* its topics: /tf \(tf2_msgs/msg/TFMessage\)"):
        opened(fake_clock, tmp_path / "bag")


def test_no_bag_is_a_sentence(tmp_path: Path, fake_clock: Any) -> None:
    with pytest.raises(SourceError, match=r"There is no bag .*nowhere: give the folder"):
        opened(fake_clock, tmp_path / "nowhere")
    with pytest.raises(SourceError, match="set path to a folder of rosbag2"):
        BagSource().open()


def test_an_encoding_that_is_not_read_is_a_sentence(tmp_path: Path, fake_clock: Any) -> None:
    with BagWriter(tmp_path / "bag") as writer:
        writer.add_topic("/image_raw", IMAGE_TYPE)
        writer.write("/image_raw", image_message(1, TAKEN_NS, encoding="16UC1"), 1)
    with pytest.raises(SourceError, match="Image encoding '16UC1' is not supported"):
        opened(fake_clock, tmp_path / "bag")


def test_close_from_another_thread_ends_a_waiting_read(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "bag") as writer:
        writer.add_topic("/image_raw", IMAGE_TYPE)
        for number in range(2):
            writer.write("/image_raw", image_message(number, TAKEN_NS), 1 + number * 10**12)
    source = BagSource(SourceSettings(path=str(tmp_path / "bag")))
    source.open()
    source.read()
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(SourceClosed):
            source.read()
        ended.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    source.close()
    assert ended.wait(5.0)
    with pytest.raises(SourceClosed):
        source.read()
