"""The mirror knows you: tells people who enrolled by their faces. An optional extra, see docs/recognition.md.

Nothing imports this module unless recognition is switched on; dlib is loaded when a `Recogniser` is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_gallery.dlib_network import DlibNetwork
from mirror_gallery.embeddings import (
    MARGIN,
    THRESHOLD,
    KnownPeople,
    Match,
    decode_embeddings,
    encode_embeddings,
)
from mirror_gallery.face_chip import bare_face_chip
from mirror_gallery.network_process import NetworkProcess
from mirror_gallery.portrait import Portrait

__all__ = ["RECIPE", "Match", "Network", "Recogniser"]

RECIPE = 1  # names network, alignment and what is done to pictures; another one makes stored embeddings void


class Network(Protocol):
    """What turns upright faces into numbers: `DlibNetwork`, `NetworkProcess`, or a test's own."""

    def describe(self, chips: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """See `DlibNetwork.describe`."""

    def close(self) -> None:
        """Release it."""


class Recogniser:
    """Tells people who have enrolled. Methods may be called from any thread, one at a time.

    Args:
        threshold: distance up to which a face is somebody's.
        margin: by which everybody else must be farther away.
        network: dlib's, in this process, if left out.

    Raises:
        ModelError: if dlib or its network is not installed, or the network's file is another one.
    """

    def __init__(
        self, threshold: float = THRESHOLD, margin: float = MARGIN, network: Network | None = None
    ) -> None:
        self.threshold = threshold
        self.margin = margin
        self._network = DlibNetwork() if network is None else network
        self._known: tuple[Mapping[str, bytes], KnownPeople] = ({}, KnownPeople({}))

    @classmethod
    def apart(cls, threshold: float = THRESHOLD, margin: float = MARGIN) -> Recogniser:
        """One whose network runs in a process of its own, so that this process's other threads go on.

        Raises:
            ModelError: as the constructor.
        """
        return cls(threshold, margin, NetworkProcess())

    def close(self) -> None:
        """End the network's process, if it has one."""
        self._network.close()

    def embed(self, image: Image, landmarks: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """A face as 128 numbers.

        Args:
            image: uint8 [h, w, 3], BGR.
            landmarks: [468 or 478, 2 or more], pixels of `image` (pixel i covers i … i+1).

        Returns:
            float32 [128] of length 1; the distance of two of them tells whether they are one person.

        Raises:
            UsageError: if the face is too small or outside the picture.
            ModelError: if the network's process failed.
        """
        return _unit(self._network.describe([bare_face_chip(image, landmarks)]))

    def embed_carefully(self, image: Image, landmarks: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """As `embed`, but of the face and its mirror image together: for enrolling, which has time."""
        chip = bare_face_chip(image, landmarks)
        return _unit(self._network.describe([chip, chip[:, ::-1]]))

    def enrol(self, portrait: Portrait) -> bytes:
        """What is stored of a person: the embeddings of all views, 264 bytes for one and 256 for each more.

        Raises:
            UsageError: if no view can be used.
            ModelError: if the network's process failed.
        """
        rows, why = [], "it has none"
        for view in portrait.views:
            try:
                rows.append(self.embed_carefully(view.image, view.landmarks))
            except UsageError as error:
                why = str(error)
        if not rows:
            raise UsageError(f"No picture of {portrait.name!r} can be used to recognise them: {why}")
        return encode_embeddings(np.stack(rows), RECIPE)

    def is_current(self, enrolled: bytes) -> bool:
        """Whether what is stored of a person was made as this version makes it, and can be compared."""
        try:
            decode_embeddings(enrolled, RECIPE)
        except UsageError:
            return False
        return True

    def identify(
        self, image: Image, landmarks: NDArray[np.floating[Any]], known: Mapping[str, bytes]
    ) -> Match | None:
        """Whose face this is.

        Args:
            image, landmarks: as for `embed`.
            known: what `enrol` made, by gallery id; those of other versions are passed over.

        Returns:
            None where it is nobody's, or could be two people's.

        Raises:
            UsageError, ModelError: as `embed`.
        """
        people = self._people(known)
        if not people:
            return None
        return people.match(self.embed(image, landmarks), self.threshold, self.margin)

    def _people(self, known: Mapping[str, bytes]) -> KnownPeople:
        if self._known[0] != known:
            current = {
                i: decode_embeddings(data, RECIPE) for i, data in known.items() if self.is_current(data)
            }
            self._known = (dict(known), KnownPeople(current))
        return self._known[1]


def _unit(descriptors: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = descriptors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), np.float32)
