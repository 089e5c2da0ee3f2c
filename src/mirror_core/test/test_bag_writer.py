"""Bags as they are written: every message comes back as it was, a full disk ends it with a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from ament_index_python.packages import get_package_share_directory
from rclpy.serialization import deserialize_message, serialize_message

from mirror_core import codecs
from mirror_core.bags.message_types import OWN_PACKAGES, installed_types, new_typestore
from mirror_core.bags.pictures import COMPRESSED_IMAGE_TYPE, as_jpeg, picture_of
from mirror_core.bags.reader import BagReader
from mirror_core.bags.writer import BagWriter
from mirror_core.bodies import BodySet
from mirror_core.camera_info import CameraInfo
from mirror_core.codecs import Codec
from mirror_core.errors import EncodingError, StoreError, UsageError
from mirror_core.frame import Frame
from mirror_core.geometry import CameraIntrinsics
from mirror_core.moods import Mood, MoodSet
from mirror_core.testing import moving_square, synthetic_body, synthetic_face, synthetic_faces

STAMP_NS = 1_700_000_000_123_456_789
MIB = 2**20


def items() -> dict[str, Any]:
    """An item of each codec, by the codec's name."""
    probabilities = np.array([0.5, 0.2, 0.1, 0.1, 0.05, 0.03, 0.02], np.float32)
    mood = Mood(3, probabilities, unsure=False, valence=0.25, arousal=-0.5, source="fused", person="Zoë")
    return {
        "FRAMES": Frame(moving_square(5), STAMP_NS),
        "FACES": synthetic_faces(STAMP_NS, synthetic_face(), synthetic_face((100.0, 90.0), track_id=7)),
        "BODIES": BodySet(STAMP_NS, "camera_optical", 640, 480, (synthetic_body(face_id=1),)),
        "MOODS": MoodSet(STAMP_NS, "camera_optical", (mood,)),
        "CAMERA_INFO": CameraInfo(
            STAMP_NS, "camera_optical", CameraIntrinsics(640, 480, 500.0, 501.0, 320.5, 240.5, (0.1,) * 5)
        ),
    }


def all_codecs() -> dict[str, Codec[Any]]:
    return {name: value for name, value in vars(codecs).items() if isinstance(value, Codec)}


def type_name(message_type: type[Any]) -> str:
    return f"{message_type.__module__.split('.')[0]}/msg/{message_type.__name__}"


def assert_same_fields(ours: Any, message: Any) -> None:
    """Every field that rosbags decodes is what ROS's own message holds."""
    for name in message.get_fields_and_field_types():
        expected, found = getattr(message, name), getattr(ours, name)
        if hasattr(expected, "get_fields_and_field_types"):
            assert_same_fields(found, expected)
        elif isinstance(expected, list):
            assert len(found) == len(expected)
            for one, other in zip(found, expected, strict=True):
                assert_same_fields(one, other)
        elif isinstance(expected, (str, bytes)):
            assert found == expected
        elif isinstance(expected, float):  # Python's, which a float32 field rounds
            np.testing.assert_allclose(found, expected, rtol=1e-7, err_msg=name)
        else:
            np.testing.assert_array_equal(np.asarray(found), np.asarray(expected), name)


def test_there_is_an_item_for_each_codec() -> None:
    assert set(items()) == set(all_codecs())


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "zstd"])
def test_the_message_of_every_codec_comes_back_as_it_was(tmp_path: Path, compress: bool) -> None:
    messages = {name: codec.to_message(items()[name]) for name, codec in all_codecs().items()}
    with BagWriter(tmp_path / "bag", compress=compress) as bag:
        for number, (name, message) in enumerate(messages.items()):
            bag.add_topic(f"/mirror/{name.lower()}", type_name(type(message)))
            bag.write(f"/mirror/{name.lower()}", serialize_message(message), STAMP_NS + number)
    with BagReader(tmp_path / "bag") as reader:
        assert reader.damage == ""
        read = list(reader.messages())
        assert [each.topic for each in read] == [f"/mirror/{name.lower()}" for name in messages]
        assert [each.stamp_ns - STAMP_NS for each in read] == list(range(len(messages)))
        for each, message in zip(read, messages.values(), strict=True):
            assert each.type_name == type_name(type(message))
            assert_same_fields(deserialize_message(each.data, type(message)), message)
            assert_same_fields(reader.decode(each), message)


@pytest.mark.parametrize("package", OWN_PACKAGES)
def test_every_own_message_can_be_recorded_under_the_hash_that_ros_gives_it(
    package: str, tmp_path: Path
) -> None:
    names = installed_types(package)
    assert names
    store = new_typestore(names)
    for name in names:
        description = Path(get_package_share_directory(package), "msg", f"{name.split('/')[-1]}.json")
        hashes = {
            each["type_name"]: each["hash_string"]
            for each in json.loads(description.read_text())["type_hashes"]
        }
        assert store.hash_rihs01(name) == hashes[name]
    with BagWriter(tmp_path / "bag") as bag:
        for name in names:
            bag.add_topic(f"/{name}", name)
    with BagReader(tmp_path / "bag") as reader:
        assert {topic.type_name for topic in reader.topics} == set(names)
        assert reader.summary.count == 0


def test_an_unknown_type_is_a_sentence(tmp_path: Path) -> None:
    with (
        BagWriter(tmp_path / "bag") as bag,
        pytest.raises(UsageError, match="no_msgs/msg/Thing is not known here: build or install"),
    ):
        bag.add_topic("/thing", "no_msgs/msg/Thing")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    BagWriter(tmp_path / "bag").close()
    before = (tmp_path / "bag" / "bag.mcap").read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        BagWriter(tmp_path / "bag")
    assert (tmp_path / "bag" / "bag.mcap").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be made"):
        BagWriter(tmp_path / "file" / "bag")


def test_a_full_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"has 99 MiB left, and 100 are kept free: make room"):
        BagWriter(tmp_path / "bag", keep_free_bytes=100 * MIB, free_bytes=lambda _: 99 * MIB)
    assert not (tmp_path / "bag").exists()


def test_a_disk_that_fills_ends_the_recording_with_all_that_came_before(tmp_path: Path) -> None:
    free = [200 * MIB]
    bag = BagWriter(tmp_path / "bag", keep_free_bytes=100 * MIB, free_bytes=lambda _: free[0])
    bag.add_topic("/image", "sensor_msgs/msg/Image")
    message = serialize_message(codecs.FRAMES.to_message(Frame(np.zeros((480, 640, 3), np.uint8), STAMP_NS)))
    written = 0
    with pytest.raises(StoreError, match="kept free"):
        for number in range(9):
            bag.write("/image", message, STAMP_NS + number)
            written += 1
            if number == 4:
                free[0] = 50 * MIB
    bag.close()
    assert 5 <= written < 9
    with BagReader(tmp_path / "bag") as reader:
        assert reader.damage == ""
        assert len(list(reader.messages())) == written


def test_a_chunk_waits_no_longer_than_a_second(tmp_path: Path) -> None:
    now_s = [0.0]
    bag = BagWriter(tmp_path / "bag", now_s=lambda: now_s[0])
    bag.add_topic("/tf", "tf2_msgs/msg/TFMessage")
    file = tmp_path / "bag" / "bag.mcap"
    empty = file.stat().st_size
    bag.write("/tf", b"\x00\x01\x00\x00\x00\x00\x00\x00", 1)
    now_s[0] = 0.9
    bag.write("/tf", b"\x00\x01\x00\x00\x00\x00\x00\x00", 2)
    assert file.stat().st_size == empty
    now_s[0] = 1.0
    bag.write("/tf", b"\x00\x01\x00\x00\x00\x00\x00\x00", 3)
    assert file.stat().st_size > empty
    bag.close()


KILLED = """
import os, signal, sys
from mirror_core.bags.writer import BagWriter
bag = BagWriter(sys.argv[1])
bag.add_topic("/tf", "tf2_msgs/msg/TFMessage")
for number in range(4):
    bag.write("/tf", bytes([0, 1, 0, 0, 0, 0, 0, 0]), number + 1)
    if number < 3:
        bag.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_recording_loses_only_its_last_chunk(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "bag")], check=False)
    with BagReader(tmp_path / "bag") as reader:
        assert "was not finished (metadata.yaml is missing)" in reader.damage
        assert [message.stamp_ns for message in reader.messages()] == [1, 2, 3]


def test_an_image_becomes_a_jpeg_with_the_same_header() -> None:
    store = new_typestore()
    image = np.full((48, 64, 3), (30, 90, 200), np.uint8)
    message = codecs.FRAMES.to_message(Frame(image, STAMP_NS))
    data = as_jpeg(serialize_message(message), store)
    packed: Any = store.deserialize_cdr(data, COMPRESSED_IMAGE_TYPE)
    assert len(data) < image.nbytes / 4
    assert packed.header.frame_id == "camera_optical"
    assert packed.header.stamp.sec * 10**9 + packed.header.stamp.nanosec == STAMP_NS
    assert packed.format == "bgr8; jpeg compressed bgr8"
    assert np.abs(picture_of(packed).astype(int) - image).max() <= 3


def test_a_damaged_jpeg_is_a_sentence() -> None:
    from sensor_msgs.msg import CompressedImage

    with pytest.raises(EncodingError, match="cannot be decoded: allowed are JPEG"):
        picture_of(CompressedImage(format="jpeg", data=b"no picture"))
