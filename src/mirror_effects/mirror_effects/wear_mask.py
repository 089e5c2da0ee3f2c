"""The effect `wear_mask`: a medical mask on each face, in its light, with hands and hair before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_core.parameters import parameter
from mirror_effects.effect import Effect, Scene, writable
from mirror_effects.face_visibility import visible_part
from mirror_effects.medical.drawing import Drawn, MaskArtist
from mirror_effects.medical.kinds import KINDS
from mirror_effects.medical.light import picture_white
from mirror_effects.medical.look import FITS, MaskLook
from mirror_effects.medical.patterns import PATTERNS
from mirror_effects.occlusion import shared_occlusion_layer

__all__ = ["WearMaskEffect", "WearMaskParameters"]


@dataclass(frozen=True)
class WearMaskParameters:
    """Which mask, and how it is worn."""

    kind: str = parameter("surgical", "The kind of mask.", choices=tuple(KINDS))
    colour: str = parameter("", "Colour of the mask as #rrggbb; empty: the kind's own.")
    colour_strength: float = parameter(
        1.0, "How far that colour replaces the kind's own.", minimum=0.0, maximum=1.0
    )
    texture: str = parameter("plain", "Pattern on the mask.", choices=tuple(PATTERNS))
    texture_strength: float = parameter(0.8, "How clearly the pattern shows.", minimum=0.0, maximum=1.0)
    texture_scale: float = parameter(
        1.0, "Size of the pattern; 1 is about ten repeats down the mask.", minimum=0.2, maximum=5.0
    )
    fit: str = parameter(
        "regular",
        "How it is worn: regular, low (slipped to the tip of the nose) or under_nose.",
        choices=tuple(FITS),
    )
    size: float = parameter(1.0, "Size over the usual one.", minimum=0.7, maximum=1.3)
    valve: bool = parameter(False, "Give N95 and KN95 masks an exhalation valve.")
    bands: bool = parameter(True, "Draw the ear loops or head bands.")
    folds: float = parameter(1.0, "Depth of pleats, folds and wrinkles.", minimum=0.0, maximum=2.0)
    wire: float = parameter(
        1.0, "How clearly the wire or clip over the nose shows.", minimum=0.0, maximum=2.0
    )
    edge: float = parameter(1.0, "Thickness of the edge.", minimum=0.0, maximum=3.0)
    lighting: float = parameter(
        0.9, "How much the direction of the light on the face counts.", minimum=0.0, maximum=1.0
    )
    skin_light: float = parameter(
        0.4, "How much shadows and highlights of the skin beneath fall on the mask.", minimum=0.0, maximum=1.0
    )
    contact_shadow: float = parameter(
        0.5, "Depth of the shadow on the skin along the edge.", minimum=0.0, maximum=1.0
    )
    exposure: float = parameter(
        0.9, "How far the mask takes on the brightness of the picture.", minimum=0.0, maximum=1.0
    )
    match_colour: float = parameter(
        1.0, "How far colour cast and saturation of the picture are taken on.", minimum=0.0, maximum=1.0
    )
    softness: float = parameter(
        0.002,
        "Blur of the mask, standard deviation as a share of the face's width.",
        minimum=0.0,
        maximum=0.03,
    )
    strength: float = parameter(1.0, "Opacity of the mask.", minimum=0.0, maximum=1.0)
    seed: int = parameter(0, "Of wrinkles and pattern.", minimum=0, maximum=2**31 - 1)
    per_person: bool = parameter(False, "Give each further person the next kind of the list.")
    occlusion: bool = parameter(True, "Keep hands, glasses and hair in front of the mask.")

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> MaskLook:
        """The mask that these ask for."""
        names = [name for name in MaskLook.__dataclass_fields__ if hasattr(self, name)]
        return MaskLook(**{name: getattr(self, name) for name in names})


class WearMaskEffect(Effect):
    """Draws a medical mask on every face: surgical, N95, KN95, cloth, half-mask respirator or gas mask."""

    name = "wear_mask"
    needs = frozenset({"faces"})
    gains_by_resolution = True
    Parameters = WearMaskParameters

    def __init__(self) -> None:
        super().__init__()
        self._artist = MaskArtist()
        self._places: dict[int, int] = {}  # track id → place in the list of kinds

    def apply(self, image: Image, scene: Scene) -> Image:
        """Draw a mask on every face, the largest on top."""
        parameters: WearMaskParameters = self.parameters
        if not scene.faces or parameters.strength <= 0:
            return image
        looks = self._looks(scene.faces)
        white = picture_white(image)
        # All are drawn before any is laid on the picture: none is lit by another's mask.
        drawings: list[tuple[Face, Drawn]] = []
        for face in reversed(scene.faces):
            drawn = self._artist.draw(image, face.landmarks, looks[face.track_id], white)
            if drawn is not None:
                drawings.append((face, drawn))
        if not drawings:
            return image
        layer = shared_occlusion_layer() if parameters.occlusion else None
        seen: list[Any] = [
            None
            if layer is None
            else visible_part(layer, image, face, scene, drawn.x0, drawn.y0, drawn.mask.shape)
            for face, drawn in drawings
        ]
        image = writable(image)
        for (_, drawn), visible in zip(drawings, seen, strict=True):
            drawn.put_on(image, visible)
        return image

    def prepare(self, image: Image, scene: Scene) -> None:
        """Look ahead for what is in front of the faces: the layer keeps its answer for this frame."""
        wanted = self.parameters.occlusion and self.parameters.strength > 0
        layer = shared_occlusion_layer() if wanted else None
        if layer is not None:
            for face in scene.faces:
                layer.visibility(image, face.landmarks, face.track_id, scene.stamp_ns)

    def _looks(self, faces: tuple[Face, ...]) -> dict[int, MaskLook]:
        """Track id → its mask; whoever stays keeps theirs, whoever comes gets the first that is free."""
        parameters: WearMaskParameters = self.parameters
        look = parameters.look()
        if not parameters.per_person:
            return {face.track_id: look for face in faces}
        seen = {face.track_id for face in faces}
        self._places = {track: place for track, place in self._places.items() if track in seen}
        for track in sorted(seen - set(self._places)):
            taken = set(self._places.values())
            self._places[track] = next(place for place in range(len(taken) + 1) if place not in taken)
        names = list(KINDS)
        start = names.index(parameters.kind)
        return {
            track: replace(look, kind=names[(start + place) % len(names)])
            for track, place in self._places.items()
        }
