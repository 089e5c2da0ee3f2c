"""Bad input guided by coverage (atheris, not among the requirements): `scripts/fuzz --guided SECONDS`.

Each target runs in a process of its own for so many seconds. What is found is printed, and the bytes that did
it stay in the folder `fuzz`.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
FOUND = ROOT / "fuzz"
LONGEST_BYTES = 65536
MEMORY_MB = 2048
FOLLOWED = (
    *("mirror", "mirror_core", "mirror_gallery", "mirror_camera", "mirror_mood"),
    *("zipfile", "json", "yaml", "csv", "shlex", "rosbags", "PIL"),
)
PATIENCE_S = 20  # one input that takes longer counts as a hang


def file_with(data: bytes, name: str) -> Path:
    """A file of this content, the same one for each input."""
    folder = Path(tempfile.gettempdir()) / "mirror-guided-fuzzing"
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(data)
    return file


def face_file(data: bytes) -> None:
    from mirror_gallery.portrait_file import decode

    decode(data)


def photograph(data: bytes) -> None:
    from mirror_gallery.photo import read_photograph

    read_photograph(data)


def points(data: bytes) -> None:
    from mirror_gallery.points_file import parse_points

    parse_points(data[1:].decode("utf-8", "replace"), bool(data[:1] > b"\x7f"), (640, 480))


def parameter_file(data: bytes) -> None:
    from mirror.parameter_file import check_parameter_file

    check_parameter_file(file_with(data, "parameters.yaml"))


def calibration(data: bytes) -> None:
    from mirror_camera.calibration import load_calibration

    load_calibration(file_with(data, "calibration.yaml"))


def compressed_image(data: bytes) -> None:
    from mirror_core.compressed import compressed_picture

    compressed_picture(data, "jpeg")


def bag(data: bytes) -> None:
    from mirror_core.bags.reader import BagReader

    with BagReader(file_with(data, "bag.mcap")) as reader:
        for message in reader.messages():
            reader.decode(message)


def mood_rule(data: bytes) -> None:
    from mirror_mood.rules import parse_rules

    parse_rules(data.decode("utf-8", "replace").splitlines())


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (face_file, photograph, points, parameter_file, calibration, compressed_image, bag, mood_rule)
}


def pictures() -> list[bytes]:
    """The same few pixels in each kind of file."""
    noise = np.random.default_rng(1).integers(0, 256, (16, 20, 3), np.uint8)
    return [cv2.imencode(suffix, noise)[1].tobytes() for suffix in (".jpg", ".png", ".webp", ".bmp", ".tiff")]


def stored_face() -> bytes:
    """A face file with one small view."""
    from mirror_gallery.consent import Consent, Scope
    from mirror_gallery.portrait import FaceView, Portrait
    from mirror_gallery.portrait_file import encode

    points = np.random.default_rng(2).normal(8, 4, (468, 3)).astype(np.float32)
    view = FaceView(np.full((8, 8, 3), 90, np.uint8), np.full((8, 8), 255, np.uint8), points)
    return encode(Portrait("a", "A", (view,)), datetime(2026, 1, 1, tzinfo=UTC), Consent(Scope.UNTIL_REVOKED))


def recorded() -> bytes:
    """The file of a bag with one short message."""
    from mirror_core.bags.message_types import new_typestore
    from mirror_core.bags.writer import BagWriter

    kind = "std_msgs/msg/Header"
    store = new_typestore()
    header = store.types[kind](
        stamp=store.types["builtin_interfaces/msg/Time"](sec=1, nanosec=0), frame_id="a"
    )
    with tempfile.TemporaryDirectory() as folder:
        with BagWriter(Path(folder, "bag")) as writer:
            writer.add_topic("/a", kind)
            writer.write("/a", store.serialize_cdr(header, kind), 1)
        return next(Path(folder, "bag").glob("*.mcap")).read_bytes()


def seeds(name: str) -> list[bytes]:
    """Whole inputs of a target, from which the changed ones are made."""
    matrix = "{rows: 3, cols: 3, data: [500, 0, 320, 0, 500, 240, 0, 0, 1]}"
    distortion = "{rows: 1, cols: 5, data: [0, 0, 0, 0, 0]}"
    return {
        "face_file": lambda: [stored_face()],
        "photograph": pictures,
        "points": lambda: [
            b'\x00{"152": [1, 2], "unit": "px"}',
            b"\x8010,1.5,2\nchin,3,4\n",
            b"\x00[[1, 2]]",
        ],
        "parameter_file": lambda: [(ROOT / "config" / "full.yaml").read_bytes()],
        "calibration": lambda: [
            f"image_width: 640\nimage_height: 480\ncamera_matrix: {matrix}\n"
            f"distortion_coefficients: {distortion}\n".encode()
        ],
        "compressed_image": pictures,
        "bag": lambda: [recorded()],
        "mood_rule": lambda: [b"name=smile mood=happy duration=1 cooldown=3600 effects=landmarks lasts=5"],
    }[name]()


def run_one(name: str, seconds: int) -> None:
    """Let atheris try one target; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=list(FOLLOWED)):
        from mirror_core.errors import MirrorError

        given = seeds(name)
        for content in given:
            with contextlib.suppress(MirrorError):
                TARGETS[name](content)  # imports what it uses, which is then followed
    target = TARGETS[name]

    def try_input(data: bytes) -> None:
        try:
            target(data)
        except MirrorError as error:
            assert str(error).strip()

    FOUND.mkdir(exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST_BYTES}", f"-rss_limit_mb={MEMORY_MB}"]
    options += [f"-timeout={PATIENCE_S}", f"-artifact_prefix={FOUND}/{name}-", "-print_final_stats=1"]
    with tempfile.TemporaryDirectory() as corpus:
        for number, content in enumerate(given):
            Path(corpus, str(number)).write_bytes(content)
        atheris.Setup([sys.argv[0], *options, corpus], try_input)
        atheris.Fuzz()


def main() -> int:
    """Try all targets, one after the other; returns 1 where something was found."""
    if len(sys.argv) > 2:
        run_one(sys.argv[2], int(sys.argv[1]))
        return 0
    try:
        import atheris  # noqa: F401
    except ImportError:
        print("mirror: atheris is not installed, by which this is guided; `pip install atheris` brings it.")
        return 2
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    failed = []
    for name in TARGETS:
        done = subprocess.run(
            [sys.executable, __file__, seconds, name], capture_output=True, text=True, check=False
        )
        tried = next((line for line in done.stderr.splitlines() if "number_of_executed_units" in line), "")
        print(
            f"{name}: {tried.rpartition(':')[2].strip() or '?'} inputs, exit status {done.returncode}",
            flush=True,
        )
        if done.returncode:
            failed.append(name)
            print((done.stdout + done.stderr)[-3000:], flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
