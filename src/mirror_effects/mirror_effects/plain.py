"""The effect `none`: the plain picture."""

from __future__ import annotations

from mirror_core.frame import Image
from mirror_effects.effect import Effect, Scene

__all__ = ["PlainEffect"]


class PlainEffect(Effect):
    """Shows the picture as the camera sees it."""

    name = "none"
    alters_faces = False

    def apply(self, image: Image, scene: Scene) -> Image:
        """Return `image` itself."""
        return image
