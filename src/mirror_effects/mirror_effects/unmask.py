"""The effect `unmask`: what the face beneath a medical mask may look like."""

from __future__ import annotations

from dataclasses import dataclass

from mirror_core.frame import Image
from mirror_core.frame_pace import FramePace
from mirror_core.governor import unmask_rate
from mirror_core.parameters import parameter
from mirror_effects.effect import Effect, Scene, writable
from mirror_effects.unmasking import Look, Unmasker
from mirror_tracking.both_sides import BothSides
from mirror_tracking.mask_reading import SquareModel, load_card
from mirror_tracking.unmask_files import MODEL_FILES, card_file, load_unmask_model

__all__ = ["UnmaskEffect", "UnmaskParameters"]

STALE_LOOK_NS = 200_000_000  # after so long without a look, faces of an earlier frame are looked at, too


@dataclass(frozen=True)
class UnmaskParameters:
    """How the face beneath is shown."""

    strength: float = parameter(
        1.0, "How much of the mask is taken away; 1 is all of it.", minimum=0.0, maximum=1.0
    )
    smoothing: float = parameter(
        0.25,
        "Seconds over which the guess is averaged while the head rests; turning shortens it by itself.",
        minimum=0.0,
        maximum=3.0,
    )
    precision: str = parameter(
        "int8",
        "Arithmetic of the network: int8 is several times quicker, float16 a little finer.",
        choices=tuple(MODEL_FILES),
    )
    both_sides: bool = parameter(
        True, "Look at each face from both sides, which is a little truer and takes twice the time."
    )
    rate: float = parameter(15.0, "Most looks beneath masks a second.", minimum=1.0, maximum=240.0)
    threads: int = parameter(2, "Processor threads of the network.", minimum=1, maximum=8)


class UnmaskEffect(Effect):
    """Shows faces without their medical mask: a network guesses what is beneath, beside the frame path."""

    name = "unmask"
    needs = frozenset({"faces"})
    Parameters = UnmaskParameters

    def __init__(self) -> None:
        super().__init__()
        self._unmasker: Unmasker | None = None
        self._made_with: tuple[str, int, bool] = ("", 0, False)
        self._looked_ns = 0  # stamp of the frame that was looked at last
        self._pace = FramePace()

    @property
    def unmasker(self) -> Unmasker | None:
        """What looks beneath the masks; None before the first face."""
        return self._unmasker

    def apply(self, image: Image, scene: Scene) -> Image:
        """Lay what was found last beneath each mask to where the face is now, and look again."""
        parameters: UnmaskParameters = self.parameters
        if parameters.strength <= 0 or not scene.faces:
            return image
        unmasker = self._running()
        found = unmasker.found()
        # Places of an earlier frame are a little off; where the tracker is always late, they have to do.
        is_due = not scene.faces_are_stale or not 0 <= scene.stamp_ns - self._looked_ns < STALE_LOOK_NS
        rate = unmask_rate(parameters.rate, self.level)
        if unmasker.is_free and is_due and self._pace.is_due(scene.stamp_ns, rate):
            self._looked_ns = scene.stamp_ns
            self._pace.take(scene.stamp_ns, rate)
            unmasker.look(
                scene.stamp_ns,
                [Look.at(image, face.track_id, face.landmarks, unmasker.side) for face in scene.faces],
            )
        for face in reversed(scene.faces):  # the largest on top
            uncovered = found.get(face.track_id)
            if uncovered is not None:
                image = writable(image)
                uncovered.lay_into(image, face.landmarks, parameters.strength)
        return image

    def close(self) -> None:
        """End the network's thread."""
        if self._unmasker is not None:
            self._unmasker.close()
            self._unmasker = None

    def _running(self) -> Unmasker:
        parameters: UnmaskParameters = self.parameters
        wanted = (parameters.precision, parameters.threads, parameters.both_sides)
        if self._unmasker is None or self._made_with != wanted:
            self.close()
            card = load_card(card_file())
            self._unmasker = Unmasker(lambda: _network(*wanted), card, parameters.smoothing)
            self._made_with = wanted
        self._unmasker.smoothing_s = parameters.smoothing
        return self._unmasker


def _network(precision: str, threads: int, both_sides: bool) -> SquareModel:
    model = load_unmask_model(precision, threads)
    return BothSides(model) if both_sides else model
