"""The live, ordered stack of effects."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_core.tracing import StageTimes
from mirror_effects.effect import Effect, Scene

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
    def prepares(self) -> bool:
        """Whether a chosen effect works ahead."""
        return any(self._classes[name].prepare is not Effect.prepare for name in self._order)

    def prepare(self, image: Image, scene: Scene) -> None:
        """Let the effects work ahead; see `Effect.prepare`."""
        for name in self._order:
            if name not in self.failed and self._classes[name].prepare is not Effect.prepare:
                try:
                    with self.stages[f"{name} ahead"].measure():
                        self._instance(name).prepare(image, scene)
                except Exception as error:
                    self._take_out(name, error)

    def apply(self, image: Image, scene: Scene) -> Image:
        """The picture with all chosen effects: uint8 [height, width, 3] of the same size."""
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

    def _take_out(self, name: str, error: Exception) -> None:
        self.failed[name] = f"{type(error).__name__}: {error}"
        logger.error("Effect %s is off until it is chosen again, because it failed.", name, exc_info=error)

    def _instance(self, name: str) -> Effect:
        if name not in self._instances:
            effect = self._classes[name]()
            effect.parameters = self._parameters.get(name, effect.parameters)
            self._instances[name] = effect
        return self._instances[name]

    def close(self) -> None:
        """Release all effects."""
        self.choose(())
