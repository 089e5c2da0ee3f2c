"""Mixed gradients: the target's details stay where they are stronger than the source's.

Source: Pérez, Gangnet, Blake, "Poisson Image Editing" (2003), eq. 12, here on the luminance alone (pores,
wrinkles and shadows have hardly any colour of their own), compared by |dx| + |dy|, and as a sheet that is
added to the cloned source: its Laplacian is the divergence of the target's gradient less the source's,
where the target's is the larger one. Sheets that solve this alone brighten or darken whole cheeks; the
screened equation keeps the details.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.membrane import relief

__all__ = ["mixed_detail"]

Plane = NDArray[np.float32]

REACH_PX = 24.0  # details up to about this size are mixed in; larger ones belong to the membrane


def mixed_detail(target: Image, source: Image, opacity: Plane) -> Plane:
    """What to add to every channel of the cloned source, in grey levels.

    Args:
        target, source: uint8 [h, w, 3], BGR.
        opacity: float32 [h, w]; details are only mixed in where it is above 0.

    Returns:
        float32 [h, w].
    """
    theirs, ours = (
        cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.int16) for picture in (target, source)
    )
    their_x, their_y = _gradient(theirs)
    our_x, our_y = _gradient(ours)
    is_stronger = np.abs(their_x) + np.abs(their_y) > np.abs(our_x) + np.abs(our_y)
    stronger = (is_stronger & (opacity > 0)).view(np.uint8)
    their_x -= our_x
    their_y -= our_y
    along_x, along_y = (
        np.asarray(cv2.bitwise_and(d, d, mask=stronger), np.int16) for d in (their_x, their_y)
    )
    divergence = along_x + along_y
    divergence[:, 1:] -= along_x[:, :-1]
    divergence[1:] -= along_y[:-1]
    return relief(divergence.astype(np.float32), REACH_PX)


def _gradient(grey: NDArray[np.int16]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Differences to the next pixel on the right and below, 0 at the last one."""
    along_x, along_y = np.zeros_like(grey), np.zeros_like(grey)
    np.subtract(grey[:, 1:], grey[:, :-1], out=along_x[:, :-1])
    np.subtract(grey[1:], grey[:-1], out=along_y[:-1])
    return along_x, along_y
