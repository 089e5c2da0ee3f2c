"""Reads the moods of the faces in a frame: both judges, the person's own baseline, fusion, smoothing.

One `MoodReader` sees all people; it knows each by the track id and, where the mirror knows the person, by the
gallery id. It is used by one thread that reads, while others give and take baselines.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError
from mirror_core.faces import Face, FaceSet
from mirror_core.frame import Image
from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_mood.baseline import NeutralBaseline
from mirror_mood.circumplex import valence_arousal
from mirror_mood.classifier import MoodClassifier
from mirror_mood.fusion import Fusion, log_probabilities, shape_evidence
from mirror_mood.mood_parameters import MoodParameters
from mirror_mood.resting_look import RestingLook
from mirror_mood.shape_mood import ShapeMood, shared_shape_mood
from mirror_mood.smoothing import MoodSmoother
from mirror_tracking.head_angles import head_angles

__all__ = ["MoodReader"]

FORGET_NS = 10_000_000_000  # somebody not seen for so long is forgotten, but for what the gallery keeps
BACKWARDS_NS = 1_000_000_000  # a stamp this much older than the newest begins everything anew
MASK_PROBABILITY = 0.5  # from which on a face is taken to wear a mask, and its mood is unsure

Array = NDArray[np.float64]
Model = TypeVar("Model")


class Appearance(Protocol):
    """What the reader needs of a `MoodClassifier`."""

    def read(self, image: Image, landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `MoodClassifier.read`."""


@dataclass(slots=True)
class _Person:
    """What is known about one track."""

    smoother: MoodSmoother
    look: RestingLook
    baseline: NeutralBaseline | None
    last_ns: int
    gallery_id: str = ""


class MoodReader:
    """Reads moods.

    Attributes:
        problems: sentences on what does not work; the rest goes on.
    """

    def __init__(
        self,
        parameters: MoodParameters | None = None,
        *,
        appearance: Appearance | None = None,
        shape: ShapeMood | None = None,
        fusion: Fusion | None = None,
    ) -> None:
        """Load the models.

        Args:
            parameters: settings; the defaults where None.
            appearance, shape, fusion: in place of those that are shipped.

        Raises:
            ModelError: where neither judge loads, or it is not known how to weigh them.
        """
        self._parameters = parameters or MoodParameters()
        self._problems: list[str] = []
        self._appearance = appearance or self._loaded(MoodClassifier, "the face's look")
        self._shape = shape or self._loaded(shared_shape_mood, "the face's shape")
        if self._appearance is None and self._shape is None:
            raise ModelError(" ".join(self._problems))
        self._fusion = fusion or Fusion.read()
        self._people: dict[int, _Person] = {}
        self._given: dict[str, tuple[RestingLook, NeutralBaseline | None]] = {}
        self._newest_ns: int | None = None
        self._lock = threading.Lock()  # guards _people and _given

    def _loaded(self, load: Callable[[], Model], what: str) -> Model | None:
        try:
            return load()
        except ModelError as error:
            self._problems.append(f"Moods are read without {what}: {error}")
            return None

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences on what does not work."""
        return tuple(self._problems)

    @property
    def ready_baselines(self) -> int:
        """How many of those who are there have a neutral baseline."""
        with self._lock:
            return sum(_is_ready(person) for person in self._people.values())

    def configure(self, parameters: MoodParameters) -> None:
        """Go on with other settings."""
        with self._lock:
            self._parameters = parameters
            for person in self._people.values():
                person.smoother.half_life_s = parameters.half_life
                person.smoother.threshold = parameters.sure_from

    # ---- baselines that are kept elsewhere

    def give_baseline(self, gallery_id: str, data: bytes) -> None:
        """Go on from a stored baseline, now if this person is there, or as soon as they come.

        Raises:
            ModelError: where it is damaged or was learned by other models; it is then learned anew.
        """
        size = RestingLook.size()
        look = RestingLook.from_bytes(data[:size], self._fusion.typical_rest)
        baseline = self._shape.restored_baseline(data[size:]) if self._shape and data[size:] else None
        with self._lock:
            self._given[gallery_id] = (look, baseline)
            for person in self._people.values():
                if person.gallery_id == gallery_id:
                    self._take_given(person)

    def known_baselines(self) -> dict[str, bytes]:
        """What may be stored: gallery id → baseline of each known person who has one."""
        parameters = self._parameters
        if not (parameters.baseline and parameters.keep_baseline):
            return {}
        with self._lock:
            return {
                person.gallery_id: person.look.to_bytes()
                + (person.baseline.to_bytes() if person.baseline is not None else b"")
                for person in self._people.values()
                if person.gallery_id and _is_ready(person)
            }

    def _take_given(self, person: _Person) -> None:
        given = self._given.pop(person.gallery_id, None)
        if given is not None:
            person.look = given[0]
            person.baseline = given[1] or person.baseline

    # ---- reading

    def read(self, image: Image, faces: FaceSet) -> MoodSet:
        """The moods of the faces of a frame.

        Args:
            image: uint8 [height, width, 3], BGR, the frame.
            faces: found in it.
        """
        now = faces.stamp_ns
        with self._lock:
            if self._newest_ns is not None and now < self._newest_ns - BACKWARDS_NS:
                self._people.clear()
            self._newest_ns = max(now, self._newest_ns or 0)
            for track in [t for t, person in self._people.items() if now - person.last_ns > FORGET_NS]:
                del self._people[track]
            moods = tuple(self._read_one(image, face, now) for face in faces.faces)
        return MoodSet(now, faces.frame_id, moods)

    def _person(self, face: Face, now: int) -> _Person:
        person = self._people.get(face.track_id)
        if person is None:
            parameters = self._parameters
            person = _Person(
                MoodSmoother(parameters.half_life, parameters.sure_from),
                RestingLook(self._fusion.typical_rest),
                self._shape.new_baseline() if self._shape is not None else None,
                now,
            )
            self._people[face.track_id] = person
        if face.person != person.gallery_id:
            person.gallery_id = face.person
        if face.person:
            self._take_given(person)
        person.last_ns = now
        return person

    def _read_one(self, image: Image, face: Face, now: int) -> Mood:
        person = self._person(face, now)
        is_clear = self._is_clear(face)
        appearance = self._appearance_of(image, face)
        shape = self._shape_of(face, person, appearance, now if is_clear else None)
        own_rest = person.look.values if self._parameters.baseline else None
        fused, source = self._fusion.fuse(appearance, shape, own_rest)
        steady = person.smoother.add(now, fused) if is_clear else person.smoother.latest
        valence, arousal = valence_arousal(steady.probabilities)
        return Mood(
            track_id=face.track_id,
            probabilities=steady.probabilities,
            unsure=steady.unsure or not is_clear,
            valence=valence,
            arousal=arousal,
            source=source,
            person=face.person,
        )

    def _is_clear(self, face: Face) -> bool:
        """Whether the face is large, frontal and uncovered enough to be read."""
        parameters = self._parameters
        if face.roi.height < parameters.min_face_px or face.mask_probability >= MASK_PROBABILITY:
            return False
        if face.head_pose is None:
            return True
        angles = head_angles(face.head_pose)
        return abs(angles.yaw) <= parameters.max_yaw and abs(angles.pitch) <= parameters.max_pitch

    def _appearance_of(self, image: Image, face: Face) -> Array | None:
        if self._appearance is None or (self._parameters.use == "shape" and self._shape is not None):
            return None
        return log_probabilities(self._appearance.read(image, face.landmarks))

    def _shape_of(
        self, face: Face, person: _Person, appearance: Array | None, learn_ns: int | None
    ) -> Array | None:
        """How well the shape speaks for each mood; learns the baseline where `learn_ns` is given."""
        model, parameters = self._shape, self._parameters
        if model is None or person.baseline is None:
            if appearance is not None and learn_ns is not None:
                self._learn_look(person, appearance)
            return None
        features = model.geometry.features(face.landmarks)
        five = model.probabilities(features.values, person.baseline.values if parameters.baseline else None)
        evidence = shape_evidence(five)
        if parameters.baseline and learn_ns is not None:
            rested = self._fusion.fuse(appearance, None if appearance is not None else evidence)[0]
            neutral = float(rested[MoodLabel.NEUTRAL])
            if person.baseline.observe(features, neutral, learn_ns) and appearance is not None:
                person.look.learn(appearance)
        has_appearance = appearance is not None
        return None if parameters.use == "appearance" and has_appearance else evidence

    def _learn_look(self, person: _Person, appearance: Array) -> None:
        if self._parameters.baseline and appearance.argmax() == MoodLabel.NEUTRAL:
            person.look.learn(appearance)


def _is_ready(person: _Person) -> bool:
    return person.baseline is not None and person.baseline.is_ready
