"""The live, ordered stack of effects."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_core.governor import RESOLUTION_SHARE, Step
from mirror_core.tracing import StageTimes
from mirror_effects.effect import Effect, Scene
from mirror_effects.smaller import apply_smaller, smaller, smaller_scene

__all__ = ["EffectStack"]

logger = logging.getLogger("mirror.effects")


class EffectStack:
    """Applies effects one after the other.

    An effect that raises, or returns something that is no picture of the same size, is taken out of
    the picture until it is chosen again; the mirror goes on with the others.

    Args:
        effects: name → class of all that may be chosen.

    Attributes:
        stages: how long each effect takes.
        failed: name → why an effect is out.
    """

    def __init__(self, effects: Mapping[str, type[Effect]]) -> None:
        self._classes = dict(effects)
        self._instances: dict[str, Effect] = {}
        self._order: tuple[str, ...] = ()
        self._parameters: dict[str, Any] = {}
        self._level = 0
        self.stages = StageTimes()
        self.failed: dict[str, str] = {}

    @property
    def order(self) -> tuple[str, ...]:
        """Names of the chosen effects, in order."""
        return self._order

    @property
    def needs(self) -> frozenset[str]:
        """What the chosen effects need to know about a frame."""
        return frozenset().union(*(self._classes[name].needs for name in self._order))

    def choose(self, names: Iterable[str]) -> None:
        """Use these effects from the next frame on; those no longer used are released.

        Raises:
            UsageError: on an unknown name or one that is given twice; the old order stays.
        """
        order = tuple(names)
        for name in order:
            if name not in self._classes:
                raise UsageError(f"{name} is not an effect: allowed are {', '.join(self._classes)}.")
            if order.count(name) > 1:
                raise UsageError(f"{name} stands twice in {', '.join(order)}: each effect may stand once.")
        for name in set(self._instances) - set(order):
            self._release(name)
        # One that failed begins anew.
        for name in set(self._instances) & set(self.failed):
            self._release(name)
        self.failed.clear()
        self._order = order

    def _release(self, name: str) -> None:
        try:
            self._instances.pop(name).close()
        except Exception:
            logger.exception("Effect %s could not be released cleanly.", name)

    def set_parameters(self, name: str, parameters: Any) -> None:
        """Give an effect new parameters, now or when it is chosen."""
        self._parameters[name] = parameters
        if name in self._instances:
            self._instances[name].parameters = parameters

    @property
    def level(self) -> int:
        """How far work is lowered, 0: not at all; see `mirror_core.governor`."""
        return self._level

    @level.setter
    def level(self, level: int) -> None:
        self._level = level
        for effect in self._instances.values():
            effect.level = level

    @property
    def gains_by_resolution(self) -> bool:
        """Whether all effects may draw in a smaller picture, and one of them gains by it."""
        classes = [self._classes[name] for name in self._order]
        return all(c.any_resolution for c in classes) and any(c.gains_by_resolution for c in classes)

    @property
    def draws_smaller(self) -> bool:
        """Whether effects draw in a smaller picture now."""
        return self._level >= Step.RESOLUTION and self.gains_by_resolution

    @property
    def alters_faces(self) -> bool:
        """Whether a chosen effect that works shows faces otherwise than they are."""
        return any(self._classes[name].alters_faces for name in self._order if name not in self.failed)

    @property
    def prepares(self) -> bool:
        """Whether a chosen effect works ahead."""
        return any(self._classes[name].prepare is not Effect.prepare for name in self._order)

    def prepare(self, image: Image, scene: Scene) -> None:
        """Let the effects work ahead; see `Effect.prepare`."""
        if self.draws_smaller:
            image = smaller(image, RESOLUTION_SHARE)
            scene = smaller_scene(scene, RESOLUTION_SHARE, None)
        for name in self._order:
            if name not in self.failed and self._classes[name].prepare is not Effect.prepare:
                try:
                    with self.stages[f"{name} ahead"].measure():
                        self._instance(name).prepare(image, scene)
                except Exception as error:
                    self._take_out(name, error)

    def apply(self, image: Image, scene: Scene) -> Image:
        """The picture with all chosen effects: uint8 [height, width, 3] of the same size."""
        if self.draws_smaller:
            return apply_smaller(self._apply, image, scene, RESOLUTION_SHARE)
        return self._apply(image, scene)

    def _apply(self, image: Image, scene: Scene) -> Image:
        for name in self._order:
            if name in self.failed:
                continue
            try:
                with self.stages[name].measure():
                    effect = self._instance(name)
                    result = effect.apply(image, scene)
                    after = scene if name == self._order[-1] else effect.scene_after(scene)
                if result.shape != image.shape or result.dtype != image.dtype:
                    raise TypeError(
                        f"it returned {result.dtype} {list(result.shape)} instead of "
                        f"{image.dtype} {list(image.shape)}"
                    )
                image, scene = result, after
            except Exception as error:
                self._take_out(name, error)
        return image

    def shown(self, image: Image, stamp_ns: int) -> None:
        """Let the effects look at what the mirror shows; see `Effect.shown`."""
        for name in self._order:
            if name not in self.failed and self._classes[name].shown is not Effect.shown:
                try:
                    self._instance(name).shown(image, stamp_ns)
                except Exception as error:
                    self._take_out(name, error)

    def forget(self) -> None:
        """Let the effects forget every picture that they keep; see `Effect.forget`."""
        for name, effect in self._instances.items():
            try:
                effect.forget()
            except Exception as error:
                self._take_out(name, error)

    def _take_out(self, name: str, error: Exception) -> None:
        self.failed[name] = f"{type(error).__name__}: {error}"
        logger.error("Effect %s is off until it is chosen again, because it failed.", name, exc_info=error)

    def _instance(self, name: str) -> Effect:
        if name not in self._instances:
            effect = self._classes[name]()
            effect.parameters = self._parameters.get(name, effect.parameters)
            effect.level = self._level
            self._instances[name] = effect
        return self._instances[name]

    def close(self) -> None:
        """Release all effects."""
        self.choose(())
