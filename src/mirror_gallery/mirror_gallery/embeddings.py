"""Embeddings of faces: how they are stored, compared, and when one is near enough to name a person.

Two pictures of one person lie near each other in the 128 dimensions that a network maps faces to, pictures
of two people far apart (Schroff et al. 2015, FaceNet). Pure numpy: the network itself is in `recognition`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_gallery.dlib_network import EMBEDDING_SIZE

__all__ = [
    "MARGIN",
    "THRESHOLD",
    "KnownPeople",
    "Match",
    "confidence",
    "decode_embeddings",
    "encode_embeddings",
]

THRESHOLD = 0.34  # distance up to which two faces are one person's; see docs/recognition.md
MARGIN = 0.05  # by which the second best person must be farther away
# A logistic fit to the share of right names by distance, measured with three views enrolled, in a gallery of
# 100 that as many strangers look into as people who are in it.
EVEN_ODDS = 0.338  # distance at which one name of two is wrong
ODDS_WIDTH = 0.011  # distance in which the odds fall to 1 / e

# magic, version, what made the embeddings, how many; then their numbers as little-endian float16, row by row
HEADER = struct.Struct("<4sBBH")
MAGIC = b"MREC"
VERSION = 1
MOST_VIEWS = 64

Embedding = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Match:
    """A person whom a face was recognised as.

    Attributes:
        id: gallery id.
        distance: of the face to the nearest view of that person, 0 or more.
        confidence: 0 … 1, see the function of this name.
    """

    id: str
    distance: float
    confidence: float


def encode_embeddings(embeddings: NDArray[np.float32], recipe: int) -> bytes:
    """Embeddings of one person's views as a few hundred bytes.

    Args:
        embeddings: float32 [1 … 64, 128].
        recipe: 0 … 255, names network and alignment: only embeddings of one recipe can be compared.

    Raises:
        ShapeError: if the array is of another shape or holds what is not a number.
    """
    if (
        embeddings.ndim != 2
        or embeddings.shape[1] != EMBEDDING_SIZE
        or not 1 <= len(embeddings) <= MOST_VIEWS
    ):
        raise ShapeError(
            f"Embeddings must be float32 [1 … {MOST_VIEWS}, {EMBEDDING_SIZE}], not {list(embeddings.shape)}."
        )
    numbers = embeddings.astype("<f2")
    if not np.isfinite(numbers).all():
        raise ShapeError("Embeddings must be finite numbers, but some are NaN, infinite or above 65504.")
    return HEADER.pack(MAGIC, VERSION, recipe, len(embeddings)) + numbers.tobytes()


def decode_embeddings(data: bytes, recipe: int) -> Embedding:
    """What `encode_embeddings` made, float32 [n, 128].

    Raises:
        UsageError: if the data are of another version or recipe, or damaged; the face must be enrolled again.
    """
    if len(data) < HEADER.size:
        raise UsageError(f"An embedding of {len(data)} bytes is damaged; enrol the face again.")
    magic, version, made_by, count = HEADER.unpack_from(data)
    if magic != MAGIC or version != VERSION or made_by != recipe:
        raise UsageError("An embedding was made by another version of the mirror; enrol the face again.")
    if not 1 <= count <= MOST_VIEWS or len(data) != HEADER.size + 2 * EMBEDDING_SIZE * count:
        raise UsageError(f"An embedding of {len(data)} bytes is damaged; enrol the face again.")
    numbers = np.frombuffer(data, "<f2", offset=HEADER.size).astype(np.float32)
    if not np.isfinite(numbers).all():
        raise UsageError("An embedding holds what is not a number; enrol the face again.")
    return numbers.reshape(count, EMBEDDING_SIZE)


def confidence(distance: float) -> float:
    """How sure a match at this distance is, 0 … 1: the share of such matches that are right.

    It was measured for a gallery of 100 people, see docs/recognition.md; in a smaller one a match is surer.
    """
    return 1.0 / (1.0 + math.exp(min((distance - EVEN_ODDS) / ODDS_WIDTH, 700.0)))


class KnownPeople:
    """The enrolled people, ready to be compared with.

    Args:
        people: embeddings [n ≥ 1, 128] by gallery id.
    """

    def __init__(self, people: Mapping[str, Embedding]) -> None:
        self.ids = tuple(people)
        rows = [people[gallery_id] for gallery_id in self.ids]
        self._views = np.concatenate(rows) if rows else np.zeros((0, EMBEDDING_SIZE), np.float32)
        self._starts = np.cumsum([0, *(len(row) for row in rows)][:-1]) if rows else np.zeros(0, np.intp)

    def __len__(self) -> int:
        return len(self.ids)

    def distances(self, embedding: Embedding) -> NDArray[np.float32]:
        """Distance of one face [128] to each person: to the nearest of their views; float32 [people]."""
        if embedding.shape != (EMBEDDING_SIZE,):
            raise ShapeError(f"An embedding must be float32 [{EMBEDDING_SIZE}], not {list(embedding.shape)}.")
        if not self.ids:
            return np.zeros(0, np.float32)
        to_views = np.linalg.norm(self._views - embedding, axis=1)
        return np.asarray(np.minimum.reduceat(to_views, self._starts), np.float32)

    def match(
        self, embedding: Embedding, threshold: float = THRESHOLD, margin: float = MARGIN
    ) -> Match | None:
        """Whom a face [128] belongs to.

        Returns:
            None where nobody is within `threshold`, or a second person is less than `margin` farther away.
        """
        distances = self.distances(embedding)
        if not len(distances):
            return None
        best = int(distances.argmin())
        nearest = float(distances[best])
        others = np.delete(distances, best)
        if nearest > threshold or (len(others) and float(others.min()) - nearest < margin):
            return None
        return Match(self.ids[best], nearest, confidence(nearest))
