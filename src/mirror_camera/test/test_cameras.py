"""Finding this machine's cameras, with device folders made up for the purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mirror_camera.cameras import Camera, find_camera, find_cameras, query_capabilities
from mirror_core.errors import SourceError

CAPTURE, METADATA, CODEC = 0x04200001, 0x04A00000, 0x04204000


def _machine(tmp_path: Path, nodes: dict[str, tuple[str, str]]) -> tuple[Path, Path]:
    devices, sysfs = tmp_path / "dev", tmp_path / "sys"
    devices.mkdir()
    for node, (name, index) in nodes.items():
        (devices / node).touch()
        (sysfs / node).mkdir(parents=True)
        (sysfs / node / "name").write_text(name + "\n")
        (sysfs / node / "index").write_text(index + "\n")
    return devices, sysfs


def _query(answers: dict[str, int | OSError]) -> Callable[[Path], int]:
    def query(device: Path) -> int:
        answer = answers[device.name]
        if isinstance(answer, OSError):
            raise answer
        return answer

    return query


def test_only_capture_nodes_are_cameras_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    nodes = {
        "video10": ("Logitech BRIO", "0"),
        "video0": ("Integrated Camera", "0"),
        "video1": ("Integrated Camera", "1"),
        "video11": ("bcm2835-codec", "0"),
        "video2": ("Gone", "0"),
    }
    devices, sysfs = _machine(tmp_path, nodes)
    (devices / "videoloop").touch()
    query = _query(
        {
            "video10": CAPTURE,
            "video0": CAPTURE,
            "video1": METADATA,
            "video11": CODEC,
            "video2": OSError(19, "x"),
        }
    )
    found = find_cameras(devices, sysfs, query)
    assert [str(camera) for camera in found] == [
        f"{devices}/video0 (Integrated Camera)",
        f"{devices}/video10 (Logitech BRIO)",
    ]


def test_a_forbidden_camera_is_listed_as_such_without_its_metadata_node(tmp_path: Path) -> None:
    devices, sysfs = _machine(tmp_path, {"video0": ("Cam", "0"), "video1": ("Cam", "1")})
    denied = PermissionError(13, "Permission denied")
    found = find_cameras(devices, sysfs, _query({"video0": denied, "video1": denied}))
    assert found == (Camera(devices / "video0", "Cam", accessible=False),)


def test_a_file_that_is_no_device_is_no_camera(tmp_path: Path) -> None:
    devices, sysfs = _machine(tmp_path, {"video0": ("Fake", "0")})
    with pytest.raises(OSError, match=r"ioctl|device|Errno 25"):
        query_capabilities(devices / "video0")
    assert find_cameras(devices, sysfs) == ()


BOTH = (Camera(Path("/dev/video0"), "Integrated Camera"), Camera(Path("/dev/video10"), "Logitech BRIO"))


@pytest.mark.parametrize(
    ("wanted", "number"),
    [("", 0), ("0", 0), ("10", 10), ("/dev/video10", 10), ("video10", 10), ("brio", 10), ("camera", 0)],
)
def test_a_camera_is_found_by_number_file_or_part_of_its_name(wanted: str, number: int) -> None:
    assert find_camera(wanted, BOTH).number == number


def test_a_link_to_a_device_names_its_camera(tmp_path: Path) -> None:
    (tmp_path / "video3").touch()
    link = tmp_path / "usb-BRIO-index0"
    link.symlink_to(tmp_path / "video3")
    cameras = (Camera(tmp_path / "video2", "A"), Camera(tmp_path / "video3", "B"))
    assert find_camera(str(link), cameras, tmp_path).name == "B"


def test_without_a_wish_the_first_camera_that_may_be_opened_is_taken() -> None:
    locked = Camera(Path("/dev/video0"), "Locked", accessible=False)
    assert find_camera("", (locked, BOTH[1])) is BOTH[1]
    assert find_camera("", (locked,)) is locked


@pytest.mark.parametrize("wanted", ["1", "/dev/video7", "kinect"])
def test_a_missing_camera_lists_the_good_ones(wanted: str) -> None:
    with pytest.raises(
        SourceError, match=r"was not found.*video0 \(Integrated Camera\), .*video10"
    ) as caught:
        find_camera(wanted, BOTH)
    assert repr(wanted) in str(caught.value)


@pytest.mark.parametrize("wanted", ["", "0"])
def test_without_any_camera_the_demo_is_proposed(wanted: str) -> None:
    with pytest.raises(SourceError, match="demo source"):
        find_camera(wanted, ())
