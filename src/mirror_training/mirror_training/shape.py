"""The recipe of the shape model: aligned meshes of many people → mean, components, deviations.

1. Meshes and their mirror images are aligned by generalised Procrustes analysis (Gower 1975), weighted to
   the points that expressions move little.
2. What the mesh does to turned heads is learned from pictures of the same person with the same
   expression, so that nobody's features are taken for it, and removed.
3. Shapes that are far from all others, or that the components cannot explain, are dropped.
4. Principal components, or sparse ones, of what is left. As many are kept as explain
   `EXPLAINED` of the variance of people who were held out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_tracking.head_pose import POSE_POINTS, mean_face
from mirror_tracking.procrustes import Placement, place_all
from mirror_tracking.shape_model import DISTORTIONS, POINTS, ShapeModel, pose_terms
from mirror_tracking.symmetry import opposite_points
from mirror_training.shape_data import FaceMeshes, load_meshes
from mirror_training.shape_labels import component_labels

__all__ = ["Aligned", "align", "explained", "learn", "train"]

EXPLAINED = 0.96  # share of the variance of held-out people that the kept components explain
MOST_COMPONENTS = 30
OTHER_WEIGHT = 0.1  # of points that expressions move, beside 1 for those they leave in place
ROUNDS = 8  # of the alignment; after four the mean moves by less than 1e-5
OUTLIER_SPREADS = 6.0  # robust standard deviations above the median at which a shape is dropped
LEAST_FACES = 50
HEAD_TO_MESH = np.array([[0, 0, -1], [1, 0, 0], [0, -1, 0]])  # head frame (rows x, y, z) to mesh axes

Array = NDArray[np.float64]
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """Shapes that differ only in shape, in the model's units.

    Attributes:
        shapes: float64 [n, 468, 3], faces and then their mirror images.
        mean: float64 [468, 3], of a head that looks into the camera.
        terms: float64 [n, 5], `pose_terms` of each.
        distortion: float64 [5, 468, 3], what the mesh does to turned heads.
        groups: int [n], same number: same person, same expression, same side.
    """

    shapes: Array
    mean: Array
    terms: Array
    distortion: Array
    groups: NDArray[np.intp]

    @property
    def offsets(self) -> Array:
        """float64 [n, 1404]: what makes each face different from the mean, without the effect of its turn."""
        count = len(self.shapes)
        turned = self.terms @ self.distortion.reshape(DISTORTIONS, -1)
        return (self.shapes - self.mean).reshape(count, -1) - turned


def point_weights() -> Array:
    """float64 [468]: how much each point says about place, size and turn of the head."""
    weights = np.full(POINTS, OTHER_WEIGHT)
    weights[POSE_POINTS] = 1.0
    return weights


def mirrored(points: NDArray[Any], width: float) -> NDArray[Any]:
    """Faces [n, 468, 3] as a looking glass shows them, in a picture of this width."""
    seen = points[:, opposite_points()[:POINTS]].copy()
    seen[..., 0] = width - seen[..., 0]
    return seen


def align(faces: FaceMeshes) -> Aligned:
    """Align faces and their mirror images, and learn what a turn of the head does.

    Raises:
        UsageError: where there are too few faces.
    """
    if len(faces) < LEAST_FACES:
        raise UsageError(
            f"A shape model needs {LEAST_FACES} faces or more, not {len(faces)}: give more pictures."
        )
    points = np.concatenate([faces.points, mirrored(faces.points, faces.width)]).astype(np.float64)
    weights = point_weights()
    mean = _unit(mean_face()[:POINTS].astype(np.float64) @ HEAD_TO_MESH)
    keys = np.char.add(np.char.add(faces.people, "/"), faces.labels)
    keys = np.concatenate([np.char.add(keys, "/left"), np.char.add(keys, "/right")])
    groups = np.unique(keys, return_inverse=True)[1].astype(np.intp)
    for _ in range(ROUNDS):
        shapes, terms = brought_upright(points, mean, weights)
        distortion = _distortion(shapes - mean, terms, groups)
        turned = (terms @ distortion.reshape(DISTORTIONS, -1)).reshape(-1, POINTS, 3)
        mean = _unit((shapes - turned).mean(axis=0))
    shapes, terms = brought_upright(points, mean, weights)
    distortion = _distortion(shapes - mean, terms, groups)
    return Aligned(shapes, mean, terms, distortion, groups)


def brought_upright(points: Array, mean: Array, weights: Array) -> tuple[Array, Array]:
    """Faces [n, 468, 3] as they lie on the mean, and the `pose_terms` [n, 5] of how they were turned."""
    rotations, scales, translations = place_all(mean, points, weights)
    placements = [Placement(*parts) for parts in zip(rotations, scales, translations, strict=True)]
    shapes = np.stack([place.to_model(face) for place, face in zip(placements, points, strict=True)])
    return shapes, np.stack([pose_terms(placement) for placement in placements])


def _unit(points: Array) -> Array:
    centred = points - points.mean(axis=0)
    return np.asarray(centred / np.sqrt((centred**2).sum(axis=1).mean()))


def _distortion(offsets: Array, terms: Array, groups: NDArray[np.intp]) -> Array:
    """Least squares of the offsets on the turn within groups: float64 [5, 468, 3]."""
    flat = offsets.reshape(len(offsets), -1)
    several = np.bincount(groups)[groups] > 1
    if np.unique(groups[several]).size < DISTORTIONS * 4:  # too few to tell people and turns apart
        return np.zeros((DISTORTIONS, POINTS, 3))
    within = _less_group_mean(terms, groups)[several]
    found = np.linalg.lstsq(within, _less_group_mean(flat, groups)[several], rcond=None)[0]
    return np.asarray(found.reshape(DISTORTIONS, POINTS, 3))


def _less_group_mean(values: Array, groups: NDArray[np.intp]) -> Array:
    sums = np.zeros((groups.max() + 1, values.shape[1]))
    np.add.at(sums, groups, values)
    return np.asarray(values - (sums / np.bincount(groups)[:, None])[groups])


def principal(offsets: Array, count: int) -> tuple[Array, Array]:
    """Components float64 [count, 1404] of length 1 and their standard deviations [count], largest first."""
    covariance = offsets.T @ offsets / len(offsets)
    values, vectors = np.linalg.eigh(covariance)
    chosen = np.argsort(values)[::-1][:count]
    components = vectors[:, chosen].T
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(len(chosen)), largest])  # eigenvectors have no sign of their own
    return components * signs[:, None], np.sqrt(values[chosen])


def outliers(offsets: Array, components: Array) -> NDArray[np.bool_]:
    """Which shapes are too far from the mean, or too badly explained, to be faces with good landmarks."""
    explained_part = offsets @ components.T
    rest = (offsets**2).sum(axis=1) - (explained_part**2).sum(axis=1)
    return _far(np.sqrt((offsets**2).sum(axis=1))) | _far(np.sqrt(np.maximum(rest, 0)))


def _far(distances: Array) -> NDArray[np.bool_]:
    middle = np.median(distances)
    spread = 1.4826 * np.median(np.abs(distances - middle))
    return np.asarray(distances > middle + OUTLIER_SPREADS * spread)


def explained(offsets: Array, components: Array) -> float:
    """Share of the squared offsets [n, 1404] that components [k, 1404] explain."""
    basis = np.linalg.qr(components.T)[0]
    return float(((offsets @ basis) ** 2).sum() / (offsets**2).sum())


def learn(faces: FaceMeshes, *, sparse: bool = False, report: Report = lambda _: None) -> ShapeModel:
    """A shape model of these faces; the held-out people among them only choose how many components.

    Raises:
        UsageError: where there are too few faces.
    """
    held_out = faces.held_out
    training, kept_aside = faces.select(~held_out), faces.select(held_out)
    aligned = align(training)
    for _ in range(2):  # bad landmarks bend the first components, so their outliers are looked for twice
        offsets = aligned.offsets
        bad = outliers(offsets, principal(offsets, MOST_COMPONENTS)[0])
        either = bad[: len(training)] | bad[len(training) :]
        if not either.any():
            break
        training = training.select(~either)
        report(f"{int(either.sum())} outliers dropped, {len(training)} faces left")
        aligned = align(training)
    weights = point_weights()
    shapes, terms = brought_upright(kept_aside.points.astype(np.float64), aligned.mean, weights)
    unseen = (shapes - aligned.mean).reshape(len(shapes), -1)
    unseen -= terms @ aligned.distortion.reshape(DISTORTIONS, -1)
    if sparse:
        from mirror_training.sparse_components import sparse_components

        components, deviations = sparse_components(aligned.offsets, report=report)
    else:
        components, deviations = principal(aligned.offsets, MOST_COMPONENTS)
        shares = [explained(unseen, components[:count]) for count in range(1, len(components) + 1)]
        count = next((n for n, share in enumerate(shares, 1) if share >= EXPLAINED), len(shares))
        components, deviations = components[:count], deviations[:count]
    report(f"{len(components)} components explain {explained(unseen, components):.1%} of held-out people")
    shaped = components.reshape(-1, POINTS, 3)
    return ShapeModel(
        "sparse" if sparse else "pca",
        aligned.mean,
        shaped,
        deviations,
        weights=weights,
        pose_distortion=aligned.distortion,
        labels=component_labels(shaped),
    )


def train(data: Path, out: Path, *, sparse: bool = False, report: Report = print) -> ShapeModel:
    """Find the meshes of a data folder, learn, and write the model.

    Raises:
        UsageError: where data are missing or `out` cannot be written.
    """
    faces = load_meshes(data, report)
    report(f"{len(faces)} meshes of {len(set(faces.people))} people, {faces.dropped} dropped")
    model = learn(faces, sparse=sparse, report=report)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(model.to_bytes())
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.") from error
    report(f"{out} written, {out.stat().st_size} bytes")
    return model
