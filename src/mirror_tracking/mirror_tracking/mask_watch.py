"""Looks at each face for a medical mask now and then, in a thread of its own, and remembers what it saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mirror_core.faces import Face, FaceSet
from mirror_core.frame import Image
from mirror_core.model_runner import ModelResult, ModelRunner
from mirror_tracking.mask_reading import MaskReader, MaskReading, places_in_image

__all__ = ["MaskWatch"]

FIRST_LOOKS = 3  # of a new face, which follow fast
FIRST_PERIOD_S = 0.2
PERIOD_S = 1.0  # between later looks at one face
MEMORY = 0.5  # weight of what was seen before when a face is seen again


@dataclass(slots=True)
class _Seen:
    reading: MaskReading | None = None
    looks: int = 0
    looked_ns: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    image: Image
    face: Face


class MaskWatch:
    """Keeps the newest readings of the faces that are there. For one thread; only the model has another.

    Args:
        load: makes the reader, in the model's thread, at the first face.
        on_error: told, in that thread, what reading raised.

    Attributes:
        failures: looks that failed.
    """

    def __init__(self, load: Callable[[], MaskReader], on_error: Callable[[Exception], None]) -> None:
        self._load = load
        self._reader: MaskReader | None = None
        self._tracks: dict[int, _Seen] = {}
        self._news: ModelResult[tuple[int, MaskReading]] | None = None
        self._under_way: int | None = None  # track that the model looks at
        self._broken = False  # no model could be loaded; trying again at each face would not help
        self._runner: ModelRunner[_Look, tuple[int, MaskReading]] = ModelRunner(
            self._read, self._on_result, self._failed(on_error), "masks"
        )

    @property
    def failures(self) -> int:
        """Looks that failed."""
        return self._runner.failures

    def judged(self, faces: FaceSet) -> FaceSet:
        """The faces with what is known of their masks, where they lie now; forgets whoever has gone."""
        self._take_news()
        present = {face.track_id for face in faces.faces}
        self._tracks = {track: seen for track, seen in self._tracks.items() if track in present}
        if not any(seen.reading is not None for seen in self._tracks.values()):
            return faces
        return replace(faces, faces=tuple(self._with_mask(face) for face in faces.faces))

    def look(self, image: Image, faces: FaceSet) -> None:
        """Let the model look at the face that is due, if one is; never waits.

        Args:
            image: uint8 [height, width, 3], BGR; not changed by anybody afterwards.
            faces: in it.
        """
        self._take_news()
        if self._broken or self._under_way is not None or not faces.faces:
            return
        now_ns = faces.stamp_ns
        due = [face for face in faces.faces if self._due_ns(face.track_id, now_ns) <= now_ns]
        if not due:
            return
        face = min(due, key=lambda one: self._due_ns(one.track_id, now_ns))
        self._tracks.setdefault(face.track_id, _Seen()).looked_ns = now_ns
        self._under_way = face.track_id
        self._runner.submit(now_ns, _Look(image, face))

    def reset(self) -> None:
        """Forget everybody."""
        self._tracks.clear()

    def close(self) -> None:
        """End the model's thread."""
        self._runner.close()

    def _due_ns(self, track: int, now_ns: int) -> int:
        seen = self._tracks.get(track)
        if seen is None or seen.looked_ns > now_ns:  # new, or time went backwards
            return now_ns - 1
        period = FIRST_PERIOD_S if seen.looks < FIRST_LOOKS else PERIOD_S
        return seen.looked_ns + int(period * 1e9)

    def _with_mask(self, face: Face) -> Face:
        seen = self._tracks.get(face.track_id)
        if seen is None or seen.reading is None:
            return face
        box = seen.reading.box
        return replace(
            face,
            mask_probability=seen.reading.probability,
            mask_roi=places_in_image(box, face.landmarks) if box is not None else None,
        )

    def _take_news(self) -> None:
        news = self._news
        if news is None:
            return
        self._news = None
        track, reading = news.value
        self._under_way = None
        seen = self._tracks.get(track)
        if seen is None:
            return  # whoever it was has gone
        before = seen.reading
        if before is not None:
            mean = MEMORY * before.probability + (1 - MEMORY) * reading.probability
            box = reading.box or before.box if mean > 0.5 else None
            reading = MaskReading(mean, box)
        seen.reading = reading
        seen.looks += 1

    # ---- in the model's thread

    def _read(self, look: _Look) -> tuple[int, MaskReading]:
        if self._reader is None:
            self._reader = self._load()
        return look.face.track_id, self._reader.read(look.image, look.face.landmarks)

    def _on_result(self, result: ModelResult[tuple[int, MaskReading]]) -> None:
        self._news = result

    def _failed(self, on_error: Callable[[Exception], None]) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            self._broken = self._reader is None
            self._under_way = None
            on_error(error)

        return failed
