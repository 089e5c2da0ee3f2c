"""Makes the bag of `tests/replay` from the demo reel, and the golden results that replays are compared with.

    scripts/golden_replay [--results]

The results are made by the code as it is: look at what has changed, and why, before they are committed.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from mirror.replay_results import Tolerances, differences, read_results, write_results
from mirror.step_replay import open_steps
from mirror_camera.calibration import calibration_from_fov
from mirror_camera.camera_infos import camera_info_of
from mirror_camera.demo import FOV_DEG
from mirror_camera.reel import Reel
from mirror_core.bags.message_types import new_typestore
from mirror_core.bags.pictures import COMPRESSED_IMAGE_TYPE, as_jpeg
from mirror_core.bags.writer import BagWriter
from mirror_core.codecs import CAMERA_INFO, FRAMES
from mirror_core.errors import StoreError, UsageError
from mirror_core.frame import Frame

__all__ = ["ARGUMENTS", "BAG", "RESULTS", "main"]

FOLDER = Path("tests/replay")
BAG = FOLDER / "reel"
RESULTS = FOLDER / "golden.json"
ARGUMENTS = ("effects:=caricature,landmarks", "bodies:=false")
SIZE = (640, 360)  # px
RATE_HZ = 10.0
BEGIN_S, LENGTH_S = 14.5, 3.0  # of the reel: the head turns and nods
JPEG_QUALITY = 85  # of 100
FIRST_NS = 1_700_000_000_000_000_000  # stamp of the first picture; any will do, and always the same


def make_bag(folder: Path) -> None:
    """Write the bag: a few seconds of the reel as JPEG, with the camera's calibration."""
    from rclpy.serialization import serialize_message

    store = new_typestore()
    reel = Reel(*SIZE)
    calibration = calibration_from_fov(*SIZE, FOV_DEG)
    with BagWriter(folder, compress=True, keep_free_bytes=0) as writer:
        writer.add_topic("/mirror/camera/image_raw/compressed", COMPRESSED_IMAGE_TYPE)
        writer.add_topic("/mirror/camera/camera_info", "sensor_msgs/msg/CameraInfo")
        for number in range(round(LENGTH_S * RATE_HZ)):
            moment_s = number / RATE_HZ
            stamp_ns = FIRST_NS + round(moment_s * 1e9)
            frame = Frame(reel.render(BEGIN_S + moment_s), stamp_ns)
            if number == 0:
                info = CAMERA_INFO.to_message(camera_info_of(frame, calibration))
                writer.write("/mirror/camera/camera_info", serialize_message(info), stamp_ns)
            image = as_jpeg(serialize_message(FRAMES.to_message(frame)), store, JPEG_QUALITY)
            writer.write("/mirror/camera/image_raw/compressed", image, stamp_ns)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `scripts/golden_replay`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--results", action="store_true", help="only the results, of the bag that is there")
    if not parser.parse_args(arguments).results:
        shutil.rmtree(BAG, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        make_bag(BAG)
    with open_steps(BAG, ARGUMENTS) as steps:
        frames = [result.as_json() for result in steps]
    try:
        before = read_results(RESULTS)["frames"]
    except (UsageError, StoreError):
        before = frames
    write_results(RESULTS, frames, {"bag": BAG.name, "arguments": list(ARGUMENTS)}, Tolerances())
    print(
        "\n".join(differences(frames, before, Tolerances())) or "Nothing has changed beyond the tolerances."
    )


if __name__ == "__main__":
    main()
