"""Times of single effects, on one and on four faces of the demo reel."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mirror.bench.people import FRAME_NS, TRACKING_FRAMES, demo_people
from mirror_core.frame import read_only
from mirror_core.tracing import Quantiles
from mirror_effects import Effect, Scene
from mirror_effects.caricature import CaricatureEffect
from mirror_effects.deform import DeformEffect
from mirror_effects.expression import ExpressionEffect
from mirror_effects.mask import MaskEffect
from mirror_effects.swap import SwapEffect, SwapParameters
from mirror_effects.testing import portrait_of
from mirror_effects.wear_mask import WearMaskEffect
from mirror_gallery.portrait import Portrait

__all__ = ["measure_effects"]

FACES = 4


def measure_effects(seconds: float) -> dict[str, float]:
    """Measure for about `seconds`.

    Returns:
        Medians in milliseconds at 1280 × 720: `<effect>_<n>_ms`, what `apply` takes for one and for four
        faces, and for effects that work ahead `<effect>_<n>_ahead_ms`, what `prepare` (the occlusion layer)
        takes beside the tracker. `exchange` is `swap` among four people.
    """
    scenes, people = {}, {}
    for count in (1, FACES):
        scenes[count], people[count] = demo_people(count)
    if any(len(found) != count for count, found in people.items()):
        return {}
    makers: Mapping[str, Callable[[Portrait], Effect]] = {
        "mask": lambda portrait: MaskEffect(),
        "swap": _swap,
        "exchange": lambda portrait: _exchange(),
        "caricature": lambda portrait: CaricatureEffect(),
        "deform": lambda portrait: DeformEffect(),
        "expression": lambda portrait: ExpressionEffect(),
        "wear_mask": lambda portrait: WearMaskEffect(),
    }
    portrait = portrait_of(scenes[1], people[1][0])
    share = seconds / (len(makers) * len(scenes))
    figures: dict[str, float] = {}
    for name, make in makers.items():
        for count in (1, FACES):
            if name != "exchange" or count > 1:
                effect = make(portrait)
                worn = {face.track_id: portrait for face in people[count]}
                scene = Scene(0, people[count], worn=worn, camera=read_only(scenes[count]))
                figures.update(_times(f"{name}_{count}", effect, scene, share))
                effect.close()
    return figures


def _swap(portrait: Portrait) -> Effect:
    effect = SwapEffect()
    effect.make_ready(portrait)
    return effect


def _exchange() -> Effect:
    effect = SwapEffect()
    effect.parameters = SwapParameters(mode="exchange")
    return effect


def _times(name: str, effect: Effect, scene: Scene, seconds: float) -> dict[str, float]:
    """Medians of `apply` and, where the effect has it, of `prepare`, in milliseconds."""
    ahead, applied = Quantiles(100_000), Quantiles(100_000)
    picture: Any = scene.camera
    canvas = np.empty_like(picture)
    stamp_ns, end = TRACKING_FRAMES * FRAME_NS, time.monotonic() + seconds
    while time.monotonic() < end or len(applied) < TRACKING_FRAMES:
        stamp_ns += FRAME_NS
        scene = replace(scene, stamp_ns=stamp_ns)
        with ahead.measure():
            effect.prepare(picture, scene)
        canvas[:] = picture  # the copy to draw on is made ahead, as the effects node does
        with applied.measure():
            effect.apply(canvas, scene)
    figures = {f"{name}_ms": applied.p50 * 1e3}
    if type(effect).prepare is not Effect.prepare:
        figures[f"{name}_ahead_ms"] = ahead.p50 * 1e3
    return figures
