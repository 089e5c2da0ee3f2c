"""The recipe of the preset faces: averages of many photographs, and faces from the mirror's own painters.

Each is a portrait with a view from the front and two turned ones, drawn from the same texture on the shape
model's face. No photograph of anybody is in a file, only averages over `GROUP_SIZE` and more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_effects.mask_texture import read_preset
from mirror_effects.mesh_warp import MeshWarper
from mirror_effects.texture_pyramid import TexturePyramid
from mirror_effects.uv_chart import UV_POINTS
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.portrait_file import SUFFIX, encode
from mirror_tracking.shape_model import ShapeModel, shared_shape_model
from mirror_tracking.topology import FILLED_TRIANGLES
from mirror_training.face_average import average_face
from mirror_training.face_textures import Target, placed
from mirror_training.opencv import cv2
from mirror_training.portrait_photos import load_portrait_photos
from mirror_training.preset_groups import GROUP_SIZE, GROUPS, looks, members

__all__ = ["PAINTED", "SHAPES", "lengthened", "make_presets", "portrait_of"]

YAWS_DEG = (0.0, 25.0, -25.0)
QUALITY = 90  # WebP, or less where a file would be larger than …
MOST_BYTES = 150_000
CREATED = datetime(2026, 1, 1, tzinfo=UTC)  # the same in every run, so that the same data give the same files
SHAPES = {"long": ("Long", 3.0), "round": ("Round", -3.0)}
"""Name → title and length in standard deviations; the average's texture on a longer or shorter face."""
PAINTED = {"clown": "Clown"}
"""Name of a preset mask → title; the mask on the mean face."""
MAKE_UP = {"clown"}  # painted on skin, which shows through: here the average's
RIM_PX = (
    9  # at the face's outline, where averages hold hair and background; colours from further in replace it
)
BLEED_SOFTNESS_PX = 10.0  # standard deviation of the blur of what goes on beyond the outline

Report = Callable[[str], None]
Array = NDArray[np.float32]


def make_presets(data: Path, out: Path, *, report: Report = print) -> list[Path]:
    """Make all preset faces and write them into a folder.

    Raises:
        UsageError: where data are missing, there are too few photographs, or `out` cannot be written.
    """
    photos = load_portrait_photos(data, report)
    seen = looks(photos)
    model = shared_shape_model()
    written: list[Path] = []
    everybody: tuple[Image, Array, Array] | None = None  # picture, parameters and points of the first group
    for group in GROUPS:
        chosen = members(photos, seen, group)
        if len(chosen) < GROUP_SIZE:
            raise UsageError(
                f"The preset {group.name} needs {GROUP_SIZE} photographs, not {len(chosen)}: give more."
            )
        report(f"{group.name}: {len(chosen)} photographs")
        true = [photo.parameters for photo in chosen if photo.true_proportions]
        parameters = np.mean(true, axis=0) if true else np.zeros(model.count)
        if everybody is not None and group.emphasis:
            parameters = parameters + group.emphasis * (parameters - everybody[1])
        target = placed(model, parameters)
        picture = average_face(chosen, target, report)
        if everybody is None:
            everybody = picture, np.asarray(parameters, np.float32), target.points
        elif group.emphasis:
            usual = _redrawn(everybody[0], everybody[2], target)
            picture = _emphasised(picture, usual, group.emphasis)
        portrait = portrait_of(group.name, group.title, picture, target.points, parameters)
        written.append(_write(portrait, out, report))
    assert everybody is not None
    picture, parameters, points = everybody
    for name, (title, amount) in SHAPES.items():
        changed = parameters + lengthened(model, amount)
        written.append(_write(portrait_of(name, title, picture, points, changed), out, report))
    for name, title in PAINTED.items():
        paint = read_preset(name)
        if name in MAKE_UP:
            paint = _on_skin(paint, picture, points)
        written.append(_write(portrait_of(name, title, paint, UV_POINTS, parameters), out, report))
    return written


def portrait_of(
    name: str,
    title: str,
    picture: NDArray[np.uint8],
    points: Array,
    parameters: NDArray[np.floating[Any]],
) -> Portrait:
    """A preset's portrait: one texture seen from three sides.

    Args:
        name: of its file; the id is `preset:<name>`.
        title: what people call it.
        picture: uint8 [h, w, 3 or 4], BGR and where it has it opacity.
        points: float32 [468, 2 or more], the mesh on the picture in pixels.
        parameters: of the shape model, for the face that the texture is put on; its symmetric part counts.
    """
    views = []
    model = shared_shape_model()
    texture = _bled(picture, points)
    for yaw_deg in YAWS_DEG:
        target = placed(model, parameters, yaw_deg)
        drawn = _redrawn(texture, points, target)
        opacity = np.ascontiguousarray(drawn[..., 3])
        views.append(FaceView(_carried_on(drawn, target.coverage), opacity, target.points, yaw_deg, 0.0, 0.0))
    return Portrait(f"preset:{name}", title, tuple(views), preset=True)


def lengthened(model: ShapeModel, amount: float) -> Array:
    """The likeliest parameters of a face that is longer (above 0) or shorter, its mouth as open as before.

    Args:
        model: the shape model.
        amount: distance from the mean in standard deviations.
    """
    length = _slope(model, ((10, 152), (234, 454)))
    mouth = _slope(model, ((13, 14), (33, 263)))
    direction = length - mouth * float(length @ mouth) / max(float(mouth @ mouth), 1e-12)
    return np.asarray(amount * direction / max(float(np.linalg.norm(direction)), 1e-12), np.float32)


def _slope(model: ShapeModel, pairs: tuple[tuple[int, int], tuple[int, int]]) -> NDArray[np.float64]:
    """How the ratio of two distances between points changes with each parameter, at the mean."""

    def ratio(parameters: NDArray[np.float64]) -> float:
        shape = model.shape(parameters).astype(np.float64)
        over, under = (float(np.linalg.norm(shape[a] - shape[b])) for a, b in pairs)
        return over / under

    steps = np.eye(model.count) * 0.5
    return np.array([ratio(step) - ratio(-step) for step in steps])


def _redrawn(picture: NDArray[np.uint8], points: Array, target: Target) -> NDArray[np.uint8]:
    """A picture of a face in another shape: uint8 [h, w, 4], BGR and opacity."""
    warper = MeshWarper(points[:468, :2], FILLED_TRIANGLES)
    found = warper.map(target.points, target.size)
    four = picture if picture.shape[2] == 4 else cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA)
    part = warper.warp(TexturePyramid(np.ascontiguousarray(four)), found)
    drawn = np.zeros((target.size[1], target.size[0], 4), np.uint8)
    drawn[found.y0 : found.y0 + part.shape[0], found.x0 : found.x0 + part.shape[1]] = part
    return drawn


def _on_skin(paint: NDArray[np.uint8], picture: Image, points: Array) -> Image:
    """Make-up [h, w, 4] on the chart of masks, worn by the face of a picture: uint8 [h, w, 3]."""
    size = (paint.shape[1], paint.shape[0])
    skin = _redrawn(_bled(picture, points), points, Target(UV_POINTS, size))
    opacity = paint[..., 3:].astype(np.float32) / 255
    return np.asarray(
        np.rint(skin[..., :3] + opacity * (paint[..., :3].astype(np.float32) - skin[..., :3])), np.uint8
    )


def _emphasised(picture: Image, usual: NDArray[np.uint8], amount: float) -> Image:
    own = picture.astype(np.float32)
    difference = cv2.GaussianBlur(own - usual[..., :3].astype(np.float32), (0, 0), 2.0)
    return np.asarray(np.clip(np.rint(own + amount * difference), 0, 255), np.uint8)


def _bled(picture: NDArray[np.uint8], points: Array) -> NDArray[np.uint8]:
    """The picture with colours that go on beyond the face, so that its outline does not fade to black."""
    if picture.shape[2] == 4:  # painted, and with colours everywhere
        return picture
    size = (picture.shape[1], picture.shape[0])
    return _filled_out(picture, Target(np.asarray(points, np.float32), size).coverage)


def _filled_out(picture: Image, coverage: NDArray[np.uint8]) -> Image:
    """What lies outside the coverage, or near its outline, takes the nearest colours further in."""
    sure = cv2.erode((coverage == 255).astype(np.uint8), np.ones((2 * RIM_PX + 1,) * 2, np.uint8))
    smooth = _spread(picture, sure > 0)
    depth = cv2.distanceTransform(sure, cv2.DIST_L2, cv2.DIST_MASK_5)
    own = np.clip(depth / RIM_PX, 0, 1)[..., None]
    return np.asarray(np.clip(np.rint(smooth + own * (picture - smooth)), 0, 255), np.uint8)


def _carried_on(drawn: NDArray[np.uint8], coverage: NDArray[np.uint8]) -> Image:
    """A drawn view [h, w, 4] whose colours go on beyond its outline: a hard edge there costs bytes."""
    inside = coverage > 0
    picture = np.ascontiguousarray(drawn[..., :3])
    return np.asarray(np.where(inside[..., None], picture, np.rint(_spread(picture, inside))), np.uint8)


def _spread(picture: Image, inside: NDArray[np.bool_]) -> Array:
    """The colours of the nearest pixels inside, softly: float32 [h, w, 3]."""
    _, labels = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((int(labels.max()) + 1, 3), np.float32)
    colours[labels[inside]] = picture[inside]
    return np.asarray(cv2.GaussianBlur(colours[labels], (0, 0), BLEED_SOFTNESS_PX), np.float32)


def _write(portrait: Portrait, folder: Path, report: Report) -> Path:
    path = folder / f"{portrait.id.removeprefix('preset:')}{SUFFIX}"
    quality = QUALITY
    data = encode(portrait, CREATED, None, quality)
    while len(data) > MOST_BYTES and quality > QUALITY // 2:
        quality -= 5
        data = encode(portrait, CREATED, None, quality)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error
    report(f"{path} written, {len(data)} bytes")
    return path
