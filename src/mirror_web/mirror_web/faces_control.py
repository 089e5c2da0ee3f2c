"""What the Faces page asks of the gallery: a small protocol, so that the page knows no ROS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mirror_core.capture_state import CaptureState
from mirror_core.errors import MirrorError
from mirror_gallery.consent import Consent
from mirror_web.catalogue import Texts

__all__ = [
    "Added",
    "Capture",
    "CaptureState",
    "Erased",
    "FacePage",
    "FacesControl",
    "FacesState",
    "PersonInView",
    "StoredFace",
    "UnansweredFaces",
    "no_gallery",
]


def no_gallery() -> str:
    """The sentence that says that the gallery does not answer."""
    return Texts("faces")["no_answer"]


@dataclass(frozen=True, slots=True)
class StoredFace:
    """A face of the gallery.

    Attributes:
        id: gallery id.
        name: what people call it.
        created: when it was stored; with a time zone.
        consent: what its owner has agreed to, None for a preset, which belongs to nobody.
        views: number of stored pictures.
        preset: it ships with the program.
        thumbnail: JPEG, empty where there is none.
    """

    id: str
    name: str
    created: datetime
    consent: Consent | None
    views: int = 1
    preset: bool = False
    thumbnail: bytes = b""


@dataclass(frozen=True, slots=True)
class FacePage:
    """A part of the list of faces: what was asked for, and how many there are in all."""

    faces: tuple[StoredFace, ...]
    total: int


@dataclass(frozen=True, slots=True)
class PersonInView:
    """A person in front of the mirror.

    Attributes:
        track_id: of the tracked face.
        number: small, the same on all pages for as long as the person stays.
        box: (x, y, width, height) of the face in pixels of the camera's picture.
        person: gallery id of who it is, empty where nobody said.
    """

    track_id: int
    number: int
    box: tuple[float, float, float, float]
    person: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """A guided capture that runs or has just ended.

    Attributes:
        track_id: the face that is captured.
        name: under which it will be stored.
        state: how it stands.
        progress: 0 … 1.
        hint_key, hint: the one thing to do now, or how it ended: a key of a text catalogue, a sentence.
        quality: "pose", "light", "sharpness", "size" and "stability", each 0 … 1.
        gallery_id: of the stored face, once it is done.
        can_cancel: it was started by this page's server, which may cancel it.
    """

    track_id: int
    name: str
    state: CaptureState
    progress: float = 0.0
    hint_key: str = ""
    hint: str = ""
    quality: Mapping[str, float] = field(default_factory=dict)
    gallery_id: str = ""
    can_cancel: bool = False


@dataclass(frozen=True, slots=True)
class FacesState:
    """All that changes by itself; asked for several times a second.

    Attributes:
        is_available: the gallery answers.
        revision: grows with every change to the stored faces.
        image_size: (width, height) of the camera's picture, (0, 0) while unknown.
        people: who stands there, by number.
        worn: track id → gallery id of the face that this person wears.
        worn_by_everybody: gallery id that all wear who wear nothing else, empty for none.
        names: gallery id → name, of every face that `people` and the two above name, as far as known.
        captures: that run, or ended a few seconds ago.
    """

    is_available: bool = True
    revision: int = 0
    image_size: tuple[int, int] = (0, 0)
    people: tuple[PersonInView, ...] = ()
    worn: Mapping[int, str] = field(default_factory=dict)
    worn_by_everybody: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    captures: tuple[Capture, ...] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of erasing: the error, or what was purged, one item each ("3 pictures")."""

    error: str | None
    purged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding a picture or a face file.

    Attributes:
        error: one sentence that says why not, None if the face is stored.
        id: of the stored face.
        needs_landmarks: the mirror finds no face in the picture; points placed by hand would help.
    """

    error: str | None
    id: str = ""
    needs_landmarks: bool = False


class FacesControl(Protocol):
    """The gallery as the page sees it.

    `state` returns at once; everything else comes from worker threads and may block for a moment. What
    returns `str | None` returns None, or one sentence that says why it was not done.
    """

    def state(self) -> FacesState:
        """How everything stands now; while somebody asks, the people in view are followed."""
        ...

    def faces(self, name_contains: str, offset: int, limit: int) -> FacePage:
        """A part of the stored faces whose names contain a text, with thumbnails.

        Raises:
            MirrorError: if the gallery does not answer.
        """
        ...

    def names(self) -> Mapping[str, str]:
        """Gallery id → name of every stored face.

        Raises:
            MirrorError: if the gallery does not answer.
        """
        ...

    def start_capture(self, track_id: int | None, name: str, consent: Consent) -> str | None:
        """Begin a guided capture of this person, None: the largest face."""
        ...

    def cancel_capture(self, track_id: int) -> str | None:
        """End a capture; nothing of it is kept."""
        ...

    def wear(self, track_id: int | None, gallery_id: str) -> str | None:
        """Put a face on a person (None: on everybody); an empty `gallery_id` takes it off."""
        ...

    def check_in(self, track_id: int, gallery_id: str) -> str | None:
        """Say who this person is; an empty `gallery_id` checks out."""
        ...

    def rename(self, gallery_id: str, name: str) -> str | None:
        """Call a stored face by another name."""
        ...

    def erase(self, gallery_id: str) -> Erased:
        """Erase a stored face with everything derived from it."""
        ...

    def export(self, gallery_id: str) -> bytes:
        """A stored face as the content of a .mirrorface file.

        Raises:
            MirrorError: with one sentence that says why not.
        """
        ...

    def add(
        self, data: bytes, name: str, consent: Consent, landmarks: NDArray[np.float32] | None = None
    ) -> Added:
        """Store the face on a picture (JPEG, PNG, WebP) or in a .mirrorface file.

        Args:
            data: the file's content.
            name: may be empty for a .mirrorface file, which has one.
            consent: what the person has agreed to.
            landmarks: float32 [468, 2], points placed by hand in pixels of the picture.
        """
        ...


class UnansweredFaces:
    """A `FacesControl` for a mirror whose gallery does not run."""

    def state(self) -> FacesState:
        """Nothing is there."""
        return FacesState(is_available=False)

    def faces(self, name_contains: str, offset: int, limit: int) -> FacePage:
        """Raises the `MirrorError` that says so."""
        raise MirrorError(no_gallery())

    def names(self) -> Mapping[str, str]:
        """Raises the `MirrorError` that says so."""
        raise MirrorError(no_gallery())

    def start_capture(self, track_id: int | None, name: str, consent: Consent) -> str | None:
        """Refused."""
        return no_gallery()

    def cancel_capture(self, track_id: int) -> str | None:
        """Refused."""
        return no_gallery()

    def wear(self, track_id: int | None, gallery_id: str) -> str | None:
        """Refused."""
        return no_gallery()

    def check_in(self, track_id: int, gallery_id: str) -> str | None:
        """Refused."""
        return no_gallery()

    def rename(self, gallery_id: str, name: str) -> str | None:
        """Refused."""
        return no_gallery()

    def erase(self, gallery_id: str) -> Erased:
        """Refused."""
        return Erased(no_gallery())

    def export(self, gallery_id: str) -> bytes:
        """Raises the `MirrorError` that says so."""
        raise MirrorError(no_gallery())

    def add(
        self, data: bytes, name: str, consent: Consent, landmarks: NDArray[np.float32] | None = None
    ) -> Added:
        """Refused."""
        return Added(no_gallery())
