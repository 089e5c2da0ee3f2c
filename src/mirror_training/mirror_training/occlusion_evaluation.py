"""Measures the occlusion layer on held-out pictures, with other occluders than those it learned from.

Hands here are silhouettes drawn by hand, sticks are bars, and all textures come from pictures that training
never sees. The layer is asked as the effects ask it: one picture, no history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.occlusion import OcclusionLayer
from mirror_effects.occlusion_input import face_outline
from mirror_training.face_photos import (
    FacePhoto,
    is_held_out,
    load_faces,
    load_photos,
    without_near_duplicates,
)
from mirror_training.opencv import cv2
from mirror_training.textures import skin_colour

__all__ = [
    "EVALUATED_KINDS",
    "Composite",
    "HeldOut",
    "Score",
    "composite",
    "evaluate",
    "load_held_out",
    "score",
    "summary",
]

FINE = 8  # fractional steps of drawn coordinates (3 bits)
SHIFT = 3

# Outlines in hand lengths: x to the right, y from the wrist to the finger tips.
HANDS = {
    "open": [
        (0.30, -1.6), (0.32, 0), (0.30, 0.22), (0.16, 0.34), (0.05, 0.48), (0.08, 0.54), (0.16, 0.50),
        (0.28, 0.42),
        (0.28, 0.55), (0.22, 0.82), (0.26, 0.87), (0.32, 0.84), (0.38, 0.58), (0.41, 0.60), (0.41, 0.95),
        (0.46, 1.0), (0.51, 0.95), (0.51, 0.60), (0.54, 0.59), (0.60, 0.91), (0.65, 0.94), (0.69, 0.89),
        (0.64, 0.56), (0.67, 0.52), (0.78, 0.75), (0.83, 0.76), (0.86, 0.71), (0.76, 0.42), (0.70, 0.22),
        (0.68, 0), (0.72, -1.6),
    ],
    "flat": [
        (0.30, -1.6), (0.32, 0), (0.28, 0.3), (0.18, 0.5), (0.22, 0.56), (0.30, 0.48), (0.30, 0.85),
        (0.36, 0.92),
        (0.42, 0.90), (0.44, 0.97), (0.50, 1.0), (0.55, 0.96), (0.60, 0.95), (0.64, 0.88), (0.70, 0.80),
        (0.72, 0.50), (0.68, 0.20), (0.66, 0), (0.70, -1.6),
    ],
    "pointing": [
        (0.31, -1.6), (0.33, 0), (0.28, 0.25), (0.26, 0.45), (0.30, 0.55), (0.33, 0.60), (0.33, 0.95),
        (0.38, 1.0),
        (0.43, 0.95), (0.44, 0.62), (0.55, 0.63), (0.66, 0.58), (0.72, 0.48), (0.72, 0.28), (0.67, 0.12),
        (0.66, 0), (0.70, -1.6),
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """A face with something in front of it.

    Attributes:
        image: uint8 [h, w, 3], BGR.
        landmarks: float32 [468, 2], pixels (pixel i covers i … i+1).
        covered: bool [h, w], True where the occluder is.
    """

    image: Image
    landmarks: NDArray[np.float32]
    covered: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Score:
    """How well one face was judged, inside its outline.

    Attributes:
        kept_iou: intersection over union of the region kept visible.
        blind_iou: the same for a layer that takes everything for visible.
        covered_iou: intersection over union of the covered region; 1 where nothing is and nothing was found.
        false_share: share of the visible face that was taken for covered.
        missed_share: share of the covered region that was taken for visible; 0 where there is none.
    """

    kept_iou: float
    blind_iou: float
    covered_iou: float
    false_share: float
    missed_share: float


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Pictures that training never sees: faces, and photographs for textures."""

    faces: Sequence[FacePhoto]
    photos: Sequence[Image]


def load_held_out(data: Path) -> HeldOut:
    """Read the held-out pictures of a data folder.

    Raises:
        UsageError: where a file is missing.
    """
    faces = load_faces(data, "colour_faces_dev")
    trained = [face for face in faces if not is_held_out(face.name)]
    held_out = without_near_duplicates([face for face in faces if is_held_out(face.name)], trained)
    photos = [image for name, image in load_photos(data, "masked_photos_dev") if is_held_out(name)]
    return HeldOut([face for face in held_out if not face.is_grey], photos)


def _texture(rng: np.random.Generator, photos: Sequence[Image], size: tuple[int, int]) -> NDArray[np.float32]:
    """A piece of a photograph, stretched to size (width, height)."""
    image = photos[int(rng.integers(len(photos)))]
    height, width = image.shape[:2]
    side = int(rng.uniform(0.25, 0.7) * min(height, width))
    x, y = int(rng.integers(width - side + 1)), int(rng.integers(height - side + 1))
    return np.asarray(cv2.resize(image[y : y + side, x : x + side], size).astype(np.float32), np.float32)


def _skin(rng: np.random.Generator, face: FacePhoto, others: Sequence[FacePhoto]) -> NDArray[np.float32]:
    """The texture of another face's cheeks; in half of the cases in this face's own colour."""
    other = others[int(rng.integers(len(others)))]
    cheek = np.rint(other.landmarks[int(rng.choice([50, 280]))]).astype(int)
    x, y = np.clip(cheek, 12, np.array(other.image.shape[1::-1]) - 13)
    patch = other.image[y - 12 : y + 12, x - 12 : x + 12].astype(np.float32)
    if rng.random() < 0.5:
        patch *= skin_colour(face) / np.maximum(skin_colour(other), 8.0)
    size = _size(face)
    tiled = np.tile(np.block([[[patch], [patch[:, ::-1]]], [[patch[::-1]], [patch[::-1, ::-1]]]]), (3, 3, 1))
    return np.asarray(cv2.resize(tiled, size, interpolation=cv2.INTER_CUBIC), np.float32)


def _size(face: FacePhoto) -> tuple[int, int]:
    height, width = face.image.shape[:2]
    return width, height


def _filled(outline: NDArray[np.floating[Any]], size: tuple[int, int]) -> NDArray[np.float32]:
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(mask, [np.rint(outline * FINE).astype(np.int32)], 255, cv2.LINE_AA, SHIFT)
    return mask.astype(np.float32) / 255


def _spot(rng: np.random.Generator, face: FacePhoto) -> NDArray[np.float32]:
    return np.asarray(face.landmarks[int(rng.integers(len(face.landmarks)))], np.float32)


def _hand(rng: np.random.Generator, face: FacePhoto, held_out: HeldOut) -> tuple[NDArray[np.float32], ...]:
    outline = np.array(HANDS[str(rng.choice(list(HANDS)))]) - (0.5, rng.uniform(0.3, 0.9))
    length = np.ptp(face.landmarks[:, 1]) * rng.uniform(0.6, 1.0)
    outline *= (rng.choice([-1.0, 1.0]) * length, -length)
    angle = rng.uniform(-np.pi, np.pi)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    size = _size(face)
    alpha = _filled(outline @ rotation.T + _spot(rng, face), size)
    depth = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    rounding = 1.0 - rng.uniform(0.1, 0.5) * np.exp(-depth / rng.uniform(1.5, 4.0))
    return _skin(rng, face, held_out.faces) * rounding[..., None], alpha


def _stick(rng: np.random.Generator, face: FacePhoto, held_out: HeldOut) -> tuple[NDArray[np.float32], ...]:
    angle, half = rng.uniform(0, np.pi), np.ptp(face.landmarks[:, 1]) * rng.uniform(0.02, 0.09)
    way = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-way[1], way[0]]) * half
    middle, size = _spot(rng, face), _size(face)
    start, end = middle - way * rng.uniform(10, 300), middle + way * 300
    alpha = _filled(np.array([start - across, start + across, end + across, end - across]), size)
    return _texture(rng, held_out.photos, size), alpha


def _thing(rng: np.random.Generator, face: FacePhoto, held_out: HeldOut) -> tuple[NDArray[np.float32], ...]:
    """A cup, a card, a phone: a textured shape of four to nine corners, rounded or not."""
    corners = int(rng.integers(4, 10))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = np.ptp(face.landmarks[:, 1]) * rng.uniform(0.15, 0.4)
    outline = np.column_stack([np.cos(angles), np.sin(angles)]) * radius + _spot(rng, face)
    size = _size(face)
    alpha = _filled(outline, size)
    if rng.random() < 0.5:
        alpha = np.clip((cv2.GaussianBlur(alpha, (0, 0), 4.0) - 0.5) * 6 + 0.5, 0, 1)
    return _texture(rng, held_out.photos, size), alpha


def _glasses(rng: np.random.Generator, face: FacePhoto, held_out: HeldOut) -> tuple[NDArray[np.float32], ...]:
    """Rectangular sunglasses that hang on the eyes' corners."""
    size = _size(face)
    right, left = face.landmarks[33].astype(float), face.landmarks[263].astype(float)
    along = left - right
    down = np.array([-along[1], along[0]])
    alpha = np.zeros(size[::-1], np.float32)
    for a, b in ((-0.12, 0.43), (0.57, 1.12)):
        lens = [right + a * along, right + b * along]
        box = np.array(
            [lens[0] - 0.14 * down, lens[1] - 0.14 * down, lens[1] + 0.2 * down, lens[0] + 0.24 * down]
        )
        alpha = np.maximum(alpha, _filled(box, size))
    bridge = [right + 0.4 * along - 0.08 * down, right + 0.6 * along - 0.08 * down]
    alpha = np.maximum(
        alpha, _filled(np.array([*bridge, bridge[1] + 0.05 * down, bridge[0] + 0.05 * down]), size)
    )
    tint = rng.uniform(5, 60, 3) + rng.uniform(0.05, 0.25) * _texture(rng, held_out.photos, size)
    return tint.astype(np.float32), alpha


_DRAW: dict[str, Callable[[np.random.Generator, FacePhoto, HeldOut], tuple[NDArray[np.float32], ...]]] = {
    "hand": _hand,
    "stick": _stick,
    "thing": _thing,
    "sunglasses": _glasses,
}
EVALUATED_KINDS = ("nothing", *_DRAW)


def composite(rng: np.random.Generator, face: FacePhoto, held_out: HeldOut, kind: str) -> Composite:
    """Paste an occluder of a kind of `EVALUATED_KINDS` on a face, half of them with a contact shadow."""
    landmarks = face.landmarks + np.float32(0.5)
    if kind == "nothing":
        return Composite(face.image, landmarks, np.zeros(face.image.shape[:2], np.bool_))
    colour, alpha = _DRAW[kind](rng, face, held_out)
    base = face.image.astype(np.float32)
    if rng.random() < 0.5:
        base = base * (1.0 - rng.uniform(0.1, 0.5) * cv2.GaussianBlur(alpha, (0, 0), 4.0)[..., None])
    mixed = base * (1.0 - alpha[..., None]) + colour * alpha[..., None]
    return Composite(np.clip(mixed, 0, 255).astype(np.uint8), landmarks, alpha > 0.5)


def score(layer: OcclusionLayer, example: Composite) -> Score:
    """Judge one composite."""
    shape = example.image.shape[:2]
    outline = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(
        outline, np.rint(face_outline(example.landmarks - np.float32(0.5))).astype(np.int32), 1
    )
    inside = outline > 0
    seen = layer.visibility(example.image, example.landmarks)
    kept = np.ones(shape, np.bool_)
    kept[seen.rows, seen.columns] = seen.mask >= 128
    visible = ~example.covered & inside
    kept, covered = kept & inside, example.covered & inside
    found = inside & ~kept

    def iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
        either = int((a | b).sum())
        return float((a & b).sum()) / either if either else 1.0

    return Score(
        kept_iou=iou(kept, visible),
        blind_iou=iou(inside, visible),
        covered_iou=iou(found, covered),
        false_share=float((found & visible).sum()) / max(int(visible.sum()), 1),
        missed_share=float((kept & covered).sum()) / max(int(covered.sum()), 1),
    )


def evaluate(
    layer: OcclusionLayer, held_out: HeldOut, per_kind: int = 200, seed: int = 1
) -> dict[str, list[Score]]:
    """Judge `per_kind` composites of every kind.

    Returns:
        kind → scores, in the order of `EVALUATED_KINDS`.
    """
    scores: dict[str, list[Score]] = {}
    for number, kind in enumerate(EVALUATED_KINDS):
        count = min(per_kind, len(held_out.faces)) if kind == "nothing" else per_kind
        scores[kind] = []
        for index in range(count):
            rng = np.random.default_rng([seed, number, index])
            face = held_out.faces[index % len(held_out.faces)]
            scores[kind].append(score(layer, composite(rng, face, held_out, kind)))
    return scores


def summary(scores: dict[str, list[Score]]) -> dict[str, tuple[int, Score]]:
    """Number and mean of the scores of each kind, and of "all occluders" together."""
    groups = dict(scores)
    groups["all occluders"] = [one for kind, group in scores.items() if kind != "nothing" for one in group]
    means = {}
    for kind, group in groups.items():
        values = np.array([astuple(one) for one in group]).mean(axis=0)
        means[kind] = (len(group), Score(*map(float, values)))
    return means
