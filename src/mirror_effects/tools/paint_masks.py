"""Paint the preset masks anew.

Usage: python paint_masks.py [NAME …]
Writes src/mirror_effects/mirror_effects/data/masks/NAME.webp, 1024 × 1024 with opacity; without names all.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2

from mirror_effects.mask_names import PRESETS
from mirror_effects.painting import paint
from mirror_effects.uv_chart import TEXTURE_SIZE

WEBP_QUALITY = 88  # the finest hairs and scratches stay, at about 200 kB a mask
FOLDER = Path(__file__).parent.parent / "mirror_effects" / "data" / "masks"


def main(names: list[str]) -> None:
    """Paint the named presets, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or list(PRESETS):
        path = FOLDER / f"{name}.webp"
        cv2.imwrite(str(path), paint(name, TEXTURE_SIZE), [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY])
        print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
