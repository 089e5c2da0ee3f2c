"""One mask in every detail: its kind, colour, pattern, how it is worn and how strongly each part is drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from mirror_core.errors import ParameterError
from mirror_effects.medical.kinds import KINDS
from mirror_effects.medical.patterns import PATTERNS

__all__ = ["COLOUR", "FITS", "MaskLook"]

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

FITS = {
    "regular": "from the bridge of the nose to under the chin",
    "low": "slipped down: the upper edge lies on the tip of the nose",
    "under_nose": "the nose is bare",
}
"""How a mask is worn → in words."""


@dataclass(frozen=True, slots=True)
class MaskLook:
    """One mask in every detail.

    Attributes:
        kind: a name of `KINDS`.
        colour: "#rrggbb", or empty for the kind's own commonest colour.
        colour_strength: 0 the kind's own colour … 1 `colour`.
        texture: a name of `PATTERNS`.
        texture_strength: 0 … 1.
        texture_scale: size of the pattern, 1 is usual.
        fit: a name of `FITS`.
        size: over the usual one.
        turn: degrees that the mask sits askew, positive when the person's left side is higher.
        shift: further down as a share of the mask's height.
        valve: whether it has an exhalation valve, where its kind can.
        bands: whether loops or bands are drawn.
        folds: depth of pleats, folds and wrinkles, 1 is usual.
        wire: how clearly the wire or clip over the nose shows, 1 is usual.
        edge: thickness of the edge, 1 is usual.
        lighting: 0 … 1, how much the direction of the light counts.
        skin_light: 0 … 1, how much shadows and highlights of the skin beneath fall on the mask.
        contact_shadow: 0 … 1, of the shadow on the skin along the edge.
        exposure: 0 … 1, how far the mask takes on the brightness of the picture.
        brightness: factor of the mask's brightness.
        match_colour: 0 … 1, how far colour cast and saturation of the picture are taken on.
        softness: blur, standard deviation as a share of the face's width.
        grain: noise, standard deviation in grey levels.
        strength: opacity.
        seed: of wrinkles, weave, pattern and noise.
    """

    kind: str = "surgical"
    colour: str = ""
    colour_strength: float = 1.0
    texture: str = "plain"
    texture_strength: float = 0.8
    texture_scale: float = 1.0
    fit: str = "regular"
    size: float = 1.0
    turn: float = 0.0
    shift: float = 0.0
    valve: bool = False
    bands: bool = True
    folds: float = 1.0
    wire: float = 1.0
    edge: float = 1.0
    lighting: float = 0.9
    skin_light: float = 0.4
    contact_shadow: float = 0.5
    exposure: float = 0.9
    brightness: float = 1.0
    match_colour: float = 1.0
    softness: float = 0.004
    grain: float = 0.0
    strength: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, allowed in (("kind", KINDS), ("texture", PATTERNS), ("fit", FITS)):
            value = getattr(self, name)
            if value not in allowed:
                raise ParameterError(f"{name} = {value} is refused: allowed is {' | '.join(allowed)}.")
        if self.colour and not COLOUR.fullmatch(self.colour):
            raise ParameterError(
                f"colour = {self.colour} is refused: allowed is a colour as #rrggbb, "
                "or empty for the kind's own."
            )
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type == "float" and not -1e3 < value < 1e3:
                raise ParameterError(f"{field.name} = {value} is refused: allowed is a finite number.")
