"""Effects on the mirror's picture: plugins of the entry-point group `mirror.effects`."""

from mirror_effects.effect import Effect, NoParameters, Scene, writable

__all__ = ["Effect", "NoParameters", "Scene", "writable"]
