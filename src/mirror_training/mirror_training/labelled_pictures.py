"""Pictures that somebody has labelled: a folder, a CSV file, and the face in each."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_tracking.detector import FaceDetector, views_of
from mirror_tracking.mesh import FaceMesh, region_from_detection, region_from_landmarks
from mirror_training.opencv import cv2

__all__ = ["LabelledPicture", "face_in", "find_landmarks", "read_labels"]

COLUMNS = ("picture", "label", "person")
LEAST_FACE_PX = 40.0
LEAST_PRESENCE = 0.8  # of the mesh, as for new faces before the mirror
PADDING = 0.5  # of the picture's size on each side, for faces that fill it
LARGEST_SIDE_PX = 1600  # larger pictures are scaled down
MOST_NAMED = 3  # pictures that an error names

Landmarks = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One row of the CSV file.

    Attributes:
        path: of the picture.
        label: its class.
        person: whose pictures belong together; the picture's own name where the file does not say.
    """

    path: Path
    label: str
    person: str


def read_labels(labels: Path, images: Path) -> list[LabelledPicture]:
    """Read a CSV file with the columns picture, label and, if wanted, person.

    The picture is a file's name within the folder. Columns may be divided by commas, semicolons or tabs; the
    first line may name them.

    Raises:
        UsageError: if the file or pictures are missing, a row is incomplete, or a picture has two labels; in
            one sentence that says in which line.
    """
    if not images.is_dir():
        raise UsageError(f"{images} is no folder: give --images the folder with the pictures.")
    try:
        text = labels.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"The labels {labels} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The labels {labels} are no UTF-8 text: save them as CSV in UTF-8.") from error
    lines = text.splitlines()
    divider = next((sign for sign in ",;\t" if lines and sign in lines[0]), ",")
    found: dict[str, LabelledPicture] = {}
    missing: list[str] = []
    for number, row in enumerate(csv.reader(lines, delimiter=divider), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[0].lower() in ("picture", "image", "file", "name")):
            continue
        if not 2 <= len(cells) <= len(COLUMNS) or not cells[0] or not cells[1]:
            raise UsageError(
                f"Line {number} of {labels} must hold {COLUMNS[0]}, {COLUMNS[1]} and at most {COLUMNS[2]}, "
                f"not {divider.join(row)!r}."
            )
        name, label = cells[:2]
        person = cells[2] if len(cells) > 2 and cells[2] else name
        if name in found and found[name].label != label:
            raise UsageError(
                f"Line {number} of {labels} calls {name} {label!r}, but above it is {found[name].label!r}."
            )
        path = images / name
        if not path.is_file():
            missing.append(name)
        found[name] = LabelledPicture(path, label, person)
    if missing:
        raise UsageError(
            f"{_named(missing)} of {labels} not in {images}: correct the names or add the files."
        )
    if not found:
        raise UsageError(
            f"There are no labels in {labels}: one line for each picture, such as ada.jpg,smile."
        )
    return list(found.values())


def _named(names: Sequence[str]) -> str:
    """Some of the names and how many more there are, with a verb."""
    some = ", ".join(names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{some}{more} {'is' if len(names) == 1 else 'are'}"


def find_landmarks(
    pictures: Sequence[LabelledPicture], report: Callable[[str], None] = lambda _: None
) -> list[Landmarks | None]:
    """The largest face in each picture, float32 [478, 3] in pixels; None where none is found.

    Raises:
        UsageError: where a file is no picture.
        ModelError: where a model does not load.
    """
    detector, mesh = FaceDetector(), FaceMesh(parallel=1)
    found: list[Landmarks | None] = []
    try:
        for number, picture in enumerate(pictures, 1):
            found.append(face_in(_read(picture.path), detector, mesh))
            if number % 500 == 0:
                report(f"{number} of {len(pictures)} pictures")
    finally:
        detector.close()
        mesh.close()
    return found


def _read(path: Path) -> Image:
    data = np.frombuffer(path.read_bytes(), np.uint8)
    image: Any = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise UsageError(f"{path} is no picture: JPEG, PNG and WebP are allowed.")
    scale = LARGEST_SIDE_PX / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(image, np.uint8)


def face_in(image: Image, detector: FaceDetector, mesh: FaceMesh) -> Landmarks | None:
    """The largest face in a picture uint8 [h, w, 3]: float32 [478, 3] in its pixels, or None.

    A face that fills the picture is found when there is something around it.
    """
    landmarks = _largest_face(image, detector, mesh)
    if landmarks is not None:
        return landmarks
    height, width = image.shape[:2]
    x, y = round(PADDING * width), round(PADDING * height)
    padded = cv2.copyMakeBorder(image, y, y, x, x, cv2.BORDER_REPLICATE)
    landmarks = _largest_face(padded, detector, mesh)
    return None if landmarks is None else landmarks - np.array([x, y, 0], np.float32)


def _largest_face(image: Image, detector: FaceDetector, mesh: FaceMesh) -> Landmarks | None:
    height, width = image.shape[:2]
    detections = [
        detection
        for view in views_of(width, height, LEAST_FACE_PX)
        for detection in detector.detect(image, view)
    ]
    for detection in sorted(detections, key=lambda one: -one.roi.area):
        (first,) = mesh.landmarks(image, [region_from_detection(detection)])
        # Once more where the mesh itself saw the face: the same place whatever the detector's box was like.
        (second,) = mesh.landmarks(image, [region_from_landmarks(first.landmarks)])
        if min(first.presence, second.presence) >= LEAST_PRESENCE:
            return second.landmarks
    return None
