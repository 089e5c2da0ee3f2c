"""Which point of the mesh lies opposite which, left against right."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from mirror_tracking.head_pose import mean_face

__all__ = ["opposite_points"]


@cache
def opposite_points() -> NDArray[np.intp]:
    """int [478], read-only: the point on the other side of the face; the middle line's name themselves.

    A face seen in a looking glass has the landmarks `landmarks[opposite_points()]` with x turned round.
    Found on the mean head, which is symmetric: the assignment of its points to their mirror images.
    """
    head = mean_face().astype(np.float64)
    opposite = np.asarray(linear_sum_assignment(cdist(head, head * (1, -1, 1), "sqeuclidean"))[1], np.intp)
    opposite.flags.writeable = False
    return opposite
