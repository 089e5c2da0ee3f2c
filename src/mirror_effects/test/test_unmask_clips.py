"""Faces in motion without the mask that they were given: as still as the true face, and found as masked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_camera.reel import Reel
from mirror_core.frame import Frame, Image
from mirror_effects import Scene
from mirror_effects.unmask import UnmaskEffect
from mirror_effects.wear_mask import WearMaskEffect
from mirror_tracking.tracker import FaceTracker
from mirror_tracking.unmask_files import load_mask_reader

CLIP = Path(__file__).resolve().parents[4] / "shared" / "data" / "talking_face_dev.mp4"
FRAMES, LEAD = 60, 12  # the tracker and the running mean follow the lead before anything is measured
RATE_HZ = 25.0
PATIENCE_S = 30.0


def of_the_clip() -> Iterator[Image]:
    if not CLIP.is_file():
        pytest.skip("../shared/data/talking_face_dev.mp4 is not here")
    clip = cv2.VideoCapture(str(CLIP))
    clip.set(cv2.CAP_PROP_POS_FRAMES, 100)
    for _ in range(FRAMES):
        read, image = clip.read()
        assert read
        yield np.asarray(image, np.uint8)


def of_the_reel() -> Iterator[Image]:
    reel = Reel(1280, 720)
    for number in range(FRAMES):
        yield reel.render(28.0 + number / RATE_HZ)  # near, and looking at the mirror


@pytest.mark.parametrize("pictures", [of_the_clip, of_the_reel])
def test_what_is_shown_moves_no_more_than_the_true_face(pictures):
    tracker, mask, effect = FaceTracker(), WearMaskEffect(), UnmaskEffect()
    mask.parameters = replace(mask.parameters, occlusion=False)
    shown_change, true_change = [], []
    before = None
    try:
        for number, image in enumerate(pictures()):
            stamp_ns = int(1e9 * (1 + number / RATE_HZ))
            faces = tracker.update(Frame(image, stamp_ns)).faces
            scene = Scene(stamp_ns, faces, camera=image)
            masked = mask.apply(image.copy(), scene).copy()
            shown = effect.apply(masked.copy(), scene)
            if faces:
                assert effect.unmasker.wait(PATIENCE_S)
            laid = (shown != masked).any(axis=2)
            if before is not None and number > LEAD:
                both = laid & before[2]
                assert both.sum() > 0.2 * before[2].sum() > 0
                shown_change.append(np.abs(shown[both].astype(float) - before[0][both]).mean())
                true_change.append(np.abs(image[both].astype(float) - before[1][both]).mean())
            before = (shown.copy(), image, laid) if laid.any() else None
    finally:
        tracker.close()
        effect.close()
    assert len(shown_change) > FRAMES // 2
    assert np.mean(shown_change) <= 1.5 * np.mean(true_change)


@pytest.mark.parametrize("pictures", [of_the_clip, of_the_reel])
def test_the_mask_is_seen_when_it_is_worn_and_only_then(pictures):
    tracker, mask, reader = FaceTracker(), WearMaskEffect(), load_mask_reader()
    worn, bare = [], []
    try:
        for number, image in enumerate(pictures()):
            stamp_ns = int(1e9 * (1 + number / RATE_HZ))
            faces = tracker.update(Frame(image, stamp_ns)).faces
            if number % 6 or not faces:
                continue
            masked = mask.apply(image.copy(), Scene(stamp_ns, faces, camera=image))
            bare.append(reader.read(image, faces[0].landmarks).probability)
            worn.append(reader.read(masked, faces[0].landmarks).probability)
    finally:
        tracker.close()
    assert len(worn) >= 10
    assert min(worn) > 0.5
    assert max(bare) < 0.5
