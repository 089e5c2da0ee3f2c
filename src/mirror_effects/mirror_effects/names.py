"""The names of the effects, without loading any: a launch file checks its arguments with them.

`ros2 launch` runs in ROS's own Python, which need not have OpenCV.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import entry_points

__all__ = ["BUILT_IN", "GROUP", "effect_names", "in_order"]

GROUP = "mirror.effects"
BUILT_IN = {
    "none": "mirror_effects.plain:PlainEffect",
    "landmarks": "mirror_effects.landmarks:LandmarksEffect",
    "mask": "mirror_effects.mask:MaskEffect",
    "swap": "mirror_effects.swap:SwapEffect",
    "caricature": "mirror_effects.caricature:CaricatureEffect",
    "deform": "mirror_effects.deform:DeformEffect",
    "expression": "mirror_effects.expression:ExpressionEffect",
    "film": "mirror_effects.film_effect:FilmEffect",
    "unmask": "mirror_effects.unmask:UnmaskEffect",
    "delay": "mirror_effects.delay:DelayEffect",
    "then_and_now": "mirror_effects.then_and_now:ThenAndNowEffect",
    "wear_mask": "mirror_effects.wear_mask:WearMaskEffect",
}
"""Name → "module:class"; found also where the package runs from its source tree."""


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """`none` first, the others by name."""
    return tuple(sorted(set(names), key=lambda name: (name != "none", name)))


def effect_names() -> tuple[str, ...]:
    """All effects that are installed; a plugin is named even if it turns out not to load."""
    return in_order([*BUILT_IN, *(plugin.name for plugin in entry_points(group=GROUP))])
