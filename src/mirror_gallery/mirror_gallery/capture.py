"""A guided capture of one face: collects the best frontal and turned views and says what to do meanwhile."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum

from mirror_core.errors import UsageError
from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_core.geometry import CameraIntrinsics
from mirror_gallery.capture_view import (
    TURNED_FROM_DEG,
    Candidate,
    Quality,
    Seen,
    View,
    better,
    views_to_collect,
)
from mirror_gallery.cut_out import cut_out
from mirror_gallery.hints import HintChooser
from mirror_gallery.portrait import FaceView
from mirror_gallery.quality import (
    Steadiness,
    eye_openness,
    face_patch,
    light_quality,
    mouth_openness,
    pose_quality,
    sharpness_quality,
    size_quality,
)
from mirror_tracking.head_angles import head_angles
from mirror_tracking.head_pose import solve_head_pose

__all__ = ["CaptureProgress", "CaptureSession", "CaptureSettings", "CaptureState", "Quality"]

GOOD = 0.5  # light, sharpness, size and stability from which on a picture counts towards the capture
USABLE = 0.25  # from which on a frontal one is kept if nothing better comes
HYSTERESIS = 0.1  # what was asked for must become better than needed by so much
BLINK = 0.6  # share of the widest opening seen below which eyes count as closed
MASK_PROBABILITY = 0.5
FIELD_OF_VIEW_DEG = 60.0  # horizontal, of cameras that nothing is known of
LONGEST_STEP_S = 0.25  # of time between two pictures that counts
AWAY_GRACE_S = 0.5  # a face may be lost so long before anything is said
SHARE_FRONTAL, SHARE_TURNED = 0.5, 0.25  # of the progress
SHARE_REACHED = 0.6  # of a turned view's part of the progress: the turn itself; the rest is holding it

WHY = {
    "one_moment": "No pictures came from the camera; check that it is on, and try again.",
    "come_back": "You left the mirror before your face was captured; stay in front of it and try again.",
    "come_closer": "Your face stayed too small in the picture; come closer and try again.",
    "move_back": "Your face stayed too near or was cut off by the picture's edge; move back and try again.",
    "more_light": "There was too little light on your face; turn on a light and try again.",
    "less_light": "There was too much light on your face; dim it and try again.",
    "even_light": "One half of your face stayed in the dark; turn towards the light and try again.",
    "uncover_face": "Your face stayed covered; uncover it and try again.",
    "look_straight": "You did not look straight into the mirror for long enough; try again.",
    "hold_still": "The picture of your face did not become sharp; hold still and try again.",
}
NOBODY = "Nobody was seen in front of the mirror; step in front of it and try again."


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """How patient a capture is; all in seconds.

    Attributes:
        timeout_s: after so long it ends with what there is, or fails.
        turn_patience_s: for so long a turned view is asked for.
        away_patience_s: for so long the person may be out of sight.
    """

    timeout_s: float = 30.0
    turn_patience_s: float = 5.0
    away_patience_s: float = 5.0


class CaptureState(Enum):
    """How a capture stands."""

    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CaptureProgress:
    """What a person sees of a capture.

    Attributes:
        state: whether it goes on.
        progress: 0 … 1, never less than before; 1 when complete.
        hint: key of `HINTS`: the one thing to do now.
        quality: of the newest picture, against the view that is asked for.
        reason: why it failed, as a sentence; "" otherwise.
    """

    state: CaptureState
    progress: float
    hint: str
    quality: Quality
    reason: str = ""


@dataclass(eq=False)
class CaptureSession:
    """Collects the views of one face from a sequence of pictures.

    Views are taken in whatever order they come. A person who does not turn still gets their frontal view,
    after `turn_patience_s`. Not thread-safe.
    """

    settings: CaptureSettings = field(default_factory=CaptureSettings)

    def __post_init__(self) -> None:
        self._frontal, *self._turned = views_to_collect()
        self._raised: Candidate | None = None
        self._hints = HintChooser()
        self._steadiness = Steadiness()
        self._stamp_ns: int | None = None
        self._elapsed_s = self._away_s = 0.0
        self._was_seen = False
        self._widest_eyes = 0.0
        self._waited: defaultdict[str, float] = defaultdict(float)  # hint → seconds for which it was due
        self._progress = CaptureProgress(CaptureState.RUNNING, 0.0, "one_moment", Quality())

    @property
    def progress(self) -> CaptureProgress:
        """What the newest update gave."""
        return self._progress

    def update(self, stamp_ns: int, image: Image | None = None, face: Face | None = None) -> CaptureProgress:
        """Take in the next picture, or let time pass.

        Args:
            stamp_ns: of the picture, nanoseconds; after a jump time goes on from the new one.
            image: uint8 [height, width, 3], BGR; None where no picture came.
            face: the person's face in it; None where they are not seen.

        Returns:
            How it stands; once it has ended, always the same.
        """
        if self._progress.state is not CaptureState.RUNNING:
            return self._progress
        passed_s = 0.0 if self._stamp_ns is None else (stamp_ns - self._stamp_ns) * 1e-9
        self._stamp_ns = stamp_ns
        step_s = min(max(passed_s, 0.0), LONGEST_STEP_S)
        self._elapsed_s += step_s
        due, quality = self._take_in(stamp_ns, image, face, step_s)
        self._waited["one_moment" if image is None else due] += step_s
        self._progress = self._conclusion(due, quality)
        return self._progress

    def views(self) -> tuple[FaceView, ...]:
        """The collected views, cut out, the frontal one first; takes some milliseconds.

        Raises:
            UsageError: if there is no frontal view yet.
        """
        if self._frontal.best is None:
            raise UsageError("The capture has no frontal view yet.")
        candidates = (self._frontal.best, *(view.best for view in self._turned), self._raised)
        return tuple(cut_out(c.image, c.landmarks, c.angles) for c in candidates if c is not None)

    def _take_in(
        self, stamp_ns: int, image: Image | None, face: Face | None, step_s: float
    ) -> tuple[str, Quality]:
        """Collect from one picture; returns the hint that is due, and the picture's quality."""
        if image is None:
            return self._hints.shown or "one_moment", Quality()
        seen = self._look(stamp_ns, image, face)
        if seen is None or face is None:
            self._away_s += step_s
            is_new = not self._was_seen or self._away_s > AWAY_GRACE_S
            return "come_back" if is_new else self._hints.shown, Quality()
        self._away_s, self._was_seen = 0.0, True
        self._collect(seen, image, face, step_s)
        due = self._due(seen)
        self._wait_for_turn(step_s)
        return due, seen.quality

    # ---- measuring

    def _look(self, stamp_ns: int, image: Image, face: Face | None) -> Seen | None:
        if face is None:
            return None
        height, width = image.shape[:2]
        pose = face.head_pose
        if pose is None:  # the tracker may be told not to solve it
            camera = CameraIntrinsics.from_field_of_view(width, height, FIELD_OF_VIEW_DEG)
            pose = solve_head_pose(face.landmarks, camera)
        patch = face_patch(image, face.landmarks)
        if pose is None or patch is None:
            return None
        yaw, pitch, roll = head_angles(pose)
        light = light_quality(patch)
        size, is_too_large = size_quality(face.landmarks, (width, height))
        eyes = eye_openness(face.landmarks)
        self._widest_eyes = max(self._widest_eyes, eyes)
        quality = Quality(
            pose=pose_quality(yaw, pitch, roll, self._asked_view().wanted_yaw),
            light=light.value,
            sharpness=sharpness_quality(patch),
            size=size,
            stability=self._steadiness.update(stamp_ns * 1e-9, face.landmarks),
        )
        return Seen(
            quality,
            light,
            is_too_large,
            is_covered=face.mask_probability >= MASK_PROBABILITY,  # NaN where nothing judged it: False
            are_eyes_open=eyes >= BLINK * self._widest_eyes,
            mouth=mouth_openness(face.landmarks),
            yaw=yaw,
            pitch=pitch,
            roll=roll,
        )

    def _asked_view(self) -> View:
        """The view to ask for: the frontal one first, then the turned ones that are due."""
        return next((view for view in (self._frontal, *self._turned) if view.is_due), self._frontal)

    # ---- collecting

    def _collect(self, seen: Seen, image: Image, face: Face, step_s: float) -> None:
        if seen.quality.worst < USABLE or seen.is_covered:
            return
        is_good = seen.quality.worst >= GOOD
        for view in (self._frontal, *self._turned):
            if view.accepts(seen):
                if is_good and seen.are_eyes_open:
                    view.held_s += step_s
                if is_good or view is self._frontal:  # a poor frontal view is better than none
                    view.best = better(view.best, seen, image, face, view.wanted_yaw)
        frontal = self._frontal
        if is_good and not frontal.is_due and frontal.best and frontal.accepts_raised(seen, frontal.best):
            self._raised = better(self._raised, seen, image, face, frontal.wanted_yaw)

    # ---- guiding

    def _due(self, seen: Seen) -> str:
        """The one thing to do now."""
        quality, light = seen.quality, seen.light

        def lacks(value: float, *hints: str) -> bool:
            return value < GOOD + (HYSTERESIS if self._hints.shown in hints else 0.0)

        if lacks(quality.size, "come_closer", "move_back"):
            return "move_back" if seen.is_too_large else "come_closer"
        if lacks(quality.light, "more_light", "less_light", "even_light"):
            reasons = {
                "less_light": light.unburnt,
                "more_light": min(light.bright, light.contrast),
                "even_light": light.even,
            }
            return min(reasons, key=lambda hint: reasons[hint])
        if seen.is_covered:
            return "uncover_face"
        return self._due_turn(seen)

    def _due_turn(self, seen: Seen) -> str:
        view = self._asked_view()
        if view is not self._frontal:
            sign = math.copysign(1.0, view.wanted_yaw)
            view.reached = max(view.reached, min(1.0, max(0.0, sign * seen.yaw / TURNED_FROM_DEG)))
            if sign * seen.yaw < TURNED_FROM_DEG:
                return f"turn_{view.name}"
        return "hold_still" if view.accepts(seen) else "look_straight"

    def _wait_for_turn(self, step_s: float) -> None:
        """Give up a turned view that does not come; and the other one, too, if there was no reaction."""
        view = self._asked_view()
        if view is self._frontal:
            return
        view.asked_s += step_s
        if view.asked_s >= self.settings.turn_patience_s:
            view.given_up = True
            if view.reached < 0.5 and view.best is None:
                for other in self._turned:
                    other.given_up = True

    def _share(self) -> float:
        frontal = SHARE_FRONTAL * (self._frontal.held if self._frontal.best is not None else 0.0)
        turned = 0.0
        for view in self._turned:
            part = SHARE_REACHED * view.reached + (1 - SHARE_REACHED) * view.held
            turned += SHARE_TURNED * (part if view.is_due else 1.0)
        return frontal + turned

    def _conclusion(self, due: str, quality: Quality) -> CaptureProgress:
        has_all = not any(view.is_due for view in (self._frontal, *self._turned))
        is_late = self._elapsed_s >= self.settings.timeout_s
        is_away = self._away_s >= self.settings.away_patience_s
        time_s = self._elapsed_s
        if is_away or (is_late and self._frontal.best is None):
            most = "come_back" if is_away else max(self._waited, key=lambda hint: self._waited[hint])
            reason = WHY.get(most, WHY["hold_still"]) if self._was_seen or most != "come_back" else NOBODY
            return CaptureProgress(CaptureState.FAILED, self._progress.progress, most, quality, reason)
        if has_all or is_late:
            hint = self._hints.choose("one_moment", time_s)
            return CaptureProgress(CaptureState.COMPLETE, 1.0, hint, quality)
        progress = max(self._progress.progress, min(self._share(), 0.99))
        return CaptureProgress(CaptureState.RUNNING, progress, self._hints.choose(due, time_s), quality)
