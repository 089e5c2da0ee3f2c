"""Bad files for the camera: calibrations, pictures of a folder, bags cut off and with flipped bytes."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from mirror_camera.bag import BagSource
from mirror_camera.calibration import load_calibration
from mirror_camera.images import ImagesSource
from mirror_camera.source import EndOfStream, SourceSettings
from mirror_core.bags.pictures import IMAGE_TYPE, picture_of
from mirror_core.bags.reader import BagReader
from mirror_core.bags.writer import BagWriter
from mirror_core.errors import MirrorError, SourceError, UsageError
from mirror_core.testing_fuzz import damaged, fuzz, json_values, odd_numbers, promised

MOST_READ = 20  # pictures of a source, so that none is read for ever
PICTURE = np.random.default_rng(2).integers(0, 256, (24, 32, 3), np.uint8)
FILES = {
    suffix: cv2.imencode(suffix, PICTURE)[1].tobytes()
    for suffix in (".png", ".jpg", ".webp", ".bmp", ".tiff")
}
CALIBRATION = {
    "image_width": 640,
    "image_height": 480,
    "camera_name": "camera",
    "distortion_model": "plumb_bob",
    "camera_matrix": {"rows": 3, "cols": 3, "data": [500.0, 0, 320, 0, 500, 240, 0, 0, 1]},
    "distortion_coefficients": {"rows": 1, "cols": 5, "data": [0.0] * 5},
}
ALIASES = "a: &a {x: 1}\n" + "".join(
    f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


def matrices(entry: dict[str, object]) -> st.SearchStrategy[object]:
    return st.fixed_dictionaries(
        {},
        optional={
            "rows": st.integers(-1, 5) | json_values(),
            "cols": st.integers(-1, 5) | json_values(),
            "data": st.lists(odd_numbers(), max_size=14) | json_values(),
        },
    ) | st.just(entry)


contents = st.builds(
    lambda changed: {**CALIBRATION, **changed},
    st.fixed_dictionaries(
        {},
        optional={
            "image_width": st.integers(-2, 2**40) | json_values(),
            "image_height": json_values(),
            "distortion_model": json_values(),
            "camera_matrix": matrices(CALIBRATION["camera_matrix"]),
            "distortion_coefficients": matrices(CALIBRATION["distortion_coefficients"]),
        },
    ),
)
VALID = yaml.safe_dump(CALIBRATION).encode()
texts = st.one_of(
    contents.map(lambda content: yaml.safe_dump(content).encode("utf-8", "replace")),
    damaged(VALID),
    st.sampled_from(
        (
            *(b"[" * 3000, b"{a: " * 3000, ALIASES.encode(), b"a: &a {b: *a}", b"a: 2001-99-99"),
            *(b"a: !!int ''", b"a: !!timestamp x", b"a: !!bool x", b"a: " + b"9" * 5000, b"\x00", b""),
            b"a: !!python/object:os.system x",
        )
    ),
)


@fuzz(60)
@given(content=texts)
def test_calibrations_are_refused_or_usable(folder: Path, content: bytes) -> None:
    file = folder / "calibration.yaml"
    file.write_bytes(content)
    with promised("calibration file", UsageError):
        calibration = load_calibration(file)
        assert calibration.horizontal_fov_deg > 0
        assert np.isfinite(calibration.scaled_to(320, 240).camera_matrix).all()


def bomb() -> bytes:
    """A PNG of half a megabyte that unpacks to 1.2 GB."""
    size = 20_000
    return bytes(cv2.imencode(".png", np.zeros((size, size), np.uint8))[1].tobytes())


@fuzz(60, share=0.5)
@given(
    names=st.lists(
        st.sampled_from(("1.png", "2.jpg", "3.webp", "4.bmp", "5.tiff", "0.pgm")), min_size=1, unique=True
    ),
    content=st.one_of(*(damaged(file) for file in FILES.values()), st.binary(max_size=40)),
    whole=st.booleans(),
)
def test_folders_of_pictures_show_what_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], content: bytes, whole: bool
) -> None:
    folder = tmp_path_factory.mktemp("pictures")
    for name in names:
        (folder / name).write_bytes(content)
    if whole:
        (folder / "whole.png").write_bytes(FILES[".png"])
    source = ImagesSource(SourceSettings(path=str(folder), rate_hz=200.0, loop=False))
    shown = 0
    with promised("folder of pictures", SourceError):
        source.open()
        with closing(source), suppress(EndOfStream):
            for _ in range(MOST_READ):
                assert source.read().image.dtype == np.uint8
                shown += 1
    assert shown >= whole
    for file in folder.iterdir():
        file.unlink()


def test_a_picture_of_no_width_takes_no_memory(tmp_path: Path) -> None:
    head = bytearray(FILES[".png"])
    head[16:24] = bytes.fromhex("00000000 20000000")  # OpenCV alone would take 1.5 GB for this
    (tmp_path / "odd.png").write_bytes(bytes(head))
    source = ImagesSource(SourceSettings(path=str(tmp_path)))
    with promised("folder of pictures", SourceError):
        source.open()


def test_a_picture_that_unpacks_to_a_gigabyte_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb())
    (tmp_path / "whole.png").write_bytes(FILES[".png"])
    source = ImagesSource(SourceSettings(path=str(tmp_path)))
    source.open()
    assert source.read().image.shape == PICTURE.shape
    assert source.notes == ("Not readable as pictures and left out: bomb.png.",)


def bag_in(folder: Path, *, compress: bool) -> Path:
    from mirror_core.bags.message_types import new_typestore

    store = new_typestore()
    types = store.types
    path = folder / f"bag_{compress}"
    with BagWriter(path, compress=compress) as bag:
        bag.add_topic("/camera/image_raw", IMAGE_TYPE)
        for number in range(4):
            time = types["builtin_interfaces/msg/Time"](sec=number, nanosec=0)
            header = types["std_msgs/msg/Header"](stamp=time, frame_id="camera")
            message = types[IMAGE_TYPE](
                header=header,
                height=24,
                width=32,
                encoding="bgr8",
                is_bigendian=0,
                step=96,
                data=PICTURE.ravel(),
            )
            bag.write("/camera/image_raw", store.serialize_cdr(message, IMAGE_TYPE), number * 10**6)
    return path


@pytest.fixture(scope="module")
def bags(folder: Path) -> dict[str, bytes]:
    """File name → content of whole bags."""
    found = {}
    for compress in (False, True):
        for file in bag_in(folder, compress=compress).iterdir():
            found[f"{compress} {file.name}"] = file.read_bytes()
    assert len(found) == 4  # the data and metadata.yaml, each twice
    return found


@fuzz(60, share=0.2)
@given(data=st.data())
def test_bags_are_read_as_far_as_they_are_whole(
    tmp_path_factory: pytest.TempPathFactory, bags: dict[str, bytes], data: st.DataObject
) -> None:
    compressed = data.draw(st.booleans())
    place = tmp_path_factory.mktemp("bag")
    parts = {
        name.split(" ")[1]: content for name, content in bags.items() if name.startswith(str(compressed))
    }
    broken = data.draw(st.sampled_from(sorted(parts)))
    for name, content in parts.items():
        if name != broken:
            (place / name).write_bytes(content)
        elif not data.draw(st.booleans()) or name != "metadata.yaml":
            (place / name).write_bytes(data.draw(damaged(content)))
    read = 0
    with promised("bag", MirrorError), BagReader(place) as reader:
        for message in reader.messages():
            if message.type_name == IMAGE_TYPE:
                assert picture_of(reader.decode(message)).ndim == 3
                read += 1
    assert read <= 5  # four, and one that was doubled
    source = BagSource(SourceSettings(path=str(place), speed=20.0, loop=False))
    with promised("bag source", SourceError):
        source.open()
        with closing(source), suppress(EndOfStream):
            for _ in range(MOST_READ):
                source.read()
