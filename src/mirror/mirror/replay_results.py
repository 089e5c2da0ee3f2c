"""What a replay frame by frame has found, as JSON, and how far two such results are apart."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.bodies import BodySet
from mirror_core.errors import StoreError, UsageError
from mirror_core.faces import Face, FaceSet
from mirror_core.frame import Frame, Image
from mirror_core.moods import MoodSet

__all__ = ["FrameResult", "Tolerances", "differences", "read_results", "write_results"]

GREY_GRID = (6, 4)  # columns and rows of which the mean grey levels are kept
MOST_DIFFERENCES = 20  # that are told
PLACES = {"px": 2, "m": 4, "rotation": 5, "share": 5, "grey": 2}  # decimal places that are written


@dataclass(frozen=True, slots=True)
class FrameResult:
    """What came of one frame.

    Attributes:
        frame: as the camera published it.
        faces: None where nothing tracks faces.
        moods: read from this frame; None where none were, as moods are read a few times a second.
        bodies: None where nothing tracks bodies.
        shown: what the mirror shows; None where no effects run.
    """

    frame: Frame
    faces: FaceSet | None
    moods: MoodSet | None
    bodies: BodySet | None
    shown: Frame | None

    def as_json(self) -> dict[str, Any]:
        """As it is written; what is not there is left out."""
        result: dict[str, Any] = {"stamp_ns": self.frame.stamp_ns}
        if self.frame.is_placeholder:
            result["is_placeholder"] = True
        if self.faces is not None:
            result["faces"] = [_face(face) for face in self.faces.faces]
        if self.moods is not None:
            result["moods"] = [
                {
                    "id": mood.track_id,
                    "probabilities": _rounded(mood.probabilities, "share"),
                    "unsure": mood.unsure,
                }
                for mood in self.moods.moods
            ]
        if self.bodies is not None:
            result["bodies"] = [
                {"id": body.track_id, "points": _rounded(body.landmarks[:, :2], "px")}
                for body in self.bodies.bodies
            ]
        if self.shown is not None:
            result["image"] = {"sha256": _hash(self.shown.image), "grey": _grey(self.shown.image)}
        return result


def _face(face: Face) -> dict[str, Any]:
    result: dict[str, Any] = {"id": face.track_id, "landmarks": _rounded(face.landmarks[:, :2], "px")}
    if face.head_pose is not None:
        result["position_m"] = _rounded(np.array(face.head_pose.position_m), "m")
        result["quaternion"] = _rounded(np.array(face.head_pose.quaternion), "rotation")
    return result


def _rounded(values: NDArray[Any], kind: str) -> list[float]:
    return [round(value, PLACES[kind]) for value in values.ravel().astype(float).tolist()]


def _hash(image: Image) -> str:
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()


def _grey(image: Image) -> list[float]:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return _rounded(np.asarray(cv2.resize(grey, GREY_GRID, interpolation=cv2.INTER_AREA)), "grey")


@dataclass(frozen=True, slots=True)
class Tolerances:
    """By how much results may differ from one processor to the next.

    Attributes:
        landmarks_px: of any landmark of a face, pixels.
        position_m: of a head, metres.
        rotation_deg: of a head, degrees.
        probability: of any mood.
        body_points_px: mean of a body's points, pixels.
        grey_levels: of any cell of the picture that the mirror shows.
    """

    landmarks_px: float = 2.0
    position_m: float = 0.01
    rotation_deg: float = 1.0
    probability: float = 0.05
    body_points_px: float = 6.0
    grey_levels: float = 1.0


def write_results(
    file: Path,
    frames: Iterable[Mapping[str, Any]],
    about: Mapping[str, Any],
    tolerances: Tolerances | None = None,
) -> None:
    """Write results as JSON, a line for each frame.

    Args:
        file: is overwritten.
        frames: see `FrameResult.as_json`.
        about: what was played, and how.
        tolerances: for results that others are compared with.

    Raises:
        UsageError: if it cannot be written.
    """
    head = {**about, **({"tolerances": asdict(tolerances)} if tolerances is not None else {})}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    rows = ",\n".join(json.dumps(frame, separators=(",", ":")) for frame in frames)
    text = "{\n" + "".join(f"{line},\n" for line in lines) + f'"frames": [\n{rows}\n]\n}}\n'
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(
            f"The results {file} cannot be written ({error.strerror}): name another file."
        ) from error


def read_results(file: Path) -> dict[str, Any]:
    """Read what `write_results` has written.

    Raises:
        UsageError: if there is no such file.
        StoreError: if it holds no results.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"The results {file} cannot be read ({error.strerror}): make them with --out."
        ) from error
    except ValueError as error:
        raise StoreError(f"The results {file} are damaged ({error}).") from error
    if not isinstance(content, dict) or not isinstance(content.get("frames"), list):
        raise StoreError(f"{file} holds no results: make them with `mirror replay BAG --step --out {file}`.")
    return content


def differences(
    found: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]], tolerances: Tolerances
) -> list[str]:
    """Where results differ by more than is allowed, one sentence each; at most a few are told.

    Args:
        found, expected: frames of two results.
        tolerances: what is allowed.
    """
    said: list[str] = []
    if len(found) != len(expected):
        said.append(f"There are {len(found)} frames in place of {len(expected)}.")
    for number, (ours, theirs) in enumerate(zip(found, expected, strict=False)):
        said += [f"Frame {number}: {what}" for what in _frame_differences(ours, theirs, tolerances)]
    if len(said) > MOST_DIFFERENCES:
        said[MOST_DIFFERENCES:] = [f"And {len(said) - MOST_DIFFERENCES} more."]
    return said


def _frame_differences(
    found: Mapping[str, Any], expected: Mapping[str, Any], tolerances: Tolerances
) -> list[str]:
    said = []
    if found["stamp_ns"] != expected["stamp_ns"]:
        said.append(f"its stamp is {found['stamp_ns']} in place of {expected['stamp_ns']}.")
    for kind in ("faces", "moods", "bodies"):
        ours, theirs = (
            {each["id"]: each for each in frame[kind]} if kind in frame else None
            for frame in (found, expected)
        )
        if ours is None or theirs is None or ours.keys() != theirs.keys():
            if ours != theirs:
                said.append(f"{kind} are {_ids(ours)} in place of {_ids(theirs)}.")
            continue
        for key in ours:
            said += [f"{kind} {key}: {what}" for what in _deviations(ours[key], theirs[key], tolerances)]
    picture, expected_picture = found.get("image"), expected.get("image")
    if picture is not None and expected_picture is not None:
        levels = _largest(picture["grey"], expected_picture["grey"])
        if not levels <= tolerances.grey_levels:
            said.append(f"a part of the picture is {levels:.2f} grey levels off.")
    elif picture is not expected_picture:
        said.append("only one of the two has a picture.")
    return said


def _ids(by_id: Mapping[int, Any] | None) -> str:
    return "not there" if by_id is None else ", ".join(map(str, sorted(by_id))) or "none"


def _deviations(found: Mapping[str, Any], expected: Mapping[str, Any], tolerances: Tolerances) -> list[str]:
    """Of one face, mood or body."""
    measures = (
        ("landmarks", _farthest, tolerances.landmarks_px, "a landmark lies {:.2f} px off."),
        ("position_m", _distance, tolerances.position_m, "the head is {:.3f} m off."),
        ("quaternion", _angle_deg, tolerances.rotation_deg, "the head is turned by {:.2f}° more or less."),
        ("probabilities", _largest, tolerances.probability, "a probability is {:.3f} off."),
        ("points", _mean_distance, tolerances.body_points_px, "its points lie {:.2f} px off on average."),
    )
    said = []
    for key, measure, allowed, sentence in measures:
        if (key in found) != (key in expected):
            said.append(f"only one of the two has {key}.")
        elif key in found:
            amount = measure(found[key], expected[key])
            if not amount <= allowed:  # NaN counts as too much
                said.append(sentence.format(amount))
    return said


def _apart(found: Sequence[float], expected: Sequence[float]) -> NDArray[np.float64]:
    ours, theirs = np.array(found, np.float64), np.array(expected, np.float64)
    return ours - theirs if ours.shape == theirs.shape else np.full(2, np.nan)


def _distances(found: Sequence[float], expected: Sequence[float]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(_apart(found, expected).reshape(-1, 2), axis=1), np.float64)


def _farthest(found: Sequence[float], expected: Sequence[float]) -> float:
    return float(_distances(found, expected).max())


def _mean_distance(found: Sequence[float], expected: Sequence[float]) -> float:
    return float(_distances(found, expected).mean())


def _distance(found: Sequence[float], expected: Sequence[float]) -> float:
    return float(np.linalg.norm(_apart(found, expected)))


def _largest(found: Sequence[float], expected: Sequence[float]) -> float:
    return float(np.abs(_apart(found, expected)).max())


def _angle_deg(found: Sequence[float], expected: Sequence[float]) -> float:
    chord = min(_distance(found, expected), _distance(found, [-value for value in expected]))
    return math.degrees(4 * math.asin(min(1.0, chord / 2)))  # exact where a cosine would lose small angles
