"""Times of the effect `mask` alone, on one and on four faces of the demo reel."""

from __future__ import annotations

import time

import numpy as np

from mirror_camera.reel import Reel
from mirror_core.frame import Frame, Image, read_only
from mirror_core.tracing import Quantiles
from mirror_effects import Scene
from mirror_effects.mask import MaskEffect
from mirror_tracking.tracker import FaceTracker

__all__ = ["measure_mask"]

MOMENT_S = 1.0  # of the reel: one person, looking at the mirror
TRACKING_FRAMES = 20
FRAME_NS = 16_666_667
FACES = 4


def _four_people(picture: Image) -> Image:
    """The strip with the person, four times side by side."""
    width = picture.shape[1]
    strip = width // FACES
    left = (width - strip) // 2
    return np.tile(picture[:, left : left + strip], (1, FACES, 1))


def measure_mask(seconds: float) -> dict[str, float]:
    """Measure for about `seconds`.

    Returns:
        Medians in milliseconds at 1280 × 720: `mask_1_ms` and `mask_4_ms`, what `apply` takes for one and
        four faces, and `mask_1_ahead_ms`, `mask_4_ahead_ms`, what `prepare` (the occlusion layer) takes
        beside the tracker.
    """
    portrait = Reel().render(MOMENT_S)
    figures: dict[str, float] = {}
    for count, picture in ((1, portrait), (FACES, _four_people(portrait))):
        tracker, effect = FaceTracker(), MaskEffect()
        for index in range(TRACKING_FRAMES):
            faces = tracker.update(Frame(picture, (index + 1) * FRAME_NS)).faces
        tracker.close()
        if len(faces) != count:
            continue
        ahead, applied = Quantiles(100_000), Quantiles(100_000)
        stamp_ns, end = TRACKING_FRAMES * FRAME_NS, time.monotonic() + seconds / 2
        while time.monotonic() < end or len(applied) < TRACKING_FRAMES:
            stamp_ns += FRAME_NS
            scene, image = Scene(stamp_ns, faces), read_only(picture)
            with ahead.measure():
                effect.prepare(image, scene)
            with applied.measure():
                effect.apply(image, scene)
        effect.close()
        figures[f"mask_{count}_ms"] = applied.p50 * 1e3
        figures[f"mask_{count}_ahead_ms"] = ahead.p50 * 1e3
    return figures
