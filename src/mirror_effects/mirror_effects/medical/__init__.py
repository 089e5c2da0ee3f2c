"""Medical masks drawn by code, laid on faces: for training data, and as the effect `wear_mask`.

look ← options, by seed (generator)
shape (a mesh around the mean head) + painting (colour, opacity, relief laid flat)
fitted_head (where the head lies) + light (read off the skin) → drawing → picture and alpha
"""

from mirror_effects.medical.generator import MaskedFace, MedicalMasks
from mirror_effects.medical.kinds import KINDS
from mirror_effects.medical.look import FITS, MaskLook
from mirror_effects.medical.options import MaskOptions, load_options, options_from
from mirror_effects.medical.patterns import PATTERNS

__all__ = [
    "FITS",
    "KINDS",
    "PATTERNS",
    "MaskLook",
    "MaskOptions",
    "MaskedFace",
    "MedicalMasks",
    "load_options",
    "options_from",
]
