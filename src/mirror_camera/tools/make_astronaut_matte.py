"""Cut the astronaut portrait out of its background once, for `mirror_camera/data/astronaut_matte.png`.

The three channels of the written picture are soft masks: blue = person, green = hair, red = suit.
Run it in the mirror's own environment, from anywhere: `python make_astronaut_matte.py`.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import mediapipe
import numpy as np
from numpy.typing import NDArray

from mirror_camera.portrait import load_photograph

TARGET = Path(__file__).resolve().parents[1] / "mirror_camera" / "data" / "astronaut_matte.png"
FLAG_EDGE_PX = 24  # left of this column, below FLAG_TOP_PX, the segmentation takes flag for sleeve
FLAG_TOP_PX = 380
EDGE_RADIUS_PX = 5  # half width of the band in which the person's edge may be soft
EDGE_EPSILON = (0.02 * 255) ** 2  # variance below which the guided filter smooths
HAIR_BOTTOM_PX = 133  # hair ends above this row
SKIN_OUTLINE_PX = (  # hairline, right temple and ear, chin, left ear and temple, by eye
    (187, 75), (200, 81), (220, 81), (236, 83), (252, 86), (266, 90), (271, 108), (270, 127), (281, 129),
    (281, 140), (268, 144), (256, 176), (184, 176), (181, 140), (171, 128), (170, 120), (179, 118),
    (181, 104), (186, 80),
)  # fmt: skip
COLLAR_TOP_PX = 150  # the suit begins below this row


def _disc(diameter: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter)), np.uint8)


def person_mask(photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Soft mask of the person: segmentation, GrabCut at its border, guided filter for hair."""
    with mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0) as segmenter:
        rough = segmenter.process(cv2.cvtColor(photograph, cv2.COLOR_BGR2RGB)).segmentation_mask
    labels = np.full(rough.shape, cv2.GC_BGD, np.uint8)
    labels[cv2.dilate(rough, _disc(25)) > 0.15] = cv2.GC_PR_BGD
    labels[rough > 0.5] = cv2.GC_PR_FGD
    labels[cv2.erode(rough, _disc(21)) > 0.98] = cv2.GC_FGD
    labels[FLAG_TOP_PX:, :FLAG_EDGE_PX] = cv2.GC_BGD
    cv2.setRNGSeed(1)
    backdrop_model, person_model = np.zeros((1, 65)), np.zeros((1, 65))
    everywhere = (0, 0, photograph.shape[1], photograph.shape[0])  # unused with a mask
    cv2.grabCut(photograph, labels, everywhere, backdrop_model, person_model, 6, cv2.GC_INIT_WITH_MASK)
    hard = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
    hard = np.asarray(cv2.morphologyEx(hard, cv2.MORPH_OPEN, _disc(5)), np.uint8)
    contours, _ = cv2.findContours(hard, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(hard)
    cv2.drawContours(filled, [max(contours, key=cv2.contourArea)], -1, (255,), cv2.FILLED)
    soft = cv2.ximgproc.guidedFilter(photograph, filled, EDGE_RADIUS_PX, EDGE_EPSILON)
    band = 2 * EDGE_RADIUS_PX + 1
    soft[cv2.erode(filled, _disc(band)) > 0] = 255
    soft[cv2.dilate(filled, _disc(band)) == 0] = 0
    return np.asarray(np.clip((soft.astype(np.float32) - 60) * 255 / 175, 0, 255), np.uint8)


def hair_mask(person: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Soft mask of the hair: the head outside the hand-drawn outline of the skin."""
    hair = person.copy()
    hair[HAIR_BOTTOM_PX:] = 0
    cv2.fillPoly(hair, [np.array(SKIN_OUTLINE_PX, np.int32)], (0,), cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(hair, (0, 0), 1.6), np.uint8)


def suit_mask(photograph: NDArray[np.uint8], person: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Soft mask of the orange cloth."""
    hsv = cv2.cvtColor(photograph, cv2.COLOR_BGR2HSV)
    orange = ((hsv[..., 0] < 16) | (hsv[..., 0] > 174)) & (hsv[..., 1] > 120) & (person > 60)
    orange[:COLLAR_TOP_PX] = False
    cloth = cv2.morphologyEx(orange.astype(np.uint8) * 255, cv2.MORPH_OPEN, _disc(3))
    return np.asarray(cv2.GaussianBlur(cloth, (0, 0), 1.0), np.uint8)


def main() -> None:
    """Write the masks."""
    photograph = load_photograph()
    person = person_mask(photograph)
    masks = cv2.merge([person, hair_mask(person), suit_mask(photograph, person)])
    TARGET.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(TARGET), masks, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(f"{TARGET}: {TARGET.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
