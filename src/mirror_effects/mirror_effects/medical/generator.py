"""Puts medical masks on faces in pictures, the same mask for the same seed; for training data.

masks = MedicalMasks(options_from({"kinds": {"surgical": 3, "cloth": 1}}))
worn = masks.put_on(image, landmarks, seed=7)
worn.image, worn.alpha, worn.kind
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image, require_bgr
from mirror_effects.medical.drawing import MaskArtist
from mirror_effects.medical.kinds import KINDS, Kind
from mirror_effects.medical.light import picture_white
from mirror_effects.medical.look import MaskLook
from mirror_effects.medical.options import OWN_COLOUR, MaskOptions, Weights

__all__ = ["MaskedFace", "MedicalMasks"]

Generator = np.random.Generator
SIZE_RANGE, SHIFT_RANGE = (0.7, 1.35), (-0.2, 0.2)
PLAIN = "plain"
LEVEL_SHARE = 0.7  # of a colour's variation that is common to its channels


@dataclass(frozen=True, slots=True, eq=False)
class MaskedFace:
    """A picture with a mask in it.

    Attributes:
        image: uint8 [height, width, 3], BGR.
        alpha: uint8 [height, width], opacity of all that was laid on the picture: the mask, its bands, its
            shadow on the skin. Where it is 0 the picture is as it was, byte by byte.
        kind: of the mask.
        mask: uint8 [height, width], opacity of the mask and its bands alone, without the shadow.
        look: the mask in every detail.
    """

    image: Image
    alpha: NDArray[np.uint8]
    kind: str
    mask: NDArray[np.uint8]
    look: MaskLook


class MedicalMasks:
    """A generator of masked faces. Not to be shared between threads.

    Args:
        options: what masks are drawn.
    """

    def __init__(self, options: MaskOptions | None = None) -> None:
        self.options = options or MaskOptions()
        self._artist = MaskArtist()

    def look(self, seed: int, kind: str = "") -> MaskLook:
        """The mask of a seed.

        Args:
            seed: 0 or more.
            kind: the kind, whatever the weights say; empty: drawn.

        Raises:
            UsageError: on an unknown kind or a negative seed.
        """
        if seed < 0:
            raise UsageError(f"seed = {seed} is refused: allowed is 0 or more.")
        if kind and kind not in KINDS:
            raise UsageError(f"kind = {kind} is refused: allowed is {' | '.join(KINDS)}.")
        options = self.options
        # Each draw has a stream of its own, so that an option changes nothing but what it is for.
        streams = iter(np.random.default_rng([seed, number]) for number in range(20))
        drawn = _drawn(options.kinds, next(streams))
        cut = KINDS[kind or drawn]
        return MaskLook(
            kind=cut.name,
            colour=_colour(options, cut, next(streams)),
            colour_strength=options.colour_strength,
            texture=_texture(options.textures, cut, next(streams)),
            texture_strength=options.texture_strength,
            texture_scale=options.texture_scale,
            fit=_drawn(options.fits, next(streams)),
            size=_about(options.size, options.size_variation, next(streams), SIZE_RANGE),
            turn=_about(0.0, options.turn_variation, next(streams), (-30.0, 30.0)),
            shift=_about(0.0, options.shift_variation, next(streams), SHIFT_RANGE),
            valve=bool(next(streams).random() < options.valve),
            bands=bool(next(streams).random() < options.bands),
            folds=options.folds,
            wire=options.wire,
            edge=options.edge,
            lighting=options.lighting,
            skin_light=options.skin_light,
            contact_shadow=options.contact_shadow,
            exposure=options.exposure,
            brightness=_about(options.brightness, options.brightness_variation, next(streams), (0.2, 2.0)),
            match_colour=options.match_colour,
            softness=options.softness,
            grain=options.grain,
            strength=options.strength,
            seed=seed,
        )

    def put_on(
        self, image: Image, landmarks: NDArray[np.floating[Any]], seed: int, kind: str = ""
    ) -> MaskedFace:
        """Put a mask on one face.

        Args:
            image: uint8 [height, width, 3], BGR; not changed.
            landmarks: [468 or more, 2 or more], pixels (pixel i covers i … i+1), mediapipe's face mesh.
            seed: of the mask, 0 or more: the same seed gives the same bytes.
            kind: the kind, whatever the weights say; empty: drawn.

        Returns:
            The picture and where it was changed: nowhere if the landmarks are no face or lie outside.

        Raises:
            ShapeError: on a picture or landmarks of another shape.
            UsageError: on an unknown kind or a negative seed.
        """
        return self.put_on_all(image, [landmarks], [seed], kind)[0]

    def put_on_all(
        self,
        image: Image,
        faces: Sequence[NDArray[np.floating[Any]]],
        seeds: Sequence[int],
        kind: str = "",
    ) -> list[MaskedFace]:
        """Put masks on several faces of one picture.

        Args:
            image: uint8 [height, width, 3], BGR; not changed.
            faces: landmarks of each, the one that is drawn on top first.
            seeds: as many.
            kind: as for `put_on`.

        Returns:
            One for each face: the same picture with all masks, and each face's own alpha.

        Raises:
            As `put_on`.
        """
        require_bgr(image)
        picture = image.copy()
        white = picture_white(image)
        worn = []
        for landmarks, seed in reversed(list(zip(faces, seeds, strict=True))):
            look = self.look(seed, kind)
            alpha, mask = (np.zeros(image.shape[:2], np.uint8) for _ in range(2))
            drawn = self._artist.draw(image, landmarks, look, white)
            if drawn is not None:
                place = (
                    slice(drawn.y0, drawn.y0 + drawn.mask.shape[0]),
                    slice(drawn.x0, drawn.x0 + drawn.mask.shape[1]),
                )
                alpha[place] = drawn.put_on(picture)
                mask[place] = drawn.mask
            worn.append(MaskedFace(picture, alpha, look.kind, mask, look))
        return worn[::-1]


def _drawn(weights: Weights, rng: Generator) -> str:
    """One of the names, by its weight; adding a name of weight 0 changes nothing."""
    names = [name for name, weight in weights.items() if weight > 0]
    shares = np.cumsum([weights[name] for name in names])
    return names[int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))]


def _about(middle: float, deviation: float, rng: Generator, limits: tuple[float, float]) -> float:
    return float(np.clip(middle + deviation * rng.standard_normal(), *limits))


def _colour(options: MaskOptions, kind: Kind, rng: Generator) -> str:
    """ "#rrggbb", varied a little."""
    chosen = _drawn(options.colours, rng)
    if chosen == OWN_COLOUR:
        chosen = _drawn(dict(kind.colours), rng)
    channels = np.array([int(chosen[i : i + 2], 16) for i in (1, 3, 5)], float)
    # Lighter or darker more than of another hue: white masks are white.
    change = LEVEL_SHARE * rng.standard_normal() + (1 - LEVEL_SHARE) * rng.standard_normal(3)
    varied = channels * (1 + options.colour_variation * change)
    red, green, blue = np.clip(np.rint(varied), 0, 255).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _texture(weights: Weights, kind: Kind, rng: Generator) -> str:
    """A pattern; on kinds that seldom have one, mostly none, unless plain ones are not wanted."""
    chosen = _drawn(weights, rng)
    if chosen == PLAIN or not weights.get(PLAIN, 0.0):
        return chosen
    return chosen if rng.random() < kind.printed else PLAIN
