"""Times and seams of the rendering core, one core, beside cv2.seamlessClone in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_camera.reel import Reel
from mirror_core.frame import Image
from mirror_effects.blend import BlendSettings, blend
from mirror_effects.mesh_warp import MeshWarper
from mirror_effects.seam import seam_visibility
from mirror_effects.texture_pyramid import TexturePyramid
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import FILLED_TRIANGLES

__all__ = ["measure_rendering"]

WIDTH, HEIGHT = 1280, 720
TEXTURE_PX = 1024
FACE_PX = 300
BLEND_SIZES_PX = (160, 256, 320, 512)
FEWEST_RUNS = 5
TURNS_RAD = (0.0, 0.4, -0.4)  # head turns over which the map is measured
SEAM_TIMES_S = (3.0, 13.0, 29.0, 45.0)  # moments of the reel, each blended with the next


def measure_rendering(seconds: float) -> dict[str, float]:
    """Measure for about `seconds`, with OpenCV on one thread.

    Returns:
        Medians in milliseconds: `map_ms` (a face of 300 px, mean over three head turns), `warp_ms` (a
        1024² texture with opacity onto it), `blend_<n>_ms`, `blend_<n>_mixed_ms`, `clone_<n>_ms` and
        the ratio `clone_over_blend_<n>`, each for n × n px into 1280 × 720; `seam_blend`, `seam_clone`
        and `seam_paste` in grey levels per pixel (`seam_visibility`, mean over four pictures).
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        share = seconds / (len(TURNS_RAD) + 1 + 4 * len(BLEND_SIZES_PX))
        return {**_mesh_times(share), **_blend_times(share), **_seams()}
    finally:
        cv2.setNumThreads(threads)


def _median_ms(work: Callable[[], Any], seconds: float) -> float:
    work()
    durations: list[float] = []
    end = time.perf_counter() + seconds
    while len(durations) < FEWEST_RUNS or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        durations.append(time.perf_counter() - start)
    return float(np.median(durations)) * 1e3


def _face(size: float, x: float, y: float, turn: float = 0.0) -> NDArray[np.float32]:
    """float32 [468, 3], the mean face of `size` px height around (x, y), turned about the vertical axis."""
    head = mean_face()[:468].astype(np.float64)  # x forward, y to the person's left, z up
    head = (head - head.mean(axis=0)) * (size / np.ptp(head[:, 2]))
    cos, sin = np.cos(turn), np.sin(turn)
    across, depth = cos * head[:, 1] + sin * head[:, 0], sin * head[:, 1] - cos * head[:, 0]
    points: NDArray[np.float32] = np.stack([across + x, y - head[:, 2], depth], axis=1).astype(np.float32)
    return points


def _mesh_times(share: float) -> dict[str, float]:
    texture_points = _face(0.95 * TEXTURE_PX, TEXTURE_PX / 2, TEXTURE_PX / 2)[:, :2]
    warper = MeshWarper(np.ascontiguousarray(texture_points), FILLED_TRIANGLES)
    texture = np.random.default_rng(0).integers(0, 256, (TEXTURE_PX, TEXTURE_PX, 4), np.uint8)
    pyramid = TexturePyramid(texture)
    poses = [_face(FACE_PX, WIDTH / 2, HEIGHT / 2, turn) for turn in TURNS_RAD]
    maps = [_median_ms(partial(warper.map, pose, (WIDTH, HEIGHT)), share) for pose in poses]
    frontal = warper.map(poses[0], (WIDTH, HEIGHT))
    return {
        "map_ms": float(np.mean(maps)),
        "warp_ms": _median_ms(partial(warper.warp, pyramid, frontal), share),
    }


def _ellipse(size: int, across: float, down: float) -> NDArray[np.uint8]:
    """uint8 [size, size], an ellipse whose half axes are these shares of the size."""
    rows, columns = (np.mgrid[:size, :size] + 0.5) / size - 0.5
    inside: NDArray[np.bool_] = (columns / across) ** 2 + (rows / down) ** 2 < 1
    return inside.astype(np.uint8) * np.uint8(255)


def _clone(target: Image, source: Image, mask: NDArray[np.uint8], x0: int, y0: int) -> Image:
    """OpenCV's seamless cloning at the same place; it changes its mask, and centres the mask's box."""
    left, top, width, height = cv2.boundingRect(mask)
    middle = (x0 + left + width // 2, y0 + top + height // 2)
    return np.asarray(cv2.seamlessClone(source, target, mask.copy(), middle, cv2.NORMAL_CLONE), np.uint8)


def _blend_times(share: float) -> dict[str, float]:
    reel = Reel(WIDTH, HEIGHT)
    target, other = reel.render(SEAM_TIMES_S[0]), reel.render(SEAM_TIMES_S[1])
    times: dict[str, float] = {}
    for size in BLEND_SIZES_PX:
        x0, y0 = (WIDTH - size) // 2, (HEIGHT - size) // 2
        source = np.ascontiguousarray(other[y0 : y0 + size, x0 : x0 + size])
        mask = _ellipse(size, 0.42, 0.48)
        paint = partial(blend, target.copy(), source, mask, x0, y0)
        plain, mixed = BlendSettings(), BlendSettings(mixed_gradients=1.0)
        times[f"blend_{size}_ms"] = _median_ms(partial(paint, plain), share)
        times[f"blend_{size}_mixed_ms"] = _median_ms(partial(paint, mixed), share)
        times[f"clone_{size}_ms"] = _median_ms(partial(_clone, target, source, mask, x0, y0), 2 * share)
        times[f"clone_over_blend_{size}"] = times[f"clone_{size}_ms"] / times[f"blend_{size}_ms"]
    return times


def _seams() -> Mapping[str, float]:
    """Faces of the reel with each other's light, and one with a painted source."""
    size, reel = 320, Reel(WIDTH, HEIGHT)
    mask = _ellipse(size, 0.3, 0.375)
    crops = []
    for moment in SEAM_TIMES_S:
        x, y = (round(c) - size // 2 for c in reel.truth(moment)[0].centre)
        x, y = min(max(x, 0), WIDTH - size), min(max(y, 0), HEIGHT - size)
        crops.append(np.ascontiguousarray(reel.render(moment)[y : y + size, x : x + size]))
    light = np.linspace(0.6, 1.4, size)[None, :, None]
    seams: dict[str, list[float]] = {"seam_blend": [], "seam_clone": [], "seam_paste": []}
    painted = np.asarray(cv2.applyColorMap(crops[0], cv2.COLORMAP_AUTUMN), np.uint8)
    for crop, source in zip(crops, [*crops[1:], painted], strict=True):
        target = np.clip(crop * light, 0, 255).astype(np.uint8)
        cloned = _clone(target, source, mask, 0, 0)
        blended, pasted = target.copy(), target.copy()
        blend(blended, source, mask, 0, 0, BlendSettings())
        blend(pasted, source, mask, 0, 0, BlendSettings(seamless=0.0, feather_px=0.0, erosion_px=0.0))
        for name, result in (("seam_blend", blended), ("seam_clone", cloned), ("seam_paste", pasted)):
            seams[name].append(seam_visibility(result, target, source, mask))
    return {name: float(np.mean(values)) for name, values in seams.items()}
